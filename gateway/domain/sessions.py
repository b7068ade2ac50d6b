"""A person's stay at the console, and what a person must be told.

A session begins when a password was right and goes through the stages that its account asks for:
the code of the second factor, the change of a password that another person chose, the set-up of a
second factor that a role demands. Only at the last stage does it open the console.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.accounts import Account, AccountPolicy, must_change_now, needs_totp


class Stage(StrEnum):
    """How far a session has come."""

    CODE = "code"  #: the code of the second factor is asked for
    PASSWORD = "password"  # noqa: S105 - a stage: a new password must be chosen
    ENROL = "enrol"  #: a second factor must be set up
    OPEN = "open"  #: signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser of one person; ``id`` is the hash of what the browser bears."""

    id: str
    user_name: str
    stage: Stage
    created_at: datetime
    seen_at: datetime
    address: str | None = None
    agent: str = ""  #: what the browser calls itself, clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """How long a session lasts."""

    idle: timedelta
    longest: timedelta

    def is_over(self, session: Session, now: datetime) -> bool:
        """Whether *session* has run out by *now*."""
        return now - session.seen_at > self.idle or now - session.created_at > self.longest


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNotice:
    """Something that a person must be told at the console: a right changed, a term comes near."""

    seq: int = 0
    user_name: str
    at: datetime
    kind: str  #: ``granted``, ``grant-ended``, ``locked``, ``warned``, …
    data: Mapping[str, str] = field(default_factory=dict)
    read_at: datetime | None = None


def next_stage(account: Account, policy: AccountPolicy, now: datetime) -> Stage:
    """Return the stage of a session whose person has proved who it is."""
    if must_change_now(account, policy, now):
        return Stage.PASSWORD
    if needs_totp(account, policy):
        return Stage.ENROL
    return Stage.OPEN
