"""One store for each test of the cellar."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.storage.store import SqlStore
from tests.storage.cellar import cellar


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Return a new store on disk."""
    async with cellar(tmp_path) as opened:
        yield opened
