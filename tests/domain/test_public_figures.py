"""Figures for everybody: nothing that tells of few."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.public_figures import masked

COUNTS = st.lists(st.integers(0, 40), max_size=12)
LEAST = st.integers(2, 10)


@given(counts=COUNTS, least=LEAST)
def test_no_small_count_is_shown(counts: list[int], least: int) -> None:
    """Nought tells of nobody."""
    assert not any(0 < each < least for each in masked(counts, least) if each is not None)


@given(counts=COUNTS, least=LEAST)
def test_what_is_left_out_cannot_be_subtracted(counts: list[int], least: int) -> None:
    """Though the sum be known: it is never one count alone, nor few together."""
    shown = masked(counts, least)
    hidden = [count for count, each in zip(counts, shown, strict=True) if each is None]

    if hidden and any(shown):
        assert len(hidden) > 1
        assert sum(hidden) >= least


@given(counts=COUNTS, least=LEAST)
def test_what_is_shown_is_true(counts: list[int], least: int) -> None:
    """Counts are left out, never changed."""
    shown = masked(counts, least)

    assert all(each in {None, count} for count, each in zip(counts, shown, strict=True))


def test_nothing_is_left_out_without_need() -> None:
    """When every count is large enough."""
    assert masked([5, 0, 12], 5) == [5, 0, 12]


def test_the_smallest_goes_with_the_one_that_is_too_small() -> None:
    """So that the largest stay."""
    assert masked([100, 2, 30], 5) == [100, None, None]
