"""Changing agencies: closing, opening again, moving, merging, renaming."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import (
    Agency,
    Closed,
    Directory,
)
from gateway.domain.directory_plan import AgencyChanges, add, close, merge, move, patch, reopen
from gateway.domain.errors import Refused
from tests.domain.directories import PROVINCE, TODAY, an_agency, codes_of, the_agency


def test_closing_ends_on_the_eve() -> None:
    """The day of the decision is the first without the agency."""
    [closed] = close(PROVINCE, "H13.02", on=TODAY, successor="H13.01", decision="2/QĐ")

    assert (closed.valid_to, closed.successor, closed.decision) == (
        date(2026, 11, 19),
        "H13.01",
        "2/QĐ",
    )


def test_a_closed_code_is_refused_at_once() -> None:
    """After the change the code resolves to its successor on the same day."""
    after = PROVINCE.changed(close(PROVINCE, "H13.02", on=TODAY, successor="H13.01"))

    assert isinstance(after.resolve("H13.02", TODAY), Closed)


@pytest.mark.parametrize(
    ("code", "successor", "codes"),
    [
        ("H99", None, ["agency-unknown"]),
        ("H51", None, ["agency-closed"]),
        ("H13.02", "H51", ["agency-closed"]),
        ("H13.02", "H13.02", ["agency-below-itself"]),
        ("H13.01", "H99", ["agency-unknown", "agency-has-children"]),
    ],
)
def test_a_bad_closing_is_refused(code: str, successor: str | None, codes: list[str]) -> None:
    """What is not open, has units below it or would follow itself is not closed."""
    with pytest.raises(Refused) as refused:
        close(PROVINCE, code, on=TODAY, successor=successor)

    assert codes == codes_of(refused)


def test_a_closed_agency_can_be_opened_again() -> None:
    """With its code, and without a successor."""
    [opened] = reopen(PROVINCE, "H51", on=TODAY)

    assert (opened.code, opened.valid_to, opened.successor) == ("H51", None, None)


def test_an_open_agency_is_not_opened_again() -> None:
    """Only what is closed can be."""
    with pytest.raises(Refused) as refused:
        reopen(PROVINCE, "H13", on=TODAY)

    assert codes_of(refused) == ["agency-open"]


def test_a_moved_agency_takes_those_below_along() -> None:
    """Dotted codes are given anew and keep their last groups; opaque ones only change parents."""
    changes = {agency.code: agency for agency in move(PROVINCE, "H13.01", "H13.02", on=TODAY)}

    pairs = {agency.code: agency.parent for agency in changes.values() if agency.valid_to is None}
    assert pairs == {
        "H13.02.01": "H13.02",
        "H13.02.01.01": "H13.02.01",
        "H13.02.01.02": "H13.02.01",
        "H13.02.01.02.05": "H13.02.01.02",
        "1800123456": "H13.02.01",
    }


def test_each_old_code_leads_to_the_new_one() -> None:
    """Late answers to the old code find the agency."""
    after = PROVINCE.changed(move(PROVINCE, "H13.01", "H13.02", on=TODAY))
    resolution = after.resolve("H13.01.02.05", TODAY)

    assert isinstance(resolution, Closed)
    assert resolution.successor == the_agency(after, "H13.02.01.02.05")


@pytest.mark.parametrize(
    ("code", "parent", "codes"),
    [
        ("H13.01", "H13.01.02", ["agency-below-itself"]),
        ("H13.01", "H13.01", ["agency-below-itself"]),
        ("H13.01", "H13", ["agency-already-there"]),
        ("H13.01", "1800123456", ["agency-below-itself"]),
        ("H13.02", "1800123456", ["agency-code-needed"]),
        ("H51", "H13", ["agency-closed"]),
        ("H99", "H98", ["agency-unknown", "agency-unknown"]),
    ],
)
def test_a_bad_move_is_refused(code: str, parent: str, codes: list[str]) -> None:
    """No circles, no codes below an opaque one, nothing closed or unknown."""
    with pytest.raises(Refused) as refused:
        move(PROVINCE, code, parent, on=TODAY)

    assert codes == codes_of(refused)


def test_a_merged_agency_hands_its_units_on() -> None:
    """The merged code closes; each unit gets a free code under the agency that remains."""
    directory = Directory(
        [
            an_agency("H05"),
            an_agency("H05.01", "H05"),
            an_agency("H02"),
            an_agency("H02.01", "H02"),
            an_agency("H02.02", "H02"),
            an_agency("H02.02.01", "H02.02"),
        ]
    )

    after = directory.changed(merge(directory, ["H02"], into="H05", on=TODAY, decision="202/2025"))

    assert [agency.code for agency in after.descendants("H05")] == [
        "H05.01",
        "H05.02",
        "H05.03",
        "H05.03.01",
    ]
    resolution = after.resolve("H02.02.01", TODAY)
    assert isinstance(resolution, Closed)
    assert resolution.successor == the_agency(after, "H05.03.01")


@pytest.mark.parametrize(
    ("codes", "into", "findings"),
    [
        (["H13.01"], "H13.01", ["agency-below-itself"]),
        (["H13.01"], "H13.01.02", ["agency-below-itself"]),
        (["H13.01.02", "H13.01"], "H13.02", ["agency-below-itself"]),
        (["H13.02", "H13.02"], "H13.01", ["agency-below-itself"] * 2),
        (["H51"], "H99", ["agency-unknown", "agency-closed"]),
    ],
)
def test_a_bad_merger_is_refused(codes: list[str], into: str, findings: list[str]) -> None:
    """Nothing is merged into itself, into what lies below it, or twice."""
    with pytest.raises(Refused) as refused:
        merge(PROVINCE, codes, into=into, on=TODAY)

    assert findings == codes_of(refused)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "close", "move", "merge"]),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    max_size=25,
)


@given(_STEPS)
def test_no_change_ever_gives_a_code_twice(steps: list[tuple[str, int, int]]) -> None:
    """Whatever is done in whatever order, every code that ever was keeps its first name."""
    directory = Directory([an_agency("H13"), an_agency("H14")])
    births = {agency.code: agency.name for agency in directory}
    for n, (step, one, other) in enumerate(steps):
        codes = [agency.code for agency in directory]
        first, second = codes[one % len(codes)], codes[other % len(codes)]
        try:
            changes = _changes(directory, step, first, second, n)
        except Refused:
            continue
        directory = directory.changed(changes)
        for agency in directory:
            assert births.setdefault(agency.code, agency.name) == agency.name
            assert not directory.is_below(agency.code, agency.code)


def _changes(
    directory: Directory, step: str, first: str, second: str, n: int
) -> tuple[Agency, ...]:
    """Carry out one step of the property above."""
    if step == "add":
        return (add(directory, name=f"Cơ quan {n}", parent=first, on=TODAY),)
    if step == "close":
        return close(directory, first, successor=second, on=TODAY)
    if step == "move":
        return move(directory, first, second, on=TODAY)
    return merge(directory, [first], into=second, on=TODAY)


def test_an_agency_is_renamed() -> None:
    """The code stays, the decision is kept."""
    changes = AgencyChanges(name="Sở  Nội vụ và Lao động", decision="3/QĐ", contact={"email": ""})
    agency = patch(PROVINCE, "H13.01", changes)

    assert (agency.code, agency.name, agency.decision, agency.contact) == (
        "H13.01",
        "Sở Nội vụ và Lao động",
        "3/QĐ",
        None,
    )


def test_a_stored_pair_takes_the_place_of_the_reversal() -> None:
    """What an administrator states is not provisional."""
    agency = patch(PROVINCE, "H13.01", AgencyChanges(legacy_code="000.00.15.H13"))

    assert (agency.legacy_code, agency.legacy_provisional) == ("000.00.15.H13", False)


@pytest.mark.parametrize(
    ("code", "changes", "finding"),
    [
        ("H99", AgencyChanges(name="X"), "agency-unknown"),
        ("H13", AgencyChanges(name=" "), "agency-name-missing"),
        ("H13", AgencyChanges(legacy_code="000.00.20.H13"), "agency-code-used"),
        ("H13", AgencyChanges(legacy_code="vxp.saas.03"), "agency-legacy-invalid"),
    ],
)
def test_a_bad_patch_is_refused(code: str, changes: AgencyChanges, finding: str) -> None:
    """No name, no agency, an older code of another."""
    with pytest.raises(Refused) as refused:
        patch(PROVINCE, code, changes)

    assert codes_of(refused) == [finding]
