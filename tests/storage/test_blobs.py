"""Files of documents: made durable or removed, swept when nobody owns them, never misnamed."""

import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Misconfigured, NotFound, Unavailable
from gateway.storage.blobs import FolderBlobs
from gateway.storage.file_spool import BUFFER_BYTES

KEY = "2026/11/20/doc-1"
TODAY = date(2026, 11, 20)


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    """Return an empty store of files."""
    return FolderBlobs(tmp_path / "documents", checkpoint=lambda _: None)


def keep(blobs: FolderBlobs, key: str, content: bytes = b"x") -> str:
    """Store *content* durably; return its digest."""
    spool = blobs.create(key)
    spool.write(content)
    digest = spool.finish()
    blobs.keep([key])
    return digest


@pytest.mark.parametrize("size", [0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, 3 * BUFFER_BYTES + 7])
def test_bytes_come_back_with_their_digest(blobs: FolderBlobs, size: int) -> None:
    """Whatever the chunks, size and SHA-256 are those of the bytes."""
    content = os.urandom(size)
    spool = blobs.create(KEY)
    for begin in range(0, size, 100_003):
        spool.write(content[begin : begin + 100_003])

    digest = spool.finish()

    blobs.keep([KEY])
    with blobs.open(KEY) as file:
        assert content == file.read()
    assert (size, hashlib.sha256(content).hexdigest()) == (spool.size, digest)


def test_a_discarded_file_is_gone(blobs: FolderBlobs) -> None:
    """And a second time, or one that never was, does no harm."""
    keep(blobs, KEY)

    blobs.discard([KEY, KEY, "2026/11/20/never-1"])

    with pytest.raises(NotFound):
        blobs.open(KEY)


@pytest.mark.parametrize("size", [0, 1, BUFFER_BYTES + 7])
def test_a_wiped_file_is_overwritten_and_gone(blobs: FolderBlobs, size: int) -> None:
    """Whoever still holds it open reads nothing of it."""
    keep(blobs, KEY, b"x" * size)
    with blobs.open(KEY) as held:
        blobs.wipe([KEY, KEY, "2026/11/20/never-1"])

        assert held.read() == bytes(size)
    assert not Path(blobs.path(KEY)).exists()


def test_the_blocks_of_a_wiped_file_hold_nothing(blobs: FolderBlobs, tmp_path: Path) -> None:
    """A second name of the same file shows what became of its bytes."""
    keep(blobs, KEY, b"x" * 100)
    other = tmp_path / "other"
    os.link(blobs.path(KEY), other)

    blobs.wipe([KEY])

    assert other.read_bytes() == bytes(100)


def test_what_is_held_in_memory_is_dropped_by_wiping(blobs: FolderBlobs) -> None:
    """A small file that was never on the disk."""
    spool = blobs.create(KEY)
    spool.write(b"x")
    spool.finish()

    blobs.wipe([KEY])

    with pytest.raises(NotFound):
        blobs.open(KEY)


def test_an_abandoned_file_leaves_nothing_once_discarded(blobs: FolderBlobs) -> None:
    """A sender that went away takes its bytes along."""
    spool = blobs.create(KEY)
    spool.write(b"x" * (BUFFER_BYTES + 1))
    spool.abandon()

    blobs.discard([KEY])

    assert not Path(blobs.path(KEY)).exists()


def test_a_file_is_never_written_over(blobs: FolderBlobs, tmp_path: Path) -> None:
    """Two files cannot bear one key; a node that starts again finds the first."""
    keep(blobs, KEY, b"first")
    spool = blobs.create(KEY)
    spool.write(b"second")
    spool.finish()

    with pytest.raises(Unavailable):
        blobs.keep([KEY])

    assert Path(blobs.path(KEY)).read_bytes() == b"first"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "doc-1",
        "../../../etc/passwd",
        "2026/11/20/../x",
        "2026/11/20/a/b",
        "/2026/11/20/a",
        "2026/11/20/a\n",
        "2026/11/20/a\0",
        "2026/11/20/",
        "2026/11/20/" + "a" * 61,
        "2026/11/20/ä",
    ],
)
def test_a_bad_key_reaches_no_file(blobs: FolderBlobs, key: str) -> None:
    """A name from outside cannot become a path."""
    for use in (blobs.create, blobs.open, blobs.path, lambda k: blobs.keep([k])):
        with pytest.raises(Misconfigured):
            use(key)
    with pytest.raises(Misconfigured):
        blobs.discard([key])


@given(st.text(max_size=80))
def test_no_text_leads_out_of_the_folder(text: str) -> None:
    """Whatever is asked for lies below the root, or is refused."""
    root = Path("/nowhere/documents")
    blobs = FolderBlobs(root, checkpoint=lambda _: None)
    try:
        blobs.discard([f"2026/11/20/{text}"])
    except Misconfigured:
        return
    assert text.isascii()
    assert "/" not in text


def test_a_sweep_sets_aside_what_no_document_owns(blobs: FolderBlobs) -> None:
    """What a crash left behind is out of the way after the next start; the rest stays."""
    for key in (KEY, "2026/11/20/lost-1", "2026/11/19/lost-0"):
        keep(blobs, key)

    removed = blobs.sweep(today=TODAY, is_known=lambda key: key == KEY)

    assert (removed, Path(blobs.path(KEY)).exists()) == (2, True)


def test_a_sweep_looks_at_the_last_day_again(blobs: FolderBlobs) -> None:
    """A day is not over when it was swept."""
    keep(blobs, KEY)
    blobs.sweep(today=TODAY, is_known=lambda key: key == KEY)
    keep(blobs, "2026/11/20/lost-1")
    keep(blobs, "2026/11/21/lost-1")

    assert blobs.sweep(today=TODAY, is_known=lambda key: key == KEY) == 2


def test_a_sweep_leaves_days_that_were_swept_alone(blobs: FolderBlobs) -> None:
    """A start does not read through years of files."""
    keep(blobs, "2026/11/19/old-1")
    keep(blobs, KEY)
    blobs.sweep(today=TODAY, is_known=lambda _: True)
    asked: list[str] = []

    def is_known(key: str) -> bool:
        asked.append(key)
        return True

    blobs.sweep(today=TODAY, is_known=is_known)

    assert asked == [KEY]


def test_checkpoints_are_told_in_order(tmp_path: Path) -> None:
    """Crash tests can stop at every instant that matters."""
    told: list[str] = []
    keep(FolderBlobs(tmp_path, checkpoint=told.append), KEY)

    assert told == ["before-keep", "files-kept", "names-kept"]


def test_the_free_space_is_known_before_the_first_file(blobs: FolderBlobs) -> None:
    """A node that was just founded can tell."""
    assert blobs.free_bytes() > 0


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file of this process grow over *size* bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_unavailable(blobs: FolderBlobs) -> None:
    """The sender is told to come again, and the file can be removed."""
    spool = blobs.create(KEY)

    spool.write(b"x" * (BUFFER_BYTES - 1))

    with small_files(4096):
        spool.write(b"x")  # which has the piece written, beside this thread
        with pytest.raises(Unavailable, match="full"):
            spool.finish()

    spool.abandon()
    blobs.discard([KEY])
    assert not Path(blobs.path(KEY)).exists()


def test_files_that_come_at_once_are_each_whole(blobs: FolderBlobs) -> None:
    """They are hashed and written beside each other, piece by piece, by a few threads."""
    contents = {f"{KEY}{n}": os.urandom(5 * BUFFER_BYTES + n) for n in range(6)}
    spools = {key: blobs.create(key) for key in contents}
    for begin in range(0, 6 * BUFFER_BYTES, 70_001):
        for key, content in contents.items():
            spools[key].write(content[begin : begin + 70_001])

    digests = {key: spool.finish() for key, spool in spools.items()}

    assert digests == {key: hashlib.sha256(each).hexdigest() for key, each in contents.items()}
    assert contents == {key: Path(blobs.path(key)).read_bytes() for key in contents}


def test_a_file_that_is_abandoned_while_it_is_written_is_gone(blobs: FolderBlobs) -> None:
    """Nothing is written to it any more once it was let go of."""
    spools = [blobs.create(f"{KEY}{n}") for n in range(20)]
    for spool in spools:
        for _ in range(3):
            spool.write(b"x" * BUFFER_BYTES)

    for spool in spools:
        spool.abandon()
        blobs.discard([spool.key])

    assert not any(Path(blobs.path(spool.key)).exists() for spool in spools)
