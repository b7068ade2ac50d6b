"""Periods of standing reports: month, quarter, half-year and year, by the calendar.

Source: QĐ 28/2018/QĐ-TTg art. 15.1 (quarterly), S2 art. 13 and 16.4 (half-yearly, yearly), S3 art.
11.2c (monthly).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Its length."""
        return {"month": 1, "quarter": 3, "half": 6, "year": 12}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period; days inclusive."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def name(self) -> str:
        """Its name as in the groups of statistics: 2026-10, 2026-Q4, 2026-H2, 2026."""
        year, part = self.first.year, (self.first.month - 1) // self.kind.months + 1
        forms = {
            PeriodKind.MONTH: f"{year}-{part:02d}",
            PeriodKind.QUARTER: f"{year}-Q{part}",
            PeriodKind.HALF: f"{year}-H{part}",
            PeriodKind.YEAR: f"{year}",
        }
        return forms[self.kind]

    @property
    def title(self) -> str:
        """Its name as a report bears it."""
        year, part = self.first.year, (self.first.month - 1) // self.kind.months
        forms = {
            PeriodKind.MONTH: f"Tháng {part + 1} năm {year}",
            PeriodKind.QUARTER: f"Quý {('I', 'II', 'III', 'IV')[part % 4]} năm {year}",
            PeriodKind.HALF: f"6 tháng {('đầu', 'cuối')[part % 2]} năm {year}",
            PeriodKind.YEAR: f"Năm {year}",
        }
        return forms[self.kind]


def period_of(kind: PeriodKind, day: date) -> Period:
    """Return the period of *kind* that *day* is in."""
    first = date(day.year, (day.month - 1) // kind.months * kind.months + 1, 1)
    month = first.month + kind.months
    after = date(first.year + (month > 12), (month - 1) % 12 + 1, 1)  # noqa: PLR2004 - months
    return Period(kind=kind, first=first, last=after - timedelta(1))


def names_between(group: str, first: date, last: date) -> Iterator[str]:
    """Yield the names of the hours, days or periods of a *group* that days from *first* on are in.

    Every hour of the clock, whatever the days.
    """
    if group == "hour":
        yield from (f"{hour:02d}" for hour in range(24))
        return
    day = first
    while day <= last:
        period = None if group == "day" else period_of(PeriodKind(group), day)
        yield day.isoformat() if period is None else period.name
        day = (day if period is None else period.last) + timedelta(1)


def ended(kind: PeriodKind, *, since: date, today: date, most: int) -> list[Period]:
    """Return the periods that ended before *today*, from that of *since* on; the newest *most*."""
    found: list[Period] = []
    for period in _backward(kind, today):
        if period.last < since or len(found) == most:
            break
        found.append(period)
    return found[::-1]


def _backward(kind: PeriodKind, today: date) -> Iterator[Period]:
    day = period_of(kind, today).first
    while True:
        period = period_of(kind, day - timedelta(1))
        yield period
        day = period.first
