"""One connection to SQLite: statements by name, and inserts that can be put off."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.domain.errors import Misconfigured
from gateway.storage.putting_off import PuttingOff
from gateway.storage.rows import Parameters, Row
from gateway.storage.statements import load_statements

#: What a reader or a writer of another process waits for the database before it gives up.
BUSY_TIMEOUT_S = 10.0
#: Pages of the log (32 MB) after which they are brought into the file. A document for hundreds
#: changes a thousand; what many documents change again and again is then brought over once.
_LOG_PAGES = 8192


class SqliteConnection(PuttingOff):
    """See :class:`gateway.storage.engine.EngineConnection`."""

    dialect = "sqlite"
    moved = False
    tip: tuple[int, str] | None = None

    def __init__(
        self, file: Path, *, read_only: bool, tell: Callable[[set[str]], None] = lambda _: None
    ) -> None:
        """Open *file*; *tell* hears what each commit changed. Raise Misconfigured on failure."""
        super().__init__(load_statements("sqlite"))
        try:
            self.raw = sqlite3.connect(
                file,
                isolation_level=None,
                timeout=BUSY_TIMEOUT_S,
                check_same_thread=False,
                cached_statements=256,
            )
            self.raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise Misconfigured(f"{file}: the database cannot be opened: {error}") from error
        self.raw.execute("PRAGMA synchronous = FULL")
        self.raw.execute("PRAGMA foreign_keys = ON")
        self.raw.execute("PRAGMA cache_size = -16384")
        self.raw.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        self._tell = tell
        self._read_only = read_only
        if read_only:
            self.raw.execute("PRAGMA query_only = ON")

    def one(self, name: str, parameters: Parameters) -> Row | None:
        """Run a statement; return its first row."""
        rows = self.all(name, parameters)
        return rows[0] if rows else None

    def all(self, name: str, parameters: Parameters) -> list[Row]:
        """Run a statement; return every row."""
        return self.raw.execute(self.ready(name), parameters).fetchall()

    def untouched(self, name: str, parameters: Parameters) -> list[Row]:
        """The same; a text that is not valid UTF-8 is returned as bytes."""
        self.raw.text_factory = _text_or_bytes
        try:
            return self.all(name, parameters)
        finally:
            self.raw.text_factory = str

    def together(self, names: Sequence[str], parameters: Parameters) -> list[list[Row]]:
        """Run several statements; see the protocol."""
        return [self.all(name, parameters) for name in names]

    def filled(self, name: str, words: Mapping[str, str], parameters: Parameters) -> list[Row]:
        """Run a statement with *words* in its braces; see the protocol."""
        return self.raw.execute(self.ready(name).format_map(words), parameters).fetchall()

    def run(self, name: str, parameters: Parameters) -> int:
        """Run a statement; return the number of rows that it changed."""
        return self.raw.execute(self.ready(name), parameters).rowcount

    def define(self, statement: str) -> None:
        """Run a statement of the schema."""
        self.raw.execute(statement)

    def put_off(self, name: str, parameters: Parameters, *, key: str | None = None) -> None:
        """Run an insert later in this transaction."""
        if self._read_only:
            raise sqlite3.OperationalError("a query cannot write")
        super().put_off(name, parameters, key=key)

    def insert(self, statement: str, values: Sequence[Any]) -> None:
        """Run an insert whose values go by their position."""
        self.raw.execute(statement, values)

    def begin(self, rests_on: frozenset[str] | None = None) -> None:
        """Begin a transaction."""
        self.forget()
        self.changes.clear()
        self.raw.execute("BEGIN" if self._read_only else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Commit durably."""
        self.raw.execute("COMMIT")
        self._tell(self.changes)

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

    def begin_unit(self) -> None:
        """Begin a part of the transaction that may be undone alone."""
        self.put_down()
        self.raw.execute("SAVEPOINT unit")

    def end_unit(self, *, undo: bool) -> None:
        """End it, or *undo* it with all that it put off."""
        if undo:
            self.forget()
            self.raw.execute("ROLLBACK TO unit")
        self.raw.execute("RELEASE unit")

    def close(self) -> None:
        """Close the connection."""
        self.raw.close()


def _text_or_bytes(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
