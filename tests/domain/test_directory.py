"""The directory: resolving codes and planning changes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import (
    Agency,
    AgencyKind,
    Closed,
    Directory,
    Found,
    Unknown,
    default_kind,
    with_legacy,
)
from gateway.domain.directory_plan import AgencyChanges, add, close, merge, move, patch, reopen
from gateway.domain.errors import Refused
from gateway.domain.text import clean, fold

BORN = date(2020, 9, 15)
TODAY = date(2026, 11, 20)


def an_agency(code: str, parent: str | None = None, **fields: object) -> Agency:
    """Return an agency that is valid since 2020."""
    plain = {"name": f"Cơ quan {code}", "valid_from": BORN, **fields}
    return Agency(code=code, parent=parent, **plain)  # type: ignore[arg-type]


PROVINCE = Directory(
    [
        an_agency("H13", name="UBND thành phố Cần Thơ"),
        an_agency("H13.01", "H13", name="Sở Nội vụ"),
        an_agency("H13.01.01", "H13.01"),
        an_agency("H13.01.02", "H13.01"),
        an_agency("H13.01.02.05", "H13.01.02"),
        an_agency("H13.02", "H13", legacy_code="000.00.20.H13"),
        an_agency("H13.03", "H13", valid_to=date(2025, 6, 30), successor="H13.04"),
        an_agency("H13.04", "H13", valid_to=date(2025, 12, 31), successor="H13.01"),
        an_agency("H13.05", "H13", valid_from=date(2027, 1, 1)),
        an_agency("1800123456", "H13.01", kind=AgencyKind.ENTERPRISE),
        an_agency("H51", valid_to=date(2025, 6, 30), successor="H13"),
        an_agency("H60", valid_to=date(2025, 6, 30), successor="H61"),
        an_agency("H61", valid_to=date(2025, 6, 30), successor="H60"),
    ]
)


def codes_of(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return the codes of all findings of a refusal."""
    return [finding.code for finding in refused.value.findings]


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
    assert Found(agency=_get(PROVINCE, code), given=given) == PROVINCE.resolve(given, TODAY)


def test_a_stored_pair_forbids_the_reversal() -> None:
    """Who has a stored older code is not found by the reversal of its code."""
    assert PROVINCE.find("000.00.02.H13") is None


def test_a_closed_agency_names_the_open_successor() -> None:
    """The chain of successors is followed to its end."""
    resolution = PROVINCE.resolve("H13.03", TODAY)

    expected = Closed(
        agency=_get(PROVINCE, "H13.03"), given="H13.03", successor=_get(PROVINCE, "H13.01")
    )
    assert expected == resolution


def test_the_first_open_successor_counts_on_the_day() -> None:
    """In 2025 the nearer successor was still open."""
    resolution = PROVINCE.resolve("H13.03", date(2025, 8, 1))

    assert isinstance(resolution, Closed)
    assert resolution.successor == _get(PROVINCE, "H13.04")


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
    expected = Unknown(given="H13.05", nearest=(_get(PROVINCE, "H13.05"),))

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
    shown = with_legacy(_get(PROVINCE, "H13.01"))

    assert (shown.legacy_code, shown.legacy_provisional) == ("000.00.01.H13", True)


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
    assert resolution.successor == _get(after, "H13.02.01.02.05")


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
    assert resolution.successor == _get(after, "H05.03.01")


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


def _get(directory: Directory, code: str) -> Agency:
    """Return the agency of *code*, which is there."""
    agency = directory.find(code)
    assert agency is not None
    return agency
