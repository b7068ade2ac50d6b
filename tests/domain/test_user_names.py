"""User names as the regulations make them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import Agency
from gateway.domain.user_names import (
    INITIALS,
    ONE_MIDDLE,
    USER_NAME,
    proposal,
    suffix_of,
    user_name,
)


@pytest.mark.parametrize(
    ("name", "rule", "expected"),
    [
        ("Phan Song Toàn", INITIALS, "pstoan.ldld"),
        ("Phan Song Toàn", ONE_MIDDLE, "pstoan.ldld"),
        ("Nguyễn Thị Ngọc Trâm", INITIALS, "ntntram.ldld"),
        ("Nguyễn Thị Ngọc Trâm", ONE_MIDDLE, "nttram.ldld"),
        ("Đỗ Ước", INITIALS, "duoc.ldld"),
        ("H'Hen Niê", INITIALS, "hnie.ldld"),
        ("Nguyễn Văn An", INITIALS, "nvan.ldld"),
        ("Anh", INITIALS, "anh.ldld"),
    ],
)
def test_initials_and_given_name_without_diacritics(name: str, rule: str, expected: str) -> None:
    """The examples of S0 art. 3.2 and S4 art. 7.1, and names that are written otherwise."""
    assert user_name(name, "ldld", rule=rule) == expected


def test_a_name_without_letters_makes_none() -> None:
    """The administrator is asked, nothing is invented."""
    assert user_name("· -", "ldld", rule=INITIALS) == ""


@given(st.text(max_size=120))
def test_whatever_the_name_the_user_name_can_be_typed(name: str) -> None:
    """Small letters, digits and one dot, or nothing."""
    made = user_name(name, "snv", rule=INITIALS)

    assert made == "" or USER_NAME.fullmatch(made)


def test_equal_names_get_the_first_free_number() -> None:
    """A proposal; the administrator decides (S4 art. 7.1)."""
    taken = {"pstoan.ldld", "pstoan2.ldld"}

    assert proposal("pstoan.ldld", taken.__contains__) == "pstoan3.ldld"


@pytest.mark.parametrize(
    ("name", "short", "expected"),
    [
        ("Liên đoàn Lao động", "LĐLĐ", "ldld"),
        ("Sở Nội vụ", None, "snv"),
        ("UBND tỉnh Ví Dụ", None, "ubndtvd"),
    ],
)
def test_behind_the_dot_stands_the_agency(name: str, short: str | None, expected: str) -> None:
    """Its short name, else the initials of its name; abbreviations stay whole."""
    agency = Agency(code="H13.01", name=name, short_name=short, valid_from=date(2026, 1, 1))

    assert suffix_of(agency) == expected
