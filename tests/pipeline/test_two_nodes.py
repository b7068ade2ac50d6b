"""Two nodes over one PostgreSQL database: each effect once, lanes in order, numbers without gaps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState, Recall
from tests.pipeline.rooms import (
    OTHER,
    PUSHED,
    PUSHED_TOO,
    READER,
    SENDER,
    THIRD,
    Rooms,
    lane,
    office,
    reopened,
    rooms,
)
from tests.postgres import Server

EACH = 8


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of a new database."""
    return postgres.database()


@pytest.fixture
async def nodes(tmp_path: Path, database: str) -> AsyncIterator[tuple[Rooms, Rooms]]:
    """Two nodes over it, with one folder of documents."""
    storage = {"minimum_free_mb": 0, "database": database}
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(rooms(tmp_path / "node", storage=storage))
        second = await stack.enter_async_context(reopened(tmp_path / "node", storage=storage))
        yield first, second


@asynccontextmanager
async def working(nodes: tuple[Rooms, Rooms]) -> AsyncIterator[None]:
    """Let both nodes work the queue off meanwhile, and until it is empty."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for n, node in enumerate(nodes):
            worker = node.gateway.worker(f"node-{n}")
            node.gateway.store.on_commit(worker.heed)
            group.create_task(node.gateway.store.watch(stopping))
            group.create_task(worker.run(stopping))
        yield
        async with asyncio.timeout(60):
            for node in nodes:
                await node.gateway.sealing.seal()
            while await nodes[0].read(lambda tx: tx.jobs.depth()):  # noqa: ASYNC110 - of two nodes
                await asyncio.sleep(0.05)
        stopping.set()


async def send_from_both(nodes: tuple[Rooms, Rooms], *to: str) -> list[Document]:
    """Send documents of two agencies through both nodes at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(node.sent(*to, sender=sender))
            for _ in range(EACH)
            for node in nodes
            for sender in (SENDER, THIRD)
        ]
    return [each.result() for each in tasks]


async def test_what_both_take_in_goes_out_once_and_is_numbered_without_a_gap(
    nodes: tuple[Rooms, Rooms],
) -> None:
    """To two offices that are sent to; each attempt counts, and there was one for each."""
    async with working(nodes):
        sent = await send_from_both(nodes, PUSHED, PUSHED_TOO)

    went = {
        of: sorted(
            r.packet.document
            for n in nodes
            for r in n.peer(lane(of)).received
            if r.packet.event == "document"
        )
        for of in (PUSHED, PUSHED_TOO)
    }
    assert went == dict.fromkeys((PUSHED, PUSHED_TOO), sorted(each.id for each in sent))
    found = [await nodes[0].find(each) for each in sent]
    states = {(way.state, way.attempts) for each in found for way in each.deliveries}
    assert states == {(DeliveryState.ARRIVED, 1)}
    for sender in (SENDER, THIRD):
        numbers = sorted(
            int(str(each.code).split("/")[2]) for each in sent if each.sender == sender
        )
        assert numbers == list(range(1, 2 * EACH + 1))


async def test_both_lease_and_what_is_leased_is_one_programs_alone(
    nodes: tuple[Rooms, Rooms],
) -> None:
    """While more is sent, acknowledged and accepted; arrival numbers are given without a gap."""
    first, second = nodes
    sent = await send_from_both(nodes, READER, OTHER)
    had: dict[str, list[str]] = {READER: [], OTHER: []}

    async def empty(node: Rooms, agency: str) -> None:
        while len(had[agency]) < len(sent):
            leased = await node.gateway.inbox.lease(office(agency), limit=3, lease_s=3000)
            for each in leased.documents:
                had[agency].append(each.id)
                await node.report(each, "03", by=agency)
            await asyncio.sleep(0.01)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for node in (first, second):
            for agency in (READER, OTHER):
                group.create_task(empty(node, agency))

    assert {of: sorted(ids) for of, ids in had.items()} == dict.fromkeys(
        (READER, OTHER), sorted(each.id for each in sent)
    )
    found = [await first.find(each) for each in sent]
    for of in (READER, OTHER):
        given = [way.arrival_number for each in found for way in each.deliveries if way.to == of]
        assert sorted(each or 0 for each in given) == list(range(1, len(sent) + 1))


async def test_a_recall_meets_whoever_takes_the_document(nodes: tuple[Rooms, Rooms]) -> None:
    """On the other node at the same moment: it is recalled before, or asked for after."""
    first, second = nodes
    for _ in range(EACH):
        document = await first.sent(READER)
        async with asyncio.TaskGroup() as group:
            group.create_task(first.gateway.recalling.recall(document.id, "nhầm", office(SENDER)))
            group.create_task(second.gateway.inbox.acknowledge(office(READER), [document.id]))

        (way,) = (await first.find(document)).deliveries
        assert (way.state, way.recall) in {
            (DeliveryState.RECALLED, None),
            (DeliveryState.ARRIVED, Recall.REQUESTED),
        }


async def test_the_schedules_of_both_run_once_a_period(
    nodes: tuple[Rooms, Rooms], database: str
) -> None:
    """All duties of both nodes at their start: each period of each has one row, and is done."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for node in nodes:
            group.create_task(node.gateway.housekeeping.run(stopping))
        await asyncio.sleep(1.5)
        stopping.set()

    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT name, done_at FROM schedule ORDER BY name").fetchall()
    assert [name for name, _ in rows] == ["duties", "reports", "statistics"]
    assert all(done is not None for _, done in rows)


async def test_an_acknowledgement_of_what_no_text_of_the_server_can_be(
    nodes: tuple[Rooms, Rooms],
) -> None:
    """NUL in an identifier: it is unknown, and the others arrive."""
    node, _ = nodes
    document = await node.sent(READER)

    told = await node.gateway.inbox.acknowledge(office(READER), ["a\0b", document.id])

    assert told == ([document.id], ["a\0b"])
