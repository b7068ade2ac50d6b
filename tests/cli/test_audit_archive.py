"""`gateway audit archive`: old records in signed files, the chain whole over them, figures the same."""

import asyncio
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap.equipment import SystemClock
from gateway.domain.exchange import AuditEntry
from gateway.ports import Transaction
from tests.cli.commands import answer, run
from tests.cli.test_audit import algorithm, alter, by_hand, export, of, rewritten, verify
from tests.pipeline.rooms import OTHER, READER, SENDER, office, rooms

TOMORROW = (SystemClock().now() + timedelta(days=2)).date().isoformat()
_STATISTICS = ("stats", "--from", "2020-01-01", "--to", "2099-12-31", "--format", "json")


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with documents, of which one is under way, all of it archived."""
    folder = tmp_path_factory.mktemp("archive") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            documents = [await node.sent() for _ in range(3)]
            await node.gateway.store.write(_note_export)
            for document in documents:
                for code in ("01", "03", "06"):
                    await node.report(document, code)
            await node.sent(READER, OTHER)
            receipts = await node.gateway.lookup.receipts_of(document.id, office(SENDER))
            (folder / "last.jws").write_text(receipts[-1].jws, "ascii")

    asyncio.run(make())
    (folder / "gateway.toml").write_text('[node]\ncode = "H13"\n', "utf-8")
    (folder / "before.json").write_text(run(*_STATISTICS, *config(folder)).stdout, "utf-8")
    answer("audit", "archive", "--before", TOMORROW, *config(folder))
    return folder


def _note_export(tx: Transaction) -> None:
    """Record something of which nothing stays at hand: number 15."""
    now = SystemClock().now()
    entry = AuditEntry(at=now, actor="x", address=None, action="exported", about="x", data={})
    tx.audit.append(entry)


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "node"))


def config(node: Path) -> list[str]:
    """Return the option that names *node*."""
    return ["--config", str(node / "gateway.toml")]


def segments(node: Path) -> list[Path]:
    """Return the archive files of *node*."""
    return sorted((node / "data" / "audit-archive").iterdir())


def ask(node: Path, statement: str) -> Any:  # noqa: ANN401 - a row
    """Ask the database of *node*."""
    database = sqlite3.connect(node / "data" / "gateway.db")
    try:
        return database.execute(statement).fetchone()
    finally:
        database.close()


def test_records_went_into_files(node: Path) -> None:
    """All but the newest, to which the record of it is bound."""
    (file,) = segments(node)

    assert ask(node, "SELECT COUNT(*) FROM audit_record") == (2,)
    with zipfile.ZipFile(file) as bundle:
        assert len(bundle.read("records.jsonl").splitlines()) > 10


def test_the_chain_is_verified_over_what_was_archived(node: Path) -> None:
    """As many records as there ever were, and no finding."""
    said = verify(*of(node))

    assert (said["valid"], said["segments"]) == (True, 1)
    assert said["records"] == said["chains"]["main"]["seq"]


def test_a_receipt_is_borne_out_by_what_was_archived(node: Path) -> None:
    """An anchor from outside."""
    assert verify(*of(node), "--anchor", node / "last.jws")["valid"]


def test_figures_are_the_same(node: Path) -> None:
    """As before it was archived."""
    before = (node / "before.json").read_text("utf-8")

    assert run(*_STATISTICS, *config(node)).stdout == before


def test_figures_told_anew_are_the_same(node: Path) -> None:
    """The facts are thrown away, and told again by what stays at hand."""
    database = sqlite3.connect(node / "data" / "gateway.db")
    with database:
        database.execute("DELETE FROM fact")
        database.execute("DELETE FROM fact_mark")
    database.close()

    assert run(*_STATISTICS, *config(node)).stdout == (node / "before.json").read_text("utf-8")


def test_a_second_archive_goes_on_behind_the_first(node: Path) -> None:
    """What was recorded since."""
    answer("agency", "add", "Sở Mới", *config(node))

    (segment,) = answer("audit", "archive", "--before", TOMORROW, *config(node))

    assert segment["last"] == verify(*of(node))["records"] - 2
    assert len(segments(node)) == 2


def test_nothing_old_is_no_error(node: Path) -> None:
    """Nothing is written."""
    assert answer("audit", "archive", "--before", "2020-01-01", *config(node)) == []
    assert len(segments(node)) == 1


def test_a_missing_file_is_found(node: Path) -> None:
    """By name, at the first record that it held."""
    (file,) = segments(node)
    file.unlink()

    said = verify(*of(node), status=1)

    (finding,) = said["findings"]
    assert (finding["code"], finding["pointer"]) == ("audit-segment-file", "main:1")
    assert file.name in finding["message"]


def test_doctor_misses_it_too(node: Path) -> None:
    """Without reading the record."""
    segments(node)[0].unlink()

    said = run("doctor", "--format", "json", *config(node))

    found = {each["check"]: each["result"] for each in json.loads(said.stdout)}
    assert (said.exit_code, found["archive"]) == (1, "error")


def rewrite(file: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the records of an archive file."""
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members["records.jsonl"] = b"".join(change(members["records.jsonl"].splitlines(keepends=True)))
    with zipfile.ZipFile(file, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "changed": lambda lines: [*lines[:4], lines[4].replace(b"H13", b"H14"), *lines[5:]],
    "removed": lambda lines: [*lines[:4], *lines[5:]],
    "put in": lambda lines: [*lines[:4], lines[3], *lines[4:]],
    "exchanged": lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]],
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_file_is_found_at_its_place(node: Path, case: str) -> None:
    """The first record that is not as it was."""
    (file,) = segments(node)
    rewrite(file, CHANGES[case])

    said = verify(*of(node), status=1)

    assert said["findings"][0]["pointer"] in {"main:4", "main:5", "main:6"}


@pytest.mark.parametrize("left", [0, 5, -1])
def test_a_cut_file_is_found(node: Path, left: int) -> None:
    """It does not end where the node signed it does."""
    (file,) = segments(node)
    rewrite(file, lambda lines: lines[:left])

    assert verify(*of(node), status=1)["findings"][0]["code"] == "audit-segment-end"


def test_a_file_of_noise_is_found(node: Path) -> None:
    """No stack trace."""
    (file,) = segments(node)
    file.write_bytes(b"PK" + bytes(range(256)) * 10)

    assert verify(*of(node), status=1)["findings"][0]["code"] == "audit-segment-file"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE audit_kept SET data = '{}' WHERE seq = 9", "audit-segment-kept"),
        ("DELETE FROM audit_kept WHERE seq = 9", "audit-segment-kept"),
        (
            (
                "INSERT INTO audit_kept SELECT chain, 15, at, actor, action, object, data "
                "FROM audit_kept WHERE seq = 9"
            ),
            "audit-segment-kept",
        ),
        ("UPDATE audit_segment SET hash = previous", "audit-segment"),
        ("UPDATE audit_segment SET last = last + 1", "audit-segment"),
        ("DELETE FROM audit_segment", "audit-gap"),
        ("UPDATE audit_segment SET file = '../../gateway.toml'", "audit-segment-file"),
        (
            (
                "INSERT INTO audit_record SELECT chain, 3, at, actor, address, action, object, "
                "data, previous, hash FROM audit_record LIMIT 1"
            ),
            "audit-order",
        ),
    ],
)
def test_what_the_database_says_of_it_is_compared(node: Path, change: str, code: str) -> None:
    """What stays at hand, and where the files lie."""
    drop = "".join(
        f"DROP TRIGGER audit_{table}_is_not_{verb};"
        for table in ("kept", "segment")
        for verb in ("changed", "removed")
    )
    database = sqlite3.connect(node / "data" / "gateway.db")
    database.executescript(drop)
    database.close()
    alter(node, change)

    assert code in [each["code"] for each in verify(*of(node), status=1)["findings"]]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_record",
        "UPDATE audit_record SET actor = 'x'",
        "DELETE FROM audit_segment",
        "UPDATE audit_segment SET first = 1",
        "DELETE FROM audit_kept",
        "UPDATE audit_kept SET at = ''",
    ],
)
def test_the_database_itself_lets_nothing_else_go(node: Path, statement: str) -> None:
    """No record that is not of a segment, no segment, nothing that stays at hand."""
    database = sqlite3.connect(node / "data" / "gateway.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(statement)
    database.close()


def test_a_broken_chain_is_not_archived(node: Path) -> None:
    """It is told where it is broken; nothing goes."""
    answer("agency", "add", "Sở Mới", *config(node))
    seq = verify(*of(node))["chains"]["main"]["seq"]
    alter(node, f"UPDATE audit_record SET actor = 'x' WHERE seq = {seq - 1}")  # noqa: S608

    said = run("audit", "archive", "--before", TOMORROW, *config(node))

    assert (said.exit_code, len(segments(node))) == (1, 1)
    assert f"main:{seq - 1}" in said.stderr


def test_a_restored_node_has_what_was_archived(node: Path, tmp_path: Path) -> None:
    """The files are in its backup."""
    made = answer("backup", "--to", str(tmp_path / "copies"), *config(node))
    new = tmp_path / "new"
    run("restore", str(made["folder"]), "--config", str(new / "gateway.toml"))

    assert verify(*of(new))["segments"] == 1


def test_an_export_has_what_was_archived(node: Path, tmp_path: Path) -> None:
    """The bundle proves itself, by the command and by the program of the handbook."""
    bundle = export(node)

    assert verify(bundle)["records"] == verify(*of(node))["records"]
    done = by_hand(algorithm(tmp_path), bundle, node)
    assert done.stdout.startswith("intact:"), done.stderr


def test_the_program_of_the_handbook_verifies_a_segment_by_itself(
    node: Path, tmp_path: Path
) -> None:
    """Though its checkpoint tells of a chain that goes on elsewhere."""
    (file,) = segments(node)

    done = by_hand(algorithm(tmp_path), file, node)

    assert done.stdout.startswith("intact: {'main': "), done.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace(b'"CV"', b'"QD"', 1), "was changed"),
        (lambda text: text[: text[:-1].rindex(b"\n") + 1], "the end was cut off"),
        (lambda text: text[text.index(b"\n") + 1 :], "records are missing"),
    ],
)
def test_the_program_of_the_handbook_finds_what_was_done_to_a_segment(
    node: Path, tmp_path: Path, change: Callable[[bytes], bytes], told: str
) -> None:
    """A record changed; the last cut off; the first taken out."""
    (file,) = segments(node)

    done = by_hand(algorithm(tmp_path), rewritten(file, "records.jsonl", change), node)

    assert (done.stdout, told in done.stderr) == ("", True)


def test_an_export_without_a_file_is_refused(node: Path) -> None:
    """One clear line; nothing is written."""
    segments(node)[0].unlink()

    said = run("audit", "export", "-o", str(node / "x.zip"), *config(node))

    assert (said.exit_code, len(said.stderr.splitlines())) == (1, 1)
    assert not (node / "x.zip").exists()


def test_a_segment_proves_itself_without_the_node(node: Path) -> None:
    """By the certificate of the node alone."""
    answer("agency", "add", "Sở Mới", *config(node))
    answer("audit", "archive", "--before", TOMORROW, *config(node))

    for file in segments(node):
        assert verify(file, "--trust", node / "config" / "node.crt")["valid"]


def test_a_segment_without_its_checkpoint_is_refused(node: Path) -> None:
    """It was tied to the chain by that."""
    (file,) = segments(node)
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(file, "w") as new:
        for name, content in members.items():
            if not name.startswith("checkpoints/"):
                new.writestr(name, content)

    said = run("audit", "verify", str(file))

    assert (said.exit_code, len(said.stderr.splitlines())) == (1, 1)


def test_a_cut_segment_is_found_without_the_node(node: Path) -> None:
    """Its end was signed."""
    (file,) = segments(node)
    rewrite(file, lambda lines: lines[:-3])

    assert verify(file, status=1)["findings"][0]["code"] == "audit-truncated"
