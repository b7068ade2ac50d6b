"""What is dropped into the folder of an office: names, renames, full and hanging disks."""

import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest

from adapters.folder import Folder
from gateway.domain.errors import Refused, Unavailable
from tests.adapters.folders import files_in
from tests.contract.packets import (
    StandingClock,
    a_clock,
    a_large_packet,
    a_packet,
    an_office,
)

DAY_S = 86400


@pytest.mark.parametrize(
    ("event", "media_type", "place"),
    [
        ("document", "application/xml", "in/p-1.edxml"),
        ("status", "application/xml", "in/p-1.edxml"),
        ("receipt", "application/jose", "receipts/p-1.jws"),
        ("recall", "application/jose", "receipts/p-1.jws"),
    ],
)
async def test_each_packet_has_its_place(
    base: Path, folder: Folder, event: str, media_type: str, place: str
) -> None:
    """Messages go to in/, receipts and recalls to receipts/, each by its id."""
    await folder.send(a_packet(b"bytes", id="p-1", event=event, media_type=media_type))

    assert (base / place).read_bytes() == b"bytes"


async def test_nothing_temporary_stays_behind(base: Path, folder: Folder) -> None:
    """After the rename the file stands alone."""
    await folder.send(a_packet())

    assert files_in(base / "in") == ["d-1.edxml"]


async def test_a_repeat_leaves_the_file_as_it_is(base: Path, folder: Folder) -> None:
    """An office that has the file open does not see it change."""
    await folder.send(a_packet())
    before = (base / "in" / "d-1.edxml").stat()

    await folder.send(a_packet())

    assert before == (base / "in" / "d-1.edxml").stat()


async def test_a_file_of_another_size_is_replaced(base: Path, folder: Folder) -> None:
    """What is not whole under our name is not ours; the packet takes its place."""
    await folder.send(a_packet())
    (base / "in" / "d-1.edxml").write_bytes(b"<ed")

    await folder.send(a_packet())

    assert (base / "in" / "d-1.edxml").read_bytes() == b"<edXML/>"


async def test_a_link_in_the_place_of_a_file_is_not_followed(
    base: Path, folder: Folder, tmp_path: Path
) -> None:
    """Nobody can make the node write outside the folder."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"12345678")
    (base / "in").mkdir()
    (base / "in" / "d-1.edxml").symlink_to(victim)

    await folder.send(a_packet())

    assert (
        victim.read_bytes(),
        (base / "in" / "d-1.edxml").is_symlink(),
    ) == (b"12345678", False)


@pytest.mark.parametrize("id_", ["../x", "a/b", "", ".", "..", ".hidden", "a\0b", "x" * 200, "é"])
async def test_an_id_that_is_no_file_name_is_refused(
    tmp_path: Path, folder: Folder, id_: str
) -> None:
    """No id becomes a path outside the folder."""
    with pytest.raises(Refused):
        await folder.send(a_packet(id=id_))

    assert files_in(tmp_path) == ["office"]


async def test_a_media_type_without_a_place_is_refused(folder: Folder) -> None:
    """The contract knows two kinds of files."""
    with pytest.raises(Refused):
        await folder.send(a_packet(media_type="text/plain"))


async def test_missing_folders_are_made_for_owner_and_group(tmp_path: Path) -> None:
    """Nobody else can look in."""
    base = tmp_path / "new" / "office"
    async with aclosing(Folder(an_office(folder=str(base)), a_clock())) as connection:
        await connection.send(a_packet())

    made = (base, base / "in", base / "out", base / "receipts")
    assert [path.stat().st_mode & 0o777 for path in made] == [0o750] * 4


async def test_a_full_disk_is_unavailable(folder: Folder) -> None:
    """A disk that takes no more may have room later."""
    packet, _ = a_large_packet(1024 * 1024)

    with _files_end_at(256 * 1024), pytest.raises(Unavailable):
        await folder.send(packet)


async def test_a_full_disk_leaves_nothing_behind(base: Path, folder: Folder) -> None:
    """Half a file neither appears nor takes the room that is missing."""
    packet, _ = a_large_packet(1024 * 1024)

    with _files_end_at(256 * 1024), pytest.raises(Unavailable):
        await folder.send(packet)

    assert files_in(base / "in") == []


@contextmanager
def _files_end_at(size: int) -> Iterator[None]:
    """Let the operating system refuse to grow any file of this process beyond *size*."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


async def test_what_a_crash_left_is_swept_after_a_day(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """Our own temporary files go, the office's and fresh ones stay."""
    (base / "in").mkdir()
    for name in (".gateway-0123456789abcdef.tmp", ".office.tmp"):
        (base / "in" / name).write_bytes(b"old")
    clock.move(DAY_S + 60)

    await folder.send(a_packet())

    assert files_in(base / "in") == [".office.tmp", "d-1.edxml"]


async def test_a_disk_that_hangs_holds_one_thread(base: Path) -> None:
    """However often the relay tries a hanging folder, it costs the node one thread."""
    (base / "in").mkdir()
    os.mkfifo(base / "pipe")  # opening it for reading blocks until somebody writes
    packet = a_packet()

    @contextmanager
    def hanging() -> Iterator[Iterator[bytes]]:
        yield iter(((base / "pipe").read_bytes(),))

    stuck = type(packet)(
        id="d-2",
        event="document",
        document="doc-1",
        to="H13.01",
        media_type="application/xml",
        size=1,
        open=hanging,
    )
    before = set(threading.enumerate())
    async with aclosing(Folder(an_office(folder=str(base), timeout_s=0.05), a_clock())) as hung:
        for _ in range(4):
            with pytest.raises(Unavailable):
                await hung.send(stuck)
    threads = [thread.name for thread in set(threading.enumerate()) - before]
    (base / "pipe").write_bytes(b"x")

    assert threads == ["folder-H13.01_0"]
