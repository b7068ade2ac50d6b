"""The shipped code lists."""

import pytest

from gateway.domain.document import BusinessKind, Priority
from gateway.formats.codelists import (
    abbreviation_of,
    business_types,
    document_types,
    priorities,
    statuses,
)


def test_there_are_29_types() -> None:
    """NĐ 30/2020/NĐ-CP art. 7 names 29 types."""
    assert len(document_types()) == 29


def test_27_abbreviations_are_official() -> None:
    """Annex III gives none for công văn and thư công."""
    assert sum(each.official for each in document_types().values()) == 27


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Quyết định", "QĐ"),
        ("QUYẾT ĐỊNH (cá biệt)", "QĐ"),
        ("quyet dinh", "QĐ"),
        ("Quy định", "QyĐ"),
        ("Bản thoả thuận", "BTT"),
        ("Giấy uỷ quyền", "GUQ"),
        ("  Công   văn ", "CV"),
        ("Co\u0302ng va\u0306n", "CV"),
        ("HD", "HD"),
        ("HĐ", "HĐ"),
        ("hđ", None),
        ("Thông tư", None),
        ("", None),
    ],
)
def test_a_name_leads_to_its_abbreviation(name: str, expected: str | None) -> None:
    """Case, tones and qualifiers do not matter in a name; they do in an abbreviation."""
    assert expected == abbreviation_of(name)


def test_every_name_finds_itself_without_tones() -> None:
    """No two types share a name when the tones are lost."""
    types = document_types().values()

    assert [each.abbreviation for each in types] == [abbreviation_of(each.name) for each in types]


def test_priority_four_reads_as_express() -> None:
    """Hỏa tốc hẹn giờ exists on the wire only."""
    assert priorities()[4].priority is Priority.EXPRESS


def test_the_kinds_of_messages_are_four() -> None:
    """BussinessDocType 0 to 3."""
    assert set(BusinessKind) == {each.kind for each in business_types().values()}


def test_the_status_codes_are_nine() -> None:
    """Codes 07 to 12 and 14 were never seen."""
    assert list(statuses()) == ["01", "02", "03", "04", "05", "06", "13", "15", "16"]
