"""SQLite as the engine of the store: one file, any number of processes of one machine."""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

from gateway.domain.errors import Unavailable
from gateway.storage.migrate import migrate
from gateway.storage.sqlite_connection import SqliteConnection
from gateway.storage.turn import Turn


class SqliteEngine:
    """See :class:`gateway.storage.engine.Engine`."""

    errors = sqlite3.Error
    broken_rules = sqlite3.IntegrityError

    heard: tuple[int, str] | None = None  #: nothing: a file is in one place

    def __init__(self, file: Path) -> None:
        """Name the database *file*."""
        self._file = file
        self._turn = Turn(file.with_name(f"{file.name}-turn"))
        self._watcher: SqliteConnection | None = None
        self._seen, self._counted = 0, -1
        self._doubts = 0  #: commits that nobody counted

    def prepare(self) -> None:
        """Make the file and its schema."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._turn.open()
        connection = self.connect(read_only=False)
        try:
            migrate(connection.raw)
        finally:
            connection.close()

    def connect(self, *, read_only: bool) -> SqliteConnection:
        """Open a connection."""
        return SqliteConnection(self._file, read_only=read_only, tell=self._turn.tell)

    def turn(self) -> AbstractContextManager[None]:
        """Wait for the turn of this writer among those of other processes, and hold it."""
        return self._turn

    def is_busy(self, error: Exception) -> bool:
        """Whether another process holds the database."""
        return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname.startswith(
            ("SQLITE_BUSY", "SQLITE_LOCKED")
        )

    def count(self, table: str | None) -> int:
        """Return a number that differs after a commit of any process, or one that changed *table*.

        It lies in memory that the processes share.
        """
        return self._turn.count(table) + self._doubts

    def look(self) -> bool:
        """Whether other connections have committed since the last look."""
        version, before = self._data_version(), self._counted
        self._counted = self._turn.count()
        if version != self._seen and self._counted == before:
            self._doubts += 1  # whoever committed this did not live to count it
        changed = version != self._seen or self._counted != before
        self._seen = version
        return changed

    def close(self) -> None:
        """Close what is shared."""
        if self._watcher is not None:
            self._watcher.close()
        self._turn.close()

    def _data_version(self) -> int:
        """Return what differs once another connection has committed."""
        if self._watcher is None:
            self._watcher = self.connect(read_only=True)
        try:
            return int(self._watcher.raw.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.OperationalError as error:
            raise Unavailable("the database cannot be read now") from error
