"""One connection to SQLite: statements by name, and inserts that can be put off."""

import re
import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gateway.domain.errors import Misconfigured
from gateway.storage.rows import Parameters, Row
from gateway.storage.statements import load_statements

#: What a reader or a writer of another process waits for the database before it gives up.
BUSY_TIMEOUT_S = 10.0
#: Rows of one insert; few sizes, so that the statements stay prepared.
_SIZES = (64, 16, 4, 1)
_VALUES = re.compile(r"VALUES (\([^()]*\))")
_PARAMETER = re.compile(r":(\w+)")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+(\w+)")


@cache
def _tables(statement: str) -> frozenset[str]:
    """Return the tables that *statement* touches."""
    return frozenset(_TABLE.findall(statement))


@cache
def _of_rows(statement: str, size: int) -> tuple[str, list[str]]:
    """Return the insert *statement* for *size* rows, and the names of one row's values in order."""
    head, values, tail = _VALUES.split(statement, maxsplit=1)
    row = _PARAMETER.sub("?", values)
    return f"{head}VALUES {', '.join([row] * size)}{tail}", _PARAMETER.findall(values)


class SqliteConnection:
    """A connection that knows the statements by name, and may put inserts off.

    What is put off goes to the engine in one call per statement, before anything that touches the
    same table is run and at the latest before the commit: a group of many units then costs few
    calls. What a unit has put off is dropped when the unit is undone.
    """

    def __init__(self, file: Path, *, read_only: bool) -> None:
        """Open *file*; raise Misconfigured when that cannot be."""
        self._statements = load_statements("sqlite")
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
        self._read_only = read_only
        if read_only:
            self.raw.execute("PRAGMA query_only = ON")
        self._late: list[tuple[str, Parameters]] = []  #: what is put off, oldest first
        self._touched: set[str] = set()  #: tables of what is put off
        self._latest: dict[tuple[str, str], Parameters] = {}  #: the newest of each key
        self.changes: set[str] = set()  #: tables of which copies are kept, changed since it began

    def one(self, name: str, parameters: Parameters) -> Row | None:
        """Run a statement; return its first row."""
        rows = self.all(name, parameters)
        return rows[0] if rows else None

    def all(self, name: str, parameters: Parameters) -> list[Row]:
        """Run a statement; return every row."""
        return self.raw.execute(self._ready(name), parameters).fetchall()

    def filled(self, name: str, words: Mapping[str, str], parameters: Parameters) -> list[Row]:
        """Run a statement with *words* in its braces; see the protocol."""
        return self.raw.execute(self._ready(name).format_map(words), parameters).fetchall()

    def run(self, name: str, parameters: Parameters) -> int:
        """Run a statement; return the number of rows that it changed."""
        return self.raw.execute(self._ready(name), parameters).rowcount

    def put_off(self, name: str, parameters: Parameters, *, key: str | None = None) -> None:
        """Run an insert later in this transaction; see the class and the protocol."""
        if self._read_only:
            raise sqlite3.OperationalError("a query cannot write")
        if key is None:
            self._late.append((name, parameters))
        else:
            self._latest[name, key] = parameters
        self._touched |= _tables(self._statements[name])

    def note_change(self, table: str) -> None:
        """Note that *table* was changed, of which copies are kept; see the protocol."""
        self.changes.add(table)

    def put_down(self) -> None:
        """Run what was put off."""
        late, latest = self._late, self._latest
        self.forget()
        by_name: dict[str, list[Parameters]] = {}
        for name, parameters in late:
            by_name.setdefault(name, []).append(parameters)
        for (name, _), parameters in latest.items():
            by_name.setdefault(name, []).append(parameters)
        for name, rows in by_name.items():
            self._insert(self._statements[name], rows)

    def _insert(self, statement: str, rows: list[Parameters]) -> None:
        """Run an insert for all *rows*, many with one call.

        The engine then leaves the interpreter's lock once, not once for each row.
        """
        done = 0
        while done < len(rows):
            size = next(size for size in _SIZES if size <= len(rows) - done)
            text, names = _of_rows(statement, size)
            some = rows[done : done + size]
            self.raw.execute(text, [row[name] for row in some for name in names])
            done += size

    def forget(self) -> None:
        """Drop what was put off: a transaction begins."""
        self._late, self._latest, self._touched = [], {}, set()

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

    def _ready(self, name: str) -> str:
        """Return the statement *name*, once nothing is put off that it could miss."""
        statement = self._statements[name]
        if self._touched and not self._touched.isdisjoint(_tables(statement)):
            self.put_down()
        return statement

    def execute(self, statement: str) -> None:
        """Run a statement that carries no values (BEGIN, SAVEPOINT, …)."""
        self.raw.execute(statement)
