"""One store for each test of the cellar."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.storage.sqlite import SqliteStore
from tests.storage.cellar import cellar


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Return a new store on disk."""
    async with cellar(tmp_path) as opened:
        yield opened
