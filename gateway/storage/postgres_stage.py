"""A database of a PostgreSQL server copied beside itself, as the release that made it did."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from gateway.domain.errors import Misconfigured, Unavailable
from gateway.storage.copied_files import FILES
from gateway.storage.migrate import migrations
from gateway.storage.moving import move
from gateway.storage.postgres_connection import connect
from gateway.storage.shape import Shape, Table


@contextmanager
def copied_beside(url: str) -> Iterator["PostgresStage"]:
    """Give a copy of the database *url*, which nodes may use meanwhile; drop it in the end.

    Raises:
        Misconfigured: its user may make no database, or a newer release made it.
        Unavailable: the server cannot be read, or the copy not be written.
    """
    name = f"gateway_rehearsal_{token_hex(6)}"
    with _connected(url) as connection:
        steps = {int(row[0]) for row in connection.execute("SELECT number FROM migration")}
    named = {**conninfo_to_dict(url), "dbname": name}
    there = "postgresql:///?" + urlencode(named, quote_via=quote)  # a plus is no space there
    try:
        _make_beside(url, name, there)
        move(
            url,
            there,
            folder=Path(),
            progress=lambda _: None,
            while_written=True,
            steps=steps,
        )
        yield PostgresStage(there)
    finally:
        with _connected(url) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def _make_beside(url: str, name: str, there: str) -> None:
    """Make the database *name* beside *url*, with the schema that is in use here; its address is *there*."""
    with _connected(url) as connection:
        schema = connection.execute("SELECT current_schema()").fetchone()
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise Misconfigured(
                "the copy needs a database of its own for a while: let the administrator of the "
                "server say ALTER ROLE … CREATEDB, and take it back afterwards"
            ) from error
    with _connected(there) as connection:
        for each in schema or ():
            connection.execute(
                sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(each))
            )


class PostgresStage:
    """See :class:`gateway.storage.stage.Stage`."""

    def __init__(self, url: str) -> None:
        """Know the address of the copy."""
        self.url = url

    def shape(self) -> Shape:
        """Return every table by its name."""
        columns: dict[str, list[str]] = {}
        with _connected(self.url) as connection:
            for table, column in connection.execute(
                "SELECT c.table_name, c.column_name FROM information_schema.columns c "
                "JOIN information_schema.tables t USING (table_schema, table_name) "
                "WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
                "ORDER BY c.table_name, c.ordinal_position"
            ):
                columns.setdefault(table, []).append(column)
            return {
                name: Table(columns=tuple(named), rows=_count(connection, name))
                for name, named in columns.items()
            }

    def pending(self) -> list[int]:
        """Return the numbers of the migrations that it still lacks."""
        with _connected(self.url) as connection:
            done = {row[0] for row in connection.execute("SELECT number FROM migration")}
        return [number for number in migrations("postgres") if number not in done]

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield key and SHA-256 of every file of a document."""
        with (
            _connected(self.url) as connection,
            connection.transaction(),
            psycopg.ServerCursor(connection, "files") as cursor,
        ):
            yield from cursor.execute(FILES.encode())


@contextmanager
def _connected(url: str) -> Iterator["psycopg.Connection[Any]"]:
    """Connect to *url*; raise Unavailable for whatever the server does not do."""
    try:
        with closing(connect(url)) as connection:
            connection.execute("SET statement_timeout = 0")  # a big table takes its time
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            yield connection
    except psycopg.Error as error:
        raise Unavailable(f"the database cannot be copied: {error}") from error


def _count(connection: "psycopg.Connection[Any]", table: str) -> int:
    counted = sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(counted).fetchone()
    return 0 if row is None else int(row[0])
