"""Profiles: which kind a document is of, and whose profile holds when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.profile import Assignment, Kind, Profile, Profiles

COMPLAINT = Kind(
    name="complaint", vi="khiếu nại", en="complaint", source="s", also=("Đơn khiếu nại",)
)
INVITATION = Kind(
    name="invitation",
    vi="giấy mời",
    en="invitation",
    source="s",
    types=frozenset({"GM"}),
    subjects=("mời họp",),
)
LOCAL = Profile(name="local", kinds=(COMPLAINT, INVITATION))
OLD, NEW, NODE = Profile(name="old"), Profile(name="new"), Profile(name="node")


@pytest.mark.parametrize(
    "declared", ["complaint", "Complaint", "đơn khiếu nại", "ĐƠN-KHIẾU-NẠI", "don khieu nai"]
)
def test_a_kind_is_known_by_its_names(declared: str) -> None:
    """Case, accents and hyphens make no difference."""
    assert LOCAL.kinds_of(declared, of_type="CV", subject="") == (COMPLAINT,)


def test_a_kind_is_known_by_the_operators_rules() -> None:
    """By the type, and by how the subject begins; each kind once."""
    assert LOCAL.kinds_of(None, of_type="GM", subject="Mời họp giao ban") == (INVITATION,)


def test_declaring_something_else_hides_nothing() -> None:
    """A document is of every kind that is found."""
    found = LOCAL.kinds_of("complaint", of_type="GM", subject="")

    assert found == (COMPLAINT, INVITATION)


def test_an_unknown_kind_is_none() -> None:
    """It is carried as declared."""
    assert LOCAL.kinds_of("report", of_type="BC", subject="Báo cáo") == ()


ASSIGNED = Profiles(
    default=NODE,
    assignments=(
        Assignment(agency="H13", profile=OLD),
        Assignment(agency="H13.01", profile=OLD, until=date(2026, 6, 30)),
        Assignment(agency="H13.01", profile=NEW, since=date(2026, 7, 1), until=date(2026, 12, 31)),
    ),
)


@pytest.mark.parametrize(
    ("lineage", "day", "profile"),
    [
        (("H13.01", "H13"), date(2026, 6, 30), OLD),
        (("H13.01", "H13"), date(2026, 7, 1), NEW),
        (("H13.01.02", "H13.01", "H13"), date(2026, 12, 31), NEW),
        (("H13.01", "H13"), date(2027, 1, 1), OLD),
        (("H13.02", "H13"), date(2026, 7, 1), OLD),
        (("H14",), date(2026, 7, 1), NODE),
        ((), date(2026, 7, 1), NODE),
    ],
)
def test_the_nearest_assignment_of_the_day_holds(
    lineage: tuple[str, ...], day: date, profile: Profile
) -> None:
    """First and last day are included; what has ended leaves it to the agency above."""
    assert ASSIGNED.of(lambda: lineage, day) is profile


@given(st.dates(), st.dates(), st.dates())
def test_of_two_that_hold_the_newer_wins(day: date, one: date, other: date) -> None:
    """Whatever their order in the configuration."""
    assignments = (
        Assignment(agency="H13", profile=OLD, since=min(one, other)),
        Assignment(agency="H13", profile=NEW, since=max(one, other)),
    )
    chosen = {
        Profiles(default=NODE, assignments=order).of(lambda: ("H13",), day).name
        for order in (assignments, assignments[::-1])
    }

    assert len(chosen) == 1 or one == other
