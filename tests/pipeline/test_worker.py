"""The worker: what is wrong with one job, or with the clock, keeps no other from its way."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from gateway.bootstrap.recovery import begin_anew
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState
from tests.pipeline.rooms import ADMIN, PUSHED, PUSHED_TOO, Rooms, lane, until

D = DeliveryState
DEADLINE_S = 365 * 86_400


@asynccontextmanager
async def worker_of(node: Rooms) -> AsyncIterator[None]:
    """Let a worker of *node* run."""
    worker, stopping = node.gateway.worker("w"), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stopping))
        yield
        stopping.set()


def set_staff(node: Rooms, document: Document, staff: str | None) -> None:
    """Write into the delivery of *document* what a damaged disk may leave, or mend it."""
    with closing(sqlite3.connect(node.folder / "data" / "gateway.db")) as database:
        database.execute("UPDATE delivery SET staff = ? WHERE document = ?", (staff, document.id))
        database.commit()


async def jobs_tried(node: Rooms) -> list[int]:
    """Return how often each job was tried in vain."""
    return [job.attempts for job, _ in await node.read(lambda tx: tx.jobs.listing(100))]


async def until_tried(node: Rooms, times: int) -> None:
    """Wait until the one job was tried so often."""
    async with asyncio.timeout(10):
        while await jobs_tried(node) != [times]:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)


async def test_a_job_that_cannot_be_begun_stops_no_other(node: Rooms) -> None:
    """Neither in its lane nor in another; it waits alone."""
    bad = await node.sent(PUSHED)
    good, other = await node.sent(PUSHED), await node.sent(PUSHED_TOO)
    set_staff(node, bad, "no JSON")

    async with worker_of(node):
        await until(lambda: bool(node.peer(lane(PUSHED)).received))
        await until(lambda: bool(node.peer(lane(PUSHED_TOO)).received))

    assert (await node.find(good)).deliveries[0].state is D.ARRIVED
    assert (await node.find(other)).deliveries[0].state is D.ARRIVED
    assert await jobs_tried(node) == [1]


async def test_a_job_that_cannot_be_begun_is_tried_again(node: Rooms) -> None:
    """Once what was wrong is mended and its pause has passed."""
    document = await node.sent(PUSHED)
    set_staff(node, document, "no JSON")

    async with worker_of(node):
        await until_tried(node, 1)
        set_staff(node, document, None)
        node.clock.move(3600)
        await until(lambda: bool(node.peer(lane(PUSHED)).received))


async def test_a_job_that_can_never_be_begun_is_a_dead_letter(node: Rooms) -> None:
    """Past its deadline it rests; an administrator may try it again."""
    document = await node.sent(PUSHED)
    set_staff(node, document, "no JSON")

    async with worker_of(node):
        for tried in (1, 2, 3):
            node.clock.move(DEADLINE_S)
            await until_tried(node, tried)

    set_staff(node, document, None)
    (entry,) = await node.gateway.queue.listing()
    assert entry.buried
    await node.gateway.queue.retry(entry.job.id, ADMIN)
    await node.relay_all()
    assert (await node.find(document)).deliveries[0].state is D.ARRIVED


async def down_for(node: Rooms, seconds: float) -> None:
    """Let the peer of a waiting document be down, and its node wait for *seconds* or so."""
    node.peer(lane(PUSHED)).down = True
    for _ in range(12):
        await node.relay_once()
        node.clock.move(seconds)
    await node.relay_once()
    node.peer(lane(PUSHED)).down = False


async def test_a_clock_put_back_while_the_node_was_down_delays_nothing(node: Rooms) -> None:
    """What waited is tried at the start: it would wait for hours that the clock has to repeat."""
    await node.sent(PUSHED)
    await down_for(node, 4000)
    node.clock.move(-1800)

    await begin_anew(node.gateway)

    assert await node.relay_once() == 1


async def test_nothing_waits_for_longer_than_the_longest_pause(node: Rooms) -> None:
    """A worker that starts after the clock was put back by hours has no earlier look."""
    await node.sent(PUSHED)
    await down_for(node, 4000)
    node.clock.move(-3 * 3600)

    async with worker_of(node):
        await until(lambda: bool(node.peer(lane(PUSHED)).received))
