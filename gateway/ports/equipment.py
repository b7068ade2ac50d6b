"""The equipment of a room: time, threads, calendars, the signing key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.calendar_changes import CalendarChange

T = TypeVar("T")


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""


class OfficeCalendars(Protocol):
    """The office calendars in force. Blocks when they changed: never on the event loop."""

    def __call__(self, agency: str) -> OfficeCalendar:
        """Return the calendar of *agency*."""

    def proposed(self, change: CalendarChange) -> Callable[[str], OfficeCalendar]:
        """Return the calendars as *change* would make them."""


class Run(Protocol):
    """Runs blocking work in the one bounded executor."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what *work* returns; raise what it raises."""


class SignReceipt(Protocol):
    """Signs a receipt with the node's key."""

    def __call__(self, payload: Mapping[str, object]) -> str:
        """Return the compact JWS (ES256, chain in ``x5c``) over *payload*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A digest that an authority saw."""

    token: bytes  #: RFC 3161, DER
    at: datetime


class StampAuthority(Protocol):
    """An authority of time stamps (RFC 3161)."""

    async def __call__(self, digest: bytes) -> Stamped:
        """Have *digest* (SHA-256) stamped; raise Unavailable when that cannot be had now."""
