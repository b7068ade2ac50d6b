"""The folder of an office, and a connection to it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from adapters.folder import Folder
from tests.contract.packets import (
    StandingClock,
    a_clock,
    an_office,
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return the shared folder, with the office's side made."""
    (tmp_path / "office" / "out").mkdir(parents=True)
    return tmp_path / "office"


@pytest.fixture
def clock() -> StandingClock:
    """Return the node's clock."""
    return a_clock()


@pytest.fixture
async def folder(base: Path, clock: StandingClock) -> AsyncIterator[Folder]:
    """Connect to the folder of an office."""
    async with aclosing(Folder(an_office(folder=str(base)), clock)) as connection:
        yield connection
