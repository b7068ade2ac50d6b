"""Stretches of days, taken apart into whole periods."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.stretches import DAY, MONTH, YEAR, stretches

SPANS = st.lists(st.sampled_from([YEAR, MONTH, DAY]), unique=True)


@given(first=st.dates(), days=st.integers(0, 3000), spans=SPANS)
def test_every_day_is_in_one_of_them(first: date, days: int, spans: list[int]) -> None:
    """In order, without a gap, and no day twice."""
    last = first + timedelta(min(days, (date.max - first).days))

    parts = stretches(first, last, spans)

    assert (parts[0].first, parts[-1].last) == (first, last)
    for one, next_one in pairwise(parts):
        assert next_one.first - one.last == timedelta(1)


@given(first=st.dates(), days=st.integers(0, 3000))
def test_years_and_months_are_whole(first: date, days: int) -> None:
    """A year begins on 1 January and ends on 31 December, a month ends before a first."""
    last = first + timedelta(min(days, (date.max - first).days))

    for part in stretches(first, last, [YEAR, MONTH]):
        if part.span is not None:
            assert part.first.day == 1
            assert part.last == date.max or (part.last + timedelta(1)).day == 1
        if part.span == YEAR:
            assert (part.first.month, part.last.month) == (1, 12)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2024-01-01", "2024-12-31", [YEAR]),
        ("2024-02-01", "2024-02-29", [MONTH]),
        ("2023-02-01", "2023-02-28", [MONTH]),
        ("2024-02-01", "2024-02-28", [None]),
        ("2023-12-31", "2025-01-31", [None, YEAR, MONTH]),
        ("2024-01-01", "2024-11-21", [MONTH, None]),
    ],
)
def test_the_longest_come_first(first: str, last: str, found: list[int | None]) -> None:
    """Leap days and turns of years among them."""
    parts = stretches(date.fromisoformat(first), date.fromisoformat(last), [YEAR, MONTH])

    assert [part.span for part in parts] == found
