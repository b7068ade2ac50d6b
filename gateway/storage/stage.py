"""A database copied to be tried out on: the copy of the same engine, and what it looks like."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

from gateway.domain.errors import Misconfigured, Unavailable
from gateway.storage import copies, is_shared
from gateway.storage.copied_files import blobs
from gateway.storage.migrate import migrations
from gateway.storage.shape import Shape, Table

#: A migration may write the database anew beside itself.
_ROOM = 3


class Stage(Protocol):
    """A copy of a database."""

    @property
    def url(self) -> str:
        """Return its address."""

    def shape(self) -> Shape:
        """Return every table by its name."""

    def pending(self) -> list[int]:
        """Return the numbers of the migrations that it still lacks."""

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield key and SHA-256 of every file of a document."""


def copied(url: str, *, folder: Path, place: Path) -> AbstractContextManager[Stage]:
    """Copy the database that *url* names, which nodes may use meanwhile; remove the copy in the end.

    Relative paths begin at *folder*. A file is copied to *place*, a database of a server beside
    itself.

    Raises:
        Misconfigured: there is no database, a newer release made it, or none may be made beside it.
        Unavailable: there is no room for the copy, or it cannot be written.
    """
    if is_shared(url):
        from gateway.storage.postgres_stage import copied_beside  # noqa: PLC0415 - where it is used

        return copied_beside(url)
    return _copied_file(folder / url.partition(":///")[2], place)


@contextmanager
def _copied_file(database: Path, place: Path) -> Iterator[Stage]:
    if not database.is_file():
        raise Misconfigured(f"{database}: there is no database")
    size, free = database.stat().st_size, shutil.disk_usage(place).free
    if free < size * _ROOM:
        raise Unavailable(
            f"{place}: {size * _ROOM >> 20} MB are needed, {free >> 20} MB are free; "
            "name another folder by --in"
        )
    copy = place / "gateway.db"
    copies.copy_database(database, copy)
    yield _FileStage(copy)


class _FileStage:
    """A SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.url = f"sqlite:///{file}"

    def shape(self) -> Shape:
        with closing(sqlite3.connect(self._file)) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            return {name: _table(connection, name) for (name,) in sorted(names)}

    def pending(self) -> list[int]:
        with closing(sqlite3.connect(self._file)) as connection:
            done = {row[0] for row in connection.execute("SELECT number FROM migration")}
        return [number for number in migrations("sqlite") if number not in done]

    def files(self) -> Iterator[tuple[str, str]]:
        return blobs(self._file)


def _table(connection: sqlite3.Connection, name: str) -> Table:
    quoted = '"{}"'.format(name.replace('"', '""'))
    columns = connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
    (rows,) = connection.execute(f"SELECT COUNT(*) FROM {quoted}").fetchone()  # noqa: S608 - quoted
    return Table(columns=tuple(each for (each,) in columns), rows=rows)
