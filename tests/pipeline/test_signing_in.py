"""How people come in, on a real store."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.accounts import AccountState, Why
from gateway.domain.errors import Forbidden, NotFound, Refused
from gateway.domain.exchange import Role
from gateway.domain.sessions import Stage
from gateway.pipeline.signing_in import Denial, Denied, Entered
from tests.pipeline.people import (
    OTHER_PASSWORD,
    PASSWORD,
    VISIT,
    Held,
    code_of,
    hire,
    settle,
    sign_in,
)
from tests.pipeline.rooms import ADMIN, Rooms, codes, rooms


async def _deny(here: Rooms, held: Held, password: str) -> Denied:
    denied = await here.gateway.people.signing_in.sign_in(held.user_name, password, VISIT)
    assert isinstance(denied, Denied)
    return denied


async def test_the_first_sign_in_asks_for_a_password_of_ones_own(node: Rooms) -> None:
    """Nothing else is open before (S4 art. 7.2)."""
    entered = await sign_in(node, held := await hire(node), (held).one_time)

    assert entered.person.session.stage is Stage.PASSWORD


async def test_the_chosen_password_opens_the_console(node: Rooms) -> None:
    """At once, and at the next sign-in."""
    held = await hire(node)

    first = await settle(node, held)
    second = await sign_in(node, held)

    assert [each.person.session.stage for each in (first, second)] == [Stage.OPEN, Stage.OPEN]


async def test_the_one_time_password_works_once(node: Rooms) -> None:
    """After the change it is dead."""
    held = await hire(node)
    await settle(node, held)

    assert (await _deny(node, held, held.one_time)).denial is Denial.WRONG


async def test_a_new_password_is_told_everything_that_is_wrong_with_it(node: Rooms) -> None:
    """At once, by stable codes."""
    held = await hire(node)
    entered = await sign_in(node, held, held.one_time)
    own = node.gateway.people.own_account

    with pytest.raises(Refused) as refused:
        await own.change_password(entered.person, current=None, new="123456", repeat="12345")

    assert codes(refused.value) == {
        "account-password-repeat",
        "account-password-short",
        "account-password-leaked",
    }


async def test_a_later_change_asks_for_the_present_password(node: Rooms) -> None:
    """Whoever finds an open browser cannot take the account."""
    entered = await settle(node, await hire(node))
    own = node.gateway.people.own_account

    with pytest.raises(Refused) as refused:
        await own.change_password(
            entered.person, current="khác", new=OTHER_PASSWORD, repeat=OTHER_PASSWORD
        )

    assert codes(refused.value) == {"account-password-wrong"}


async def test_a_change_of_password_ends_the_other_sessions(node: Rooms) -> None:
    """And the browser that made it goes on under a new token."""
    held = await hire(node)
    first, second = await settle(node, held), await sign_in(node, held)
    room = node.gateway.people

    renewed = await room.own_account.change_password(
        second.person, current=PASSWORD, new=OTHER_PASSWORD, repeat=OTHER_PASSWORD
    )

    found = [await room.signing_in.find(each.token) for each in (first, second, renewed)]
    assert [each is not None for each in found] == [False, False, True]


async def test_an_unknown_name_is_answered_like_a_wrong_password(node: Rooms) -> None:
    """Names cannot be fished for."""
    held = await hire(node)
    nobody = Held(user_name="khongco.snv", one_time="")

    assert await _deny(node, nobody, "x") == await _deny(node, held, "x")


async def test_wrong_passwords_lock_for_a_quarter_of_an_hour(node: Rooms) -> None:
    """The right one is of no use then, and works again later."""
    held = await hire(node)
    await settle(node, held)
    for _ in range(5):
        await _deny(node, held, "sai")

    assert (await _deny(node, held, PASSWORD)).denial is Denial.WRONG
    node.clock.at += timedelta(minutes=16)
    assert (await sign_in(node, held)).person.session.stage is Stage.OPEN


async def test_who_is_locked_is_told_why_only_with_the_right_password(node: Rooms) -> None:
    """A stranger learns nothing."""
    held = await hire(node)
    await settle(node, held)
    await node.gateway.people.accounts.lock(held.user_name, ADMIN, decision="12/QĐ-SNV")

    stranger, owner = await _deny(node, held, "sai"), await _deny(node, held, PASSWORD)

    assert (stranger.denial, stranger.account) == (Denial.WRONG, None)
    assert owner.account is not None
    assert (owner.denial, owner.account.why) == (Denial.SHUT, Why.REQUEST)
    assert owner.account.decision == "12/QĐ-SNV"


async def test_an_account_unused_for_thirty_days_does_not_open(node: Rooms) -> None:
    """S4 art. 7.3.1a."""
    held = await hire(node)
    node.clock.at += timedelta(days=30)

    denied = await _deny(node, held, held.one_time)

    assert denied.account is not None
    assert denied.account.why is Why.UNUSED


async def test_administrators_must_set_a_second_factor_up(node: Rooms) -> None:
    """Before anything else opens."""
    held = await hire(node, agency="H13", role=Role.ADMIN)
    entered = await sign_in(node, held, held.one_time)
    own = node.gateway.people.own_account

    entered = await own.change_password(
        entered.person, current=None, new=PASSWORD, repeat=PASSWORD
    )

    assert entered.person.session.stage is Stage.ENROL


async def _with_codes(node: Rooms) -> tuple[Held, str, tuple[str, ...]]:
    held = await hire(node)
    entered = await settle(node, held)
    own = node.gateway.people.own_account
    secret, _ = await own.begin_second_factor(entered.person)
    _, recovery = await own.confirm_second_factor(entered.person, code_of(node, secret))
    return held, secret, recovery


async def test_the_second_factor_is_asked_for(node: Rooms) -> None:
    """The password alone opens nothing."""
    held, secret, _ = await _with_codes(node)

    entered = await sign_in(node, held)
    open_ = await node.gateway.people.signing_in.second_factor(
        entered.token, code_of(node, secret, later=1), VISIT
    )

    assert entered.person.session.stage is Stage.CODE
    assert isinstance(open_, Entered)
    assert open_.person.session.stage is Stage.OPEN


async def test_a_code_counts_once(node: Rooms) -> None:
    """Whoever looked over the shoulder comes too late."""
    held, secret, _ = await _with_codes(node)
    code, room = code_of(node, secret, later=1), node.gateway.people.signing_in
    await room.second_factor((await sign_in(node, held)).token, code, VISIT)

    again = await room.second_factor((await sign_in(node, held)).token, code, VISIT)

    assert isinstance(again, Denied)


async def test_a_recovery_code_opens_once(node: Rooms) -> None:
    """For the day the telephone is lost; in capitals and with spaces, too."""
    held, _, recovery = await _with_codes(node)
    room, code = node.gateway.people.signing_in, f" {recovery[0].upper()} "

    tries = [
        await room.second_factor((await sign_in(node, held)).token, code, VISIT) for _ in range(2)
    ]

    assert [type(each) for each in tries] == [Entered, Denied]


async def test_wrong_codes_lock_like_wrong_passwords(node: Rooms) -> None:
    """And the half-open session is gone."""
    held, _, _ = await _with_codes(node)
    entered, room = await sign_in(node, held), node.gateway.people.signing_in
    for _ in range(5):
        await room.second_factor(entered.token, "000000", VISIT)

    assert await room.find(entered.token) is None
    assert (await _deny(node, held, PASSWORD)).denial is Denial.WRONG


async def test_administrators_cannot_drop_the_second_factor(node: Rooms) -> None:
    """Their role asks for it."""
    held = await hire(node, agency="H13", role=Role.ADMIN)
    entered = await settle(node, held)

    with pytest.raises(Forbidden):
        await node.gateway.people.own_account.drop_second_factor(entered.person, PASSWORD)


@pytest.mark.parametrize("recovered", [False, True])
async def test_an_owner_blocks_a_lost_account_at_once(node: Rooms, *, recovered: bool) -> None:
    """With the password or a recovery code, without signing in; every session ends."""
    held, _, recovery = await _with_codes(node)
    entered, room = await sign_in(node, held), node.gateway.people.signing_in

    assert not await room.block(held.user_name, "sai", VISIT)
    assert await room.block(held.user_name, recovery[3] if recovered else PASSWORD, VISIT)

    account = await node.gateway.people.accounts.find(held.user_name, ADMIN)
    assert (account.state, account.why) == (AccountState.LOCKED, Why.OWNER)
    assert await room.find(entered.token) is None


async def test_a_session_ends_when_nobody_uses_it(node: Rooms) -> None:
    """Half an hour; with use it lasts ten hours and no longer."""
    entered = await settle(node, await hire(node))
    room = node.gateway.people.signing_in
    node.clock.at += timedelta(minutes=29)
    assert await room.find(entered.token) is not None
    node.clock.at += timedelta(minutes=29)
    assert await room.find(entered.token) is not None
    node.clock.at += timedelta(minutes=31)
    assert await room.find(entered.token) is None


async def test_people_see_and_end_their_sessions(node: Rooms) -> None:
    """But not another's."""
    held, other = await hire(node), await hire(node, "Trần Thị Bình")
    first, second = await settle(node, held), await sign_in(node, held)
    strange = await settle(node, other)
    room = node.gateway.people.signing_in

    await room.end(second.person, first.person.session.id)
    with pytest.raises(NotFound):
        await room.end(second.person, strange.person.session.id)

    left = await room.sessions(second.person)
    assert [each.id for each in left] == [second.person.session.id]


async def test_every_way_in_is_in_the_audit_chain(node: Rooms) -> None:
    """With person and address, and without a secret."""
    held = await hire(node)
    await settle(node, held)
    await _deny(node, held, "mật khẩu sai")

    records = [each for each in await node.audit() if each.about == f"account:{held.user_name}"]

    assert [(each.action, each.data["operation"]) for each in records] == [
        ("changed", "account-added"),
        ("sign-in", "signed-in"),
        ("changed", "password-changed"),
        ("sign-in-refused", "sign-in-refused"),
    ]
    assert records[1].actor == f"account:{held.user_name}"
    assert records[1].address == VISIT.address
    secrets = (held.one_time, PASSWORD, "mật khẩu sai", "argon2")
    assert not any(secret in str(each) for each in records for secret in secrets)


async def test_without_a_right_in_force_nobody_comes_in(tmp_path: Path) -> None:
    """Four eyes: the grant waits for a second person."""
    async with rooms(tmp_path / "node", accounts={"four_eyes": True}) as here:
        held = await hire(here)

        assert (await _deny(here, held, held.one_time)).denial is Denial.NO_RIGHT
