"""The directory as CSV, and the lists that ship."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.codes import next_free_group
from gateway.domain.directory import Agency, AgencyKind, Closed, Directory, Found
from gateway.domain.directory_csv import read_agencies, write_agencies
from gateway.domain.text import clean

TEXT = (Path(__file__).parents[2] / "config" / "agencies-vn.csv").read_text(encoding="utf-8")
TODAY = date(2026, 11, 20)

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=30).map(clean).filter(bool)
_MAYBE = st.none() | _TEXTS
_DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))
_CONTACTS = st.none() | st.dictionaries(
    st.sampled_from(["name", "email", "telephone", "position"]), _TEXTS, min_size=1
)


@st.composite
def _directories(draw: st.DrawFn) -> list[Agency]:
    """Return agencies of one tree in any order, with every field filled somehow."""
    agencies = [_drawn(draw, "H13", None)]
    for _ in range(draw(st.integers(0, 5))):
        parent = draw(st.sampled_from(agencies)).code
        used = [agency.code.rpartition(".")[2] for agency in agencies if agency.parent == parent]
        agencies.append(_drawn(draw, f"{parent}.{next_free_group(used)}", parent))
    agencies.extend(
        _drawn(draw, f"02010010737{n}", draw(st.sampled_from([None, "H13"])))
        for n in range(draw(st.integers(0, 2)))
    )
    return draw(st.permutations(agencies))


def _drawn(draw: st.DrawFn, code: str, parent: str | None) -> Agency:
    """Return one agency with random texts and days."""
    born = draw(_DAYS)
    return Agency(
        code=code,
        name=draw(_TEXTS),
        parent=parent,
        legacy_code=draw(st.sampled_from([None, "000.00.00.H13"])),
        legacy_provisional=True,
        short_name=draw(_MAYBE),
        kind=draw(st.sampled_from(AgencyKind)),
        valid_from=born,
        valid_to=draw(st.none() | st.dates(born, date(2031, 1, 1))),
        successor="H13" if code != "H13" and draw(st.booleans()) else None,
        contact=draw(_CONTACTS),
        decision=draw(_MAYBE),
        source=draw(_MAYBE),
    )


@given(_directories())
def test_what_is_written_is_read_again(agencies: list[Agency]) -> None:
    """Writing and reading gives the same agencies in the same order, and no bad line."""
    assert read_agencies(write_agencies(agencies)) == (agencies, [])


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Whatever the file holds, there are agencies or bad lines, never a crash."""
    agencies, bad = read_agencies("code,name\n" + text)

    assert all(line.message and line.message_en for line in bad)
    assert all(agency.code for agency in agencies)


def test_few_columns_are_enough() -> None:
    """Code and name; the rest follows from the code."""
    agencies, bad = read_agencies("\ufeffcode,name\r\nH13.01,Sở Nội vụ\r\nH13,UBND\r\n")

    assert not bad
    assert [(agency.code, agency.parent, agency.kind) for agency in agencies] == [
        ("H13.01", "H13", AgencyKind.STATE),
        ("H13", None, AgencyKind.STATE),
    ]


def test_semicolons_separate_too() -> None:
    """Spreadsheets with Vietnamese settings write them."""
    agencies, bad = read_agencies('code;name;contact.email\nH13;"Sở A; B";a@b.vn\n')

    assert not bad
    assert (agencies[0].name, agencies[0].contact) == ("Sở A; B", {"email": "a@b.vn"})


def test_parents_may_exist_already() -> None:
    """An import into a directory names what is there."""
    assert not read_agencies("code,name\nH13.01,Sở\n", known={"H13"})[1]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "code"), (1, "name")]),
        ("code,nam\nH13,X\n", [(1, "name"), (1, "nam")]),
        ("code,name,name\nH13,X,Y\n", [(1, "name")]),
        ("code,name,contact.\nH13,X,Y\n", [(1, "contact.")]),
        ("code,name\n,X\n", [(2, "code")]),
        ("code,name\nH13,\n", [(2, "name")]),
        ("code,name\nh13,X\nHĐ1,Y\nH14,Z\n", [(2, "code"), (3, "code")]),
        ("code,name\nH13,X\nH13-SANDBOX,Y\n", [(3, "code")]),
        ("code,name\nH13,X,Y\n", [(2, "")]),
        ("code,name\nH13\n", [(2, "")]),
        ("code,name\nH13,X\nH14,Y\nH13,Z\n", [(4, "code")]),
        ("code,name,parent\nH13,X,H99\n", [(2, "parent")]),
        ("code,name\nH13.01,X\n", [(2, "parent")]),
        ("code,name,successor\nH13,X,H99\n", [(2, "successor")]),
        ("code,name,parent\nA.b,X,C.d\nC.d,Y,A.b\n", [(2, "parent"), (3, "parent")]),
        ("code,name,parent\nX1-a,X,X1-a\n", [(2, "parent")]),
        ("code,name,successor\nH13,X,H14\nH14,Y,H13\n", [(2, "successor"), (3, "successor")]),
        ("code,name,valid_from\nH13,X,01/07/2025\n", [(2, "valid_from")]),
        ("code,name,valid_from,valid_to\nH13,X,2025-07-01,2025-06-01\n", [(2, "valid_to")]),
        ("code,name,kind\nH13,X,ministry\n", [(2, "kind")]),
        ("code,name,legacy_code\nH13,X,H13\n", [(2, "legacy_code")]),
        ("code,name,legacy_provisional\nH13,X,perhaps\n", [(2, "legacy_provisional")]),
        (
            "code,name,legacy_code\nH13,X,000.00.00.H13\nH14,Y,000.00.00.H13\n",
            [(3, "legacy_code")],
        ),
        ('code,name\nH13,"X"Y\nh14,Z\n', [(2, ""), (3, "code")]),
        ('code,name\nH13,"two\nlines"\n\nh14,Z\n', [(5, "code")]),
        ('code,name\nH13,"never closed\n', [(2, "")]),
    ],
)
def test_every_bad_line_is_reported(text: str, faults: list[tuple[int, str]]) -> None:
    """Each with its line and its column, and reading goes on."""
    bad = read_agencies(text)[1]

    assert faults == [(line.line, line.column) for line in bad]


def test_the_shipped_list_has_no_bad_line() -> None:
    """It reads, and writing it gives the very file."""
    agencies, bad = read_agencies(TEXT)

    assert not bad
    assert write_agencies(agencies) == TEXT


DIRECTORY = Directory(read_agencies(TEXT)[0])


def test_there_are_34_provinces() -> None:
    """Open codes of the block H since 1 July 2025."""
    provinces = [agency for agency in DIRECTORY if agency.code[0] == "H" and agency.is_open(TODAY)]

    assert len(provinces) == 34


def test_there_were_63_provinces() -> None:
    """On the day before the mergers every province still had its own code."""
    eve = date(2025, 6, 30)

    assert sum(agency.code[0] == "H" and agency.is_open(eve) for agency in DIRECTORY) == 63


@pytest.mark.parametrize(
    ("code", "successor"),
    [("H22", "H60"), ("H07", "H61"), ("H25", "H42"), ("H02", "H05"), ("H30", "H13")],
)
def test_a_merged_province_leads_to_the_one_that_took_it_in(code: str, successor: str) -> None:
    """The codes closed in 2025 name where their documents go."""
    resolution = DIRECTORY.resolve(code, TODAY)

    assert isinstance(resolution, Closed)
    assert resolution.successor is not None
    assert successor == resolution.successor.code


@pytest.mark.parametrize("given", ["G22", "000.00.00.G22", "I02", "B01", "K57"])
def test_national_bodies_are_listed(given: str) -> None:
    """Ministries, national bodies and organisations, in both forms."""
    assert isinstance(DIRECTORY.resolve(given, TODAY), Found)


def test_every_shipped_row_names_its_source() -> None:
    """And the decision that it rests on."""
    assert all(agency.source and agency.decision for agency in DIRECTORY)
