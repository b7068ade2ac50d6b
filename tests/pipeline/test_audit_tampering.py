"""Random tampering with the audit record, a few cases; a thousand are among the slow suites."""

from pathlib import Path

from tests.audit_tampering import faults


async def test_every_tampering_is_found_at_its_place(tmp_path: Path) -> None:
    """In the database, in an archived segment, in an export; what is whole is not accused."""
    assert await faults(tmp_path, range(60)) == []
