"""`gateway export`: everything in open formats, with digests."""

import asyncio
import csv
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import SystemClock
from tests.cli.commands import run
from tests.pipeline.rooms import OTHER, READER, SENDER, rooms


@pytest.fixture(name="node", scope="module")
def _node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with two documents of one agency to two others."""
    folder = tmp_path_factory.mktemp("export") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            await node.report(await node.sent(READER, files={"công văn (số 1).txt": b"mot"}), "03")
            await node.sent(OTHER, files={"hai.txt": b"hai"})

    asyncio.run(make())
    (folder / "gateway.toml").write_text('[node]\ncode = "H13"\nname = "UBND"\n', "utf-8")
    return folder


def exported(node: Path, folder: Path, *more: str) -> list[dict[str, str]]:
    """Export to *folder*; return the register."""
    result = run("export", str(folder), *more, "--config", str(node / "gateway.toml"))
    assert result.exit_code == 0, result.output
    with (folder / "documents.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_document_is_handed_over_with_all_that_belongs_to_it(node: Path, tmp_path: Path) -> None:
    """Data, message, attachment, receipts."""
    first = exported(node, tmp_path / "out")[-1]

    folder = tmp_path / "out" / first["folder"]
    said = json.loads((folder / "document.json").read_text("utf-8"))
    assert said["code"] == first["code"]
    assert hashlib.sha256((folder / "message.edxml").read_bytes()).hexdigest() == said["sha256"]
    assert [each.read_bytes() for each in (folder / "attachments").iterdir()] == [b"mot"]
    assert (folder / "receipts.jws").read_text("ascii").count("\n") >= 1


def test_names_from_outside_stay_inside(node: Path, tmp_path: Path) -> None:
    """Whatever an attachment is called."""
    exported(node, tmp_path / "out")

    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_the_manifest_has_the_digest_of_every_file(node: Path, tmp_path: Path) -> None:
    """And of nothing else."""
    exported(node, tmp_path / "out")

    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        stated = {row["path"]: row["sha256"] for row in csv.DictReader(stream)}
    found = {
        each.relative_to(tmp_path / "out").as_posix(): hashlib.sha256(
            each.read_bytes()
        ).hexdigest()
        for each in (tmp_path / "out").rglob("*")
        if each.is_file() and each.name != "manifest.csv"
    }
    assert stated == found


def test_the_whole_has_directory_and_record(node: Path, tmp_path: Path) -> None:
    """In forms that other commands read."""
    exported(node, tmp_path / "out")

    assert run("audit", "verify", str(tmp_path / "out" / "audit.zip")).exit_code == 0
    assert (tmp_path / "out" / "agencies.csv").read_text("utf-8").startswith("code,")


def test_an_agency_gets_its_own(node: Path, tmp_path: Path) -> None:
    """What it received; what others received is not there."""
    register = exported(node, tmp_path / "out", "--agency", READER)

    assert [(each["from"], each["to"]) for each in register] == [(SENDER, READER)]
    assert not (tmp_path / "out" / "audit.zip").exists()


def test_a_file_that_was_changed_is_told(node: Path, tmp_path: Path) -> None:
    """In the export, on the command line, and by exit status 1."""
    changed = Path(shutil.copytree(node, tmp_path / "node"))
    [blob] = [
        each
        for each in (changed / "data" / "documents").rglob("*")
        if each.is_file() and each.read_bytes() == b"hai"
    ]
    blob.chmod(0o600)
    blob.write_bytes(b"HAI")

    result = run("export", str(tmp_path / "out"), "--config", str(changed / "gateway.toml"))

    damaged = json.loads((tmp_path / "out" / "export.json").read_text("utf-8"))["damaged"]
    assert (result.exit_code, damaged[-1].endswith("attachments/1-hai.txt")) == (1, True)
    assert all(each in result.stderr for each in damaged)


def test_nothing_is_overwritten(node: Path, tmp_path: Path) -> None:
    """A folder with anything in it is refused."""
    (tmp_path / "x").write_text("x")

    result = run("export", str(tmp_path), "--config", str(node / "gateway.toml"))

    assert result.exit_code == 1
