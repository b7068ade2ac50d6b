"""What may happen to an account, and what its age does to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accounts import (
    MOVES,
    Account,
    AccountPolicy,
    AccountState,
    Grant,
    Why,
    aged,
    due,
    failed,
    is_last_admin,
    move,
    must_change_now,
    needs_totp,
    opened_by_time,
    reopen,
    warning,
)
from gateway.domain.errors import IllegalMove
from gateway.domain.exchange import Role

T0 = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = AccountPolicy(
    unused=30 * DAY,
    idle=60 * DAY,
    password_age=180 * DAY,
    password_grace=14 * DAY,
    warning=7 * DAY,
    failures=5,
    failures_lock=timedelta(minutes=15),
    totp_roles=frozenset({Role.ADMIN}),
    four_eyes=False,
)


def a_grant(role: Role = Role.CLERK, agency: str = "H13.01") -> Grant:
    """Return a grant that is in force."""
    return Grant(agency=agency, role=role, by="cli", at=T0, approved_by="cli", approved_at=T0)


def an_account(**changes: object) -> Account:
    """Return an account that was just given."""
    account = Account(
        user_name="nvan.snv",
        name="Nguyễn Văn An",
        agency="H13.01",
        state_at=T0,
        state_by="cli",
        password_hash="x",
        issued_at=T0,
        grants=(a_grant(),),
        created_at=T0,
    )
    return replace(account, **changes)  # type: ignore[arg-type]


def used(at: datetime, **changes: object) -> Account:
    """Return an account whose owner chose a password at first and signed in *at* last."""
    known: dict[str, object] = {"must_change": False, "password_at": T0, "signed_in_at": at}
    return an_account(**(known | changes))


def at_age(account: Account, days: float, *, last_admin: bool = False) -> Account:
    """Return *account* as it is so many days after it was given."""
    return aged(account, POLICY, now=T0 + days * DAY, last_admin=last_admin)


def test_an_account_not_put_to_use_within_thirty_days_is_locked() -> None:
    """S4 art. 7.3.1a; on the day before it is not."""
    account = an_account()

    assert at_age(account, 29.9).state is AccountState.ACTIVE
    assert (at_age(account, 30).state, at_age(account, 30).why) == (
        AccountState.LOCKED,
        Why.UNUSED,
    )


def test_sixty_days_without_sign_in_revoke() -> None:
    """S4 art. 7.3.2."""
    account = used(T0 + 10 * DAY)

    assert at_age(account, 69.9).state is AccountState.ACTIVE
    assert at_age(account, 70).state is AccountState.REVOKED


def test_a_first_sign_in_without_the_demanded_change_does_not_count_for_ever() -> None:
    """S4 art. 7.3.1b: locked, and it says why."""
    account = an_account(signed_in_at=T0 + DAY)

    assert at_age(account, 31).why is Why.OVERDUE


def test_an_overdue_password_locks_after_its_grace() -> None:
    """180 days and 14 more."""
    account = used(T0 + 190 * DAY)

    assert at_age(account, 193.9).state is AccountState.ACTIVE
    assert (at_age(account, 194).state, at_age(account, 194).why) == (
        AccountState.LOCKED,
        Why.OVERDUE,
    )


def test_within_the_grace_the_change_is_demanded_at_sign_in() -> None:
    """Not before."""
    account = used(T0 + 170 * DAY)

    asked = [must_change_now(account, POLICY, T0 + days * DAY) for days in (179, 180)]
    assert asked == [False, True]


def test_the_last_administrator_is_never_shut_by_time() -> None:
    """It is warned instead."""
    account = an_account(grants=(a_grant(Role.ADMIN, "H13"),))

    assert at_age(account, 1000, last_admin=True) is account
    assert warning(account, POLICY, T0 + 1000 * DAY) is not None


def test_people_are_warned_a_week_before() -> None:
    """With what comes, and when."""
    coming = warning(an_account(), POLICY, T0 + 24 * DAY)

    assert warning(an_account(), POLICY, T0 + 22 * DAY) is None
    assert coming is not None
    assert (coming.why, coming.at) == (Why.UNUSED, T0 + 30 * DAY)


def test_periods_of_zero_never_end() -> None:
    """Every one can be switched off."""
    never = replace(POLICY, unused=timedelta(), idle=timedelta(), password_age=timedelta())

    assert due(used(T0), never) is None


def test_wrong_passwords_lock_for_a_while() -> None:
    """The fifth locks, and the lock ends by itself."""
    account = an_account()
    for _ in range(5):
        account = failed(account, POLICY, at=T0, last_admin=False)

    assert (account.state, account.why) == (AccountState.LOCKED, Why.FAILURES)
    assert opened_by_time(account, T0 + timedelta(minutes=14)).state is AccountState.LOCKED
    assert opened_by_time(account, T0 + timedelta(minutes=15)).state is AccountState.ACTIVE


def test_wrong_passwords_never_lock_the_last_administrator() -> None:
    """Nobody can shut a node by guessing."""
    account = an_account()
    for _ in range(50):
        account = failed(account, POLICY, at=T0, last_admin=True)

    assert account.state is AccountState.ACTIVE


def test_an_unlocked_account_has_its_periods_anew() -> None:
    """Else time would lock it again at once."""
    locked = at_age(an_account(), 40)

    opened = reopen(locked, at=T0 + 40 * DAY, by="cli")

    assert at_age(opened, 69).state is AccountState.ACTIVE


@pytest.mark.parametrize("why", [Why.OWNER, Why.OVERDUE, Why.UNUSED])
def test_what_was_shut_for_its_password_comes_back_with_a_change_of_it(why: Why) -> None:
    """The old one may be known to somebody else."""
    shut = move(used(T0), AccountState.LOCKED, at=T0, by="cli", why=why)

    assert reopen(shut, at=T0, by="cli").must_change


def test_every_state_is_in_the_table() -> None:
    """And leads somewhere."""
    assert set(MOVES) == set(AccountState)
    assert all(MOVES.values())


@given(st.sampled_from(AccountState), st.sampled_from(AccountState))
def test_an_account_moves_only_as_the_table_says(start: AccountState, to: AccountState) -> None:
    """What it does not name is refused."""
    account = an_account(state=start)
    if to in MOVES[start]:
        assert move(account, to, at=T0, by="cli").state is to
    else:
        with pytest.raises(IllegalMove):
            move(account, to, at=T0, by="cli")


@given(st.integers(0, 400), st.integers(0, 400))
def test_time_never_opens_what_a_person_shut(day: int, later: int) -> None:
    """Only a lock with an end ends by itself."""
    shut = move(an_account(), AccountState.LOCKED, at=T0, by="cli", why=Why.REQUEST)

    assert at_age(shut, day + later) is shut


def test_a_grant_that_waits_gives_no_right() -> None:
    """Four eyes."""
    waiting = replace(a_grant(), approved_by=None, approved_at=None)

    assert an_account(grants=(waiting,)).roles("H13.01") == frozenset()


def test_a_role_is_of_one_agency() -> None:
    """Not of the next."""
    account = an_account(grants=(a_grant(Role.CLERK, "H13.01"), a_grant(Role.VIEWER, "H13.02")))

    assert account.roles("H13.02") == {Role.VIEWER}


def test_administrators_need_a_second_factor() -> None:
    """Clerks may do without."""
    admin = an_account(grants=(a_grant(Role.ADMIN),))

    assert needs_totp(admin, POLICY)
    assert not needs_totp(replace(admin, totp=b"sealed"), POLICY)
    assert not needs_totp(an_account(), POLICY)


def test_the_last_administrator_is_the_one_that_can_still_sign_in() -> None:
    """A locked colleague does not count."""
    admin = an_account(grants=(a_grant(Role.ADMIN, "H13"),))
    other = replace(admin, user_name="khac.snv")
    locked = replace(other, state=AccountState.LOCKED)

    assert is_last_admin(admin, [admin, locked], "H13", POLICY, T0)
    assert not is_last_admin(admin, [admin, other], "H13", POLICY, T0)
