"""What every store of documents' files promises: a folder, and a bucket of two server programs."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from io import SEEK_END
from itertools import count
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured, NotFound, Unavailable
from gateway.ports import DocumentFiles
from gateway.storage import open_bucket
from gateway.storage.blobs import FolderBlobs
from gateway.storage.bucket import PART_BYTES
from tests.buckets import PROGRAMS, BucketServer, bucket_server

KEY = "2026/11/20/doc-1"
_prefixes = count(1)
in_a_bucket = pytest.mark.parametrize("stores", PROGRAMS, indirect=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Opens stores over the same files, as nodes or processes do."""

    folder: Path
    server: BucketServer | None
    stack: ExitStack
    prefix: str

    def open(self) -> DocumentFiles:
        """Return a store of its own over the files of all."""
        if self.server is None:
            return FolderBlobs(self.folder / "documents", checkpoint=lambda _: None)
        opened = open_bucket(
            self.server.place(self.prefix),
            spool=self.folder / "spool",
            cache_bytes=1 << 20,
            checkpoint=lambda _: None,
        )
        return self.stack.enter_context(opened)


@pytest.fixture(name="servers", scope="module")
def _servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, BucketServer]]:
    """The server programs, running."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(bucket_server(name, tmp_path_factory.mktemp(name)))
            for name in PROGRAMS
        }


@pytest.fixture(name="stores", params=["folder", *PROGRAMS])
def _stores(
    request: pytest.FixtureRequest, tmp_path: Path, servers: dict[str, BucketServer]
) -> Iterator[Stores]:
    """New files of each kind."""
    with ExitStack() as stack:
        server = servers.get(request.param)
        prefix = f"nut-{next(_prefixes)}"
        yield Stores(folder=tmp_path, server=server, stack=stack, prefix=prefix)


@pytest.fixture(name="files")
def _files(stores: Stores) -> DocumentFiles:
    """A store over them."""
    return stores.open()


def keep(files: DocumentFiles, key: str, content: bytes = b"x") -> str:
    """Store *content* durably; return its digest."""
    spool = files.create(key)
    for begin in range(0, len(content), 1_000_003):
        spool.write(content[begin : begin + 1_000_003])
    digest = spool.finish()
    files.keep([key])
    return digest


@pytest.mark.parametrize("size", [0, 1, PART_BYTES, 2 * PART_BYTES + 7])
def test_another_node_reads_the_very_bytes(stores: Stores, size: int) -> None:
    """Whatever the size, once they were kept."""
    content = os.urandom(size)

    digest = keep(stores.open(), KEY, content)

    with stores.open().open(KEY) as file:
        found = file.read()
    assert (content == found, digest) == (True, hashlib.sha256(found).hexdigest())


def test_reading_may_begin_anywhere(stores: Stores) -> None:
    """A part of a large file is read without the rest."""
    content = os.urandom((3 << 20) + 5)
    keep(stores.open(), KEY, content)

    with stores.open().open(KEY) as file:
        size = file.seek(0, SEEK_END)
        file.seek(-10, SEEK_END)
        end = file.read()
        file.seek(1_500_000)
        middle = file.read(2_000_000)

    assert (size, end, middle) == (
        len(content),
        content[-10:],
        content[1_500_000 : 1_500_000 + 2_000_000],
    )


def test_what_was_not_kept_is_read_where_it_arrived(files: DocumentFiles) -> None:
    """Before it is judged."""
    spool = files.create(KEY)
    spool.write(b"judge me")
    spool.finish()

    with files.open(KEY) as file:
        assert file.read() == b"judge me"


@in_a_bucket
def test_what_was_not_kept_is_no_other_node_s(stores: Stores) -> None:
    """Nothing is half there."""
    spool = stores.open().create(KEY)
    spool.write(b"x")
    spool.finish()

    with pytest.raises(NotFound):
        stores.open().open(KEY)


def test_what_was_kept_and_discarded_is_gone_for_all(stores: Stores) -> None:
    """A commit failed; a second time does no harm."""
    files = stores.open()
    keep(files, KEY)

    files.discard([KEY, KEY, "2026/11/20/never-1"])

    for each in (files, stores.open()):
        with pytest.raises(NotFound):
            each.open(KEY)


def test_what_is_wiped_is_gone_whoever_kept_it(stores: Stores) -> None:
    """A recalled document is erased by any node."""
    keep(stores.open(), KEY)

    stores.open().wipe([KEY, KEY])

    with pytest.raises(NotFound):
        stores.open().open(KEY)


@pytest.mark.parametrize("stores", ["folder", "localbucket"], indirect=True)
def test_a_file_that_another_kept_is_not_written_over(stores: Stores) -> None:
    """Where the server can be told so; keys are random, nothing hangs on it."""
    keep(stores.open(), KEY, b"first")

    with pytest.raises(Unavailable):
        keep(stores.open(), KEY, b"second")

    with stores.open().open(KEY) as file:
        assert file.read() == b"first"


def test_a_bad_key_reaches_no_file(files: DocumentFiles) -> None:
    """A name from outside cannot become one of ours."""
    for bad in ("../x", "2026/11/20/../x", "doc-1", ""):
        with pytest.raises(Misconfigured):
            files.create(bad)
        with pytest.raises(Misconfigured):
            files.open(bad)


def test_files_know_whose_they_are(stores: Stores) -> None:
    """A wrong bucket, or folder, is found before anything is written there."""
    before = stores.open().identity()

    stores.open().identify("5f0c")

    assert (before, stores.open().identity()) == (None, "5f0c")


def test_files_of_documents_are_seen(stores: Stores) -> None:
    """The mark of the owner alone is no document."""
    files = stores.open()
    files.identify("5f0c")
    before = files.is_empty()

    keep(files, KEY)

    assert (before, stores.open().is_empty()) == (True, False)


@in_a_bucket
def test_a_fresh_file_survives_a_sweep_of_a_bucket(stores: Stores) -> None:
    """Its commit may be under way at another node."""
    keep(stores.open(), KEY)

    swept = stores.open().sweep(is_known=lambda _: False, today=date(2030, 1, 1))

    with stores.open().open(KEY) as file:
        assert (swept, file.read()) == (0, b"x")
