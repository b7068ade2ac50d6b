"""Writers of several nodes that rest on different things do not wait for each other.

Numbers stay without gaps, the chain unbroken, and whoever reads a feed on from a place misses
nothing, though commits of several nodes overlap.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from gateway.domain.errors import Refused
from gateway.domain.exchange import Notice
from gateway.ports import Transaction
from gateway.storage.migrate import migrate_postgres, migrations
from gateway.storage.moving import move
from gateway.storage.store import SqlStore
from tests.postgres import Server
from tests.storage.cellar import NOW, a_document, an_entry, broken_links, cellar, records

ONE, OTHER = "code:H13.01:2026", "code:H13.02:2026"
_SOON_S = 5.0
#: The step that gives places by a sequence.
_SEQUENCE = 23


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of a new database."""
    return postgres.database()


@pytest.fixture
async def another(store: SqlStore, tmp_path: Path, database: str) -> AsyncIterator[SqlStore]:
    """A second node over the database of `store`."""
    async with cellar(tmp_path / "another", database) as opened:
        yield opened


def taking(series: str) -> Callable[[Transaction], int]:
    """Return a unit that takes a number of *series* and records it, as an acceptance does."""

    def unit(tx: Transaction) -> int:
        number = tx.numbers.take(series)
        tx.audit.append(an_entry(series, data={"number": number}))
        return number

    return unit


@asynccontextmanager
async def held_up(store: SqlStore, series: str) -> AsyncIterator[asyncio.Task[int]]:
    """Let a unit of *store* that rests on *series* stand still inside its transaction."""
    begun, go_on = threading.Event(), threading.Event()

    def unit(tx: Transaction) -> int:
        number = taking(series)(tx)
        begun.set()
        go_on.wait(2 * _SOON_S)
        return number

    writing = asyncio.create_task(store.write(unit, rests_on=(series,)))
    await asyncio.to_thread(begun.wait, _SOON_S)
    try:
        yield writing
    finally:
        go_on.set()
        await writing


async def test_an_agency_does_not_wait_for_another(store: SqlStore, another: SqlStore) -> None:
    """A number of one series is given while a commit of another is under way."""
    async with held_up(store, ONE) as writing, asyncio.timeout(_SOON_S):
        number = await another.write(taking(OTHER), rests_on=(OTHER,))
        assert not writing.done()

    assert (number, await writing) == (1, 1)


async def test_the_same_series_is_waited_for(store: SqlStore, another: SqlStore) -> None:
    """Its next number is known when the one before is committed, or given back."""
    async with held_up(store, ONE):
        second = asyncio.create_task(another.write(taking(ONE), rests_on=(ONE,)))
        await asyncio.sleep(0.2)
        assert not second.done()

    assert await second == 2


async def test_a_unit_that_rests_on_anything_waits_for_all(
    store: SqlStore, another: SqlStore
) -> None:
    """Nothing runs beside it."""
    async with held_up(store, ONE):
        whole = asyncio.create_task(another.write(taking(OTHER)))
        await asyncio.sleep(0.2)
        assert not whole.done()

    assert await whole == 1


async def test_numbers_of_overlapping_commits_have_no_gap(
    store: SqlStore, another: SqlStore
) -> None:
    """In each of several series, though every fifth unit fails and some rest on anything."""
    series = [f"code:H13.{n:02}:2026" for n in range(1, 6)]

    async def write(n: int) -> tuple[str, int] | None:
        name = series[n % 5]
        node = (store, another)[n // 5 % 2]

        def unit(tx: Transaction) -> int:
            number = taking(name)(tx)
            if n % 5 == n // 5 % 5:
                raise Refused("on purpose")
            return number

        try:
            return name, await node.write(unit, rests_on=(name,) if n % 7 else None)
        except Refused:
            return None

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(write(n)) for n in range(250)]

    taken = [task.result() for task in tasks]
    for name in series:
        numbers = sorted(each[1] for each in taken if each is not None and each[0] == name)
        assert numbers == list(range(1, len(numbers) + 1))
    chain = await records(store)
    assert (len(chain), broken_links(chain)) == (sum(each is not None for each in taken), [])


async def follow(store: SqlStore, done: asyncio.Event) -> list[str]:
    """Read the feed of an agency on from place to place until *done*; return what was there."""
    seen: list[str] = []
    place = 0
    while True:
        is_last = done.is_set()
        found = await store.read(lambda tx, place=place: tx.feed.notices_after("A", place, 50))  # type: ignore[misc]
        seen += [each.document for each in found]
        if found:
            place = found[-1].seq
        elif is_last:
            return seen


async def tell(store: SqlStore, node: str, count: int) -> None:
    """Write *count* notices, each in a commit of its own that takes a number."""

    def unit(tx: Transaction, name: str) -> None:
        taking(node)(tx)
        tx.feed.add_notice(
            Notice(agency="A", kind="document", document=name, code=None, state="", at=NOW)
        )

    for n in range(count):
        await store.write(partial(unit, name=f"{node}-{n}"), rests_on=(node,))


async def test_whoever_reads_on_misses_nothing(store: SqlStore, another: SqlStore) -> None:
    """What is committed later lies behind every place that was read before."""
    done = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        following = group.create_task(follow(store, done))
        nodes = ((store, ONE), (another, OTHER))
        await asyncio.wait([group.create_task(tell(*each, 150)) for each in nodes])
        done.set()

    told = [f"{name}-{n}" for name in (ONE, OTHER) for n in range(150)]
    assert sorted(following.result()) == sorted(told)


async def test_a_series_that_was_not_named_is_taken_with_the_turn(
    store: SqlStore, another: SqlStore
) -> None:
    """A unit that rests on more than it said runs again, alone."""
    async with held_up(another, OTHER):
        writing = asyncio.create_task(store.write(taking(OTHER), rests_on=(ONE,)))
        await asyncio.sleep(0.2)
        assert not writing.done()

    assert await writing == 2


async def test_places_of_documents_rise_on_both_nodes(store: SqlStore, another: SqlStore) -> None:
    """Newest first is the order of coming, whoever takes it."""
    places = [
        await node.write(lambda tx: tx.documents.add(a_document()), rests_on=("x",))
        for node in (store, another, store, another)
    ]

    assert places == sorted(set(places))


async def test_places_go_on_in_another_engine(
    store: SqlStore, database: str, tmp_path: Path
) -> None:
    """A store that is copied counts on where it was."""
    before = await store.write(lambda tx: tx.documents.add(a_document()))

    move(database, "sqlite:///copy.db", folder=tmp_path, progress=lambda _: None)

    async with cellar(tmp_path, "sqlite:///copy.db") as copied:
        assert await copied.write(lambda tx: tx.documents.add(a_document())) > before


def test_places_leave_room_for_nodes_of_the_release_before(database: str) -> None:
    """They count on from where they were while the newer nodes are at work already."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, at TEXT NOT NULL)")
        for number, script in migrations("postgres").items():
            if number < _SEQUENCE:
                connection.execute(script.encode())
                connection.execute("INSERT INTO migration VALUES (%s, '')", (number,))
        columns = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = 'document' AND is_nullable = 'NO'"
        ).fetchall()
        values = [17 if name == "position" else "0" for name, _ in columns]
        names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
        places = sql.SQL(", ").join(sql.Placeholder() * len(columns))
        connection.execute(
            sql.SQL("INSERT INTO document ({}) VALUES ({})").format(names, places), values
        )

        migrate_postgres(connection)

        row = connection.execute("SELECT nextval('document_position')").fetchone()
    assert row is not None
    assert row[0] > 17 + 100_000
