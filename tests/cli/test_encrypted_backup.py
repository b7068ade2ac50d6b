"""Backups that only the holder of a private key can read."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from gateway.bootstrap.equipment import SystemClock
from gateway.storage.copied_files import blobs
from tests.cli.commands import run
from tests.pipeline.rooms import rooms

VERIFY = [sys.executable, "-m", "gateway", "backup", "verify"]
#: Verifies a backup and is killed once everything is decrypted.
KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.bootstrap.backup_manifest import verify
kill = lambda _: os.kill(os.getpid(), signal.SIGKILL) if list(Path(os.environ["TMPDIR"]).rglob("gateway.db")) else None
verify(Path(sys.argv[1]), key=Path(sys.argv[2]), progress=kill)
"""
CONTENT = b"mot noi dung khong ai doc duoc"


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with two documents, whose backups are encrypted to `key`."""
    folder = tmp_path_factory.mktemp("encrypted") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            for n in range(2):
                await node.report(await node.sent(files={f"{n}.txt": CONTENT}), "03")

    asyncio.run(make())
    result = run("backup", "new-key", str(folder.parent / "key"))
    (folder / "gateway.toml").write_text(
        f'[node]\ncode = "H13"\nname = "UBND"\n[storage]\nminimum_free_mb = 0\n{result.stdout}'.replace(
            "[backup] ", "[backup]\n"
        ),
        "utf-8",
    )
    return folder


@pytest.fixture(name="key")
def _key(made: Path) -> str:
    """The file of the private key."""
    return str(made.parent / "key")


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of the node."""
    return Path(shutil.copytree(made, tmp_path / "node"))


@pytest.fixture(name="copy")
def _copy(node: Path) -> Path:
    """A backup of it."""
    return back_up(node)


def of(node: Path) -> list[str]:
    """Return the option that names *node*."""
    return ["--config", str(node / "gateway.toml")]


def back_up(node: Path) -> Path:
    """Make a backup; return its folder."""
    result = run("backup", "--format", "json", *of(node))
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["folder"])


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of documents by its key."""
    keys = [key for key, _ in blobs(folder / "data" / "gateway.db")]
    return {key: (folder / "data" / "documents" / key).read_bytes() for key in keys}


def test_nothing_of_the_node_can_be_read_in_it(node: Path, copy: Path) -> None:
    """Neither documents nor database, settings or keys."""
    secrets = [CONTENT, b"SQLite format 3", b"PRIVATE KEY", b"[node]"]

    held = b"".join(each.read_bytes() for each in copy.rglob("*") if each.is_file())

    assert [each for each in secrets if each in held] == []
    assert not list((node / "data").glob(".backup-*"))


def test_it_is_verified_without_the_private_key(copy: Path) -> None:
    """Every file is as it was written, and the node signed for all of them."""
    assert run("backup", "verify", str(copy)).stdout.strip() == "NGUYÊN VẸN / WHOLE"


def test_it_is_verified_inside_with_the_private_key(copy: Path, key: str) -> None:
    """Documents against their digests, the database for its integrity."""
    assert run("backup", "verify", str(copy), "--key", key).exit_code == 0


@pytest.mark.parametrize("with_key", [True, False])
def test_what_a_killed_one_decrypted_is_never_beside_backups(
    copy: Path, key: str, tmp_path: Path, *, with_key: bool
) -> None:
    """Nor does it stay: the next one removes it, with or without the key."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-c", KILLED, str(copy), key]
    environment = os.environ | {"TMPDIR": str(scratch)}
    before = sorted(copy.parent.rglob("*"))

    killed = subprocess.run(command, env=environment, check=False)  # noqa: S603 - our own code
    left = any(each.read_bytes() == CONTENT for each in scratch.rglob("*") if each.is_file())
    again = [*VERIFY, str(copy), *(["--key", key] if with_key else [])]
    subprocess.run(again, env=environment, check=True)  # noqa: S603 - our own code

    assert (killed.returncode, left) == (-9, True)
    assert sorted(copy.parent.rglob("*")) == before
    assert not [each for each in scratch.rglob("*") if each.is_file()]


@pytest.mark.parametrize(
    "damage",
    [
        lambda copy: next((copy / "documents").rglob("*.age")).write_bytes(b"x"),
        lambda copy: next((copy / "documents").rglob("*.age")).unlink(),
        lambda copy: (copy / "gateway.db.age").write_bytes(b"x"),
        lambda copy: (copy / "sealed.csv").write_text("x"),
        lambda copy: (copy / "sealed.csv").unlink(),
        lambda copy: (copy / "manifest.jws").write_text("x"),
    ],
)
def test_a_damaged_one_is_found_without_the_key(
    copy: Path, damage: Callable[[Path], object]
) -> None:
    """Exit status 1, and no trace of a stack."""
    damage(copy)

    result = run("backup", "verify", str(copy))

    assert (result.exit_code, result.stderr.startswith("error: ")) == (1, True)


def test_a_restored_node_is_the_node_that_was(
    node: Path, copy: Path, key: str, tmp_path: Path
) -> None:
    """Every byte of every document, and a record that is intact."""
    new = tmp_path / "new"

    assert run("restore", str(copy), "--key", key, *of(new)).exit_code == 0

    assert files(new) == files(node)
    assert run("audit", "verify", *of(new)).exit_code == 0
    assert not list(new.glob(".*"))


@pytest.mark.parametrize("which", ["none", "another", "no key at all"])
def test_without_the_right_key_nothing_is_restored(copy: Path, tmp_path: Path, which: str) -> None:
    """One clear line; nothing is put anywhere."""
    wrong, new = tmp_path / "wrong", tmp_path / "new"
    wrong.write_text("x" if which == "no key at all" else str(x25519.Identity.generate()))

    result = run(
        "restore", str(copy), *([] if which == "none" else ["--key", str(wrong)]), *of(new)
    )

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert not (new / "gateway.toml").exists()


def test_a_second_one_costs_only_what_is_new(node: Path, copy: Path) -> None:
    """Files of documents are linked as they were encrypted, and still verified."""
    time.sleep(1.1)  # a backup is named by its second

    second = back_up(node)

    assert all(each.stat().st_nlink == 2 for each in (second / "documents").rglob("20*/*/*/*.age"))
    assert run("backup", "verify", str(second)).exit_code == 0


def test_another_key_encrypts_everything_anew(node: Path, copy: Path) -> None:
    """Whoever holds the new key alone can read all of the new backup."""
    identity = x25519.Identity.generate()
    file = node / "gateway.toml"
    file.write_text(re.sub(r"age1[0-9a-z]+", str(identity.to_public()), file.read_text("utf-8")))
    time.sleep(1.1)

    second = back_up(node)

    for each in second.rglob("*.age"):
        pyrage.decrypt(each.read_bytes(), [identity])


def test_a_document_that_went_bad_is_told_when_it_is_encrypted(node: Path) -> None:
    """Afterwards nobody without the key could tell."""
    key, *_ = files(node)
    (node / "data" / "documents" / key).write_bytes(b"rotten")

    result = run("backup", *of(node))

    assert (result.exit_code, f"documents/{key}" in result.stderr) == (1, True)


def test_a_private_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    """The public one is printed as the configuration wants it."""
    first = run("backup", "new-key", str(tmp_path / "key"))
    second = run("backup", "new-key", str(tmp_path / "key"))

    assert re.fullmatch(r'\[backup\] recipients = \["age1[0-9a-z]{58}"\]\n', first.stdout)
    assert ((tmp_path / "key").stat().st_mode & 0o777, second.exit_code) == (0o600, 1)


def test_what_is_no_public_key_is_refused_at_the_start(node: Path) -> None:
    """Before a backup is trusted to it."""
    file = node / "gateway.toml"
    file.write_text(re.sub(r"age1[0-9a-z]+", "age1mistyped", file.read_text("utf-8")))

    assert run("backup", *of(node)).exit_code == 1
