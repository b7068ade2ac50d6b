"""Migrations of a server's database, while nodes of the release before still write to it."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.domain.errors import Misconfigured
from gateway.storage.migrate import migrate_postgres, migrations
from gateway.storage.postgres_connection import connect
from gateway.storage.turn import WRITING
from tests.postgres import Server
from tests.storage.cellar import cellar

#: The last step of the release before.
EARLIER = 25
#: Long enough to find the other waiting, seconds.
A_WHILE = 0.5


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of a database of the release before."""
    url = postgres.database()
    with closing(connect(url)) as connection:
        migrate_postgres(connection, [each for each in migrations("postgres") if each <= EARLIER])
        connection.execute("INSERT INTO statistic_mark VALUES ('H13', 5)")
    return url


def migrating(url: str, settings: str = "") -> Callable[[], list[str]]:
    """Begin to migrate in a thread, with *settings*; return what waits for it and tells how it went."""
    told: list[str] = []

    def migrate() -> None:
        with closing(connect(url)) as connection:
            connection.execute(settings.encode() or b"SELECT 1")
            try:
                migrate_postgres(connection)
            except psycopg.Error as error:
                told.append(type(error).__name__)

    thread = threading.Thread(target=migrate)
    thread.start()

    def end() -> list[str]:
        thread.join(timeout=30)
        return told

    return end


def steps(connection: "psycopg.Connection[Any]") -> set[int]:
    """Return which steps were taken."""
    return {int(row[0]) for row in connection.execute("SELECT number FROM migration")}


def test_a_step_over_a_big_table_may_take_longer_than_any_other_statement(database: str) -> None:
    """And so may the wait for another node that migrates: a node begins all the same."""
    with closing(connect(database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM delivery")  # an index of it cannot be made meanwhile
        end = migrating(database, "SET statement_timeout = '100ms'")
        time.sleep(A_WHILE)
        reader.execute("COMMIT")

        assert end() == []
        assert steps(reader) == set(migrations("postgres"))


def test_a_writer_of_the_release_before_ends_first(database: str) -> None:
    """It touches what the steps change, in another order than they: neither is cut off."""
    with closing(connect(database)) as writer:
        writer.execute("BEGIN")
        writer.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        writer.execute("UPDATE delivery SET note = note")
        end = migrating(database)
        time.sleep(A_WHILE)
        writer.execute("UPDATE statistic_mark SET seq = 6")
        writer.execute("COMMIT")

        assert end() == []
        assert steps(writer) == set(migrations("postgres"))


def test_a_node_that_finds_all_steps_taken_waits_for_no_writer(database: str) -> None:
    """It begins while others write."""
    assert migrating(database)() == []
    with closing(connect(database)) as writer:
        writer.execute("BEGIN")
        writer.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        begun = time.monotonic()

        assert migrating(database)() == []
        assert time.monotonic() - begun < 10
        writer.execute("COMMIT")


async def test_a_user_who_may_make_no_tables_is_told(postgres: Server, tmp_path: Path) -> None:
    """As of a server of which nobody granted them; it is no fault of the program."""
    url = postgres.database()
    with closing(connect(url)) as connection:
        connection.execute("CREATE ROLE humble LOGIN")
    opened = cellar(tmp_path, url.replace("postgres@", "humble@"))

    with pytest.raises(Misconfigured, match="permission denied"):
        await opened.__aenter__()
