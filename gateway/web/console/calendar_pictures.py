"""The office calendar as pictures: the month, and the ribbon on which a legal time moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.domain.calendar import LegalTime, OfficeCalendar

_WEEK = 7
_FIRST_HOUR, _LAST_HOUR = 6, 20
#: Widths in hundredths of a day of the ribbon.
_DAY_WIDTH, _FOLD_WIDTH = 100, 60
_MOST_DAYS, _BESIDE_FOLD = 7, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day of the month."""

    day: date
    inside: bool  #: of the month that is shown
    sessions: tuple[str, ...]
    name: str  #: why it is off, or that it is worked in exchange
    kind: str  #: ``work``, ``rest``, ``off`` or ``made-up``
    pending: bool  #: a change that is looked at moves it
    today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A day of the ribbon, or days folded into one block."""

    x: int
    width: int
    day: date | None
    folded: int = 0  #: how many days the block stands for
    sessions: tuple[tuple[float, float], ...] = ()  #: place and width


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon:
    """Days side by side, with the actual and the legal time."""

    strips: tuple[Strip, ...]
    width: int
    actual: float
    legal: float
    moved: bool


def month(
    calendar: OfficeCalendar, first: date, today: date, pending: Sequence[date] = ()
) -> list[list[Cell]]:
    """Return the weeks of the month of *first*, Monday first."""
    start = first.replace(day=1)
    day = start - timedelta(start.weekday())
    weeks: list[list[Cell]] = []
    while day < start or day.month == start.month or not weeks:
        week = [_cell(calendar, day + timedelta(n), start, today, pending) for n in range(_WEEK)]
        weeks.append(week)
        day += timedelta(_WEEK)
    return weeks


def neighbours(first: date) -> tuple[str, str]:
    """Return the months before and after, as the address has them."""
    before, after = first.replace(day=1) - timedelta(1), first.replace(day=28) + timedelta(4)
    return f"{before:%Y-%m}", f"{after:%Y-%m}"


def ribbon(calendar: OfficeCalendar, time: LegalTime, until: date) -> Ribbon:
    """Return a week from the actual time on; when *until* lies further off, days are folded."""
    actual, legal = time.instant, time.legal
    count = max(_MOST_DAYS, (until - actual.date()).days + 2)
    days = [actual.date() + timedelta(n) for n in range(count)]
    strips: list[Strip] = []
    x, folded = 0, max(0, count - 2 * _BESIDE_FOLD) if count > _MOST_DAYS else 0
    for n, day in enumerate(days):
        if folded and _BESIDE_FOLD <= n < count - _BESIDE_FOLD:
            if n == _BESIDE_FOLD:
                strips.append(Strip(x=x, width=_FOLD_WIDTH, day=None, folded=folded))
                x += _FOLD_WIDTH
            continue
        strips.append(Strip(x=x, width=_DAY_WIDTH, day=day, sessions=_sessions(calendar, day, x)))
        x += _DAY_WIDTH
    places = {strip.day: strip.x for strip in strips if strip.day is not None}
    return Ribbon(
        strips=tuple(strips),
        width=x,
        actual=_place(actual, places[actual.date()]),
        legal=_place(legal, places[legal.date()]),
        moved=legal != actual,
    )


def _cell(
    calendar: OfficeCalendar, day: date, start: date, today: date, pending: Sequence[date]
) -> Cell:
    off, worked = calendar.days_off.get(day), calendar.worked_days.get(day)
    working = calendar.is_working_day(day)
    kind = "work" if working else "rest"
    if working and worked is not None:
        kind = "made-up"
    elif not working and off is not None:
        kind = "off"
    return Cell(
        day=day,
        inside=(day.year, day.month) == (start.year, start.month),
        sessions=tuple(
            f"{each.start:%H:%M}\u2013{each.end:%H:%M}" for each in calendar.sessions_of(day)
        ),
        name=off.name if off is not None and not working else "",
        kind=kind,
        pending=day in pending,
        today=day == today,
    )


def _sessions(calendar: OfficeCalendar, day: date, x: int) -> tuple[tuple[float, float], ...]:
    found = []
    for each in calendar.sessions_of(day):
        begin = _hour(each.start.hour + each.start.minute / 60)
        end = _hour(each.end.hour + each.end.minute / 60)
        found.append((round(x + begin, 1), round(end - begin, 1)))
    return tuple(found)


def _place(at: datetime, x: int) -> float:
    return round(x + _hour(at.hour + at.minute / 60), 1)


def _hour(hour: float) -> float:
    """Return where an hour lies in its day, the edges for what lies outside."""
    share = (hour - _FIRST_HOUR) / (_LAST_HOUR - _FIRST_HOUR)
    return min(1.0, max(0.0, share)) * _DAY_WIDTH
