"""`gateway backup` and `gateway restore` of a node over PostgreSQL: whole, whatever the engine."""

import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.bootstrap.backup import BackupDuty
from gateway.bootstrap.backup_keys import make_backup_key
from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.recovery import recover
from gateway.bootstrap.restoring import name_database
from gateway.domain.errors import Refused
from gateway.storage.copied_files import blobs
from gateway.storage.copies import list_backups
from gateway.storage.migrate import migrate_postgres, migrations
from gateway.storage.postgres_connection import connect
from tests.buckets import BUCKET, bucket_server
from tests.cli.commands import REPOSITORY, run
from tests.pipeline.rooms import ADMIN, rooms
from tests.postgres import Server

SETTINGS = """[node]
code = "H13"
name = "UBND"
[storage]
minimum_free_mb = 0
database = "{}"
"""
COUNT = 3


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with documents, over SQLite."""
    folder = tmp_path_factory.mktemp("backup") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            await recover(node.gateway)
            for n in range(COUNT):
                await node.report(await node.sent(files={f"{n}.txt": b"noi dung"}), "03")

    asyncio.run(make())
    return folder


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path, postgres: Server) -> Path:
    """A copy of it, moved to PostgreSQL."""
    folder, there = Path(shutil.copytree(made, tmp_path / "node")), postgres.database()
    use(folder, "sqlite:///data/gateway.db")
    assert run("store", "copy", "--to", there, *of(folder)).exit_code == 0
    use(folder, there)
    for each in (folder / "data").glob("gateway.db*"):
        each.unlink()
    return folder


def use(node: Path, database: str, more: str = "") -> None:
    """Let *node* work over *database*."""
    (node / "gateway.toml").write_text(SETTINGS.format(database) + more, "utf-8")


def of(node: Path) -> list[str]:
    """Return the option that names *node*."""
    return ["--config", str(node / "gateway.toml")]


def back_up(node: Path) -> Path:
    """Make a backup; return its folder."""
    result = run("backup", "--format", "json", *of(node))
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["folder"])


def restored(copy: Path, folder: Path, *more: str) -> Path:
    """Restore *copy* to *folder*."""
    result = run("restore", str(copy), *more, *of(folder))
    assert result.exit_code == 0, result.output
    return folder


def contents(node: Path) -> dict[str, bytes]:
    """Return the files of documents of *node*."""
    folder = node / "data" / "documents"
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*-*")}


def test_a_backup_of_a_server_is_read_without_one(node: Path) -> None:
    """Its database is a file, and every document is in it."""
    copy = back_up(node)

    assert run("backup", "verify", str(copy)).exit_code == 0
    with closing(sqlite3.connect(copy / "gateway.db")) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM document").fetchone()
    assert count == COUNT
    assert all((copy / "documents" / key).is_file() for key, _ in blobs(copy / "gateway.db"))


def test_a_node_is_restored_to_an_empty_server(
    node: Path, postgres: Server, tmp_path: Path
) -> None:
    """The record holds, every byte is there, and nothing is numbered until it is resumed."""
    copy, there = back_up(node), postgres.database()

    new = restored(copy, tmp_path / "new", "--database", there)

    assert run("audit", "verify", *of(new)).exit_code == 0
    assert contents(new) == contents(node)
    assert f'database = "{there}"' in (new / "gateway.toml").read_text("utf-8")
    with psycopg.connect(there) as connection:
        row = connection.execute("SELECT value FROM counter WHERE series = 'blocked'").fetchone()
        rising = connection.execute(
            "SELECT nextval(pg_get_serial_sequence('receipt', 'seq'))"
        ).fetchone()
    assert row == (1,)
    assert rising is not None
    assert rising[0] > 1_000_000_000  # behind every cursor that was given out
    assert run("restore", "--resume", "--nothing-lost", *of(new)).exit_code == 0


def test_a_server_is_restored_to_a_file(node: Path, tmp_path: Path) -> None:
    """A backup does not ask which engine it came from."""
    copy = back_up(node)

    new = restored(copy, tmp_path / "new", "--database", "sqlite:///data/gateway.db")

    assert run("audit", "verify", *of(new)).exit_code == 0


def test_a_server_that_holds_a_node_is_left_alone(node: Path, tmp_path: Path) -> None:
    """The backup names the database of its own node; nothing of the new node is left."""
    copy = back_up(node)

    result = run("restore", str(copy), *of(tmp_path / "new"))

    assert (result.exit_code, "holds a node already" in result.stderr) == (1, True)
    assert not (tmp_path / "new" / "data").exists() or contents(tmp_path / "new") == {}
    assert not (tmp_path / "new" / "gateway.toml").exists()


def test_what_is_written_meanwhile_is_all_in_it_or_not(
    node: Path, postgres: Server, tmp_path: Path
) -> None:
    """A backup is of one moment: here of the one before an open transaction commits."""
    database = (node / "gateway.toml").read_text("utf-8").partition('database = "')[2]
    with psycopg.connect(database.partition('"')[0]) as connection:
        connection.execute("INSERT INTO setting (name, value) VALUES ('meanwhile', '1')")

        copy = back_up(node)

    with closing(sqlite3.connect(copy / "gateway.db")) as kept:
        assert kept.execute("SELECT * FROM setting WHERE name = 'meanwhile'").fetchone() is None


def test_an_encrypted_backup_of_a_server_comes_back(
    node: Path, postgres: Server, tmp_path: Path
) -> None:
    """With the private key, into another server."""
    public = make_backup_key(tmp_path / "key")
    with (node / "gateway.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[backup]\nrecipients = ["{public}"]\n')
    copy = back_up(node)
    assert not (copy / "gateway.db").exists()

    new = restored(
        copy, tmp_path / "new", "--database", postgres.database(), "--key", str(tmp_path / "key")
    )

    assert contents(new) == contents(node)


def test_documents_in_a_bucket_are_in_the_backup(node: Path, tmp_path: Path) -> None:
    """And each of them is as it was."""
    before = contents(node)
    with bucket_server("localbucket", tmp_path / "bucket") as running:
        (node / "config" / "s3.key").write_text("any", "utf-8")
        database = (node / "gateway.toml").read_text("utf-8").partition('database = "')[2]
        keys = (
            f's3_endpoint = "{running.endpoint}"\ns3_key_file = "config/s3.key"\n'
            's3_secret_file = "config/s3.key"\n'
        )
        use(node, database.partition('"')[0], keys)
        assert run("store", "copy", "--to", f"s3://{BUCKET}/nut", *of(node)).exit_code == 0
        use(node, database.partition('"')[0], f'documents = "s3://{BUCKET}/nut"\n{keys}')

        copy = back_up(node)

    found = {key: (copy / "documents" / key).read_bytes() for key, _ in blobs(copy / "gateway.db")}
    assert found == {key: content for key, content in before.items() if key in found}
    assert len(found) >= COUNT


async def test_the_schedule_backs_a_server_up_once_whatever_the_number_of_nodes(
    tmp_path: Path, postgres: Server
) -> None:
    """Of nodes that have a folder of their own each, one makes the backup of the day."""
    storage = {"storage": {"minimum_free_mb": 0, "database": postgres.database()}}
    async with rooms(tmp_path / "one", at=SystemClock().now(), **storage) as node:
        (tmp_path / "one" / "gateway.toml").write_text('[node]\ncode = "H13"\n', "utf-8")
        node.clock.at = node.clock.at + timedelta(hours=2)
        folder = tmp_path / "one" / "data" / "backup"
        await BackupDuty(gateway=node.gateway, caller=ADMIN)()
        assert len(list_backups(folder)) == 1
        shutil.rmtree(folder)  # as it is on the other node

        await BackupDuty(gateway=node.gateway, caller=ADMIN)()

    assert list_backups(folder) == []


@pytest.mark.parametrize(
    "text",
    [
        '[storage]\nminimum_free_mb = 0\ndatabase = "sqlite:///a.db"  # here\n[http]\nport = 1\n',
        "[storage]\nminimum_free_mb = 0\n",
        '[node]\ncode = "H13"\n',
    ],
)
def test_the_settings_name_the_other_database(tmp_path: Path, text: str) -> None:
    """Wherever it stood, and where it stood nowhere."""
    file = tmp_path / "gateway.toml"
    file.write_text(text, "utf-8")

    name_database(file, "postgresql://u@h/d")

    assert file.read_text("utf-8").count('database = "postgresql://u@h/d"') == 1


def test_settings_that_cannot_be_changed_are_left(tmp_path: Path) -> None:
    """Refused with what to do."""
    file = tmp_path / "gateway.toml"
    file.write_text('storage = { database = "sqlite:///a.db" }\n', "utf-8")

    with pytest.raises(Refused):
        name_database(file, "postgresql://u@h/d")


def rehearsal(node: Path) -> tuple[int, dict[str, object]]:
    """Rehearse the upgrade of *node*; return the exit status and what was found."""
    result = run("upgrade", "--rehearse", "--format", "json", *of(node))
    return result.exit_code, json.loads(result.stdout)


def test_an_upgrade_is_rehearsed_on_a_copy_beside(node: Path, postgres: Server) -> None:
    """Of everything; and the copy is gone afterwards."""
    status, found = rehearsal(node)

    assert (status, found["migrations"], found["changes"], found["faults"]) == (0, [], [], [])
    assert found["records"]
    assert found["documents"]
    with psycopg.connect(postgres.database()) as connection:
        left = "SELECT 1 FROM pg_database WHERE datname LIKE 'gateway_rehearsal%'"
        assert connection.execute(left).fetchone() is None


def test_a_rehearsal_says_what_would_change_on_the_server(
    node: Path, postgres: Server, tmp_path: Path
) -> None:
    """The migrations that the release before had not."""
    older, newest = postgres.database(), max(migrations("postgres"))
    with psycopg.connect(older, autocommit=True) as connection:
        migrate_postgres(connection, {each for each in migrations("postgres") if each < newest})
    use(node, older)
    shutil.rmtree(node / "data" / "checkpoints", ignore_errors=True)

    status, found = rehearsal(node)

    assert (status, found["migrations"], found["faults"]) == (0, [newest], [])


def test_a_rehearsal_that_may_make_no_copy_says_so(node: Path, postgres: Server) -> None:
    """One clear line with what to ask the administrator of the server for."""
    database = (node / "gateway.toml").read_text("utf-8").partition('database = "')[2]
    url = database.partition('"')[0]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE modest LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO modest")
    use(node, url.replace("postgres@", "modest@"))

    result = run("upgrade", "--rehearse", *of(node))

    assert (result.exit_code, "CREATEDB" in result.stderr) == (1, True)


def test_a_rehearsal_goes_where_the_address_says_what_else_to_set(
    node: Path, postgres: Server
) -> None:
    """Settings with spaces in them, and tables in a schema of their own."""
    elsewhere = postgres.database()
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA gateway")
    there = f"{elsewhere}&options=-c%20search_path%3Dgateway"
    use(node, there)
    with closing(connect(there)) as connection:
        migrate_postgres(connection)
    shutil.rmtree(node / "data" / "checkpoints", ignore_errors=True)

    status, found = rehearsal(node)

    assert (status, found["migrations"], found["changes"], found["faults"]) == (0, [], [], [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_rehearsal_that_is_ended_leaves_no_copy(
    node: Path, postgres: Server, number: signal.Signals
) -> None:
    """By who stops it, or whose terminal goes away."""
    copies = "SELECT 1 FROM pg_database WHERE datname LIKE 'gateway_rehearsal%'"
    command = [sys.executable, "-m", "gateway", "upgrade", "--rehearse", *of(node)]
    with (
        psycopg.connect(postgres.database(), autocommit=True) as connection,
        subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.DEVNULL) as process,  # noqa: S603 - ours
    ):
        while connection.execute(copies).fetchone() is None and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)

        assert process.wait(timeout=30) != 0
        assert connection.execute(copies).fetchone() is None
