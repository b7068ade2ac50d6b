"""An office whose way was changed in the settings gets what was on the old one."""

from dataclasses import replace
from pathlib import Path

from gateway.domain.lifecycle import DeliveryState
from tests.pipeline.rooms import (
    PUSHED,
    READER,
    office,
    reopened,
    rooms,
)

D = DeliveryState


async def test_an_office_without_an_adapter_waits(tmp_path: Path) -> None:
    """A node without the adapter queues; nothing is lost."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent(PUSHED)
        await node.relay_once(replace(node.gateway.relay, senders={}))

        waiting = await node.delivery(document, PUSHED)

    assert (waiting.state, "not configured" in str(waiting.note)) == (D.WAITING, True)


async def test_an_office_that_fetches_now_gets_what_was_to_be_sent(tmp_path: Path) -> None:
    """The operator changed the way; the box has it, and the queue is empty."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent(PUSHED)

    async with reopened(tmp_path / "node", office=[]) as node:
        await node.relay_once()

        assert [document.id] == await node.lease(PUSHED)
        assert await node.gateway.queue.listing() == []


async def test_an_office_that_fetches_now_has_its_receipts_in_the_feed(tmp_path: Path) -> None:
    """They do not wait for a peer that is gone."""
    async with rooms(tmp_path / "node") as node:
        await node.report(await node.sent(READER, sender=PUSHED), "03")

    async with reopened(tmp_path / "node", office=[]) as node:
        for _ in range(2):  # one lane, one at a time; what goes no further is no errand
            await node.relay_once()

        assert await node.gateway.queue.listing() == []
        assert len(await node.gateway.lookup.receipts(office(PUSHED), after=0, limit=9)) == 2


async def test_an_office_that_has_a_desk_now_has_what_was_to_be_sent(tmp_path: Path) -> None:
    """At a desk a document has arrived."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent(PUSHED)

    desk = [{"agency": PUSHED, "delivery": "desk"}]
    async with reopened(tmp_path / "node", office=desk) as node:
        await node.relay_once()

        assert (await node.delivery(document, PUSHED)).state is D.ARRIVED
