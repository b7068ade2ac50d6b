"""Migrations: applied once, in order; a newer database is left alone."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from gateway.domain.accounts import Account
from gateway.domain.errors import Misconfigured
from gateway.domain.exchange import Role
from gateway.storage import open_store
from gateway.storage.migrate import migrate, migrations
from tests.storage.cellar import ZONE, cellar


def connect() -> sqlite3.Connection:
    """Return a database in memory."""
    return sqlite3.connect(":memory:", isolation_level=None)


def schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the schema and the steps that were taken."""
    steps = connection.execute("SELECT number, at FROM migration").fetchall()
    return connection.execute("SELECT name, sql FROM sqlite_master").fetchall() + steps


def test_migrations_are_idempotent() -> None:
    """A second run changes nothing."""
    connection = connect()
    migrate(connection)
    before = schema(connection)

    migrate(connection)

    assert before == schema(connection)
    connection.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_steps_are_taken_in_the_order_of_their_numbers(engine: str) -> None:
    """And no word of the engine is left open."""
    scripts = migrations(engine)

    assert list(scripts) == sorted(scripts)
    assert min(scripts) == 1
    assert not any("{identity}" in text or "{bytes}" in text for text in scripts.values())


def test_a_newer_database_is_refused() -> None:
    """An older release must not write into it."""
    connection = connect()
    migrate(connection)
    connection.execute("INSERT INTO migration VALUES (9999, 'later')")

    with pytest.raises(Misconfigured, match="9999"):
        migrate(connection)

    connection.close()


def test_a_step_that_fails_leaves_no_half() -> None:
    """The step is undone as a whole and can be tried again."""
    connection = connect()
    connection.execute("CREATE TABLE job (id INTEGER)")

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)

    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {("job",), ("migration",)} == set(names)
    connection.close()


async def test_a_store_opens_twice(tmp_path: Path) -> None:
    """A restart finds what was stored."""
    async with cellar(tmp_path) as store:
        await store.write(lambda tx: tx.numbers.take("s"))

    async with cellar(tmp_path) as store:
        assert await store.write(lambda tx: tx.numbers.take("s")) == 2


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """The operator hears which file it is."""
    (tmp_path / "gateway.db").write_bytes(
        b"no database at all, but long enough to be looked at" * 9
    )

    with pytest.raises(Misconfigured, match=r"gateway\.db"):
        async with cellar(tmp_path):
            pass


@pytest.mark.parametrize("url", ["mysql:///x", "sqlite://x", "gateway.db"])
def test_an_address_that_no_engine_serves_is_told(tmp_path: Path, url: str) -> None:
    """A setting that cannot work stops the start."""
    with pytest.raises(Misconfigured, match="database"):
        open_store(url, folder=tmp_path, chain="main", zone=ZONE, checkpoint=lambda _: None)


def test_an_administrator_of_an_earlier_step_keeps_the_account() -> None:
    """Name, password and role are those that were given."""
    connection = connect()
    for number, script in migrations("sqlite").items():
        if number < 5:
            connection.executescript(script)
    connection.execute(
        "INSERT INTO account VALUES ('quantri.h13', 'Quản trị “viên”', 'H13', 'admin', 'hash', 1,"
        " '2026-03-02T02:00:00.000000+00:00')"
    )

    connection.executescript(migrations("sqlite")[5])

    body = connection.execute("SELECT body FROM account").fetchone()[0]
    account = msgspec.json.decode(body, type=Account)
    assert (account.name, account.password_hash) == ("Quản trị “viên”", "hash")
    assert account.must_change
    assert account.roles("H13") == {Role.ADMIN}
    connection.close()


def test_what_was_stored_before_is_found_by_words() -> None:
    """Step 13 makes the index of words, and tells deliveries who sent them."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for number, script in migrations("sqlite").items():
        if number < 13:
            connection.executescript(script)
    connection.execute(
        "INSERT INTO document (position, id, code, sender, state, origin, local, business, type,"
        " number, notation, subject_folded, metadata, legal_value, submitted_at, digest, findings,"
        " version) VALUES (7, 'd', 'H13.01/2026/1', 'H13.01', 'accepted', 'x', 1, 'new', 'CV',"
        " '412', 'QĐ-UBND', 'bao cao giai ngan', '{}', 'reference', '2026', '', '[]', 0)"
    )
    connection.execute(
        "INSERT INTO delivery (id, document, position, n, recipient, agency, state, open,"
        " document_state, route, priority, updated_at, attempts, version) VALUES ('v', 'd', 7, 0,"
        " 'H13.02', 'H13.02', 'arrived', 1, 'accepted', 'desk', 0, '2026', 0, 0)"
    )
    connection.executescript(migrations("sqlite")[13])

    found = [
        connection.execute(
            "SELECT rowid FROM document_words WHERE document_words MATCH ?", (word,)
        ).fetchall()
        for word in ("giai", "412", "qd", "khong")
    ]
    assert found == [[(7,)], [(7,)], [(7,)], []]
    assert connection.execute("SELECT sender FROM delivery").fetchall() == [("H13.01",)]
    connection.close()


def test_days_for_an_answer_that_were_stored_before_are_kept() -> None:
    """Step 17 fills them in for documents that are open; one that is there stays as it is."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for number, script in migrations("sqlite").items():
        if number < 17:
            connection.executescript(script)
    stored = [
        ("open", "accepted", '{"due_on":"2026-12-01"}'),
        ("known", "accepted", '{"due_on":"2026-12-02"}'),
        ("free", "accepted", '{"due_on":null}'),
        ("bare", "accepted", "{}"),
        ("closed", "closed", '{"due_on":"2026-12-03"}'),
        ("held", "held", '{"due_on":"2026-12-04"}'),
    ]
    connection.executemany(
        "INSERT INTO document (position, id, sender, state, origin, local, business, type,"
        " notation, subject_folded, metadata, legal_value, submitted_at, digest, findings,"
        " version) VALUES (?, ?, 'H13.01', ?, 'x', 1, 'new', 'CV', 'UBND', 'bao cao', ?,"
        " 'reference', '2026', '', '[]', 0)",
        [(position, *each) for position, each in enumerate(stored)],
    )
    connection.execute("INSERT INTO deadline VALUES ('known', '2026-12-09')")

    connection.executescript(migrations("sqlite")[17])

    found = connection.execute(
        "SELECT document, due_on FROM deadline ORDER BY document"
    ).fetchall()
    assert found == [("known", "2026-12-09"), ("open", "2026-12-01")]
    connection.close()
