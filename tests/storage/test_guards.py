"""The guards of the audit record, on every engine: what the migrations lay down, and what is gone."""

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.storage.guards import guards
from gateway.storage.store import SqlStore
from tests.storage.cellar import SQLITE


def shell(folder: Path, database: str, *statements: str) -> None:
    """Run *statements* as an administrator's shell does."""
    here = database == SQLITE
    raw: Any = sqlite3.connect(folder / "gateway.db") if here else psycopg.connect(database)
    for each in statements:
        raw.execute(each)
    raw.commit()
    raw.close()


def names(database: str) -> list[str]:
    """Return the guards that a database must have."""
    return [each.name for each in guards("sqlite" if database == SQLITE else "postgres")]


def drop(database: str, name: str) -> str:
    """Return the statement that takes a guard away."""
    table = name.partition("_is_")[0]
    return f"DROP TRIGGER {name}" + ("" if database == SQLITE else f" ON {table}")


async def test_a_new_database_has_every_guard(store: SqlStore, database: str) -> None:
    """Of the record, its archived segments, and what is kept of them."""
    assert await store.read(lambda tx: tx.audit.lost_guards()) == []
    assert {each.partition("_is_")[0] for each in names(database)} == {
        "audit_record",
        "audit_segment",
        "audit_kept",
    }


async def test_every_guard_that_is_dropped_is_named(
    store: SqlStore, database: str, tmp_path: Path
) -> None:
    """And can be put back."""
    shell(tmp_path, database, *(drop(database, each) for each in names(database)))

    lost = await store.read(lambda tx: tx.audit.lost_guards())
    await store.write(lambda tx: tx.audit.restore_guards(lost))

    assert lost == names(database)
    assert await store.read(lambda tx: tx.audit.lost_guards()) == []


NEVER = """CREATE TRIGGER audit_record_is_not_changed BEFORE UPDATE ON audit_record WHEN 0
    BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END;"""
EMPTY = """CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RETURN NEW; END;'"""
ELSEWHERE = """CREATE TRIGGER audit_record_is_not_changed BEFORE UPDATE ON audit_kept
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"""
ALTERED = [
    ("sqlite", ["DROP TRIGGER audit_record_is_not_changed", NEVER]),
    ("postgres", ["ALTER TABLE audit_record DISABLE TRIGGER audit_record_is_not_changed"]),
    ("postgres", [EMPTY]),
    ("postgres", ["DROP TRIGGER audit_record_is_not_changed ON audit_record", ELSEWHERE]),
]


@pytest.mark.parametrize(("database", "statements"), ALTERED, indirect=["database"])
async def test_a_guard_that_guards_nothing_is_named(
    store: SqlStore, database: str, tmp_path: Path, statements: list[str]
) -> None:
    """It bears the name, and does not do what it did: never, disabled, emptied, elsewhere."""
    shell(tmp_path, database, *statements)

    assert "audit_record_is_not_changed" in await store.read(lambda tx: tx.audit.lost_guards())
