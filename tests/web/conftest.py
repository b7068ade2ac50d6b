"""Fixtures of the doors: `node` is a real node that runs; `node_folder` is one that does not.

`people` is a node that runs with people at its desks; `desk_folder` is one that does not.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.desks import Desks, desks, staff
from tests.nodes import Node, make, serving


@pytest.fixture(scope="session")
def founded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node as founded; tests take copies of it."""
    folder = tmp_path_factory.mktemp("founded") / "node"
    asyncio.run(make(folder))
    return folder


@pytest.fixture
def node_folder(founded_folder: Path, tmp_path: Path) -> Path:
    """The folder of a node of one's own, which does not run."""
    return Path(shutil.copytree(founded_folder, tmp_path / "node"))


@pytest.fixture
async def node(node_folder: Path) -> AsyncIterator[Node]:
    """A node of one's own that runs with the default settings."""
    async with serving(node_folder) as running:
        yield running


@pytest.fixture(scope="session")
def staffed_folder(founded_folder: Path) -> Path:
    """A node with people at its desks; tests take copies of it."""
    folder = Path(shutil.copytree(founded_folder, founded_folder.with_name("staffed")))
    asyncio.run(staff(folder))
    return folder


@pytest.fixture
def desk_folder(staffed_folder: Path, tmp_path: Path) -> Path:
    """The folder of a node with people of one's own, which does not run."""
    return Path(shutil.copytree(staffed_folder, tmp_path / "desks"))


@pytest.fixture
async def people(desk_folder: Path) -> AsyncIterator[Desks]:
    """A node of one's own that runs, with people at its desks."""
    async with desks(desk_folder) as served:
        yield served
