"""Figures of the exchange in a period, as auditors read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One day of the period."""

    day: date
    sent: int = 0
    original: int = 0  #: of them, signed so that they take the place of paper
    received: int = 0
    working: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFigures:
    """One agency in the period, as sender and as recipient."""

    agency: str
    sent: int = 0
    original: int = 0
    received: int = 0
    accepted: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The whole period."""

    start: date
    end: date  #: included
    by: str  #: `legal` or `actual`: the days on which events count
    roll_up: str | None  #: where the figures of agencies count, too
    days: Sequence[DayFigures]
    agencies: Sequence[AgencyFigures]  #: the busiest first
    accepted: int  #: deliveries of the period that were accepted by now
    refused: int  #: deliveries of the period that were refused by now
    hours: Sequence[Sequence[int]]  #: actual arrivals, by weekday (Monday first) and hour
    reasons: Sequence[tuple[str, int]]

    @property
    def sent(self) -> int:
        """Documents sent."""
        return sum(each.sent for each in self.days)

    @property
    def original(self) -> int:
        """Documents sent that take the place of paper."""
        return sum(each.original for each in self.days)

    @property
    def received(self) -> int:
        """Deliveries that arrived."""
        return sum(each.received for each in self.days)
