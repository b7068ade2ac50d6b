"""The cellar: the database and the files of documents."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from gateway.domain.errors import Misconfigured
from gateway.storage.engine import Engine
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
