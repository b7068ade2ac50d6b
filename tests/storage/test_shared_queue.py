"""Two nodes work one queue and one pull box off at the same time, over one PostgreSQL database."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from gateway.domain.exchange import Destination, Job
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import Transaction
from gateway.storage.migrate import migrate_postgres
from gateway.storage.postgres_connection import statements
from gateway.storage.store import SqlStore
from tests.postgres import Server
from tests.storage.cellar import NOW, a_document, a_job, an_entry, broken_links, cellar, records

T = TypeVar("T")
UNTIL = NOW + timedelta(seconds=120)
BOX = "H13.02"
_SOON_S = 5.0
#: How a value is written in a statement.
_VALUE = re.compile(r"(?<![:\w]):(\w+)")


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of a new database."""
    return postgres.database()


@pytest.fixture
async def another(store: SqlStore, tmp_path: Path, database: str) -> AsyncIterator[SqlStore]:
    """A second node over the database of `store`."""
    async with cellar(tmp_path / "another", database) as opened:
        yield opened


@asynccontextmanager
async def held_up(
    store: SqlStore, work: Callable[[Transaction], T], *rests_on: str
) -> AsyncIterator[asyncio.Task[T]]:
    """Let a unit of *store* do its *work*, and then stand still before it commits."""
    begun, go_on = threading.Event(), threading.Event()

    def unit(tx: Transaction) -> T:
        done = work(tx)
        begun.set()
        go_on.wait(2 * _SOON_S)
        return done

    writing = asyncio.create_task(store.write(unit, rests_on=rests_on))
    await asyncio.to_thread(begun.wait, _SOON_S)
    try:
        yield writing
    finally:
        go_on.set()
        await writing


async def put(store: SqlStore, *jobs: Job) -> None:
    """Queue *jobs*."""

    def unit(tx: Transaction) -> None:
        for each in jobs:
            tx.jobs.put(each)

    await store.write(unit)


async def work_off(store: SqlStore, owner: str, done: list[tuple[str, str]]) -> None:
    """Do jobs as a worker does until none is left, and note lane and item of each in *done*."""
    while await store.read(lambda tx: tx.jobs.depth()):
        ready = await store.read(lambda tx: tx.jobs.ready(NOW, 3))
        claimed = await store.write(
            lambda tx, ready=ready: tx.jobs.claim(owner, ready, NOW, UNTIL),  # type: ignore[misc]
            rests_on=(),
        )
        for job in claimed:
            done.append((job.lane, job.item))

            def settle(tx: Transaction, job: Job = job) -> None:
                tx.audit.append(an_entry(job.item))
                tx.jobs.finish(job.id)

            await store.write(settle, rests_on=(f"lane:{job.lane}",))


async def test_each_job_is_done_once_and_in_the_order_of_its_lane(
    store: SqlStore, another: SqlStore
) -> None:
    """However the two nodes race for the lanes; and the record of it is one chain."""
    lanes = [f"office:{n}" for n in range(5)]
    jobs = [a_job(lane, item=f"{n:02}") for n in range(12) for lane in lanes]
    await put(store, *jobs)
    done: list[tuple[str, str]] = []

    async with asyncio.TaskGroup() as group:
        for n, node in enumerate((store, another)):
            group.create_task(work_off(node, f"node-{n}", done))

    by_lane = {lane: [item for where, item in done if where == lane] for lane in lanes}
    assert by_lane == {lane: [f"{n:02}" for n in range(12)] for lane in lanes}
    chain = await records(store)
    assert (len(chain), broken_links(chain)) == (len(jobs), [])


async def test_a_claim_passes_over_what_another_node_claims(
    store: SqlStore, another: SqlStore
) -> None:
    """It does not wait for it, and takes the lanes that are left."""
    await put(store, a_job("office:A", item="a"), a_job("office:B", item="b"))
    seen = await store.read(lambda tx: tx.jobs.ready(NOW, 16))

    async with held_up(store, lambda tx: tx.jobs.claim("one", seen[:1], NOW, UNTIL)):
        async with asyncio.timeout(_SOON_S):
            claimed = await another.write(
                lambda tx: tx.jobs.claim("other", seen, NOW, UNTIL), rests_on=()
            )

    assert [each.item for each in claimed] == ["b"]


async def test_one_node_wins_a_lane(store: SqlStore, another: SqlStore) -> None:
    """Two that claim different jobs of one lane at the same moment: one is in flight."""
    await put(store, a_job("office:A", item="1"), a_job("office:A", item="2"))
    first, second = [job for job, _ in await store.read(lambda tx: tx.jobs.listing(2))]

    async with held_up(store, lambda tx: tx.jobs.claim("one", [first], NOW, UNTIL)) as one:
        other = asyncio.create_task(
            another.write(lambda tx: tx.jobs.claim("other", [second], NOW, UNTIL), rests_on=())
        )
        await asyncio.sleep(0.2)

    assert ([each.item for each in await one], await other) == (["1"], [])


async def leased(store: SqlStore, now: datetime = NOW, limit: int = 10) -> list[str]:
    """Lease what waits in the box."""
    return await store.write(
        lambda tx: tx.deliveries.lease(BOX, now, now + timedelta(seconds=60), limit), rests_on=()
    )


async def test_what_two_nodes_lease_at_once_is_disjoint(
    store: SqlStore, another: SqlStore
) -> None:
    """Neither waits for the other, and nothing is left out."""
    documents = [a_document() for _ in range(30)]
    for each in documents:
        await store.write(lambda tx, each=each: tx.documents.add(each))  # type: ignore[misc]

    async with (
        held_up(store, lambda tx: tx.deliveries.lease(BOX, NOW, UNTIL, 10)) as one,
        asyncio.timeout(_SOON_S),
    ):
        other = await leased(another, limit=20)

    assert sorted([*await one, *other]) == sorted(each.id for each in documents)


async def test_the_turn_is_not_taken_from_whoever_leases(
    store: SqlStore, another: SqlStore
) -> None:
    """An outcome at one destination is written down while a commit about another is under way."""
    pause = Destination(lane="office:B", failures=1, retry_at=UNTIL)
    paused = held_up(store, lambda tx: tx.destinations.save(pause), "lane:office:B")

    async with paused as writing, asyncio.timeout(_SOON_S):
        await another.write(
            lambda tx: tx.destinations.heard("office:A", NOW), rests_on=("lane:office:A",)
        )
        assert not writing.done()


async def test_a_unit_that_moves_what_it_did_not_name_runs_alone(
    store: SqlStore, another: SqlStore
) -> None:
    """It waits until nothing runs beside it any more, and is done then."""
    document = a_document()
    await store.write(lambda tx: tx.documents.add(document))

    def move(tx: Transaction) -> str:
        tx.must_rest_on(f"document:{document.id}")
        moved = tx.deliveries.find(document.deliveries[0].id)
        assert moved is not None
        return moved.state

    async with held_up(another, lambda tx: tx.audit.append(an_entry()), "x"):
        moving = asyncio.create_task(store.write(move, rests_on=("y",)))
        await asyncio.sleep(0.2)
        assert not moving.done()

    assert await moving == DeliveryState.WAITING


def test_the_server_can_prepare_every_statement(database: str) -> None:
    """But for those with conditions that may be left out, which are planned for their values."""
    with psycopg.connect(database, autocommit=True) as connection:
        migrate_postgres(connection)
        cursor = connection.cursor()
        for name, text in statements().items():
            if "{" in text or " IS NULL OR " in text:
                continue
            names = list(dict.fromkeys(_VALUE.findall(text)))
            placed = _VALUE.sub(lambda found, names=names: f"${names.index(found[1]) + 1}", text)  # type: ignore[misc]
            cursor.execute(f"PREPARE {name}_ AS {placed.rstrip().rstrip(';')}".encode())
