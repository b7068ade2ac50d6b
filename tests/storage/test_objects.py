"""What only a bucket has: servers that fail, keys that are wrong, sweeps while others submit."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.domain.errors import NotFound, Unavailable
from gateway.ports import DocumentFiles
from gateway.storage import open_bucket
from gateway.storage.bucket import PART_BYTES, Bucket, Place
from gateway.storage.spool_folder import own_folder
from tests.breaking import way_to
from tests.buckets import PROGRAMS, BucketServer, bucket_server

KEY, OLD = "2026/11/20/doc-1", "2026/11/19/lost-1"
TODAY = date(2026, 11, 20)


@pytest.fixture(name="server", params=PROGRAMS)
def _server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BucketServer]:
    """A server with an empty bucket."""
    with bucket_server(request.param, tmp_path / "server") as running:
        yield running


@pytest.fixture(name="files")
def _files(server: BucketServer, tmp_path: Path) -> Iterator[DocumentFiles]:
    """A store over it."""
    with opened(server.place(), tmp_path) as files:
        yield files


def opened(
    place: Place, folder: Path, *, cache_bytes: int = 0
) -> AbstractContextManager[DocumentFiles]:
    """Open a store over *place*, with its folder below *folder*."""
    return open_bucket(
        place, spool=folder / "spool", cache_bytes=cache_bytes, checkpoint=lambda _: None
    )


def keep(files: DocumentFiles, key: str, content: bytes = b"x") -> None:
    """Store *content*."""
    spool = files.create(key)
    spool.write(content)
    spool.finish()
    files.keep([key])


def keys(place: Place) -> list[str]:
    """Return what is in the bucket."""
    return [each.key for each in Bucket(place).listing()]


def test_a_server_that_fails_for_a_moment_is_asked_again(
    server: BucketServer, tmp_path: Path
) -> None:
    """Nobody hears of it."""
    with way_to(server.port) as way:
        place = replace(server.place(), endpoint=way.endpoint)
        with opened(place, tmp_path) as files:
            way.room, way.failures = 0, 2
            keep(files, KEY, b"after all")

    with opened(server.place(), tmp_path) as other, other.open(KEY) as file:
        assert file.read() == b"after all"


def test_the_server_is_told_to_encrypt_and_to_check(server: BucketServer, tmp_path: Path) -> None:
    """With what the settings say, and with the digest of the very bytes."""
    content = b"content"
    with way_to(server.port) as way:
        place = replace(
            server.place(), endpoint=way.endpoint, encryption="aws:kms", encryption_key="khoa-1"
        )
        with opened(place, tmp_path) as files:
            keep(files, KEY, content)
    said = way.seen.decode("latin-1").lower()

    assert "x-amz-server-side-encryption: aws:kms" in said
    assert "x-amz-server-side-encryption-aws-kms-key-id: khoa-1" in said
    assert f"x-amz-content-sha256: {hashlib.sha256(content).hexdigest()}" in said
    assert "x-amz-checksum-sha256: " in said


def test_a_server_that_goes_on_failing_takes_nothing(server: BucketServer, tmp_path: Path) -> None:
    """It is said so, the next is turned away at once, and nothing is there."""
    with way_to(server.port) as way:
        way.room, way.failures = 0, 10_000
        with opened(replace(server.place(), endpoint=way.endpoint), tmp_path) as files:
            with pytest.raises(Unavailable):
                keep(files, KEY)
            with pytest.raises(Unavailable):
                files.check()

    assert keys(server.place()) == []


def test_a_large_file_that_breaks_off_is_not_there(server: BucketServer, tmp_path: Path) -> None:
    """An object is whole or it is not."""
    with way_to(server.port) as way:
        way.room, way.failures = 2 * PART_BYTES, 10_000
        place = replace(server.place(), endpoint=way.endpoint)
        with opened(place, tmp_path) as files, pytest.raises(Unavailable):
            keep(files, KEY, b"x" * (5 * PART_BYTES))

    assert keys(server.place()) == []


@pytest.mark.parametrize("server", ["nanio"], indirect=True)
def test_a_wrong_secret_is_no_missing_file(server: BucketServer, tmp_path: Path) -> None:
    """A document must not seem to be lost because a key was changed."""
    place = replace(server.place(), secret_key="wrong-wrong-wrong")
    with opened(place, tmp_path) as files, pytest.raises(Unavailable):
        files.open(KEY)


def test_an_old_file_of_no_document_is_set_aside(
    server: BucketServer, files: DocumentFiles, tmp_path: Path
) -> None:
    """What a crash left between putting and committing; known ones stay."""
    keep(files, OLD)
    keep(files, KEY)
    server.age(1.5)
    keep(files, "2026/11/20/new-1")

    swept = files.sweep(is_known=lambda key: key == KEY, today=TODAY)

    documents = [each for each in keys(server.place()) if not each.startswith(".")]
    assert (swept, documents) == (
        1,
        ["2026/11/20/doc-1", "2026/11/20/new-1", "orphans/2026-11-19-lost-1"],
    )


def test_a_sweep_is_not_made_again_at_once(
    server: BucketServer, files: DocumentFiles, tmp_path: Path
) -> None:
    """Another node did it."""
    files.sweep(is_known=lambda _: True, today=TODAY)
    keep(files, OLD)
    server.age(1.5, below="2026/11/19")

    with opened(server.place(), tmp_path / "other") as other:
        assert other.sweep(is_known=lambda _: False, today=TODAY) == 0


def test_what_was_set_aside_is_removed_after_a_week(
    server: BucketServer, files: DocumentFiles, tmp_path: Path
) -> None:
    """Time enough to notice that a wrong database was restored."""
    keep(files, OLD)
    server.age(1.5)
    files.sweep(is_known=lambda _: False, today=TODAY)
    server.age(7.5)

    files.sweep(is_known=lambda _: False, today=TODAY)

    assert [each for each in keys(server.place()) if not each.startswith(".")] == []


def test_what_cannot_be_removed_is_not_taken_for_wiped(
    server: BucketServer, files: DocumentFiles
) -> None:
    """Whoever erases comes again; a secret that never got there is wiped all the same."""
    keep(files, KEY)
    arriving = files.create(OLD)
    arriving.write(b"secret")
    arriving.finish()
    server.stop()

    files.wipe([OLD])
    with pytest.raises(Unavailable):
        files.wipe([KEY])


def test_prefixes_of_a_bucket_do_not_see_each_other(
    server: BucketServer, files: DocumentFiles, tmp_path: Path
) -> None:
    """Two nodes of two agencies over one bucket."""
    keep(files, KEY)

    with opened(server.place(prefix="nut/h40"), tmp_path / "h40") as other:
        assert other.is_empty()
        with pytest.raises(NotFound):
            other.open(KEY)


def test_a_large_file_takes_little_memory(files: DocumentFiles) -> None:
    """It is sent in parts, and read in blocks."""
    spool = files.create(KEY)
    for _ in range(40):
        spool.write(b"x" * (1 << 20))
    spool.finish()
    tracemalloc.start()

    files.keep([KEY])
    with files.open(KEY) as file:
        while file.read(1 << 18):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 24 << 20


def test_folders_of_dead_processes_are_cleared(tmp_path: Path) -> None:
    """And those of the living stay."""
    with own_folder(tmp_path) as mine:
        dead = tmp_path / "process-dead"
        dead.mkdir()
        (dead / ".lock").touch()
        (dead / "secret").write_text("x", "utf-8")
        with own_folder(tmp_path) as other:
            left = {each.name for each in tmp_path.iterdir()}

        assert left == {mine.name, other.name}


@pytest.mark.parametrize("bucket", ["khong-co", "van-ban"])
def test_a_place_that_is_none_is_told(server: BucketServer, tmp_path: Path, bucket: str) -> None:
    """No bucket of that name, or nobody at that address."""
    endpoint = server.endpoint if bucket == "khong-co" else "http://127.0.0.1:1"
    place = replace(server.place(), bucket=bucket, endpoint=endpoint)

    with opened(place, tmp_path) as files, pytest.raises(Unavailable):
        keep(files, KEY)
