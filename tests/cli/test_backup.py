"""`gateway backup` and `gateway restore`: whole copies, and no code given twice on the way back."""

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import backup
from gateway.bootstrap.backup import BackupDuty, newest_backup
from gateway.bootstrap.equipment import SystemClock
from gateway.config import load
from gateway.domain.errors import Unavailable
from gateway.storage import copies
from gateway.storage.copied_files import blobs
from tests.cli.commands import run
from tests.cli.examining import examine
from tests.pipeline.rooms import ADMIN, Rooms, reopened, rooms

CONTENT = b"noi dung"


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with three documents."""
    folder = tmp_path_factory.mktemp("backup") / "node"

    async def make() -> None:
        async with rooms(folder, at=SystemClock().now()) as node:
            for n in range(3):
                await node.report(await node.sent(files={f"{n}.txt": CONTENT}), "03")

    asyncio.run(make())
    (folder / "gateway.toml").write_text(
        '[node]\ncode = "H13"\nname = "UBND"\n[storage]\nminimum_free_mb = 0\n', "utf-8"
    )
    return folder


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "node"))


@pytest.fixture(name="copy")
def _copy(node: Path) -> Path:
    """A backup of it."""
    return back_up(node)


def of(node: Path) -> list[str]:
    """Return the option that names *node*."""
    return ["--config", str(node / "gateway.toml")]


def back_up(node: Path, *more: str) -> Path:
    """Make a backup; return its folder."""
    result = run("backup", *more, "--format", "json", *of(node))
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["folder"])


def restored(copy: Path, folder: Path) -> Path:
    """Restore *copy* to *folder*."""
    result = run("restore", str(copy), *of(folder))
    assert result.exit_code == 0, result.output
    return folder


def resume(node: Path, *more: str) -> Any:  # noqa: ANN401 - JSON
    """Let a restored node give numbers again; return what was lost."""
    result = run("restore", "--resume", "--format", "json", *more, *of(node))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def next_codes(node: Path, count: int = 1) -> list[str]:
    """Submit documents to the node; return their codes."""

    async def submit() -> list[str]:
        async with reopened(node, at=SystemClock().now()) as opened:
            return [str((await opened.sent()).code) for _ in range(count)]

    return asyncio.run(submit())


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of documents by its key."""
    keys = [key for key, _ in blobs(folder / "data" / "gateway.db")]
    return {key: (folder / "data" / "documents" / key).read_bytes() for key in keys}


def test_a_backup_is_whole(copy: Path) -> None:
    """It was read again after it was written, and can be at any time."""
    assert run("backup", "verify", str(copy)).stdout.strip() == "NGUYÊN VẸN / WHOLE"


@pytest.mark.parametrize(
    "damage",
    [
        lambda copy: next((copy / "documents").rglob("20*/*/*/*")).write_bytes(b"x"),
        lambda copy: next((copy / "documents").rglob("20*/*/*/*")).unlink(),
        lambda copy: (copy / "gateway.db").write_bytes(b"x" * 5000),
        lambda copy: (copy / "gateway.db").unlink(),
        lambda copy: (copy / "settings" / "config" / "calendar-vn.toml").write_text("x"),
        lambda copy: (copy / "manifest.jws").write_text("x"),
        lambda copy: (copy / "manifest.jws").unlink(),
    ],
)
def test_a_damaged_backup_is_found_and_never_restored(
    copy: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    """One clear line for each fault; nothing is put anywhere."""
    damage(copy)

    assert run("backup", "verify", str(copy)).exit_code == 1
    assert run("restore", str(copy), *of(tmp_path / "new")).exit_code == 1
    assert not (tmp_path / "new" / "gateway.toml").exists()


def test_a_missing_file_is_told_in_both_languages(copy: Path) -> None:
    """Whoever keeps the machine reads either."""
    next((copy / "documents").rglob("20*/*/*/*")).unlink()

    told = run("backup", "verify", str(copy)).stderr

    assert ("thiếu tệp này" in told, "it is missing" in told) == (True, True)


def test_what_nobody_signed_for_is_not_restored(copy: Path, tmp_path: Path) -> None:
    """A file that was put into the backup is a fault, and goes nowhere."""
    evil = copy / "settings" / "config" / "trust" / "evil.crt"
    evil.parent.mkdir(parents=True, exist_ok=True)
    evil.write_text("x")

    assert run("backup", "verify", str(copy)).exit_code == 1
    assert run("restore", str(copy), *of(tmp_path / "new")).exit_code == 1


def test_a_file_that_went_bad_in_one_backup_is_copied_anew(node: Path, copy: Path) -> None:
    """The node still has the good one."""
    (key, _), *_ = blobs(copy / "gateway.db")
    (copy / "documents" / key).write_bytes(b"rotten")
    time.sleep(1.1)

    second = back_up(node)

    assert run("backup", "verify", str(second)).exit_code == 0


def test_a_backup_lies_in_any_folder(node: Path, tmp_path: Path) -> None:
    """Also in one with signs that addresses have a use for."""
    made = back_up(node, "--to", str(tmp_path / "sao lưu #1?%20"))

    assert run("backup", "verify", str(made)).exit_code == 0
    assert sorted(each.name for each in made.glob("gateway.db*")) == ["gateway.db"]


def test_a_second_backup_costs_only_what_is_new(node: Path, copy: Path) -> None:
    """Files of documents never change: they are linked."""
    time.sleep(1.1)  # a backup is named by its second
    second = back_up(node)

    (key, _), *_ = blobs(second / "gateway.db")

    assert (second / "documents" / key).stat().st_nlink == 2


def test_a_restored_node_is_the_node_that_was(node: Path, copy: Path, tmp_path: Path) -> None:
    """Every byte of every document, and a record that is intact."""
    new = restored(copy, tmp_path / "new")

    assert files(new) == files(node)
    assert files(new)
    assert run("audit", "verify", *of(new)).exit_code == 0
    assert load(new / "gateway.toml").node == load(node / "gateway.toml").node


def test_the_documents_bear_the_id_of_their_database(node: Path, tmp_path: Path) -> None:
    """No digest speaks for its file in a backup; without it the new node would not start."""
    with closing(sqlite3.connect(node / "data" / "gateway.db")) as database, database:
        database.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('store_id', 'one')")
    (node / "data" / "documents" / ".store-id").write_text("one", "utf-8")
    copy = back_up(node)
    (copy / "documents" / ".store-id").unlink()

    new = restored(copy, tmp_path / "new")

    assert (new / "data" / "documents" / ".store-id").read_text("utf-8") == "one"


def test_empty_folders_of_settings_come_back(node: Path, tmp_path: Path) -> None:
    """A node wants the folders there in which it looks for authorities, also while none is known."""
    (node / "config" / "trust" / "public").mkdir(parents=True)

    new = restored(back_up(node), tmp_path / "new")

    assert (new / "config" / "trust" / "public").is_dir()


def test_nothing_is_restored_over_a_node(node: Path, copy: Path) -> None:
    """Refused, whatever lies there."""
    assert run("restore", str(copy), *of(node)).exit_code == 1


def test_the_doctor_says_that_a_restored_node_gives_no_numbers(copy: Path, tmp_path: Path) -> None:
    """An error, until it is resumed."""
    new = restored(copy, tmp_path / "new")

    found = [examine(new)]
    resume(new)
    found.append(examine(new))

    assert (found[0][0], found[0][1]["numbers"]["result"]) == (1, "error")
    assert "restore --resume" in found[0][1]["numbers"]["remedy"]
    assert "numbers" not in found[1][1]


def test_a_restored_node_gives_no_numbers(copy: Path, tmp_path: Path) -> None:
    """It may have given some of which the backup does not know."""
    new = restored(copy, tmp_path / "new")

    with pytest.raises(Unavailable, match="restore --resume"):
        next_codes(new)


def test_after_resuming_no_code_comes_twice(node: Path, copy: Path, tmp_path: Path) -> None:
    """What was given after the backup stays given."""
    given = next_codes(node, 5)
    new = restored(copy, tmp_path / "new")

    resume(new)

    (code,) = next_codes(new)
    assert code not in given
    assert int(code.rpartition("/")[2]) > max(int(each.rpartition("/")[2]) for each in given)


def test_the_highest_known_code_is_where_it_goes_on(
    node: Path, copy: Path, tmp_path: Path
) -> None:
    """And just the numbers between are lost."""
    given = next_codes(node, 5)
    new = restored(copy, tmp_path / "new")

    lost = resume(new, "--highest", given[-1], "--nothing-lost")

    (code,) = next_codes(new)
    last = int(given[-1].rpartition("/")[2])
    assert int(code.rpartition("/")[2]) == last + 1
    assert [(each["first"], each["last"], each["known"]) for each in lost] == [
        (last - 4, last, True)
    ]


def test_an_old_code_proves_little(node: Path, copy: Path, tmp_path: Path) -> None:
    """More may have been given than whoever shows one knows of."""
    given = next_codes(node, 5)
    new = restored(copy, tmp_path / "new")

    resume(new, "--highest", "H13.01/2026/1")

    assert not set(next_codes(new, 5)) & set(given)


def test_feeds_go_on_behind_every_cursor(node: Path, copy: Path, tmp_path: Path) -> None:
    """An office that saw receipts of after the backup sees the next ones, too."""
    next_codes(node, 5)
    new = restored(copy, tmp_path / "new")
    resume(new)
    next_codes(new)

    def newest(folder: Path) -> int:
        database = sqlite3.connect(folder / "data" / "gateway.db")
        (seq,) = database.execute("SELECT MAX(seq) FROM notice").fetchone()
        database.close()
        return int(seq)

    assert newest(new) > newest(node)


def test_what_is_lost_is_on_record(node: Path, copy: Path, tmp_path: Path) -> None:
    """A series with the first and last of its lost numbers."""
    new = restored(copy, tmp_path / "new")
    resume(new, "--highest", next_codes(node)[-1], "--nothing-lost")

    database = sqlite3.connect(new / "data" / "gateway.db")
    actions = [row[0] for row in database.execute("SELECT action FROM audit_record ORDER BY seq")]
    database.close()

    assert actions[-3:] == ["restored", "numbers-lost", "resumed"]


def test_when_nothing_is_lost_it_goes_on_as_if_nothing_had_been(
    copy: Path, node: Path, tmp_path: Path
) -> None:
    """For a move to another machine."""
    new = restored(copy, tmp_path / "new")
    resume(new, "--nothing-lost")

    assert next_codes(new) == next_codes(node)


def test_a_node_that_was_not_restored_cannot_resume(node: Path) -> None:
    """There is nothing to resume."""
    assert run("restore", "--resume", *of(node)).exit_code == 1


def test_a_code_that_is_none_is_refused(copy: Path, tmp_path: Path) -> None:
    """One clear line."""
    new = restored(copy, tmp_path / "new")

    result = run("restore", "--resume", "--highest", "x", *of(new))

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_a_full_disk_leaves_nothing_of_a_restored_node(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear line, and room for another try."""

    def full(database: Path, to: Path) -> None:
        to.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(copies, "copy_database", full)
        result = run("restore", str(copy), *of(tmp_path / "new"))
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)

    assert restored(copy, tmp_path / "new").is_dir()


def test_a_disk_that_is_full_at_the_last_file_leaves_nothing(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear line: what is there of it makes no disk fuller."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "complete", full)
    result = run("backup", "--to", str(tmp_path / "copies"), *of(node))

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.fixture(name="opened")
async def _opened(node: Path) -> AsyncIterator[Rooms]:
    """The node, driven by hand."""
    async with reopened(node, at=SystemClock().now()) as opened:
        yield opened


async def test_the_schedule_makes_a_backup_when_one_is_due(opened: Rooms) -> None:
    """An hour after the founding, then once a day."""
    duty = BackupDuty(gateway=opened.gateway, caller=ADMIN)
    folder = opened.folder / "data" / "backup"
    await duty()
    assert newest_backup(folder, opened.clock.now()) is None

    made = []
    for hours in (2, 10, 25, 30):
        opened.clock.at = opened.clock.at + timedelta(hours=hours)
        await duty()
        made.append(len(list(folder.iterdir())))

    assert made == [1, 1, 2, 3]


async def test_a_clock_that_was_ahead_for_a_while_stops_no_backups(opened: Rooms) -> None:
    """What it dated into the future is kept, and is no reason to wait for that day."""
    duty = BackupDuty(gateway=opened.gateway, caller=ADMIN)
    folder, right = opened.folder / "data" / "backup", opened.clock.now() + timedelta(hours=2)
    made = []
    for at in (right + timedelta(days=365), right, right + timedelta(hours=25)):
        opened.clock.at = at
        await duty()
        made.append(len(list(folder.iterdir())))

    assert made == [1, 2, 3]


async def test_two_backups_of_one_moment_do_not_stand_in_each_others_way(tmp_path: Path) -> None:
    """The clock of the node stands still: the second is named as a second later."""
    now = SystemClock().now()
    async with rooms(tmp_path / "node", at=now) as house:
        (tmp_path / "node" / "gateway.toml").write_text('[node]\ncode = "H13"\n', "utf-8")
        for _ in range(2):
            made = await backup.back_up(house.gateway, ADMIN, to=tmp_path / "copies")
            assert made.faults == ()

    names = [each.name for each in copies.list_backups(tmp_path / "copies")]
    assert names == [f"{now + timedelta(seconds=n):%Y%m%dT%H%M%SZ}" for n in range(2)]
