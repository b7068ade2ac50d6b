"""`gateway audit`: the record verified where it lies, and from a bundle without the node."""

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap.equipment import SystemClock
from tests.cli.commands import REPOSITORY, run
from tests.pipeline.rooms import SENDER, office, rooms

_UNGUARD = "DROP TRIGGER audit_record_is_not_changed; DROP TRIGGER audit_record_is_not_removed;"


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with three documents, their receipts, and a checkpoint."""
    folder = tmp_path_factory.mktemp("audit") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            for document in [await node.sent() for _ in range(3)]:
                for code in ("01", "03", "06"):
                    await node.report(document, code)
            receipts = await node.gateway.lookup.receipts_of(document.id, office(SENDER))
            (folder / "last.jws").write_text(receipts[-1].jws, "ascii")
            await node.gateway.auditing.checkpoint()

    asyncio.run(make())
    (folder / "gateway.toml").write_text('[node]\ncode = "H13"\n', "utf-8")
    return folder


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "node"))


def verify(*arguments: object, status: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Run `gateway audit verify` and return what it says in JSON."""
    result = run("audit", "verify", *map(str, arguments), "--format", "json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def of(node: Path) -> list[object]:
    """Return the option that names *node*."""
    return ["--config", node / "gateway.toml"]


def alter(node: Path, *statements: str) -> None:
    """Run *statements* with the database's own shell, past its guards."""
    database = sqlite3.connect(node / "data" / "gateway.db")
    with database:
        database.executescript(_UNGUARD)
        for each in statements:
            database.execute(each)
    database.close()


def export(node: Path) -> Path:
    """Write the bundle of *node*."""
    file = node / "audit.zip"
    result = run("audit", "export", "-o", str(file), *map(str, of(node)))
    assert result.exit_code == 0, result.output
    return file


def test_an_untouched_node_is_intact(node: Path) -> None:
    """Records, receipts and checkpoints were looked at."""
    said = verify(*of(node))

    assert said["valid"]
    assert said["records"] > 10
    assert said["receipts"] > 5
    assert said["checkpoints"] >= 1


def test_the_database_itself_refuses_to_change_a_record(node: Path) -> None:
    """Neither changed nor removed."""
    database = sqlite3.connect(node / "data" / "gateway.db")
    for statement in ("UPDATE audit_record SET actor = 'x'", "DELETE FROM audit_record"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute(statement)
    database.close()


COLUMNS = ("at", "actor", "action", "object", "previous", "hash")


@pytest.mark.parametrize("column", [*COLUMNS, "address"])
def test_a_text_that_is_none_is_found_at_its_place(node: Path, column: str) -> None:
    """Bytes that are not UTF-8, which no reader of texts would go over."""
    alter(node, f"UPDATE audit_record SET {column} = CAST(x'61ff' AS TEXT) WHERE seq = 5")  # noqa: S608

    said = verify(*of(node), status=1)

    assert said["findings"][0]["pointer"] == "main:5"


def test_a_receipt_that_is_no_text_is_found(node: Path) -> None:
    """It is named by its id."""
    with sqlite3.connect(node / "data" / "gateway.db") as database:
        (receipt,) = database.execute("SELECT id FROM receipt ORDER BY seq LIMIT 1").fetchone()
        database.execute("UPDATE receipt SET jws = CAST(x'61ff' AS TEXT) WHERE id = ?", (receipt,))

    said = verify(*of(node), status=1)

    assert receipt in [each["pointer"] for each in said["findings"]]


def test_a_guard_that_is_gone_is_a_warning(node: Path) -> None:
    """Nothing was changed; that it could be is said, and how to mend it."""
    alter(node)

    said = verify(*of(node))

    assert said["valid"]
    assert [(each["code"], each["severity"], each["pointer"]) for each in said["findings"]] == [
        ("audit-guard", "warning", "audit_record_is_not_changed"),
        ("audit-guard", "warning", "audit_record_is_not_removed"),
    ]
    assert "gateway audit guard" in said["findings"][0]["remedy"]


def test_guards_are_put_back(node: Path) -> None:
    """Those that are gone, and no others; the record tells of it."""
    alter(node)
    arguments = ("audit", "guard", *map(str, of(node)), "--format", "json")

    first, again = (json.loads(run(*arguments).stdout)["restored"] for _ in range(2))

    assert (len(first), again, verify(*of(node))["findings"]) == (2, [], [])
    with sqlite3.connect(node / "data" / "gateway.db") as database:
        query = "SELECT data FROM audit_record WHERE action = 'changed' ORDER BY seq DESC LIMIT 1"
        (data,) = database.execute(query).fetchone()
        assert json.loads(data)["operation"] == "guards-restored"
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM audit_record")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found(node: Path, column: str) -> None:
    """Every column is under the hash; the record is named."""
    alter(node, f"UPDATE audit_record SET {column} = {column} || 'x' WHERE seq = 5")  # noqa: S608

    said = verify(*of(node), status=1)

    assert said["findings"][0]["pointer"] == "main:5"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_record SET address = '10.0.0.1' WHERE seq = 5",
        "UPDATE audit_record SET data = '{}' WHERE seq = 5",
        "UPDATE audit_record SET data = data || ' ' WHERE seq = 5",
        "UPDATE audit_record SET data = 'no json' WHERE seq = 5",
        "UPDATE audit_record SET data = x'00ff' WHERE seq = 5",
        "UPDATE audit_record SET data = CAST(x'7bff7d' AS TEXT) WHERE seq = 5",
        "UPDATE audit_record SET chain = 'other' WHERE seq = 5",
        "UPDATE audit_record SET seq = 500 WHERE seq = 5",
        "UPDATE audit_record SET seq = 'five' WHERE seq = 5",
        "DELETE FROM audit_record WHERE seq = 5",
        "DELETE FROM audit_record WHERE seq > 5",
        "DELETE FROM audit_record",
        (
            "INSERT INTO audit_record SELECT chain, 5000, at, actor, address, action, object, data, "
            "previous, hash FROM audit_record WHERE seq = 5"
        ),
        (
            "INSERT INTO audit_record SELECT '', -7, at, actor, address, action, object, data, "
            "previous, hash FROM audit_record WHERE seq = 5"
        ),
        (
            "INSERT INTO audit_record SELECT chain, 0, at, actor, address, action, object, data, "
            "previous, hash FROM audit_record WHERE seq = 5"
        ),
        "DELETE FROM receipt WHERE seq = 2",
        "UPDATE receipt SET event = 'done' WHERE seq = 2",
        "UPDATE receipt SET at = 'never' WHERE seq = 2",
        "UPDATE receipt SET jws = jws || 'A' WHERE seq = 2",
        "UPDATE receipt SET document = 'another' WHERE seq = 2",
    ],
)
def test_whatever_is_done_to_the_database_is_found(node: Path, change: str) -> None:
    """Exit status 1, a place, and no stack trace."""
    alter(node, change)

    said = verify(*of(node), status=1)

    assert said["findings"][0]["pointer"]


def test_a_cut_end_is_found_behind_a_receipt(node: Path) -> None:
    """Even when the checkpoints went, too."""
    shutil.rmtree(node / "data" / "checkpoints")
    alter(node, "DELETE FROM audit_record WHERE seq > 20", "DELETE FROM receipt")
    assert verify(*of(node))["valid"]

    said = verify(*of(node), "--anchor", node / "last.jws", status=1)

    assert said["findings"][0]["code"] == "audit-untold"


def test_a_cut_end_is_found_behind_a_checkpoint_kept_elsewhere(node: Path, tmp_path: Path) -> None:
    """The first record that is missing is named."""
    (checkpoint,) = (node / "data" / "checkpoints").iterdir()
    kept = checkpoint.rename(tmp_path / "kept.jws")
    alter(node, "DELETE FROM audit_record WHERE seq > 20", "DELETE FROM receipt")

    said = verify(*of(node), "--anchor", kept, status=1)

    assert said["findings"][0]["pointer"] == "main:21"


def test_an_anchor_that_is_none_is_refused(node: Path) -> None:
    """One clear line."""
    result = run("audit", "verify", "--anchor", str(node / "gateway.toml"), *map(str, of(node)))

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_a_bundle_proves_itself(node: Path) -> None:
    """Without the node, by its certificate."""
    said = verify(export(node), "--trust", node / "config" / "node.crt")

    assert said["valid"]
    assert said["records"] > 10
    assert said["receipts"] > 5


def test_a_bundle_of_another_node_is_not_believed(node: Path, tmp_path: Path) -> None:
    """Its signatures are not of the certificate that is trusted."""
    run("init", str(tmp_path / "other"), "--code", "H14", "--name", "Khác")

    said = verify(export(node), "--trust", tmp_path / "other" / "config" / "node.crt", status=1)

    assert {each["code"] for each in said["findings"]} == {"receipt-untrusted", "audit-checkpoint"}


def rewritten(bundle: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Return a copy of *bundle* in which a member was changed."""
    made = bundle.with_name("changed.zip")
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(made, "w") as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
    return made


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"client:H13.01", b"client:H13.99", 1),
        lambda text: b"\n".join(text.splitlines()[:-1]) + b"\n",
        lambda text: b"\n".join(text.splitlines()[1:]) + b"\n",
        lambda text: b"\n".join(reversed(text.splitlines())) + b"\n",
        lambda text: text.replace(b":", b": ", 1),
        lambda text: b"{" * 100_000,
        lambda text: b"",
    ],
    ids=["changed", "cut", "beheaded", "reversed", "reformed", "nested", "emptied"],
)
def test_a_changed_bundle_is_found_out(node: Path, change: Callable[[bytes], bytes]) -> None:
    """By the command."""
    bundle = rewritten(export(node), "records.jsonl", change)

    assert verify(bundle, status=1)["findings"]


def test_what_is_no_bundle_is_refused(node: Path) -> None:
    """One clear line."""
    result = run("audit", "verify", str(node / "gateway.toml"))

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def algorithm(folder: Path) -> Path:
    """Write the program of the handbook to a file."""
    page = (REPOSITORY / "docs" / "audit.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(program.splitlines()) <= 70
    file = folder / "verify.py"
    file.write_text(program, "utf-8")
    return file


def by_hand(program: Path, bundle: Path, node: Path) -> subprocess.CompletedProcess[str]:
    """Run the program of the handbook."""
    return subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, program, bundle, node / "config" / "node.crt"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_program_of_the_handbook_verifies_a_bundle(node: Path, tmp_path: Path) -> None:
    """As written there, in a process of its own."""
    done = by_hand(algorithm(tmp_path), export(node), node)

    assert done.stdout.startswith("intact:"), done.stderr


def test_the_program_of_the_handbook_finds_a_change(node: Path, tmp_path: Path) -> None:
    """And names the record."""
    bundle = rewritten(
        export(node), "records.jsonl", lambda text: text.replace(b'"CV"', b'"QD"', 1)
    )

    done = by_hand(algorithm(tmp_path), bundle, node)

    assert "was changed" in done.stderr


def test_people_are_told_in_both_languages(node: Path) -> None:
    """Intact, and how much was looked at."""
    result = run("audit", "verify", *map(str, of(node)))

    assert "NGUYÊN VẸN" in result.stdout
    assert "INTACT" in result.stdout
