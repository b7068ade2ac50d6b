"""Deliveries that have failed: when, for how long, and what a person can do about them."""

import pytest

from gateway.domain.errors import Conflict
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState, DocumentState
from tests.pipeline.rooms import (
    ADMIN,
    PUSHED,
    SENDER,
    Rooms,
    lane,
    office,
)

D = DeliveryState
LANE = lane(PUSHED)


async def fail_for_good(node: Rooms, *to: str) -> Document:
    """Send to a peer that stays down past the deadline."""
    document = await node.sent(*to)
    node.peer(LANE).down = True
    for _ in range(3):
        await node.relay_once()
        node.clock.move(40 * 3600)
    await node.relay_once()
    return await node.find(document)


async def test_past_its_deadline_a_delivery_has_failed(node: Rooms) -> None:
    """It rests in the dead letters; the sender is told; the document stays open."""
    document = await fail_for_good(node, PUSHED)

    assert (document.deliveries[0].state, document.state) == (D.FAILED, DocumentState.ACCEPTED)
    assert [each.buried for each in await node.gateway.queue.listing()] == [True]
    receipts = await node.gateway.lookup.receipts(office(SENDER), after=0, limit=10)
    assert [each.event for each in receipts] == ["numbered", "failed"]


async def test_a_deadline_alone_fails_nothing(node: Rooms) -> None:
    """A clock that jumped a year ahead is no year of attempts."""
    document = await node.sent(PUSHED)
    node.peer(LANE).down = True
    node.clock.move(365 * 86_400)

    await node.relay_once()

    assert (await node.delivery(document, PUSHED)).state is D.WAITING


async def test_a_failed_delivery_can_be_retried(node: Rooms) -> None:
    """It waits again and goes out when the peer is well."""
    document = await fail_for_good(node, PUSHED)
    node.peer(LANE).down = False
    (entry,) = await node.gateway.queue.listing()

    await node.gateway.queue.retry(entry.job.id, ADMIN)

    waiting = await node.delivery(document, PUSHED)
    assert (waiting.state, waiting.note) == (D.WAITING, None)
    await node.relay_all()
    assert (await node.delivery(document, PUSHED)).state is D.ARRIVED


async def test_a_retry_has_its_own_patience(node: Rooms) -> None:
    """One more failure does not bury it at once."""
    document = await fail_for_good(node, PUSHED)
    (entry,) = await node.gateway.queue.listing()
    await node.gateway.queue.retry(entry.job.id, ADMIN)

    await node.relay_once()

    assert (await node.delivery(document, PUSHED)).state is D.WAITING


async def test_a_failed_delivery_can_be_dropped(node: Rooms) -> None:
    """Cancelled is final, and closes the document."""
    document = await fail_for_good(node, PUSHED)
    (entry,) = await node.gateway.queue.listing()

    await node.gateway.queue.drop(entry.job.id, ADMIN, note="bỏ")

    document = await node.find(document)
    assert (document.deliveries[0].state, document.state) == (D.CANCELLED, DocumentState.CLOSED)
    assert await node.gateway.queue.listing() == []


async def test_a_late_report_moves_a_failed_delivery(node: Rooms) -> None:
    """The office had it after all; the dead letter is gone."""
    document = await fail_for_good(node, PUSHED)

    assert (await node.report(document, "03", by=PUSHED)).state is D.ACCEPTED
    assert await node.gateway.queue.listing() == []


async def test_a_waiting_job_can_be_tried_now(node: Rooms) -> None:
    """Whatever its pause."""
    await node.sent(PUSHED)
    node.peer(LANE).down = True
    await node.relay_once()
    node.peer(LANE).down = False
    (entry,) = await node.gateway.queue.listing()

    await node.gateway.queue.retry(entry.job.id, ADMIN)

    assert await node.relay_once() == 1


async def test_what_is_being_sent_cannot_be_retried(node: Rooms) -> None:
    """Two attempts at once help nobody."""
    await node.sent(PUSHED)
    await node.begin()
    (entry,) = await node.gateway.queue.listing()

    with pytest.raises(Conflict):
        await node.gateway.queue.retry(entry.job.id, ADMIN)


async def test_what_the_peer_refuses_is_final(node: Rooms) -> None:
    """With its reason; it never entered the recipient's system."""
    document = await node.sent(PUSHED)
    node.peer(LANE).refusal = "no such office"

    await node.relay_all()

    delivery = await node.delivery(document, PUSHED)
    assert (
        delivery.state,
        delivery.note,
        delivery.received_at,
    ) == (D.REFUSED, "no such office", None)
    assert await node.gateway.queue.listing() == []
    assert (await node.find(document)).state is DocumentState.CLOSED
