"""A node's database, of whatever engine, as one SQLite file, and such a file as a database again.

Backups hold that file: they can be read, verified and restored without the engine they came from.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.storage import copies
from gateway.storage.migrate import migrate
from gateway.storage.moving import move


def take(url: str, to: Path, *, folder: Path) -> None:
    """Write the database that *url* names, as it is at one moment, to the new file *to*.

    Nodes go on meanwhile. Relative paths of *url* begin at *folder*.

    Raises:
        Conflict: the database is of another release.
        Unavailable: a server cannot be read.
        OSError: the file cannot be written; as sqlite3.Error.
    """
    if url.startswith("sqlite:"):
        copies.copy_database(folder / url.partition(":///")[2], to)
        return
    move(url, _url_of(to), folder=folder, progress=lambda _: None, while_written=True)
    with closing(sqlite3.connect(to)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, also when it is read
    with to.open("rb") as stream:
        os.fsync(stream.fileno())


def put_on_server(file: Path, url: str, *, beyond: int) -> None:
    """Fill the empty database of a server with *file*, which is brought up to this release.

    Rising keys go on so much *beyond*; see :func:`gateway.storage.moving.move`.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        migrate(connection)
    move(_url_of(file), url, folder=file.parent, progress=lambda _: None, beyond=beyond)


def _url_of(file: Path) -> str:
    return f"sqlite:///{file.absolute()}"
