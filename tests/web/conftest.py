"""Fixtures of the doors: `node` is a real node that runs; `node_folder` is one that does not."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
