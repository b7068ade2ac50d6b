"""Whose certificate it is, and which file a detached signature stands beside."""

import pytest

from gateway.config import Signatures
from gateway.domain.legal_value import Owner, Owners, detached_signatures

_CHOSEN = Signatures()
OWNERS = Owners(
    person_marks=_CHOSEN.person_marks,
    agency_marks=_CHOSEN.agency_marks,
    agency_words=_CHOSEN.agency_words,
)


@pytest.mark.parametrize(
    "name",
    [
        "Ủy ban nhân dân tỉnh Thí Dụ",
        "UBND xã Tân An",
        "Sở Nội vụ",
        "SỞ TÀI CHÍNH",
        "So Noi vu",
        "Vụ Tổ chức cán bộ",
        "Trường Đại học Thí Dụ",
        "Văn phòng",
    ],
)
def test_an_agency_is_known_by_how_its_name_begins(name: str) -> None:
    """As agencies of the state are named, in capitals or without accents too."""
    assert OWNERS.of({"common_name": name}) is Owner.AGENCY


@pytest.mark.parametrize(
    "name", ["Nguyễn Văn An", "Vũ Thị Bình", "Trương Văn Sở", "Vu Van Bo", "Truong Thi So", ""]
)
def test_a_person_is_whoever_bears_no_mark(name: str) -> None:
    """Accents tell the family name Vũ from the office Vụ."""
    subject = {"common_name": name, "organization_name": "Sở Nội vụ"}

    assert OWNERS.of(subject) is Owner.PERSON


def test_who_is_called_as_its_organisation_is_an_agency() -> None:
    """Whatever the name, with any accents and capitals."""
    subject = {"common_name": "AN BÌNH", "organizational_unit_name": "An Bình, Bình An"}

    assert OWNERS.of(subject) is Owner.AGENCY


def test_marks_of_a_person_count_first() -> None:
    """A person with the name of an office is a person."""
    subject = {"common_name": "Sở Nội vụ", "user_id": "CCCD:001"}

    assert OWNERS.of(subject) is Owner.PERSON


def test_marks_are_the_operators_affair() -> None:
    """Attributes by name, or by the beginning of their text; what is unmarked may be nobody's."""
    owners = Owners(agency_marks=("user_id:CQ",), unmarked=Owner.UNKNOWN)

    assert owners.of({"common_name": "A", "user_id": "cq-1"}) is Owner.AGENCY
    assert owners.of({"common_name": "A", "user_id": "x"}) is Owner.UNKNOWN


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a.pdf", "a.pdf.p7s"), {1: 0}),
        (("a.P7S", "A.pdf"), {0: 1}),
        (("a.pdf", "b.pdf", "b.p7m", "a.p7s"), {2: 1, 3: 0}),
        (("a.pdf", "b.p7s"), {}),
        (("a.p7s", "a.p7s.p7s"), {}),
        ((), {}),
    ],
)
def test_a_detached_signature_stands_beside_what_it_is_named_after(
    names: tuple[str, ...], expected: dict[int, int]
) -> None:
    """With the extension of the signed file or without, in any order."""
    assert detached_signatures(names) == expected
