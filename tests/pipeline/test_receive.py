"""Receive and housekeeping: what goes wrong with one message stops no other."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.bootstrap.recovery import recover
from gateway.ports import Incoming
from tests.pipeline.rooms import PUSHED, Rooms, a_message, lane

LANE = lane(PUSHED)


@contextmanager
def broken() -> Iterator[Iterator[bytes]]:
    """Fail as a bug of an adapter does."""
    raise ValueError("a bug")
    yield iter(())


async def test_a_message_that_meets_a_bug_does_not_stop_the_next(node: Rooms) -> None:
    """It stays where it is; the one behind it is taken in."""
    peer = node.peer(LANE)
    peer.waiting["bad"] = Incoming(token="bad", open=broken)

    assert await node.take_in(LANE, a_message(sender=PUSHED))

    assert list(peer.waiting) == ["bad"]
    assert len(node.files()) == 2


async def test_a_confirmation_that_was_lost_does_no_harm(node: Rooms) -> None:
    """The message comes again and is a repeat."""
    assert await node.take_in(LANE, a_message(sender=PUSHED))
    assert await node.take_in(LANE, a_message(sender=PUSHED))

    assert len(await node.lease()) == 1


async def test_receivers_stop_when_the_node_does(node: Rooms) -> None:
    """Within one look."""
    stopping = asyncio.Event()
    task = asyncio.create_task(node.gateway.receive.attend(node.gateway.receivers, stopping))
    await asyncio.sleep(0)
    stopping.set()

    async with asyncio.timeout(5):
        await task


async def test_keys_are_forgotten_after_a_week(node: Rooms) -> None:
    """Not before."""
    await node.submit(key="k")
    node.clock.move(7 * 86_400 - 1)
    await node.gateway.housekeeping.forget_keys()
    assert (await node.submit(key="k")).repeated

    node.clock.move(2)
    await node.gateway.housekeeping.forget_keys()
    assert not (await node.submit(key="k")).repeated


async def test_a_start_clears_up_after_a_crash(node: Rooms) -> None:
    """Files without a document go, those of documents stay, claims are free."""
    await node.sent(PUSHED)
    await node.posted(a_message())
    await node.begin()
    node.leave_stray("2026/11/20/0a-1")

    assert await recover(node.gateway) == 1

    assert len(node.files()) == 3
    assert await node.relay_once() == 1
