"""The cellar: the database and the files of documents."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path

from gateway.domain.errors import Misconfigured
from gateway.ports import DocumentFiles
from gateway.storage.blobs import FolderBlobs
from gateway.storage.bucket import Bucket, Place
from gateway.storage.engine import Engine
from gateway.storage.objects import ObjectBlobs
from gateway.storage.spool_folder import own_folder
from gateway.storage.sqlite import SqliteEngine
from gateway.storage.store import SqlStore


def open_store(
    url: str, *, folder: Path, chain: str, zone: tzinfo, checkpoint: Callable[[str], None]
) -> SqlStore:
    """Return the store that *url* names, relative paths from *folder*; not yet entered.

    Raises:
        Misconfigured: no engine serves that kind of address.
    """
    return SqlStore(_engine(url, folder), chain=chain, zone=zone, checkpoint=checkpoint)


@contextmanager
def open_bucket(
    place: Place, *, spool: Path, cache_bytes: int, checkpoint: Callable[[str], None]
) -> Iterator[DocumentFiles]:
    """Open the files of documents in a bucket; on their way they lie below the folder *spool*.

    Raises:
        Misconfigured: *place* cannot be one.
    """
    with own_folder(spool) as folder:
        files = FolderBlobs(folder, checkpoint=lambda _: None)
        yield ObjectBlobs(Bucket(place), files, cache_bytes=cache_bytes, checkpoint=checkpoint)


def is_founded(url: str, *, folder: Path) -> bool:
    """Whether the database that *url* names is there already; errors as in :func:`open_store`."""
    return is_shared(url) or _file(url, folder).exists()


def is_shared(url: str) -> bool:
    """Whether several nodes may work over the database that *url* names."""
    return url.startswith(("postgresql://", "postgres://"))


def _engine(url: str, folder: Path) -> Engine:
    if is_shared(url):
        from gateway.storage.postgres import PostgresEngine  # noqa: PLC0415 - where it is used

        return PostgresEngine(url)
    return SqliteEngine(_file(url, folder))


def _file(url: str, folder: Path) -> Path:
    scheme, separator, rest = url.partition(":///")
    if scheme != "sqlite" or not separator:
        raise Misconfigured(f"storage.database: `{url}` is no sqlite:///path or postgresql://…")
    return folder / rest
