"""What PostgreSQL adds: several nodes over one database, and a server that goes away."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable
from datetime import date
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from gateway.domain.directory import Agency
from gateway.domain.errors import Unavailable
from gateway.ports import Selection, Transaction
from gateway.storage.postgres import PostgresEngine
from gateway.storage.store import SqlStore
from tests.postgres import Server
from tests.storage.cellar import a_document, an_entry, broken_links, cellar, records

T = TypeVar("T")
AGENCY = Agency(code="H13", name="UBND", valid_from=date(2020, 1, 1))
SERIES = "code:H13.01:2026"


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of a new database."""
    return postgres.database()


@pytest.fixture
async def another(store: SqlStore, tmp_path: Path, database: str) -> AsyncIterator[SqlStore]:
    """A second node over the database of `store`."""
    async with cellar(tmp_path / "another", database) as opened:
        yield opened


async def at_once(*calls: Awaitable[T]) -> list[T | Unavailable]:
    """Await all *calls* at once; return what they return, or that they could not."""

    async def settled(call: Awaitable[T]) -> T | Unavailable:
        try:
            return await call
        except Unavailable as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(settled(each)) for each in calls]
    return [task.result() for task in tasks]


def take(tx: Transaction) -> int:
    """Take a number and record it, as an acceptance does."""
    number = tx.numbers.take(SERIES)
    tx.audit.append(an_entry(data={"number": number}))
    return number


async def test_numbers_of_two_nodes_have_no_gap(store: SqlStore, another: SqlStore) -> None:
    """And none comes twice, however the nodes interleave."""
    taken = await at_once(*(node.write(take) for _ in range(100) for node in (store, another)))

    assert set(taken) == set(range(1, 201))


async def test_two_nodes_write_one_unbroken_chain(store: SqlStore, another: SqlStore) -> None:
    """Records follow each other whoever wrote them."""
    await at_once(*(node.write(take) for _ in range(50) for node in (store, another)))

    chain = await records(store)

    assert (len(chain), broken_links(chain)) == (100, [])


async def test_a_unit_that_fails_gives_its_number_back(store: SqlStore, another: SqlStore) -> None:
    """Though another node takes the next at the same time."""

    def fail(tx: Transaction) -> int:
        take(tx)
        raise Unavailable("on purpose")

    taken = await at_once(
        *(store.write(fail if n % 3 == 0 else take) for n in range(60)),
        *(another.write(take) for _ in range(40)),
    )

    numbers = [each for each in taken if isinstance(each, int)]
    assert sorted(numbers) == list(range(1, 81))


async def test_a_node_hears_of_the_commits_of_another(store: SqlStore, another: SqlStore) -> None:
    """So that copies in memory are read anew."""
    stopping, heard = asyncio.Event(), asyncio.Event()
    before = another.version("directory")
    another.on_commit(heard.set)
    watching = asyncio.create_task(another.watch(stopping))

    await store.write(lambda tx: tx.directory.put([AGENCY]))

    async with asyncio.timeout(5):
        await heard.wait()
    assert another.version("directory") != before
    stopping.set()
    await watching


async def test_a_restart_of_the_server_loses_and_doubles_nothing(
    store: SqlStore, postgres: Server
) -> None:
    """Whoever was answered has a number that nobody else has; whoever was not may try again."""
    stop = asyncio.Event()
    taken: list[int] = []

    async def write() -> None:
        while not stop.is_set():
            try:
                taken.append(await store.write(take))
            except Unavailable:
                await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(write())
        for _ in range(2):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)
        await asyncio.sleep(1)
        stop.set()

    on_record = [each.data["number"] for each in await records(store)]
    assert len(taken) > 50
    assert len(set(taken)) == len(taken)
    assert on_record == list(range(1, len(on_record) + 1))
    assert set(taken) <= set(on_record)


async def test_readers_go_on_after_a_restart(store: SqlStore, postgres: Server) -> None:
    """Every connection is made anew when it is needed."""
    await store.write(take)
    await store.read(lambda tx: tx.numbers.listing())

    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)

    assert await store.read(lambda tx: tx.numbers.listing()) == {SERIES: 1}


async def test_two_nodes_that_begin_at_once_migrate_once(tmp_path: Path, database: str) -> None:
    """The second finds the schema made."""

    async def open_and_write(name: str) -> int:
        async with cellar(tmp_path / name, database) as opened:
            return await opened.write(take)

    assert set(await at_once(*map(open_and_write, ("a", "b", "c")))) == {1, 2, 3}


async def test_a_writer_that_is_held_up_leaves_readers_alone(store: SqlStore) -> None:
    """A snapshot needs no lock."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> int:
        number = take(tx)
        begun.set()
        go_on.wait(5)
        return number

    writing = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(begun.wait, 5)

    assert await store.read(lambda tx: tx.numbers.listing()) == {}

    go_on.set()
    assert await writing == 1


async def test_a_node_that_was_deaf_for_a_while_trusts_no_copy(store: SqlStore) -> None:
    """Not even of a table of which it never heard."""
    engine = store._engine  # noqa: SLF001 - the connection is cut as a server does it
    before = store.version("clients")
    assert isinstance(engine, PostgresEngine)
    assert engine._listener is not None  # noqa: SLF001
    engine._listener.close()  # noqa: SLF001

    await asyncio.to_thread(engine.look)

    assert store.version("clients") != before


async def test_a_text_that_the_server_cannot_hold_is_found_nowhere(store: SqlStore) -> None:
    """NUL in a question is no failure of the database."""
    assert await store.read(lambda tx: tx.documents.by_code("H13\0")) is None
    assert await store.read(lambda tx: tx.documents.find("H13\0")) is None
    assert await store.read(lambda tx: tx.documents.find_many(["H13\0", "H13\ufffd"])) == []


async def test_words_are_found_behind_many_newer_documents(store: SqlStore, database: str) -> None:
    """What is not among the newest is looked up in the index."""
    document = a_document(subject="Về việc hiếm có")
    await store.write(lambda tx: tx.documents.add(document))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO document_words (position, subject, marks)"
            " SELECT 1000000 + n, 've viec', '' FROM generate_series(1, 6000) n"
        )
    selection = Selection(agency="H13.01", box="out", words=("hiem",), limit=10)

    found = await store.read(lambda tx: tx.documents.select(selection))

    assert [each.id for each in found] == [document.id]
