"""Rotation: what is kept of many backups."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.rotation import Rotation, superfluous

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
USUAL = Rotation(daily=7, weekly=5, monthly=12)


def test_two_years_of_nights_leave_a_week_five_weeks_and_a_year() -> None:
    """The newest of each."""
    made = [NOW - timedelta(days=n) for n in range(730)]

    kept = sorted(set(made) - set(superfluous(made, USUAL)), reverse=True)

    assert kept[:7] == made[:7]
    assert len(kept) <= 7 + 5 + 12
    assert kept[-1].strftime("%Y-%m") == "2025-12"


@given(
    st.sets(st.integers(0, 20_000), max_size=60),
    st.builds(
        Rotation, daily=st.integers(0, 9), weekly=st.integers(0, 9), monthly=st.integers(0, 9)
    ),
)
def test_the_newest_is_never_let_go(hours: set[int], rotation: Rotation) -> None:
    """Whatever the rotation says."""
    made = [NOW - timedelta(hours=each) for each in hours]

    assert max(made, default=None) not in superfluous(made, rotation)


@given(st.sets(st.integers(0, 20_000), max_size=60))
def test_letting_go_twice_lets_go_of_no_more(hours: set[int]) -> None:
    """What is kept once is kept the next time."""
    made = {NOW - timedelta(hours=each) for each in hours}
    kept = made - set(superfluous(made, USUAL))

    assert superfluous(kept, USUAL) == []
