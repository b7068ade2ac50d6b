"""A thousand random tamperings with the audit record: all are found, and none is where nothing was."""

from pathlib import Path

import pytest

from tests.audit_tampering import faults

pytestmark = pytest.mark.long


async def test_a_thousand_tamperings_are_found_at_their_places(tmp_path: Path) -> None:
    """Changes, removals, insertions, exchanges, ends cut off, chains computed anew."""
    assert await faults(tmp_path, range(1000)) == []
