"""Rules on number and notation: what passes, what is warned of; nothing refuses."""

import pytest

from gateway.domain.findings import refuses
from gateway.domain.rules.notations import RULES
from tests.domain.rules.samples import judge, said, with_metadata


@pytest.mark.parametrize(
    ("of_type", "notation"),
    [
        ("QĐ", "QĐ-UBND"),
        ("QĐ", "2026/QĐ-UBND"),
        ("QĐ", "QĐ-LĐLĐ"),
        ("QĐ", "QĐ/TW"),
        ("QĐ", "UBND-VP"),
        ("CV", "UBND-VX"),
        ("CV", "CV/VPTU"),
        ("CV", "CT-TTHT"),
        ("HD", "HD-SNV"),
        ("HĐ", "HĐ-KHCN"),
    ],
)
def test_notations_of_all_blocks_pass(of_type: str, notation: str) -> None:
    """State, normative, union, Party; an official letter begins with any agency."""
    assert said(RULES, with_metadata(type=of_type, notation=notation)) == []


@pytest.mark.parametrize(
    ("of_type", "notation"),
    [("HD", "HĐ-SNV"), ("QĐ", "QyĐ-UBND"), ("CT", "CTr-UBND"), ("QĐ", "KH-UBND")],
)
def test_a_notation_of_another_type_is_a_warning(of_type: str, notation: str) -> None:
    """Case and Đ carry meaning."""
    findings = judge(RULES, with_metadata(type=of_type, notation=notation))

    assert [each.code for each in findings] == ["meta-notation-type"]
    assert not refuses(findings)


def test_the_year_of_a_normative_document_is_that_of_its_date() -> None:
    """A normative document bears the year of issue."""
    candidate = with_metadata(notation="2025/QĐ-UBND")

    assert said(RULES, candidate) == [("meta-notation-year", "/metadata/notation")]


@pytest.mark.parametrize("notation", ["15/QĐ-UBND", "QĐ UBND", "QĐ-"])
def test_a_notation_of_no_form_is_a_warning(notation: str) -> None:
    """The number belongs elsewhere, blanks nowhere."""
    assert said(RULES, with_metadata(notation=notation)) == [
        ("meta-notation", "/metadata/notation")
    ]


@pytest.mark.parametrize("number", ["1", "05", "7816", "15a", "128Đ"])
def test_numbers_pass(number: str) -> None:
    """Digits, perhaps with a letter."""
    assert said(RULES, with_metadata(number=number)) == []


@pytest.mark.parametrize("number", ["15/QĐ", "XIV", "một"])
def test_a_number_that_is_none_is_a_warning(number: str) -> None:
    """The number is written in Arabic digits."""
    assert said(RULES, with_metadata(number=number)) == [("meta-number", "/metadata/number")]
