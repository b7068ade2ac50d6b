"""One store for each test of the cellar, on every engine that is here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.storage.store import SqlStore
from tests.postgres import Server
from tests.storage.cellar import SQLITE, cellar


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a new database."""
    if request.param == "sqlite":
        return SQLITE
    running: Server = request.getfixturevalue("postgres")
    return running.database()


@pytest.fixture
async def store(tmp_path: Path, database: str) -> AsyncIterator[SqlStore]:
    """Return a new store."""
    async with cellar(tmp_path, database) as opened:
        yield opened
