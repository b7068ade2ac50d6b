"""Accounts of people: what they are, what may happen to them, and what their age does to them.

An account is one person's (S0 art. 2.3, 10.1a). It is active, locked or revoked; nothing else in
the house moves it from one to the other. A lock after wrong passwords ends by itself; every other
lock ends when an administrator lifts it. Time moves an account too: one that was never put to use
is locked, one whose overdue password change was not made is locked, one that nobody uses is
revoked. The last administrator in force is warned instead, so that a node never shuts itself.

What a person may do hangs on grants: a role for an agency, resting on a decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.errors import IllegalMove
from gateway.domain.exchange import Role

#: The roles of people; an office system is a program.
PERSON_ROLES = (Role.ADMIN, Role.AUDITOR, Role.CLERK, Role.VIEWER)


class AccountState(StrEnum):
    """Whether its owner can sign in."""

    ACTIVE = "active"
    LOCKED = "locked"
    REVOKED = "revoked"


class Why(StrEnum):
    """Why an account is not active."""

    FAILURES = "failures"  #: too many wrong passwords or codes in a row
    UNUSED = "unused"  #: never signed in since it was issued (S4 art. 7.3.1a)
    OVERDUE = "password-overdue"  #: the demanded change was not made (S4 art. 7.3.1b)
    OWNER = "owner"  #: blocked by its owner, who lost control of it (S2 art. 18.2b)
    REQUEST = "request"  #: at the request of the managing agency (S4 art. 7.3.1c)
    HANDED_OVER = "handed-over"  #: its holder left; the head of the unit took over (S3 art. 9.4)
    IDLE = "idle"  #: nobody signed in for long (S4 art. 7.3.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role for an agency, in force from its approval to its end."""

    agency: str
    role: Role
    decision: str | None = None  #: reference of the decision that it rests on
    by: str  #: actor who gave it
    at: datetime
    approved_by: str | None = None  #: None: waits for a second person (four eyes)
    approved_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    end_decision: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether it gives its right."""
        return self.approved_at is not None and self.ended_at is None

    @property
    def waits(self) -> bool:
        """Whether a second person must approve it."""
        return self.approved_at is None and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's account."""

    user_name: str
    name: str  #: the full name
    agency: str  #: where its holder works
    state: AccountState = AccountState.ACTIVE
    why: Why | None = None  #: of a lock or revocation
    state_at: datetime  #: since when it is in this state
    state_by: str  #: who brought it there
    decision: str | None = None  #: reference or reason of the lock or revocation
    locked_until: datetime | None = None  #: a lock that ends by itself
    handed_to: str | None = None  #: user name of the head of the unit who took over
    password_hash: str
    must_change: bool = True  #: the password was chosen by another person
    issued_at: datetime  #: when the present password was issued, or the account last unlocked
    password_at: datetime | None = None  #: when its owner last chose the password
    signed_in_at: datetime | None = None
    signed_in_from: str | None = None
    failures: int = 0  #: wrong passwords and codes in a row
    totp: bytes | None = None  #: secret of the second factor, encrypted at rest
    totp_pending: bytes | None = None  #: the same while it is being set up
    totp_step: int = 0  #: the last time step whose code was used: no code counts twice
    recovery: tuple[str, ...] = ()  #: hashes of the recovery codes that are left
    grants: tuple[Grant, ...] = ()
    warned_at: datetime | None = None  #: when its owner was last warned of what is coming
    created_at: datetime
    mail: str = ""  #: address for notices, "" for none
    version: int = 0

    @property
    def actor(self) -> str:
        """Return the account as the audit chain names it."""
        return f"account:{self.user_name}"

    def roles(self, agency: str) -> frozenset[Role]:
        """Return the roles that are in force for *agency*."""
        return frozenset(each.role for each in self.in_force if each.agency == agency)

    @property
    def in_force(self) -> tuple[Grant, ...]:
        """Return the grants that are in force."""
        return tuple(each for each in self.grants if each.in_force)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    """The periods and limits of ``[accounts]``; a period of zero never ends."""

    unused: timedelta
    idle: timedelta
    password_age: timedelta
    password_grace: timedelta
    warning: timedelta
    failures: int
    failures_lock: timedelta
    totp_roles: frozenset[Role]
    four_eyes: bool


MOVES: dict[AccountState, frozenset[AccountState]] = {
    AccountState.ACTIVE: frozenset({AccountState.LOCKED, AccountState.REVOKED}),
    AccountState.LOCKED: frozenset(
        {AccountState.ACTIVE, AccountState.LOCKED, AccountState.REVOKED}
    ),
    AccountState.REVOKED: frozenset({AccountState.ACTIVE}),
}


def move(
    account: Account,
    to: AccountState,
    *,
    at: datetime,
    by: str,
    why: Why | None = None,
    decision: str | None = None,
    until: datetime | None = None,
) -> Account:
    """Return *account* in the state *to*; raise IllegalMove when it cannot go there."""
    if to not in MOVES[account.state]:
        raise IllegalMove(
            f"the account {account.user_name} is {account.state.value}: it cannot become "
            f"{to.value}"
        )
    return replace(
        account,
        state=to,
        why=why,
        state_at=at,
        state_by=by,
        decision=decision,
        locked_until=until,
        failures=0,
    )


def reopen(account: Account, *, at: datetime, by: str, decision: str | None = None) -> Account:
    """Return *account* active again; its periods begin anew.

    One that was shut for its password or for a loss of control comes back with the duty to change
    the password.
    """
    suspect = account.why in {Why.OWNER, Why.OVERDUE, Why.UNUSED}
    reopened = move(account, AccountState.ACTIVE, at=at, by=by, decision=decision)
    return replace(reopened, issued_at=at, must_change=account.must_change or suspect)


def failed(account: Account, policy: AccountPolicy, *, at: datetime, last_admin: bool) -> Account:
    """Return *account* after one more wrong password or code: locked when there were too many."""
    counted = replace(account, failures=account.failures + 1)
    if last_admin or counted.failures < policy.failures:
        return counted
    until = at + policy.failures_lock if policy.failures_lock else None
    return move(account, AccountState.LOCKED, at=at, by="node", why=Why.FAILURES, until=until)


def opened_by_time(account: Account, now: datetime) -> Account:
    """Return *account*, active when its lock has run out by *now*."""
    until = account.locked_until
    if account.state is not AccountState.LOCKED or until is None or now < until:
        return account
    return move(account, AccountState.ACTIVE, at=until, by="node")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What time will do, or has done, to an account."""

    state: AccountState
    why: Why
    at: datetime


def due(account: Account, policy: AccountPolicy) -> Due | None:
    """Return the first thing that time will do to an active *account*, None when nothing."""
    if account.state is not AccountState.ACTIVE:
        return None
    return min(_ends(account, policy), key=lambda each: each.at, default=None)


def _ends(account: Account, policy: AccountPolicy) -> Iterable[Due]:
    begin = account.issued_at
    used = account.signed_in_at is not None and account.signed_in_at >= begin
    if policy.unused and not used:
        yield Due(state=AccountState.LOCKED, why=Why.UNUSED, at=begin + policy.unused)
    elif policy.unused and account.must_change:
        yield Due(state=AccountState.LOCKED, why=Why.OVERDUE, at=begin + policy.unused)
    if policy.idle:
        last = max(begin, account.signed_in_at or begin)
        yield Due(state=AccountState.REVOKED, why=Why.IDLE, at=last + policy.idle)
    change = change_due(account, policy)
    if change is not None:
        # Whoever was unlocked or given a new password has the whole of the grace again.
        at = max(change, begin) + policy.password_grace
        yield Due(state=AccountState.LOCKED, why=Why.OVERDUE, at=at)


def change_due(account: Account, policy: AccountPolicy) -> datetime | None:
    """Return when the owner's password must be changed; None when it has no age to speak of."""
    if not policy.password_age or account.must_change or account.password_at is None:
        return None
    return account.password_at + policy.password_age


def aged(account: Account, policy: AccountPolicy, *, now: datetime, last_admin: bool) -> Account:
    """Return what time has made of *account* by *now*; the last administrator stays."""
    account = opened_by_time(account, now)
    coming = due(account, policy)
    if coming is None or now < coming.at or last_admin:
        return account
    return move(account, coming.state, at=now, by="node", why=coming.why)


def warning(account: Account, policy: AccountPolicy, now: datetime) -> Due | None:
    """Return what the owner of *account* must be warned of at *now*."""
    coming = due(account, policy)
    if coming is None or now < coming.at - policy.warning:
        return None
    return coming


def must_change_now(account: Account, policy: AccountPolicy, now: datetime) -> bool:
    """Whether the owner must choose a new password before anything else."""
    change = change_due(account, policy)
    return account.must_change or (change is not None and change <= now)


def needs_totp(account: Account, policy: AccountPolicy) -> bool:
    """Whether a role of *account* asks for a second factor that it does not have."""
    held = {each.role for each in account.in_force}
    return account.totp is None and bool(held & policy.totp_roles)


def is_last_admin(
    account: Account, everybody: Iterable[Account], root: str, policy: AccountPolicy, now: datetime
) -> bool:
    """Whether nobody would administer the node *root* at *now* without *account*.

    Whom time has shut by then does not count, although nobody has noted it yet. When it would shut
    all of them, the one whose turn comes last stays.
    """
    admins = [opened_by_time(each, now) for each in everybody]
    admins = [each for each in admins if _administers(each, root)]
    if account.user_name not in {each.user_name for each in admins}:
        return False
    ends = {each.user_name: due(each, policy) for each in admins}
    staying = {name for name, end in ends.items() if end is None or now < end.at}
    if not staying:
        staying = {max((end.at, name) for name, end in ends.items() if end is not None)[1]}
    return staying == {account.user_name}


def _administers(account: Account, root: str) -> bool:
    return account.state is AccountState.ACTIVE and Role.ADMIN in account.roles(root)
