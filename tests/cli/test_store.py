"""`gateway store copy`: from SQLite to PostgreSQL and back, and a node that runs there."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.recovery import recover
from tests.buckets import BUCKET, bucket_server
from tests.cli.commands import run, serving
from tests.pipeline.rooms import READER, rooms
from tests.postgres import Server

SETTINGS = """[node]
code = "H13"
name = "UBND"
[storage]
minimum_free_mb = 0
database = "{}"
[http]
port = 0
"""


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


def test_a_text_that_the_server_cannot_hold_is_no_bar(node: Path, postgres: Server) -> None:
    """NUL in the note of a report comes over as the sign of what is no letter."""
    with closing(sqlite3.connect(node / "data" / "gateway.db")) as connection, connection:
        connection.execute("UPDATE delivery SET note = ?", ("mất\0chữ",))
    there = postgres.database()

    copy(node, there)

    with psycopg.connect(there) as asked:
        notes = asked.execute("SELECT DISTINCT note FROM delivery").fetchall()
    assert notes == [("mất\ufffdchữ",)]


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


@pytest.fixture(name="bucket")
def _bucket(node: Path, tmp_path: Path) -> Iterator[str]:
    """A bucket of which the settings of the node tell, and its address."""
    with bucket_server("localbucket", tmp_path / "bucket") as running:
        (node / "config" / "s3.key").write_text("any", "utf-8")
        address = f"s3://{BUCKET}/nut"
        use_documents(node, "file:data/documents", running.endpoint)
        yield address


def use_documents(node: Path, documents: str, endpoint: str | None = None) -> None:
    """Let *node* have its documents at *documents*."""
    file = node / "gateway.toml"
    if endpoint is not None:
        settings = SETTINGS.replace(
            "minimum_free_mb = 0\n",
            f'minimum_free_mb = 0\ndocuments = "file:data/documents"\ns3_endpoint = "{endpoint}"\n'
            's3_key_file = "config/s3.key"\ns3_secret_file = "config/s3.key"\n',
        )
        file.write_text(settings.format("sqlite:///data/gateway.db"), "utf-8")
    lines = [
        f'documents = "{documents}"' if line.startswith("documents") else line
        for line in file.read_text("utf-8").splitlines()
    ]
    file.write_text("\n".join(lines), "utf-8")


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files of documents in *folder*, and whose they are."""
    found = (each for each in folder.rglob("*") if each.is_file() and each.name != ".swept")
    return {str(each.relative_to(folder)): each.read_bytes() for each in found}


def test_documents_go_to_a_bucket_and_back(node: Path, bucket: str) -> None:
    """Every file, and whose they are."""
    copy(node, bucket)
    use_documents(node, bucket)

    copy(node, "file:data/back")

    assert files_below(node / "data" / "back") == files_below(node / "data" / "documents")


def test_a_node_goes_on_over_the_bucket(node: Path, bucket: str) -> None:
    """It knows its documents there, and all is well."""
    copy(node, bucket)
    use_documents(node, bucket)
    shutil.rmtree(node / "data" / "documents")
    config = ["--config", str(node / "gateway.toml")]

    with serving(*config, "--port", "0"):
        pass
    checks = [
        (each["check"], each["result"])
        for each in json.loads(run("doctor", "--format", "json", *config).stdout)
    ]

    assert {("store", "ok"), ("bucket", "ok"), ("bucket", "warning")} <= set(checks)  # no TLS


def test_a_copy_goes_on_where_it_broke_off(node: Path, bucket: str, tmp_path: Path) -> None:
    """What is there and sound is not copied again, what is damaged is."""
    copy(node, bucket)
    there = sorted((tmp_path / "bucket" / BUCKET / "nut").rglob("20*/*/*/*"))
    there[0].unlink()

    copy(node, bucket)

    assert there[0].is_file()


def test_documents_of_another_node_are_left_alone(node: Path, bucket: str, tmp_path: Path) -> None:
    """A bucket has one owner below a prefix."""
    copy(node, bucket)
    (node / "data" / "documents" / ".store-id").write_text("another", "utf-8")

    assert "another node" in copy(node, bucket, status=1)


def test_a_damaged_file_is_told_when_documents_are_copied(node: Path, bucket: str) -> None:
    """It is not passed on as if it were sound."""
    file = next((node / "data" / "documents").rglob("20*/*/*/*"))
    file.write_bytes(b"x")

    assert "is missing" in copy(node, bucket, status=1)


def test_a_backup_holds_what_is_in_the_bucket(node: Path, bucket: str, tmp_path: Path) -> None:
    """It is whole by itself, and brings back what the bucket has lost."""
    copy(node, bucket)
    use_documents(node, bucket)
    made = run("backup", "--to", str(tmp_path / "backup"), "--config", str(node / "gateway.toml"))
    (backup,) = (tmp_path / "backup").iterdir()
    shutil.rmtree(tmp_path / "bucket" / BUCKET / "nut" / f"{SystemClock().now().year}")
    lost = len(list((tmp_path / "bucket" / BUCKET / "nut").rglob("20*/*/*/*")))

    restored = run("restore", str(backup), "--config", str(tmp_path / "new" / "gateway.toml"))

    found = len(list((tmp_path / "bucket" / BUCKET / "nut").rglob("20*/*/*/*")))
    assert (made.exit_code, restored.exit_code, lost) == (0, 0, 0), restored.output
    assert found == len(list((backup / "documents").rglob("20*/*/*/*")))


@pytest.mark.usefixtures("bucket")
def test_doctor_tells_why_a_bucket_cannot_be_used(node: Path) -> None:
    """With what the operator needs to mend it."""
    use_documents(node, "s3://khong-co/nut")

    told = run("doctor", "--format", "json", "--config", str(node / "gateway.toml"))

    (said,) = [each for each in json.loads(told.stdout) if each["check"] == "bucket"]
    assert (told.exit_code, said["result"]) == (1, "error")
    assert "khong-co" in said["message"]
    assert "[storage] s3_" in said["remedy"]


def test_an_archived_record_moves_with_its_node(node: Path, postgres: Server) -> None:
    """What was archived is known there, and the chain is whole over it; more can be archived."""
    option = ["--config", str(node / "gateway.toml")]
    tomorrow = (SystemClock().now() + timedelta(days=2)).date().isoformat()
    archive = ["audit", "archive", "--before", tomorrow, *option]
    assert run(*archive).exit_code == 0
    target = postgres.database()
    copy(node, target)
    use(node, target)

    assert run(*archive).exit_code == 0
    said = json.loads(run("audit", "verify", "--format", "json", *option).stdout)

    assert (said["findings"], said["segments"]) == ([], 2)
