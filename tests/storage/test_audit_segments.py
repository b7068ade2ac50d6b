"""Archived segments in the database, on every engine: what may go, what stays at hand, what never goes."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.domain.audit_segment import Archived
from gateway.domain.exchange import AuditEntry
from gateway.ports import Transaction
from gateway.storage.store import SqlStore
from tests.storage.cellar import SQLITE, an_entry, records

_REFUSED = (sqlite3.IntegrityError, psycopg.errors.RaiseException)


def raw(folder: Path, database: str) -> Any:  # noqa: ANN401 - a connection of either engine
    """Open the database as an administrator's shell does."""
    if database == SQLITE:
        return sqlite3.connect(folder / "gateway.db", isolation_level=None)
    return psycopg.connect(database, autocommit=True)


async def recorded(store: SqlStore, number: int = 6) -> None:
    """Record things of which every other belongs to a history."""
    for n in range(number):
        action = "accepted" if n % 2 else "viewed"
        entry = an_entry("d1", action=action, data={"to": "H13.02", "code": "Đ/1"})
        await store.write(partial(_append, entry=entry))


def _append(tx: Transaction, *, entry: AuditEntry) -> None:
    tx.audit.append(entry)


async def archived(store: SqlStore, first: int = 1, last: int = 4) -> int:
    """Let a stretch go; return how many records went."""
    whole = await records(store)
    segment = Archived(
        chain="main",
        first=first,
        last=last,
        previous=whole[0].previous,
        hash=whole[last - first].hash,
        file="1.zip",
        jws="a.b.c",
    )
    return await store.write(lambda tx: tx.audit.let_go(segment, ["accepted"]))


async def test_the_records_of_a_segment_go(store: SqlStore) -> None:
    """And no others."""
    await recorded(store)

    assert await archived(store) == 4
    assert [each.seq for each in await records(store)] == [5, 6]


async def test_the_chain_goes_on_behind_it(store: SqlStore) -> None:
    """As if nothing had happened."""
    await recorded(store)
    before = (await records(store))[4].previous
    await archived(store)
    await recorded(store, 1)

    chain = await records(store)
    assert ([each.seq for each in chain], chain[0].previous) == ([5, 6, 7], before)
    assert all(after.previous == each.hash for each, after in pairwise(chain))


async def test_a_history_stays_whole(store: SqlStore) -> None:
    """What archived records say of it is kept at hand."""
    await recorded(store)
    before = await store.read(lambda tx: tx.audit.history("d1"))

    await archived(store)

    assert await store.read(lambda tx: tx.audit.history("d1")) == before


async def test_what_is_told_of_a_thing_stays(store: SqlStore) -> None:
    """For the facts of statistics: actions, instants and data, in their order."""
    await recorded(store)
    before = [
        (each.seq, each.at, each.data)
        for each in await store.read(lambda tx: tx.audit.told("d1"))
        if each.action == "accepted"
    ]

    await archived(store)

    told = await store.read(lambda tx: tx.audit.told("d1"))
    assert [(each.seq, each.at, each.data) for each in told if each.seq in {2, 4, 6}] == before


async def test_reading_on_begins_with_what_stays(store: SqlStore) -> None:
    """So that facts can be told anew from the beginning."""
    await recorded(store)
    await archived(store)

    assert await store.read(lambda tx: tx.audit.things_after("main", 0, 10)) == (6, ["d1"])


async def test_a_node_lives_since_its_oldest_record(store: SqlStore) -> None:
    """Also since one that was archived: quarters and reports of its youth stay."""
    assert await store.read(lambda tx: tx.audit.began_at()) is None
    born = datetime(2026, 1, 5, tzinfo=UTC)
    for n, action in enumerate(("accepted", "viewed")):
        entry = replace(an_entry("d1", action=action), at=born + timedelta(days=90 * n))
        await store.write(partial(_append, entry=entry))

    await archived(store, last=1)

    assert await store.read(lambda tx: tx.audit.began_at()) == born


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_record",
        "DELETE FROM audit_record WHERE seq = 5",
        "UPDATE audit_record SET actor = 'x'",
        "DELETE FROM audit_segment",
        "UPDATE audit_segment SET last = 6",
        "DELETE FROM audit_kept",
        "UPDATE audit_kept SET data = '{}'",
        "TRUNCATE audit_record",
        "TRUNCATE audit_segment",
        "TRUNCATE audit_kept",
    ],
)
async def test_nothing_else_goes(
    store: SqlStore, tmp_path: Path, database: str, statement: str
) -> None:
    """By the database's own shell."""
    if database == SQLITE:  # which has no other word for it
        statement = statement.replace("TRUNCATE", "DELETE FROM")
    await recorded(store)
    await archived(store)
    shell = raw(tmp_path, database)

    with pytest.raises(_REFUSED, match="append-only"):
        shell.execute(statement)

    shell.close()


@pytest.mark.parametrize("table", ["audit_record", "audit_segment", "audit_kept"])
async def test_nothing_takes_the_place_of_another(
    store: SqlStore, tmp_path: Path, database: str, table: str
) -> None:
    """By the words that engines have for that."""
    await recorded(store)
    await archived(store)
    shell = raw(tmp_path, database)
    is_file = database == SQLITE
    key = "chain, last" if table == "audit_segment" else "chain, seq"
    again = f"INTO {table} SELECT * FROM {table}"  # noqa: S608 - names of ours
    upsert = f"INSERT {again} ON CONFLICT ({key}) DO UPDATE SET chain = 'x'"

    with pytest.raises(_REFUSED, match="append-only"):
        shell.execute(f"REPLACE {again}" if is_file else upsert)

    shell.close()
