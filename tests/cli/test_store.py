"""`gateway store copy`: from SQLite to PostgreSQL and back, and a node that runs there."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.recovery import recover
from tests.cli.commands import run, serving
from tests.pipeline.rooms import READER, rooms
from tests.postgres import Server, programs, server

SETTINGS = """[node]
code = "H13"
name = "UBND"
[storage]
minimum_free_mb = 0
database = "{}"
[http]
port = 0
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server."""
    if programs() is None:
        pytest.skip("no PostgreSQL here: its programs were not found")
    with server() as running:
        yield running


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with documents in several states."""
    folder = tmp_path_factory.mktemp("store") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            await recover(node.gateway)
            for code in ("01", "03", "06"):
                await node.report(await node.sent(), code)
            await node.sent(READER)

    asyncio.run(make())
    return folder


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    folder = Path(shutil.copytree(made, tmp_path / "node"))
    use(folder, "sqlite:///data/gateway.db")
    return folder


def use(node: Path, database: str) -> None:
    """Let *node* work over *database*."""
    (node / "gateway.toml").write_text(SETTINGS.format(database), "utf-8")


def copy(node: Path, target: str, *, status: int = 0) -> str:
    """Copy the store of *node*; return what is said."""
    result = run("store", "copy", "--to", target, "--config", str(node / "gateway.toml"))
    assert result.exit_code == status, result.output
    return result.output


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return everything in a SQLite database."""
    connection = sqlite3.connect(database)
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if name != "migration" and not name.startswith(("sqlite_", "document_words"))
    ]
    found = {
        name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608
        for name in tables
    }
    connection.close()
    return found


def test_there_and_back_nothing_is_other(node: Path, postgres: Server) -> None:
    """Every row of every table."""
    there = postgres.database()
    copy(node, there)
    use(node, there)

    copy(node, "sqlite:///data/back.db")

    assert rows(node / "data" / "back.db") == rows(node / "data" / "gateway.db")


def test_a_node_goes_on_where_it_was(node: Path, postgres: Server) -> None:
    """Codes, receipts and chain, with the record intact."""
    there = postgres.database()
    copy(node, there)
    use(node, there)
    config = ["--config", str(node / "gateway.toml")]

    with serving(*config, "--port", "0") as first, serving(*config, "--port", "0") as second:
        assert first.url != second.url

    assert run("audit", "verify", *config).exit_code == 0
    assert run("doctor", *config).exit_code in {0, 1}


def test_a_store_that_holds_something_is_left_alone(node: Path, postgres: Server) -> None:
    """Refused, and nothing is written."""
    there = postgres.database()
    copy(node, there)

    assert "holds a node already" in copy(node, there, status=1)


def test_a_password_is_not_told(node: Path) -> None:
    """Whatever goes wrong."""
    said = copy(node, "postgresql://u:secret@127.0.0.1:1/none", status=1)

    assert "secret" not in said


def test_a_damaged_document_is_told(node: Path, postgres: Server) -> None:
    """The copy is verified as a whole."""
    file = next((node / "data" / "documents").rglob("20*/*/*/*"))
    file.write_bytes(b"x")

    assert "was changed" in copy(node, postgres.database(), status=1)
