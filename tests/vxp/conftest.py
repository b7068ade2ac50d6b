"""Fixtures of the VXP suites: a real node, and systems that speak to it as the SDK does."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gateway.domain.exchange import Caller, Role
from gateway.pipeline.clients import Credential
from tests.nodes import OFFICE, OTHER, Node, make, serving
from tests.vxp.sdk import Sdk

OPERATOR = Caller(actor="cli", agency="H13", role=Role.ADMIN)
Connect = Callable[[str], Awaitable[Sdk]]


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
    """A node of one's own that runs."""
    async with serving(node_folder) as running:
        yield running


async def credential(node: Node, agency: str) -> Credential:
    """Give *agency* a credential of its own."""
    return await node.gateway.credentials.add(agency, OPERATOR, name="QLVB")


@pytest.fixture
def connect(node: Node) -> Connect:
    """Return what gives an agency a credential and a system that uses it."""

    async def connected(agency: str) -> Sdk:
        given = await credential(node, agency)
        return Sdk(url=f"{node.url}/vxp", systemid=given.client.systemid, secret=given.secret)

    return connected


@pytest.fixture
async def sender(connect: Connect) -> Sdk:
    """The system of H13.01."""
    return await connect(OFFICE)


@pytest.fixture
async def receiver(connect: Connect) -> Sdk:
    """The system of H13.02."""
    return await connect(OTHER)
