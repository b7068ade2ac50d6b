"""`gateway upgrade --rehearse`: the upgrade on a copy; the node itself is left as it was."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import SystemClock
from gateway.storage.copied_files import blobs
from gateway.storage.migrate import migrations
from tests.cli.commands import run
from tests.pipeline.rooms import rooms

#: The last migration of an earlier release.
_EARLIER = 14


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with two documents."""
    folder = tmp_path_factory.mktemp("upgrade") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            for n in range(2):
                await node.report(await node.sent(files={f"{n}.txt": b"noi dung"}), "03")

    asyncio.run(make())
    (folder / "gateway.toml").write_text('[node]\ncode = "H13"\nname = "UBND"\n', "utf-8")
    return folder


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "node"))


@pytest.fixture(name="old")
def _old(node: Path) -> Path:
    """The same node with the empty database of an earlier release."""
    database = node / "data" / "gateway.db"
    for each in database.parent.glob("gateway.db*"):
        each.unlink()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, at TEXT NOT NULL)")
        for number, script in migrations("sqlite").items():
            if number <= _EARLIER:
                connection.executescript(script)
                connection.execute("INSERT INTO migration VALUES (?, '2026-01-01')", (number,))
    shutil.rmtree(node / "data" / "checkpoints", ignore_errors=True)
    return node


def alter(node: Path, script: str) -> None:
    """Run a script on the database of *node*, which does not run."""
    with closing(sqlite3.connect(node / "data" / "gateway.db")) as connection:
        connection.executescript(script)


def digest(node: Path) -> str:
    """Return the digest of the database of *node*."""
    return sha256((node / "data" / "gateway.db").read_bytes()).hexdigest()


def rehearsal(node: Path, *more: str) -> tuple[int, dict[str, object]]:
    """Rehearse the upgrade of *node*; return the exit status and what was found."""
    config = ("--config", str(node / "gateway.toml"))
    result = run("upgrade", "--rehearse", "--format", "json", *more, *config)
    return result.exit_code, json.loads(result.stdout)


def test_it_says_what_would_change(old: Path) -> None:
    """The migrations by number, and what they make of the tables."""
    status, found = rehearsal(old)

    later = [number for number in migrations("sqlite") if number > _EARLIER]
    assert (status, found["migrations"], found["faults"]) == (0, later, [])
    assert {"table statistic: new", "table statistic_mark: new"} <= set(found["changes"])  # type: ignore[call-overload]


def test_it_says_how_long_each_part_took(node: Path) -> None:
    """So that the time of the real one can be planned."""
    _, found = rehearsal(node)

    assert set(found["seconds"]) == {"copy", "documents", "migrations", "audit", "figures"}  # type: ignore[call-overload]


def test_the_node_is_left_as_it_was(node: Path, tmp_path: Path) -> None:
    """Nor does anything stay of the copy."""
    place, before = tmp_path / "place", digest(node)
    place.mkdir()

    rehearsal(node, "--in", str(place))

    assert (digest(node), list(place.iterdir())) == (before, [])


def test_every_record_and_file_is_looked_at(node: Path) -> None:
    """All of them unless a sample is asked for."""
    _, found = rehearsal(node)
    _, sampled = rehearsal(node, "--sample", "1")

    files = len(list(blobs(node / "data" / "gateway.db")))
    assert (found["documents"], sampled["documents"]) == (files, 1)
    assert found["records"]


def test_a_file_that_is_missing_is_a_fault(node: Path) -> None:
    """Better found today than on the day of the upgrade."""
    (key, _), *_ = blobs(node / "data" / "gateway.db")
    (node / "data" / "documents" / key).unlink()

    status, found = rehearsal(node)

    assert (status, found["faults"]) == (1, [f"documents/{key}: it is missing"])


def test_a_record_that_was_changed_is_a_fault(node: Path) -> None:
    """The audit record is verified on the copy."""
    with closing(sqlite3.connect(node / "data" / "gateway.db")) as connection:
        triggers = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_record'"
        ).fetchall()
    for (name,) in triggers:
        alter(node, f"DROP TRIGGER {name}")
    alter(node, "UPDATE audit_record SET actor = 'x' WHERE seq = 2")

    status, found = rehearsal(node)

    assert (status, bool(found["faults"])) == (1, True)


def test_a_database_of_a_newer_release_is_refused(node: Path) -> None:
    """One clear line."""
    alter(node, "INSERT INTO migration VALUES (9999, '2026-11-20')")

    result = run("upgrade", "--rehearse", "--config", str(node / "gateway.toml"))

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_the_upgrade_itself_is_a_restart(node: Path) -> None:
    """Without --rehearse it says so."""
    result = run("upgrade", "--config", str(node / "gateway.toml"))

    assert (result.exit_code, "restart" in result.stderr) == (2, True)
