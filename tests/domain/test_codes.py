"""Codes of agencies and documents."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.codes import (
    CodeForm,
    DocumentCode,
    from_legacy,
    is_mistyped,
    level,
    level_one_of,
    next_free_group,
    office_year,
    parent_of,
    parse_agency_code,
    parse_document_code,
    to_legacy,
)

VIETNAM = timezone(timedelta(hours=7))

_TWO_DIGITS = st.integers(1, 99).map("{:02d}".format)
_THREE_DIGITS = st.integers(1, 999).map("{:03d}".format)
_LEVEL_ONE = st.from_regex(r"[A-Y][0-9]{2}", fullmatch=True)
_EXPRESSIBLE = st.builds(
    lambda first, middle, last: ".".join([first, *middle, *last]),
    _LEVEL_ONE,
    st.lists(_TWO_DIGITS, max_size=2),
    st.just([]),
) | st.builds(
    lambda first, middle, last: ".".join([first, *middle, last]),
    _LEVEL_ONE,
    st.lists(_TWO_DIGITS, min_size=2, max_size=2),
    _THREE_DIGITS,
)


@pytest.mark.parametrize(
    "text", ["H42", "H42.12", "H55.242", "G22", "H13.01.02", "A01.0A", "H13" + ".01234567" * 3]
)
def test_a_code_of_decision_20_is_known_as_one(text: str) -> None:
    """Capital letter A to Y, two digits, then groups of digits and capitals."""
    assert parse_agency_code(text).form is CodeForm.QD20


@pytest.mark.parametrize("text", ["000.00.00.G22", "000.00.12.H25", "28.22.H17", "02.29.W00"])
def test_a_code_of_the_older_form_is_known_as_one(text: str) -> None:
    """Four parts by the standard, two or three as others send them."""
    assert parse_agency_code(text).form is CodeForm.QCVN102


@pytest.mark.parametrize("text", ["020100107370", "vxp.saas.03", "h42", "Z01", "TT2"])
def test_other_blocks_are_opaque(text: str) -> None:
    """Enterprises and test systems keep their own kind of code."""
    assert parse_agency_code(text).form is CodeForm.OPAQUE


@pytest.mark.parametrize(
    "text",
    ["", " H42", "H42 ", "H42\n", "HĐ1", "H42/1", ".H42", "a" * 51, "H42." + "1" * 32, "H٤٢"],
)
def test_what_cannot_be_a_code_is_refused(text: str) -> None:
    """Spaces, accents, slashes, too many characters and foreign digits make no code."""
    with pytest.raises(ValueError, match=r"character|agency code"):
        parse_agency_code(text)


@pytest.mark.parametrize("text", ["h42", "Z01", "H4", "H42.", "H42..1", "H42.a"])
def test_a_slip_in_a_code_is_noticed(text: str) -> None:
    """What was meant for a code of decision 20 is told from a code of another block."""
    assert is_mistyped(text)


@pytest.mark.parametrize("text", ["H42", "vxp.saas.03", "020100107370", "000.00.00.H13"])
def test_a_sound_code_is_no_slip(text: str) -> None:
    """Good codes of every form pass."""
    assert not is_mistyped(text)


@pytest.mark.parametrize(
    ("code", "legacy"),
    [
        ("H13", "000.00.00.H13"),
        ("H13.20", "000.00.20.H13"),
        ("H13.20.01", "000.01.20.H13"),
        ("H44.24.46.105", "105.46.24.H44"),
        ("H44.24.46.05", "005.46.24.H44"),
        ("H13.242", None),
        ("H13.5", None),
        ("H13.0A", None),
        ("H13.00", None),
        ("H13.01.02.1234", None),
        ("H13.01.02.03.04", None),
        ("vxp.saas.03", None),
    ],
)
def test_the_plain_reversal(code: str, legacy: str | None) -> None:
    """Groups turn round; what the older layout cannot hold has no reversal."""
    assert legacy == to_legacy(code)


@pytest.mark.parametrize("legacy", ["000.01.00.H13", "28.22.H17", "000.00.00.Z13", "H13"])
def test_some_older_codes_have_no_reversal(legacy: str) -> None:
    """A unit below no unit, a short form, a letter out of range."""
    assert from_legacy(legacy) is None


@given(_EXPRESSIBLE)
def test_the_reversal_of_the_reversal_is_the_code(code: str) -> None:
    """Both directions agree wherever the older layout can hold a code."""
    legacy = to_legacy(code)

    assert legacy is not None
    assert code == from_legacy(legacy)


@given(st.from_regex(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}", fullmatch=True))
def test_an_older_code_comes_back_unless_it_has_no_reversal(legacy: str) -> None:
    """Reversing twice from the other side loses nothing."""
    code = from_legacy(legacy)

    assert code is None or to_legacy(code) == legacy


@pytest.mark.parametrize(
    ("code", "parent", "depth", "top"),
    [
        ("H13", None, 1, "H13"),
        ("H13.01.02", "H13.01", 3, "H13"),
        ("000.01.20.H13", "000.00.20.H13", 3, "H13"),
        ("000.00.00.H13", None, 1, "H13"),
        ("28.22.H17", None, 0, "H17"),
        ("01.TT2", None, 0, None),
        ("vxp.saas.03", None, 0, None),
        ("020100107370", None, 0, None),
    ],
)
def test_the_place_of_a_code(code: str, parent: str | None, depth: int, top: str | None) -> None:
    """Parent, level and level-1 group follow from the form."""
    assert (parent, depth, top) == (parent_of(code), level(code), level_one_of(code))


@pytest.mark.parametrize(
    ("used", "free"),
    [
        ([], "01"),
        (["01", "02"], "03"),
        (["01", "03"], "02"),
        ([f"{n:02d}" for n in range(1, 100)], "100"),
        (["1", "02A"], "02"),
    ],
)
def test_the_next_free_group(used: list[str], free: str) -> None:
    """Groups count from 01 to 99, then 100, and skip what was ever used."""
    assert free == next_free_group(used)


@given(st.sets(st.integers(1, 150)))
def test_a_free_group_was_never_used(numbers: set[int]) -> None:
    """Whatever was used, the answer is something else."""
    used = [f"{number:02d}" for number in numbers]

    assert next_free_group(used) not in used


@given(
    st.sampled_from(["H13", "H13.01.02", "000.00.00.H13", "vxp.saas.03"]),
    st.integers(1000, 9999),
    st.integers(1, 10**18 - 1),
)
def test_a_document_code_reads_as_it_was_written(agency: str, year: int, sequence: int) -> None:
    """Reading the written form gives the same code."""
    code = DocumentCode(agency=agency, year=year, sequence=sequence)

    assert code == parse_document_code(str(code))


@pytest.mark.parametrize(
    "text",
    [
        "H13/2026/0",
        "H13/2026/01",
        "H13/26/1",
        "H13/2026",
        "H13/2026/1/2",
        "/2026/1",
        "H13/2026/1 ",
        "H13/2026/\u0661",
        "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
    ],
)
def test_another_identifier_is_no_document_code(text: str) -> None:
    """Leading zeros, short years and the identifiers of others are not ours."""
    with pytest.raises(ValueError, match="no document code"):
        parse_document_code(text)


def test_the_year_turns_in_the_zone_of_the_node() -> None:
    """At 17:00 UTC on 31 December it is the new year in Viet Nam."""
    assert office_year(datetime(2026, 12, 31, 17, 0, tzinfo=UTC), VIETNAM) == 2027


def test_an_instant_without_an_offset_has_no_year() -> None:
    """Without an offset the year is refused, not guessed."""
    with pytest.raises(ValueError, match="offset"):
        office_year(datetime(2026, 12, 31, 17, 0), VIETNAM)  # noqa: DTZ001 - the point of the test
