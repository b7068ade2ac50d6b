"""Applies the numbered migrations; a database newer than the code is refused."""

import re
import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gateway.domain.errors import Misconfigured
from gateway.storage.turn import WRITING

if TYPE_CHECKING:
    import psycopg

_WORDS = {
    "sqlite": {
        "{identity}": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "{bytes}": "BLOB",
        "{by_key}": " WITHOUT ROWID",
    },
    "postgres": {
        "{identity}": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "{bytes}": "BYTEA",
        "{by_key}": "",
    },
}
#: The lock of the node that migrates.
_MIGRATING = 0x4C47_4D49
_FILE = re.compile(r"^(?P<number>\d{4})_\w+(?:\.(?P<engine>sqlite|postgres))?\.sql$")


def migrations(engine: str) -> dict[int, str]:
    """Return the scripts for *engine* by number, oldest first."""
    scripts: dict[int, str] = {}
    folder = files("gateway.storage").joinpath("sql/migrations")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        name = _FILE.match(file.name)
        if name is None or name["engine"] not in {None, engine}:
            continue
        text = file.read_text("utf-8")
        for word, meaning in _WORDS[engine].items():
            text = text.replace(word, meaning)
        scripts[int(name["number"])] = text
    return scripts


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the SQLite database of *connection* up to the code, one transaction a step.

    Raises:
        Misconfigured: the database was made by a newer release.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, at TEXT NOT NULL)"
    )
    scripts = migrations("sqlite")
    for number, script in scripts.items():
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = {row[0] for row in connection.execute("SELECT number FROM migration")}
            _refuse_newer(max(done, default=0), max(scripts))
            if number not in done:
                _step(connection, number, script)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def migrate_postgres(
    connection: "psycopg.Connection[Any]", steps: Collection[int] | None = None
) -> None:
    """The same for PostgreSQL; of several nodes that begin at once, one does it.

    With *steps* alone where an earlier release is to be met again. Nodes of the earlier release that
    still run write nothing meanwhile: each might hold what the other waits for.

    Raises:
        Misconfigured: the database was made by a newer release.
    """
    scripts = migrations("postgres")
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")  # a big table takes its time
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, at TEXT NOT NULL)"
        )
        done = {row[0] for row in connection.execute("SELECT number FROM migration")}
        _refuse_newer(max({*done, *(steps or ())}, default=0), max(scripts))
        meant = scripts if steps is None else steps
        wanted = [number for number in scripts if number in meant and number not in done]
        if wanted:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        for number in wanted:
            connection.execute(scripts[number].encode())
            at = datetime.now(UTC).isoformat()  # noqa: TID251 - a note, nothing decides by it
            connection.execute("INSERT INTO migration VALUES (%s, %s)", (number, at))


def _step(connection: sqlite3.Connection, number: int, script: str) -> None:
    for statement in _split(script):
        connection.execute(statement)
    at = datetime.now(UTC).isoformat()  # noqa: TID251 - a note, nothing decides by it
    connection.execute("INSERT INTO migration VALUES (?, ?)", (number, at))


def _refuse_newer(database: int, code: int) -> None:
    if database > code:
        raise Misconfigured(
            f"the database is at step {database}, this release knows {code}: "
            "run the newer release, or restore a backup"
        )


def _split(script: str) -> list[str]:
    """Split a script into statements; a trigger's body keeps its own semicolons."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
