"""Group commit: many units in one transaction, each on its own."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.domain.errors import Conflict, GatewayError, Refused, Unavailable
from gateway.ports import Transaction
from gateway.storage.store import SqlStore
from tests.storage.cellar import (
    NOW,
    SQLITE,
    a_document,
    a_job,
    an_entry,
    broken_links,
    cellar,
    limit_pages,
    records,
)

UNITS = 200


def is_unlucky(n: int) -> bool:
    """Whether unit *n* fails after it took its number."""
    return n % 7 == 3


async def many_units(store: SqlStore) -> list[int | None]:
    """Take a number and write an audit row in many units at once; every seventh fails."""

    def unit(tx: Transaction, n: int) -> int:
        taken = tx.numbers.take("s")
        tx.audit.append(an_entry(f"unit-{n}", data={"taken": taken}))
        if is_unlucky(n):
            raise Refused(f"unit {n}")
        return taken

    async def one(n: int) -> int | None:
        try:
            return await store.write(lambda tx: unit(tx, n))
        except Refused as error:
            return None if error.message == f"unit {n}" else -1

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(n)) for n in range(UNITS)]
    return [task.result() for task in tasks]


async def test_a_unit_that_rests_on_its_series_runs_once(store: SqlStore) -> None:
    """It takes a number and a place, reads what it wrote, and is not run again for any of that."""
    runs: list[int] = []

    def unit(tx: Transaction) -> int:
        runs.append(tx.numbers.take("code:H13.01:2026"))
        document = a_document()
        tx.audit.append(an_entry(document.id))
        place = tx.documents.add(document)
        assert tx.documents.find(document.id) is not None
        return place

    await store.write(unit, rests_on=("code:H13.01:2026",))

    assert (runs, broken_links(await records(store))) == ([1], [])


async def test_every_unit_gets_its_own_result(store: SqlStore) -> None:
    """Results are not mixed up in a group."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(store.write(lambda tx, n=n: (tx.numbers.take(f"s{n}"), n)))  # type: ignore[misc]
            for n in range(50)
        ]

    assert [(1, n) for n in range(50)] == [task.result() for task in tasks]


async def test_a_unit_that_raises_is_undone_alone(store: SqlStore) -> None:
    """Its neighbours in the same commit stay."""
    await many_units(store)

    stored = {each.about for each in await records(store)}
    assert stored == {f"unit-{n}" for n in range(UNITS) if not is_unlucky(n)}


async def test_numbers_are_gapless_whatever_fails(store: SqlStore) -> None:
    """A unit that fails after it took a number gives it back."""
    taken = [number for number in await many_units(store) if number is not None]

    assert sorted(taken) == list(range(1, len(taken) + 1))


async def test_the_chain_holds_after_concurrent_units_and_failures(store: SqlStore) -> None:
    """Every hash and every link can be computed anew."""
    await many_units(store)
    await many_units(store)

    assert broken_links(await records(store)) == []


async def test_the_chain_goes_on_after_a_restart(tmp_path: Path) -> None:
    """The end of the chain is read from the database."""
    async with cellar(tmp_path) as store:
        await store.write(lambda tx: tx.audit.append(an_entry("first")))

    async with cellar(tmp_path) as store:
        await store.write(lambda tx: tx.audit.append(an_entry("second")))
        chain = await records(store)

    assert ([each.seq for each in chain], broken_links(chain)) == ([1, 2], [])


async def test_what_the_schema_forbids_is_a_conflict(store: SqlStore) -> None:
    """No driver error reaches a room; the neighbours stay."""
    document = a_document()
    await store.write(lambda tx: tx.documents.add(document))

    async with asyncio.TaskGroup() as group:
        fine = group.create_task(store.write(lambda tx: tx.numbers.take("s")))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.documents.add(document))

    assert fine.result() == 1


@pytest.mark.parametrize(
    "change", ["UPDATE audit_record SET actor = 'x'", "DELETE FROM audit_record"]
)
async def test_audit_records_cannot_be_changed(
    store: SqlStore, tmp_path: Path, database: str, change: str
) -> None:
    """The database itself refuses to change or remove a record."""
    await store.write(lambda tx: tx.audit.append(an_entry()))
    is_file = database == SQLITE
    raw: Any = sqlite3.connect(tmp_path / "gateway.db") if is_file else psycopg.connect(database)

    with pytest.raises(
        (sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"
    ):
        raw.execute(change)

    raw.close()


async def test_a_reader_cannot_write(store: SqlStore) -> None:
    """A query runs on a snapshot and leaves nothing."""
    with pytest.raises(Unavailable):
        await store.read(lambda tx: tx.jobs.release(None))


async def test_a_listener_hears_of_every_commit(store: SqlStore) -> None:
    """Whoever waits for work is woken on the event loop."""
    heard = []
    store.on_commit(lambda: heard.append(asyncio.get_running_loop()))

    await store.write(lambda tx: tx.jobs.put(a_job()))

    assert heard == [asyncio.get_running_loop()]


async def test_whoever_stops_waiting_does_not_stop_the_commit(store: SqlStore) -> None:
    """A cancelled request leaves a whole unit, and nothing breaks."""
    task = asyncio.create_task(store.write(lambda tx: tx.numbers.take("s")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await store.write(lambda tx: tx.numbers.take("s")) == 2


async def test_a_store_that_stops_commits_what_waits(tmp_path: Path) -> None:
    """Closing does not lose units that were handed over."""
    async with cellar(tmp_path) as store:
        tasks = [
            asyncio.create_task(store.write(lambda tx: tx.numbers.take("s"))) for _ in range(20)
        ]
        await asyncio.sleep(0)

    assert sorted([await task for task in tasks]) == list(range(1, 21))


async def test_a_closed_store_takes_nothing(tmp_path: Path) -> None:
    """After the end there is no silent loss."""
    async with cellar(tmp_path) as store:
        pass

    with pytest.raises(Unavailable):
        await store.write(lambda tx: tx.numbers.take("s"))


def fill(tx: Transaction, n: int) -> int:
    """Take a number and store a large audit row."""
    number = tx.numbers.take("s")
    tx.audit.append(an_entry(f"large-{n}", data={"text": "x" * 50_000, "number": number}))
    return number


async def fill_at_once(store: SqlStore, count: int) -> list[int | GatewayError]:
    """Store large rows from many units at once; return number or error of each."""

    async def one(n: int) -> int | GatewayError:
        try:
            return await store.write(lambda tx: fill(tx, n))
        except GatewayError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(n)) for n in range(count)]
    return [task.result() for task in tasks]


@pytest.mark.parametrize("database", [SQLITE])
async def test_a_full_disk_is_told_to_those_it_hits_only(store: SqlStore) -> None:
    """What fits is stored, what does not is Unavailable, and no number is lost."""
    await store.write(lambda tx: limit_pages(tx, 60))

    outcomes = await fill_at_once(store, 12)

    stored = [each for each in outcomes if isinstance(each, int)]
    failed = [each for each in outcomes if not isinstance(each, int)]
    assert 0 < len(stored) < 12
    assert all(isinstance(each, Unavailable) for each in failed)
    assert sorted(stored) == list(range(1, len(stored) + 1))


@pytest.mark.parametrize("database", [SQLITE])
async def test_a_full_disk_leaves_nothing_of_the_refused(store: SqlStore) -> None:
    """The chain holds exactly what was answered as stored."""
    await store.write(lambda tx: limit_pages(tx, 60))
    outcomes = await fill_at_once(store, 12)

    chain = await records(store)

    expected = {f"large-{n}" for n, each in enumerate(outcomes) if isinstance(each, int)}
    assert (expected, []) == ({each.about for each in chain}, broken_links(chain))


@pytest.mark.parametrize("database", [SQLITE])
async def test_after_a_full_disk_the_node_goes_on(store: SqlStore) -> None:
    """With room again the next unit is stored, with the next number."""
    await store.write(lambda tx: limit_pages(tx, 30))
    stored = [each for each in await fill_at_once(store, 5) if isinstance(each, int)]
    await store.write(lambda tx: limit_pages(tx, 10_000))

    assert len(stored) + 1 == await store.write(lambda tx: fill(tx, 99))


@pytest.mark.parametrize("database", [SQLITE])
async def test_reading_goes_on_while_the_disk_is_full(store: SqlStore) -> None:
    """Readers are not the writer's prisoners."""
    await store.write(lambda tx: tx.jobs.put(a_job()))
    await store.write(lambda tx: limit_pages(tx, 1))
    await fill_at_once(store, 3)

    assert await store.read(lambda tx: tx.jobs.ready(NOW, 1))
