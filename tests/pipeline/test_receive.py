"""Receive and housekeeping: what goes wrong with one message stops no other."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event

from gateway.bootstrap.recovery import begin_anew, recover
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import Incoming
from tests.pipeline.rooms import (
    AXIS,
    PUSHED,
    PUSHED_TOO,
    READER,
    Rooms,
    a_message,
    lane,
    rooms,
    until,
)

LANE = lane(PUSHED)
IMPATIENT = {"poll_s": 0.02, "least_attempts": 3, "send_timeout_s": 0.2}


@contextmanager
def broken() -> Iterator[Iterator[bytes]]:
    """Fail as a bug of an adapter does."""
    raise ValueError("a bug")
    yield iter(())


@contextmanager
def blocked(disk: Event, message: bytes) -> Iterator[Iterator[bytes]]:
    """Give *message* when *disk* answers again."""
    disk.wait(20)
    yield iter((message,))


async def test_a_message_that_meets_a_bug_does_not_stop_the_next(node: Rooms) -> None:
    """It stays where it is; the one behind it is taken in."""
    peer = node.peer(LANE)
    peer.waiting["bad"] = Incoming(token="bad", open=broken)

    assert await node.take_in(LANE, a_message(sender=PUSHED))

    assert list(peer.waiting) == ["bad"]
    assert len(node.files()) == 2


async def test_a_message_from_somebody_else_comes_back_with_a_finding(node: Rooms) -> None:
    """As everywhere: code, place, what is wrong and how to mend it, in both languages."""
    assert not await node.take_in(LANE, a_message(sender=READER))

    (outcome,) = node.peer(LANE).outcomes.values()
    assert outcome.report is not None
    report = json.loads(outcome.report)

    (found,) = report["findings"]
    assert (report["code"], found["code"], found["pointer"]) == (
        "agency-sender",
        "agency-sender",
        "/from",
    )
    assert ("gói tin" in found["message"], PUSHED in found["message_en"]) == (True, True)
    assert found["remedy"]


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
    for _ in range(2):
        await node.gateway.housekeeping.forget_keys()
    assert (await node.submit(key="k")).repeated

    node.clock.move(2)
    for _ in range(2):
        await node.gateway.housekeeping.forget_keys()
    assert not (await node.submit(key="k")).repeated


async def test_one_jump_of_the_clock_forgets_no_key(node: Rooms) -> None:
    """It is put right before the next look."""
    housekeeping = node.gateway.housekeeping
    await node.submit(key="k")
    for seconds in (0, 30 * 86_400, -30 * 86_400):
        node.clock.move(seconds)
        await housekeeping.forget_keys()

    assert (await node.submit(key="k")).repeated


async def test_one_jump_of_the_clock_fails_no_delivery(node: Rooms) -> None:
    """What was handed over just now is not unheard of for a month."""
    document = await node.sent("H40.01")
    await node.relay_all()
    for seconds in (0, 60 * 86_400, -60 * 86_400):
        node.clock.move(seconds)
        await node.gateway.housekeeping.fail_unheard()

    assert (await node.delivery(document, "H40.01")).state is DeliveryState.HANDED_OVER


async def test_a_start_clears_up_after_a_crash(node: Rooms) -> None:
    """Files without a document go, those of documents stay, claims are free."""
    await recover(node.gateway)
    await node.sent(PUSHED)
    await node.posted(a_message())
    await node.begin()
    node.leave_stray("2026/11/20/0a-1")

    assert await recover(node.gateway) == 1
    await begin_anew(node.gateway)

    assert len(node.files()) == 3
    assert await node.relay_once() == 1


async def test_disks_that_hang_stop_nobody_else(tmp_path: Path) -> None:
    """Their messages wait; the node goes on, and takes them in when the disks are back."""
    async with rooms(tmp_path / "node", relay=IMPATIENT) as node:
        disk, stopping = Event(), asyncio.Event()
        lanes = {LANE: PUSHED, lane(PUSHED_TOO): PUSHED_TOO, AXIS: "H40.01"}
        for each, sender in lanes.items():
            hanging = partial(blocked, disk, a_message(sender=sender))
            node.peer(each).waiting["1"] = Incoming(token="1", open=hanging)
        receiving = node.gateway.receive.attend(node.gateway.receivers, stopping)
        task = asyncio.create_task(receiving)
        try:
            await asyncio.sleep(3 * IMPATIENT["send_timeout_s"])

            async with asyncio.timeout(5):
                assert (await node.sent()).code == "H13.01/2026/1"
            assert [node.peer(each).outcomes for each in lanes] == [{}] * 3
        finally:
            disk.set()
        await until(lambda: all(node.peer(each).outcomes for each in lanes))
        stopping.set()
        await task

        assert all(node.peer(each).outcomes["1"].accepted for each in lanes)
        assert len(await node.lease()) == 4
        assert len([path for path in node.files() if path.name.endswith("-0")]) == 3
