"""One node for each test of the rooms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pipeline.rooms import Rooms, rooms


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Rooms]:
    """Return the rooms of a new node."""
    async with rooms(tmp_path / "node") as opened:
        yield opened
