"""The ribbon of office hours: why a document counts from another instant than that of its arrival.

Days stand side by side from six to twenty o'clock; a ring is the actual instant, a diamond the legal
one. Beyond a week the days between fold into one block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.domain.calendar import OfficeCalendar

_FIRST_HOUR, _LAST_HOUR = 6, 20
_WIDTH = 320.0
_MOST_DAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A working session, in the units of the drawing."""

    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the ribbon; ``on`` is None for the days that are folded into one."""

    on: date | None
    folded: int  #: how many days it stands for
    x: float
    width: float
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon:
    """What is drawn."""

    days: Sequence[Day]
    actual: float
    legal: float


def ribbon(calendar: OfficeCalendar, at: datetime, legal_at: datetime) -> Ribbon:
    """Return the ribbon from the day of *at* to that of *legal_at*."""
    first, last = (each.astimezone(calendar.tz) for each in (at, legal_at))
    days = _days(first.date(), last.date())
    width = _WIDTH / len(days)
    drawn = [
        Day(
            on=on if folded == 1 else None,
            folded=folded,
            x=n * width,
            width=width,
            blocks=_blocks(calendar, on, n * width, width) if folded == 1 else (),
        )
        for n, (on, folded) in enumerate(days)
    ]
    return Ribbon(
        days=drawn,
        actual=_place(first.time(), width),
        legal=_place(last.time(), width) + (len(days) - 1) * width,
    )


def _days(first: date, last: date) -> list[tuple[date, int]]:
    """Return the days with how many each stands for; the middle of many is one."""
    count = (last - first).days + 1
    if count <= _MOST_DAYS:
        return [(first + timedelta(days=n), 1) for n in range(count)]
    return [(first, 1), (first + timedelta(days=1), count - 2), (last, 1)]


def _blocks(calendar: OfficeCalendar, on: date, x: float, width: float) -> list[Block]:
    return [
        Block(
            x=x + _place(each.start, width),
            width=_place(each.end, width) - _place(each.start, width),
        )
        for each in calendar.sessions_of(on)
    ]


def _place(clock: time, width: float) -> float:
    """Return where a time of day stands; what is earlier or later stands at the edge."""
    hour = min(max(clock.hour + clock.minute / 60, _FIRST_HOUR), _LAST_HOUR)
    return round((hour - _FIRST_HOUR) / (_LAST_HOUR - _FIRST_HOUR) * width, 2)
