"""The directory: resolving codes, and who lies below whom."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import (
    Closed,
    Directory,
    Found,
    Unknown,
    default_kind,
    with_legacy,
)
from gateway.domain.text import clean, fold
from tests.domain.directories import PROVINCE, TODAY, an_agency, the_agency


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("H13.01", "H13.01"),
        ("000.00.00.H13", "H13"),
        ("000.00.01.H13", "H13.01"),
        ("000.00.20.H13", "H13.02"),
        ("005.02.01.H13", "H13.01.02.05"),
        ("1800123456", "1800123456"),
    ],
)
def test_an_open_agency_is_found(given: str, code: str) -> None:
    """By its code, by its stored older code, by the plain reversal."""
    assert Found(agency=the_agency(PROVINCE, code), given=given) == PROVINCE.resolve(given, TODAY)


def test_a_stored_pair_forbids_the_reversal() -> None:
    """Who has a stored older code is not found by the reversal of its code."""
    assert PROVINCE.find("000.00.02.H13") is None


def test_a_closed_agency_names_the_open_successor() -> None:
    """The chain of successors is followed to its end."""
    resolution = PROVINCE.resolve("H13.03", TODAY)

    expected = Closed(
        agency=the_agency(PROVINCE, "H13.03"),
        given="H13.03",
        successor=the_agency(PROVINCE, "H13.01"),
    )
    assert expected == resolution


def test_the_first_open_successor_counts_on_the_day() -> None:
    """In 2025 the nearer successor was still open."""
    resolution = PROVINCE.resolve("H13.03", date(2025, 8, 1))

    assert isinstance(resolution, Closed)
    assert resolution.successor == the_agency(PROVINCE, "H13.04")


def test_a_closed_agency_is_found_for_its_own_days() -> None:
    """Its last day is a day of validity."""
    assert isinstance(PROVINCE.resolve("H13.03", date(2025, 6, 30)), Found)


def test_successors_in_a_circle_lead_nowhere() -> None:
    """Closed agencies that name each other have no successor, and the search ends."""
    resolution = PROVINCE.resolve("H60", TODAY)

    assert isinstance(resolution, Closed)
    assert resolution.successor is None


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("h13.01", "H13.01"),
        (" H13.01 ", "H13.01"),
        ("H13.01.07", "H13.01.01"),
        ("H13.99.01", "H13"),
        ("000.07.01.H13", "H13.01.01"),
    ],
)
def test_an_unknown_code_has_suggestions(given: str, nearest: str) -> None:
    """A slip of the pen or an unlisted unit leads to what is nearest."""
    resolution = PROVINCE.resolve(given, TODAY)

    assert isinstance(resolution, Unknown)
    assert nearest in [agency.code for agency in resolution.nearest]


@given(st.text(max_size=60))
def test_any_text_can_be_resolved(text: str) -> None:
    """Whatever a sender wrote, the answer is a value."""
    assert isinstance(PROVINCE.resolve(text, TODAY), Found | Closed | Unknown)


def test_an_agency_of_the_future_is_not_found_yet() -> None:
    """Before its first day it is unknown, and is named."""
    expected = Unknown(given="H13.05", nearest=(the_agency(PROVINCE, "H13.05"),))

    assert expected == PROVINCE.resolve("H13.05", TODAY)


def test_children_stand_in_the_order_of_counting() -> None:
    """100 comes after 99, closed ones are listed."""
    directory = Directory([an_agency(f"H13.{group}", "H13") for group in ("100", "02", "99")])

    assert [child.code for child in directory.children("H13")] == ["H13.02", "H13.99", "H13.100"]


def test_descendants_come_after_their_parents() -> None:
    """The whole tree below an agency, itself left out."""
    codes = [agency.code for agency in PROVINCE.descendants("H13.01")]

    assert codes == ["H13.01.01", "H13.01.02", "H13.01.02.05", "1800123456"]


@pytest.mark.parametrize(
    ("code", "ancestor", "below"),
    [
        ("H13.01.02.05", "H13", True),
        ("1800123456", "H13", True),
        ("H13", "H13", False),
        ("H13", "H13.01", False),
        ("H51", "H13", False),
    ],
)
def test_what_lies_below(code: str, ancestor: str, *, below: bool) -> None:
    """Parents decide, not the spelling of codes."""
    assert below == PROVINCE.is_below(code, ancestor)


@pytest.mark.parametrize(
    ("code", "top"),
    [("1800123456", "H13"), ("H13.01.02", "H13"), ("000.00.00.G22", "G22"), ("vxp.saas.03", None)],
)
def test_the_level_one_of_a_code(code: str, top: str | None) -> None:
    """Listed agencies by those above them, foreign codes by their form."""
    assert top == PROVINCE.level_one_of(code)


def test_a_hundred_thousand_agencies_are_looked_up_at_once() -> None:
    """The size of the national list is no burden: each is found by code and by reversal."""
    agencies = [
        an_agency(f"H{top:02d}.{unit:03d}", f"H{top:02d}")
        for top in range(1, 64)
        for unit in range(100, 1000)
    ]
    directory = Directory(agencies)

    assert all(directory.find(agency.code) is agency for agency in agencies)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("H13", "state"),
        ("A01", "party"),
        ("I01", "front"),
        ("I02.01", "union"),
        ("I03", "organisation"),
        ("020100107370", "enterprise"),
        ("vxp.saas.03", "other"),
    ],
)
def test_a_code_suggests_a_kind(code: str, kind: str) -> None:
    """Letters of level 1, and the bare number of an enterprise."""
    assert kind == default_kind(code)


def test_without_a_stored_pair_the_reversal_is_shown_as_provisional() -> None:
    """The older code of the public form says where it comes from."""
    shown = with_legacy(the_agency(PROVINCE, "H13.01"))

    assert (shown.legacy_code, shown.legacy_provisional) == ("000.00.01.H13", True)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Sở Nội vụ", "so noi vu"),
        ("  ĐIỆN   Biên ", "dien bien"),
        ("Hòa Bình", "hoa binh"),
        ("Hoà Bình", "hoa binh"),
        ("Ho\u0300a Bi\u0300nh", "hoa binh"),
    ],
)
def test_searching_needs_no_accents(written: str, key: str) -> None:
    """Accents, their places and codings, capitals and spaces do not matter."""
    assert key == fold(written)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """A key is its own key."""
    assert fold(text) == fold(fold(text))


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """A clean text stays as it is."""
    assert clean(text) == clean(clean(text))
