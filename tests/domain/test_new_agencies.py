"""Entering agencies: the code that is next, and what is refused."""

import pytest

from gateway.domain.directory import (
    Agency,
    AgencyKind,
    Directory,
)
from gateway.domain.directory_plan import add
from gateway.domain.errors import Refused
from tests.domain.directories import PROVINCE, TODAY, an_agency, codes_of


def test_the_next_code_skips_closed_ones() -> None:
    """03 and 04 are closed, 05 is for later: 06 is next."""
    assert PROVINCE.next_code("H13") == "H13.06"


def test_a_new_agency_takes_the_next_code() -> None:
    """With a provisional older code and the kind that its code suggests."""
    agency = add(PROVINCE, name="  Sở  Tài chính ", parent="H13", on=TODAY, decision="1/QĐ-UBND")

    expected = Agency(
        code="H13.06",
        name="Sở Tài chính",
        parent="H13",
        legacy_code="000.00.06.H13",
        legacy_provisional=True,
        valid_from=TODAY,
        decision="1/QĐ-UBND",
    )
    assert expected == agency


def test_a_parent_may_be_named_by_its_older_code() -> None:
    """Both forms are accepted everywhere."""
    assert add(PROVINCE, name="X", parent="000.00.01.H13", on=TODAY).code == "H13.01.03"


def test_a_reversal_that_is_taken_is_not_given() -> None:
    """The older code of another agency is never doubled."""
    assert add(PROVINCE, name="X", code="H13.20", on=TODAY).legacy_code is None


def test_a_dotted_code_finds_its_parent() -> None:
    """The upper groups name it."""
    assert add(PROVINCE, name="X", code="H13.01.09", on=TODAY).parent == "H13.01"


def test_levels_between_may_be_missing_when_allowed() -> None:
    """The nearest agency above that exists becomes the parent."""
    agency = add(PROVINCE, name="X", code="H13.77.01", on=TODAY, allow_gap=True)

    assert agency.parent == "H13"


def test_a_participant_with_a_code_of_its_own_kind_may_have_a_parent() -> None:
    """An enterprise stands where it belongs."""
    agency = add(PROVINCE, name="X", code="020100107370", parent="H13", on=TODAY)

    assert (agency.parent, agency.kind) == ("H13", AgencyKind.ENTERPRISE)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"name": " ", "code": "h42"}, ["agency-name-missing", "agency-code-invalid"]),
        ({"code": "HĐ1"}, ["agency-code-invalid"]),
        ({"code": "HĐ1", "parent": "H13"}, ["agency-code-invalid"]),
        ({"code": "SO-NV-SANDBOX"}, ["agency-code-sandbox"]),
        ({"code": "H13.01"}, ["agency-code-used"]),
        ({"code": "H13.03"}, ["agency-code-used"]),
        ({"code": "000.00.20.H13"}, ["agency-code-used"]),
        ({"code": "H13.77.01"}, ["agency-unknown"]),
        ({"code": "H13.03.01"}, ["agency-closed"]),
        ({"code": "H13.07", "parent": "H13.01"}, ["agency-code-parent"]),
        ({"code": "H14", "parent": "H13"}, ["agency-code-parent"]),
        ({}, ["agency-code-needed"]),
        ({"parent": "1800123456"}, ["agency-code-needed"]),
        ({"parent": "H99"}, ["agency-unknown"]),
        ({"parent": "H51"}, ["agency-closed"]),
        ({"parent": "H13.05"}, ["agency-too-early"]),
        ({"code": "H42", "legacy_code": "H42"}, ["agency-legacy-invalid"]),
        ({"code": "H42", "legacy_code": "000.00.20.H13"}, ["agency-code-used"]),
    ],
)
def test_a_bad_new_agency_is_refused(fields: dict[str, str], codes: list[str]) -> None:
    """Codes that are wrong, used, closed or without a parent are refused, all at once."""
    with pytest.raises(Refused) as refused:
        add(PROVINCE, on=TODAY, **{"name": "X", **fields})  # type: ignore[arg-type]

    assert codes == codes_of(refused)


def test_a_code_may_not_grow_past_its_length() -> None:
    """35 characters are the end."""
    deep = "H13" + ".01" * 10 + ".1"
    directory = Directory([an_agency(deep)])

    with pytest.raises(Refused) as refused:
        add(directory, name="X", parent=deep, on=TODAY)

    assert codes_of(refused) == ["agency-code-too-long"]


def test_a_finding_speaks_both_languages() -> None:
    """Message and remedy, Vietnamese and English, with the place."""
    with pytest.raises(Refused) as refused:
        add(PROVINCE, name="X", code="H13.03", on=TODAY)
    finding = refused.value.findings[0]

    assert "H13.03" in finding.message
    assert "'H13.03'" in finding.message_en
    assert finding.remedy
    assert finding.remedy_en
    assert finding.pointer == "/code"
