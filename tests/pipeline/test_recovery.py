"""What a node makes sure of before it serves."""

from pathlib import Path

import pytest

from gateway.bootstrap.recovery import recover
from gateway.domain.errors import Misconfigured
from tests.pipeline.rooms import reopened, rooms


async def test_a_node_starts_again_on_its_own_data(tmp_path: Path) -> None:
    """Database and documents know each other."""
    async with rooms(tmp_path) as node:
        await recover(node.gateway)
        await node.submit()

    async with reopened(tmp_path) as node:
        assert await recover(node.gateway) == 0


async def test_another_database_does_not_sweep_the_documents(tmp_path: Path) -> None:
    """A mistyped name, or a disk that is not mounted, costs nobody a document."""
    async with rooms(tmp_path / "one") as node:
        await recover(node.gateway)
        await node.submit()
    files = tmp_path / "one" / "data" / "documents"
    async with rooms(tmp_path / "two") as other:
        await recover(other.gateway)
    moved = tmp_path / "two" / "data" / "documents"
    moved.rename(tmp_path / "aside")
    files.rename(moved)

    async with reopened(tmp_path / "two") as other:
        with pytest.raises(Misconfigured):
            await recover(other.gateway)

    assert len([path for path in moved.glob("*/*/*/*") if path.is_file()]) == 1


async def test_documents_that_are_gone_stop_the_start(tmp_path: Path) -> None:
    """A database that knows documents does not start beside an empty folder."""
    async with rooms(tmp_path) as node:
        await recover(node.gateway)
        await node.submit()
    (tmp_path / "data" / "documents").rename(tmp_path / "unmounted")

    async with reopened(tmp_path) as node:
        with pytest.raises(Misconfigured):
            await recover(node.gateway)
