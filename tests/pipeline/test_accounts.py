"""Accounts as administrators keep them, on a real store."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.accounts import AccountState, Why
from gateway.domain.errors import Conflict, Forbidden, NotFound, Refused
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.relay import node_caller
from tests.pipeline.people import Held, administrator, hire, settle, sign_in
from tests.pipeline.rooms import ADMIN, Rooms, codes, rooms

NODE = node_caller("H13")


async def _told(node: Rooms, held: Held) -> list[str]:
    """Return the kinds of what a person was told, oldest first."""
    found = await node.read(lambda tx: tx.accounts.notices(held.user_name, 50))
    return [each.kind for each in reversed(found)]


async def test_equal_names_are_refused_with_a_proposal(node: Rooms) -> None:
    """The administrator decides (S4 art. 7.1)."""
    await hire(node)

    with pytest.raises(Refused) as refused:
        await hire(node)

    assert codes(refused.value) == {"account-name-taken"}
    assert "nvan2." in refused.value.findings[0].remedy_en


async def test_the_proposal_can_be_taken(node: Rooms) -> None:
    """As the form does."""
    first = await hire(node)
    room = node.gateway.people.accounts

    proposed = await room.propose("Nguyễn Văn An", "H13.01", ADMIN)
    second = await room.add(
        ADMIN, name="Nguyễn Văn An", agency="H13.01", role=Role.CLERK, chosen=proposed
    )

    assert second.account.user_name == proposed != first.user_name


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "account-name-missing"),
        ({"name": "· ·"}, "account-name-missing"),
        ({"name": "A" * 101}, "account-name-long"),
        ({"name": "An\u202eB"}, "account-name-long"),
        ({"chosen": "Có Dấu"}, "account-user-name"),
        ({"role": Role.OFFICE}, "account-role"),
        ({"agency": "H13.99"}, "agency-unknown"),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_said(
    node: Rooms, changes: dict[str, object], code: str
) -> None:
    """By a stable code."""
    given: dict[str, object] = {"name": "Lê An", "agency": "H13.01", "role": Role.CLERK}

    with pytest.raises(Refused) as refused:
        await node.gateway.people.accounts.add(ADMIN, **(given | changes))  # type: ignore[arg-type]

    assert codes(refused.value) == {code}


async def test_only_administrators_keep_accounts(node: Rooms) -> None:
    """Not auditors, not clerks."""
    with pytest.raises(Forbidden):
        await node.gateway.people.accounts.listing(replace(ADMIN, role=Role.AUDITOR))


async def test_an_administrator_of_an_agency_keeps_its_accounts_alone(node: Rooms) -> None:
    """Another's are as if they were not there."""
    held = await hire(node, agency="H13.02")
    local = Caller(actor="account:x", agency="H13.01", role=Role.ADMIN)
    room = node.gateway.people.accounts

    with pytest.raises(NotFound):
        await room.lock(held.user_name, local)
    with pytest.raises(Forbidden):
        await room.add(local, name="Lê An", agency="H13.02", role=Role.CLERK)
    assert await room.listing(local) == []


async def test_a_lock_on_request_keeps_its_decision(node: Rooms) -> None:
    """And ends every session (S4 art. 7.3.1c)."""
    held = await hire(node)
    entered = await settle(node, held)

    locked = await node.gateway.people.accounts.lock(held.user_name, ADMIN, decision="12/QĐ-SNV")

    assert (locked.state, locked.decision) == (AccountState.LOCKED, "12/QĐ-SNV")
    assert await node.gateway.people.signing_in.find(entered.token) is None


async def test_a_request_counts_although_time_has_locked_the_account(node: Rooms) -> None:
    """Its decision is on record; the account does not open by itself."""
    held = await hire(node)
    node.clock.move(31 * 86_400)

    locked = await node.gateway.people.accounts.lock(held.user_name, ADMIN, decision="12/QĐ-SNV")

    assert (locked.why, locked.decision) == (Why.REQUEST, "12/QĐ-SNV")


async def test_unlock_always_works(node: Rooms) -> None:
    """Also on an account that is revoked, and on one that is open."""
    held, room = await hire(node), node.gateway.people.accounts
    await room.revoke(held.user_name, ADMIN)

    states = [(await room.unlock(held.user_name, ADMIN)).state for _ in range(2)]

    assert states == [AccountState.ACTIVE, AccountState.ACTIVE]


async def test_the_last_administrator_is_not_shut(node: Rooms) -> None:
    """By nobody; with a second one in office it goes."""
    held = await hire(node, agency="H13", role=Role.ADMIN)
    room = node.gateway.people.accounts
    with pytest.raises(Conflict):
        await room.lock(held.user_name, ADMIN)
    await hire(node, "Trần Thị Bình", agency="H13", role=Role.ADMIN)

    assert (await room.lock(held.user_name, ADMIN)).state is AccountState.LOCKED


async def test_one_that_time_has_shut_is_no_second_administrator(node: Rooms) -> None:
    """Although the sweep that notes it has not come by yet."""
    await hire(node, "Trần Thị Bình", agency="H13", role=Role.ADMIN)
    node.clock.move(31 * 86_400)
    held = await hire(node, agency="H13", role=Role.ADMIN)

    with pytest.raises(Conflict):
        await node.gateway.people.accounts.lock(held.user_name, ADMIN)


async def test_of_administrators_that_time_would_shut_together_one_stays(node: Rooms) -> None:
    """The one whose turn comes last."""
    first = await hire(node, "Trần Thị Bình", agency="H13", role=Role.ADMIN)
    node.clock.move(60)
    second = await hire(node, agency="H13", role=Role.ADMIN)

    await node.gateway.people.ageing.sweep(NODE, now=node.clock.now() + timedelta(days=400))

    kept = await node.read(lambda tx: {each.user_name: each.state for each in tx.accounts.all()})
    assert (kept[first.user_name], kept[second.user_name]) == (
        AccountState.LOCKED,
        AccountState.ACTIVE,
    )


async def test_time_shuts_and_warns(node: Rooms) -> None:
    """People are warned a week before, once; then the account is locked."""
    held, ageing, start = await hire(node), node.gateway.people.ageing, node.clock.now()

    for days in (22, 24, 25, 31):
        await ageing.sweep(NODE, now=start + timedelta(days=days))

    account = await node.read(lambda tx: tx.accounts.find(held.user_name))
    assert account is not None
    assert account.why is Why.UNUSED
    assert await _told(node, held) == ["granted", "warned", "locked"]


async def test_the_last_administrator_is_warned_instead(node: Rooms) -> None:
    """However old the account is."""
    held = await hire(node, agency="H13", role=Role.ADMIN)

    await node.gateway.people.ageing.sweep(NODE, now=node.clock.now() + timedelta(days=400))

    account = await node.read(lambda tx: tx.accounts.find(held.user_name))
    assert account is not None
    assert account.state is AccountState.ACTIVE
    assert "warned" in await _told(node, held)


async def test_a_reset_gives_a_new_one_time_password(node: Rooms) -> None:
    """The sessions end, and it must be changed again."""
    held = await hire(node)
    entered = await settle(node, held)

    issued = await node.gateway.people.accounts.reset(held.user_name, ADMIN)

    assert await node.gateway.people.signing_in.find(entered.token) is None
    again = await sign_in(node, held, issued.one_time_password)
    assert again.person.account.must_change


async def test_nobody_resets_oneself(node: Rooms) -> None:
    """Whoever finds an open session takes no account over by it, nor its second factor away."""
    held = await hire(node, agency="H13", role=Role.ADMIN)
    own = Caller(actor=f"account:{held.user_name}", agency="H13", role=Role.ADMIN)

    before = await node.read(lambda tx: tx.accounts.find(held.user_name))

    with pytest.raises(Forbidden):
        await node.gateway.people.accounts.reset(held.user_name, own, second_factor=True)

    assert await node.read(lambda tx: tx.accounts.find(held.user_name)) == before


async def test_a_person_may_have_roles_at_several_agencies(node: Rooms) -> None:
    """Each rests on its decision."""
    held, rights = await hire(node), node.gateway.people.rights

    account = await rights.grant(
        held.user_name, ADMIN, agency="H13.02", role=Role.VIEWER, decision="7/QĐ-UBND"
    )

    assert account.roles("H13.02") == {Role.VIEWER}
    assert account.grants[-1].decision == "7/QĐ-UBND"


async def test_an_ended_grant_gives_no_right(node: Rooms) -> None:
    """The grant and its end stay on record."""
    held, rights = await hire(node), node.gateway.people.rights

    account = await rights.end_grant(
        held.user_name, ADMIN, agency="H13.01", role=Role.CLERK, decision="8/QĐ"
    )

    assert account.roles("H13.01") == frozenset()
    assert (account.grants[0].ended_by, account.grants[0].end_decision) == ("cli", "8/QĐ")


async def test_a_change_of_rights_is_told_to_whom_it_concerns(node: Rooms) -> None:
    """The person, and the other administrators (NĐ 30/2020 Annex VI III.3c)."""
    boss = await hire(node, agency="H13", role=Role.ADMIN)
    held = await hire(node, "Trần Thị Bình")

    await node.gateway.people.rights.grant(
        held.user_name, ADMIN, agency="H13.02", role=Role.VIEWER, decision=None
    )

    assert await _told(node, held) == ["granted", "granted"]
    assert (await _told(node, boss))[-2:] == ["granted", "granted"]


async def test_nobody_changes_ones_own_rights(node: Rooms) -> None:
    """Another administrator must."""
    held = await hire(node, agency="H13", role=Role.ADMIN)
    me = administrator((await settle(node, held)).person)

    with pytest.raises(Forbidden):
        await node.gateway.people.rights.grant(
            held.user_name, me, agency="H13.01", role=Role.CLERK, decision=None
        )


async def test_with_four_eyes_a_grant_waits_for_another_person(tmp_path: Path) -> None:
    """Whoever gave it cannot approve it."""
    async with rooms(tmp_path / "node", accounts={"four_eyes": True}) as here:
        held, rights = await hire(here), here.gateway.people.rights
        second = Caller(actor="account:khac", agency="H13", role=Role.ADMIN)

        with pytest.raises(Forbidden):
            await rights.approve(held.user_name, ADMIN)
        approved = await rights.approve(held.user_name, second)

        assert approved.roles("H13.01") == {Role.CLERK}
        assert approved.grants[0].approved_by == "account:khac"


async def test_a_transfer_hands_over_to_the_head_of_the_unit(node: Rooms) -> None:
    """Every right at the old place ends; the person goes on at the new one (S3 art. 9.4)."""
    held, head = await hire(node), await hire(node, "Trần Thị Bình")

    moved = await node.gateway.people.rights.transfer(
        held.user_name,
        ADMIN,
        receiver=head.user_name,
        decision="9/QĐ",
        agency="H13.02",
        role=Role.CLERK,
    )

    assert (moved.agency, moved.handed_to) == ("H13.02", head.user_name)
    assert [(each.agency, each.role) for each in moved.in_force] == [("H13.02", Role.CLERK)]
    assert await _told(node, head) == ["granted"]


async def test_who_leaves_the_service_is_locked(node: Rooms) -> None:
    """With the decision and the receiver on record."""
    held, head = await hire(node), await hire(node, "Trần Thị Bình")

    left = await node.gateway.people.rights.transfer(
        held.user_name, ADMIN, receiver=head.user_name, decision="9/QĐ"
    )

    assert (left.state, left.why, left.decision) == (
        AccountState.LOCKED,
        Why.HANDED_OVER,
        "9/QĐ",
    )


@pytest.mark.parametrize(
    ("receiver", "decision", "code"),
    [("khongco", "9/QĐ", "account-receiver"), ("nvan.ch", " ", "account-reason-missing")],
)
async def test_a_transfer_needs_a_receiver_and_a_decision(
    node: Rooms, receiver: str, decision: str, code: str
) -> None:
    """Nothing changes otherwise."""
    held = await hire(node)

    with pytest.raises(Refused) as refused:
        await node.gateway.people.rights.transfer(
            held.user_name, ADMIN, receiver=receiver, decision=decision
        )

    assert codes(refused.value) == {code}


async def test_a_role_that_needs_a_second_factor_begins_with_a_new_sign_in(node: Rooms) -> None:
    """An open session does not go round it."""
    held = await hire(node)
    entered = await settle(node, held)

    await node.gateway.people.rights.grant(
        held.user_name, ADMIN, agency="H13.01", role=Role.ADMIN, decision="1/QĐ"
    )

    assert await node.gateway.people.signing_in.find(entered.token) is None
