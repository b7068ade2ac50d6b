"""A stretch of days taken apart into whole years, whole months and single days."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: How long a day is written that stands for a year, for a month, and for itself.
YEAR, MONTH, DAY = 4, 7, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days in a row, inclusive; `span` says of which whole periods they are, None of none."""

    first: date
    last: date
    span: int | None


def stretches(first: date, last: date, spans: Sequence[int]) -> list[Stretch]:
    """Return the days from *first* to *last* as whole periods, the longest of *spans* first.

    What is left at the ends and fits no span is there without one.
    """
    if first > last:
        return []
    if not spans:
        return [Stretch(first=first, last=last, span=None)]
    span, *shorter = sorted(spans)
    begin, end = _first_whole(first, span), _last_whole(last, span)
    if begin is None or end is None or begin > end:
        return stretches(first, last, shorter)
    before = stretches(first, begin - timedelta(1), shorter) if begin > first else []
    after = stretches(end + timedelta(1), last, shorter) if end < last else []
    return [*before, Stretch(first=begin, last=end, span=span), *after]


def _first_whole(day: date, span: int) -> date | None:
    """Return the first day of the first whole period that does not begin before *day*."""
    if span == DAY or (day.day == 1 and (span == MONTH or day.month == 1)):
        return day
    if span == MONTH and day.month < 12:  # noqa: PLR2004 - December
        return date(day.year, day.month + 1, 1)
    return date(day.year + 1, 1, 1) if day.year < date.max.year else None


def _last_whole(day: date, span: int) -> date | None:
    """Return the last day of the last whole period that does not end after *day*."""
    if span == DAY:
        return day
    if span == MONTH:
        if day.day == monthrange(day.year, day.month)[1]:
            return day
        before = date(day.year, day.month, 1)
        return before - timedelta(1) if before > date.min else None
    if (day.month, day.day) == (12, 31):
        return day
    return date(day.year - 1, 12, 31) if day.year > date.min.year else None
