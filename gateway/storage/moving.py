"""A store moved as a whole from one engine to another: every row of every table."""

import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from gateway.domain.errors import Conflict, Unavailable
from gateway.storage.migrate import migrate, migrate_postgres, migrations
from gateway.storage.postgres_connection import connect, storable
from gateway.storage.turn import WRITING

#: Rows written at a time.
_BATCH = 500
#: Not of the node, but of the engine: what it migrated, its views, and its index of words, made
#: anew.
_OWN = frozenset({"migration", "statistic_view", "statistic_cell"})
_INDEX = "document_words"
_FILL_INDEX = re.compile(rf"INSERT INTO {_INDEX}\b.*?;", re.DOTALL)
#: Tables to which others refer come first.
_FIRST = ("document",)

Row = Sequence[Any]
Progress = Callable[[int], None]


class _End(Protocol):
    """One end of a move."""

    def tables(self) -> dict[str, list[str]]:
        """Return the columns of every table."""

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Row]:
        """Yield every row of *table*."""

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert *rows*."""

    def finish(self, beyond: int) -> None:
        """Let rising keys go on where they were, or so much *beyond* it, and commit."""


def move(
    source: str,
    target: str,
    *,
    folder: Path,
    progress: Progress,
    while_written: bool = False,
    steps: Collection[int] | None = None,
    beyond: int = 0,
) -> int:
    """Copy everything from the database *source* to *target*, which has nothing; return the rows.

    Both are addresses as in the settings. All of it arrives, or nothing.

    Args:
        source: as it is at one moment; nobody writes meanwhile, unless *while_written* of a server.
        target: is made by the migrations of this release, or by these *steps* of it.
        folder: relative paths begin there.
        progress: is told the count of rows.
        while_written: lets nodes go on meanwhile.
        steps: of the release that the source is of.
        beyond: rising keys of a server go on so much higher.

    Raises:
        Conflict: the target holds something already, or is of another release.
        Unavailable: one of them cannot be read or written.
    """
    try:
        with (
            _open(source, folder, while_written=while_written) as here,
            _made(target, folder, steps) as there,
        ):
            tables = here.tables()
            if tables != there.tables():
                raise Conflict("the two databases are not of one release: upgrade the node first")
            if any(True for table in tables for _ in there.rows(table, tables[table])):
                raise Conflict(f"{_plain(target)} holds a node already")
            count = 0
            for table in sorted(tables, key=lambda name: (name not in _FIRST, name)):
                for batch in _batches(here.rows(table, tables[table])):
                    there.write(table, tables[table], batch)
                    count += len(batch)
                    progress(count)
            there.finish(beyond)
            return count
    except (sqlite3.Error, psycopg.Error) as error:
        raise Unavailable(f"the store cannot be copied: {error}") from error


@contextmanager
def _open(url: str, folder: Path, *, while_written: bool) -> Iterator[_End]:
    if url.startswith("postgres"):
        with closing(connect(url)) as connection:
            yield _Postgres(connection, alone=not while_written)
        return
    with closing(sqlite3.connect(_file(url, folder), isolation_level=None)) as database:
        yield _Sqlite(database)


@contextmanager
def _made(url: str, folder: Path, steps: Collection[int] | None) -> Iterator[_End]:
    if url.startswith("postgres"):
        with closing(connect(url)) as connection:
            migrate_postgres(connection, steps)
            yield _Postgres(connection, alone=True)
        return
    file = _file(url, folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        migrate(database)
        yield _Sqlite(database)


def _file(url: str, folder: Path) -> Path:
    return folder / url.partition(":///")[2]


class _Sqlite:
    """A file."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("PRAGMA synchronous = FULL")
        database.execute("BEGIN IMMEDIATE")  # nobody else writes meanwhile

    def tables(self) -> dict[str, list[str]]:
        names = self._database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        return {
            name: sorted(row[1] for row in self._database.execute(f"PRAGMA table_info({name})"))
            for (name,) in names.fetchall()
            if _is_moved(name) and not name.startswith("sqlite_")
        }

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Row]:
        yield from self._database.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - names of ours

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        places = ", ".join("?" for _ in columns)
        self._database.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608 - names of ours
            rows,
        )

    def finish(self, beyond: int) -> None:
        self._database.execute(
            "INSERT INTO counter (series, value) SELECT 'position', MAX(position) FROM document "
            "WHERE position IS NOT NULL HAVING COUNT(*) > 0 "
            "ON CONFLICT (series) DO UPDATE SET value = excluded.value"
        )
        self._database.execute(_index_filled("sqlite"))
        self._database.execute("COMMIT")


class _Postgres:
    """A server."""

    def __init__(self, connection: "psycopg.Connection[Any]", *, alone: bool) -> None:
        self._connection = connection
        if alone:  # held until the connection ends: nodes that run write nothing meanwhile
            connection.execute("SELECT pg_advisory_lock(%s)", (WRITING,))
        # A big table takes its time, at either end.
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")

    def tables(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for table, column in self._connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        ):
            if _is_moved(table):
                found.setdefault(table, []).append(column)
        return {table: sorted(columns) for table, columns in found.items()}

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Row]:
        with psycopg.ServerCursor(self._connection, f"move_{table}") as cursor:
            cursor.itersize = _BATCH
            yield from cursor.execute(
                sql.SQL("SELECT {} FROM {}").format(_listed(columns), sql.Identifier(table))
            )

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), _listed(columns)
        )
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([*map(storable, row)])

    def finish(self, beyond: int) -> None:
        rising = self._connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND is_identity = 'YES'"
        ).fetchall()
        for table, column in rising:
            self._connection.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({}, {}), "
                    "(SELECT COALESCE(MAX({}), 0) + 1 + {} FROM {}), false)"
                ).format(
                    sql.Literal(table),
                    sql.Literal(column),
                    sql.Identifier(column),
                    sql.Literal(beyond),
                    sql.Identifier(table),
                )
            )
        self._connection.execute(
            "SELECT setval(to_regclass('document_position'), COALESCE(MAX(position), 0) + 1, false)"
            " FROM document"
        )
        self._connection.execute(_index_filled("postgres").encode())
        self._connection.execute("COMMIT")


def _is_moved(table: str) -> bool:
    return table not in _OWN and not table.startswith(_INDEX)


def _index_filled(engine: str) -> str:
    """Return the statement with which the migration fills the index of words."""
    (found,) = (
        match[0]
        for script in migrations(engine).values()
        for match in _FILL_INDEX.finditer(script)
    )
    return found


def _listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _plain(url: str) -> str:
    """Return *url* without what may be a password."""
    head, at, tail = url.rpartition("@")
    return f"{head.partition('://')[0]}://…@{tail}" if at else url
