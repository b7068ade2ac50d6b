"""A directory for tests: a province with open, closed and future agencies."""

from datetime import date

import pytest

from gateway.domain.directory import (
    Agency,
    AgencyKind,
    Directory,
)
from gateway.domain.errors import Refused

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


def the_agency(directory: Directory, code: str) -> Agency:
    """Return the agency of *code*, which is there."""
    agency = directory.find(code)
    assert agency is not None
    return agency
