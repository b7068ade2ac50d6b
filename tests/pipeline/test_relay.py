"""Relay: handed over once, later when the peer is down, the same again after a crash."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.lifecycle import DeliveryState
from tests.pipeline.rooms import (
    AXIS,
    PUSHED,
    PUSHED_TOO,
    READER,
    Rooms,
    a_message,
    lane,
    office,
    until,
)
from tests.storage.cellar import limit_pages

D = DeliveryState
LANE = lane(PUSHED)
FOREIGN = "H40.01"


async def pause(node: Rooms, of: str = LANE) -> float:
    """Return the seconds for which a destination still pauses."""
    destination = await node.read(lambda tx: tx.destinations.find(of))
    return (
        0.0
        if destination.retry_at is None
        else (destination.retry_at - node.clock.at).total_seconds()
    )


async def test_an_office_gets_the_bytes_that_are_on_record(node: Rooms) -> None:
    """With the code of the document; it has arrived with the answer."""
    document = await node.sent(PUSHED)

    await node.relay_all()

    (received,) = node.peer(LANE).received
    assert document.sha256 == hashlib.sha256(received.body).hexdigest()
    assert (document.code, "document", PUSHED) == (
        received.packet.code,
        received.packet.event,
        received.packet.to,
    )
    delivery = await node.delivery(document, PUSHED)
    assert (D.ARRIVED, node.clock.at, 1) == (
        delivery.state,
        delivery.received_at,
        delivery.attempts,
    )


async def test_an_axis_is_not_the_recipient(node: Rooms) -> None:
    """Handed over; it arrives when the recipient says so."""
    document = await node.sent(FOREIGN)
    await node.relay_all()

    handed = await node.delivery(document, FOREIGN)

    assert (handed.state, handed.received_at) == (D.HANDED_OVER, None)


async def test_a_peer_that_is_down_is_tried_later(node: Rooms) -> None:
    """The delivery waits and says why; the pause is on disk."""
    document = await node.sent(PUSHED)
    node.peer(LANE).down = True

    await node.relay_once()

    delivery = await node.delivery(document, PUSHED)
    assert (delivery.state, delivery.note) == (D.WAITING, "the peer is down")
    assert 4.5 <= await pause(node) <= 5.5


async def test_pauses_grow_up_to_a_limit(node: Rooms) -> None:
    """Doubled each time, with a fifth of jitter."""
    await node.sent(PUSHED)
    node.peer(LANE).down = True
    pauses = []
    for _ in range(12):
        await node.relay_once()
        pauses.append(await pause(node))
        node.clock.move(max(pauses[-1], 4000))

    for n, seconds in enumerate(pauses):
        expected = min(5.0 * 2**n, 3600.0)
        assert expected * 0.9 <= seconds <= expected * 1.1


async def test_a_pause_is_shared_by_all_that_waits(node: Rooms) -> None:
    """One failure spares the peer the others; another destination is not held up."""
    for _ in range(3):
        await node.sent(PUSHED)
    other = await node.sent(PUSHED_TOO)
    node.peer(LANE).down = True

    await node.relay_all()

    assert node.peer(LANE).attempts == 1
    assert (await node.delivery(other, PUSHED_TOO)).state is D.ARRIVED


async def test_a_success_ends_the_pause_for_all(node: Rooms) -> None:
    """All that waited goes out at once, each once."""
    for _ in range(3):
        await node.sent(PUSHED)
    node.peer(LANE).down = True
    for _ in range(4):
        await node.relay_once()
        node.clock.move(100)
    node.peer(LANE).down = False

    await node.relay_all()

    assert (len(node.peer(LANE).received), await pause(node)) == (3, 0.0)


async def test_a_peer_that_is_heard_of_is_tried_at_once(node: Rooms) -> None:
    """It sent us something, so it lives."""
    await node.sent(FOREIGN)
    node.peer(AXIS).down = True
    await node.relay_once()
    node.peer(AXIS).down = False
    assert await node.relay_once() == 0

    assert await node.take_in(AXIS, a_message(sender="H40.02"))

    assert await node.relay_once() == 1


async def test_a_note_about_a_failure_ends_with_it(node: Rooms) -> None:
    """An arrived delivery does not say that the peer is down."""
    document = await node.sent(PUSHED)
    node.peer(LANE).down = True
    await node.relay_once()
    node.peer(LANE).down = False
    node.clock.move(10)

    await node.relay_once()

    assert (await node.delivery(document, PUSHED)).note is None


async def test_a_crash_sends_the_same_packet_again(node: Rooms) -> None:
    """Under the same id, so that the peer takes it once."""
    document = await node.sent(PUSHED)
    peer = node.peer(LANE)
    (errand,) = await node.begin()
    await peer.send(errand.packet)
    assert await node.relay_once() == 0
    await node.gateway.store.write(lambda tx: tx.jobs.release(None))

    await node.relay_all()

    assert (peer.attempts, len(peer.received)) == (2, 1)
    assert (await node.delivery(document, PUSHED)).state is D.ARRIVED


async def test_an_expired_claim_is_taken_over(node: Rooms) -> None:
    """Without a restart, too."""
    await node.sent(PUSHED)
    await node.begin()
    node.clock.move(121)

    assert await node.relay_once() == 1


async def test_urgent_documents_overtake_within_a_lane(node: Rooms) -> None:
    """Then in the order of sending."""
    plain = await node.sent(PUSHED)
    express = await node.sent(PUSHED, priority="express")
    later = await node.sent(PUSHED)

    await node.relay_all()

    taken = [each.packet.document for each in node.peer(LANE).received]
    assert [express.id, plain.id, later.id] == taken


async def test_one_is_in_flight_per_lane(node: Rooms) -> None:
    """A slow peer is not buried."""
    for _ in range(3):
        await node.sent(PUSHED)

    assert len(await node.begin()) == 1
    assert await node.begin() == []


async def test_a_report_during_the_sending_stands(node: Rooms) -> None:
    """The outcome of the send comes too late to matter."""
    document = await node.sent(PUSHED)
    (errand,) = await node.begin()
    await node.report(document, "03", by=PUSHED)

    await node.gateway.relay.run(errand)

    assert (await node.delivery(document, PUSHED)).state is D.ACCEPTED


async def test_receipts_are_pushed_to_an_office_that_does_not_fetch(node: Rooms) -> None:
    """The very JWS of the feed, under the id of the receipt."""
    document = await node.sent(READER, sender=PUSHED)
    await node.report(document, "03")

    await node.relay_all()

    receipts = await node.gateway.lookup.receipts(office(PUSHED), after=0, limit=10)
    assert [
        (each.packet.id, each.packet.event, each.packet.media_type, each.body)
        for each in node.peer(LANE).received
    ] == [(each.id, "receipt", "application/jose", each.jws.encode()) for each in receipts]
    assert [each.event for each in receipts] == ["numbered", "accepted"]


async def test_a_refused_recall_is_a_receipt_for_the_sender(node: Rooms) -> None:
    """Only the request itself is the event `recall`."""
    document = await node.sent(READER, sender=PUSHED)
    await node.report(document, "01")
    await node.gateway.recalling.recall(document.id, "nhầm", office(PUSHED))
    await node.report(document, "16")

    await node.relay_all()

    assert {"receipt"} == {each.packet.event for each in node.peer(LANE).received}


@pytest.fixture
async def working(node: Rooms) -> AsyncIterator[Rooms]:
    """Return the rooms of a node whose worker runs."""
    worker, stopping = node.gateway.worker("w"), asyncio.Event()
    node.gateway.store.on_commit(worker.heed)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stopping))
        yield node
        stopping.set()


async def test_the_worker_hands_over_what_comes(working: Rooms) -> None:
    """Woken by the commit, to two destinations at once."""
    await working.sent(PUSHED, PUSHED_TOO)

    await until(lambda: all(working.peer(lane(each)).received for each in (PUSHED, PUSHED_TOO)))


async def test_the_worker_finishes_what_is_under_way(node: Rooms) -> None:
    """A node that stops settles the hand-overs that have begun."""
    document = await node.sent(PUSHED)
    node.peer(LANE).delay_s = 0.2
    worker, stopping = node.gateway.worker("w"), asyncio.Event()
    task = asyncio.create_task(worker.run(stopping))
    await until(lambda: node.peer(LANE).attempts > 0)
    stopping.set()

    await task

    assert (await node.delivery(document, PUSHED)).state is D.ARRIVED


async def test_a_full_disk_does_not_stop_the_worker(working: Rooms) -> None:
    """It waits, and goes on when there is room again."""
    await working.gateway.store.write(lambda tx: limit_pages(tx, 0))
    for n in range(40):
        with suppress(Unavailable):
            await working.sent(PUSHED, files={"a.txt": str(n).encode() * 5000})
    await working.gateway.store.write(lambda tx: limit_pages(tx, 100_000))
    working.clock.move(600)

    document = await working.sent(PUSHED_TOO)

    await until(lambda: bool(working.peer(lane(PUSHED_TOO)).received))
    assert document.deliveries
