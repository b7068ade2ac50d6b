"""Routes: which agency is ours, and how each is reached."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import Agency, AgencyKind, Directory
from gateway.domain.routing import AxisRoute, Routes, Way

DAY = date(2026, 1, 1)


def an_agency(code: str, *, legacy_code: str | None = None) -> Agency:
    """Return an open agency."""
    return Agency(
        code=code, name=code, kind=AgencyKind.STATE, valid_from=DAY, legacy_code=legacy_code
    )


DIRECTORY = Directory(
    [
        an_agency("H13"),
        an_agency("H13.01", legacy_code="000.00.77.H13"),
        an_agency("H13.05"),
        an_agency("H40.01"),
        an_agency("doan-the"),
    ]
)
ROUTES = Routes(
    node="H13",
    offices={"H13.05": "webhook", "H13.07": "desk", "G12.01": "folder"},
    axes=(AxisRoute("tinh", ("H40",)), AxisRoute("so", ("H40.01",)), AxisRoute("truc", ("*",))),
)


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("H13.01", Way("H13.01", "pull", None)),
        ("000.00.77.H13", Way("H13.01", "pull", None)),
        ("H13.05", Way("H13.05", "webhook", "office:H13.05")),
        ("H13.07", Way("H13.07", "desk", None)),
        ("G12.01", Way("G12.01", "folder", "office:G12.01")),
        ("G12", Way("G12", "axis", "axis:truc")),
        ("H40.02", Way("H40.02", "axis", "axis:tinh")),
        ("H40.01.03", Way("H40.01.03", "axis", "axis:so")),
        ("doan-the", Way("doan-the", "pull", None)),
        ("H130", Way("H130", "axis", "axis:truc")),
    ],
)
def test_the_way_to_an_agency(code: str, way: Way) -> None:
    """Ours by its office, the others by the axis that serves them most narrowly."""
    assert way == ROUTES.way_to(code, DIRECTORY)


def test_a_foreign_code_without_an_axis_has_no_way() -> None:
    """Nobody serves it, and it is not in the directory."""
    assert Routes(node="H13").way_to("G12", DIRECTORY) is None


def test_an_agency_that_joined_here_is_ours_when_no_axis_serves_it() -> None:
    """A listed agency that cannot be reached elsewhere fetches here."""
    assert Routes(node="H13").is_ours("H40.01", DIRECTORY)


def test_a_participant_that_an_axis_names_is_not_ours() -> None:
    """An opaque code that an axis serves by name is reached there."""
    routes = Routes(node="H13", axes=(AxisRoute("dang", ("doan-the",)),))

    assert Way("doan-the", "axis", "axis:dang") == routes.way_to("doan-the", DIRECTORY)


@given(st.from_regex(r"H13(\.[0-9]{2}){0,3}", fullmatch=True))
def test_whatever_lies_below_the_node_is_ours(code: str) -> None:
    """No axis takes an agency of the node away."""
    assert ROUTES.is_ours(code, DIRECTORY)
