"""What every adapter must keep to, tried on each registered one with a real peer."""

import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.domain.errors import Unavailable
from gateway.plugins import load_adapters
from gateway.ports import Connection, Handover, Incoming, Outcome, Receiver, Sender
from tests.contract.packets import (
    a_large_packet,
    a_packet,
    a_stalling_packet,
    a_torn_packet,
)
from tests.contract.rigs import RIGS, Rig, Taken

ALL = sorted(load_adapters())
SLOW = [name for name in ALL if name in RIGS and RIGS[name].is_slow]
RECEIVING = [name for name in ALL if name in RIGS and RIGS[name].receives]
STREAMING = [name for name in ALL if name in RIGS and RIGS[name].streams]
LARGE = 26 * 1024 * 1024


@dataclass(slots=True)
class Bench:
    """The rig of one adapter, with the connections that the test builds."""

    rig: Rig
    stack: AsyncExitStack

    def connect(self, *, timeout_s: float = 5.0) -> Connection:
        """Build a connection that is closed with the test."""
        connection = self.rig.connect(timeout_s=timeout_s)
        self.stack.push_async_callback(connection.aclose)
        return connection

    def sender(self, *, timeout_s: float = 5.0) -> Sender:
        """Build a connection and return its sender."""
        sender = self.connect(timeout_s=timeout_s).sender
        assert sender is not None
        return sender

    def receiver(self) -> Receiver:
        """Build a connection and return its receiver."""
        receiver = self.connect().receiver
        assert receiver is not None
        return receiver


@pytest.fixture
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Set the rig of the adapter up that the test is run for."""
    assert request.param in RIGS, f"tests/contract/rigs.py has no rig for `{request.param}`"
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(RIGS[request.param].setup(tmp_path))
        yield Bench(rig, stack)


async def _look(receiver: Receiver) -> list[Incoming]:
    """Look twice, since a file is taken only when it has not changed between two looks."""
    [_ async for _ in receiver.receive()]
    return [item async for item in receiver.receive()]


def _bytes_of(item: Incoming) -> bytes:
    with item.open() as chunks:
        return b"".join(chunks)


# --- sending --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_a_packet_arrives_with_its_exact_bytes(bench: Bench) -> None:
    """The peer has the bytes that were handed over."""
    body = bytes(range(256)) * 300

    await bench.sender().send(a_packet(body))

    assert [Taken(id="d-1", sha256=hashlib.sha256(body).hexdigest())] == bench.rig.taken()


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_an_office_that_took_a_packet_has_it(bench: Bench) -> None:
    """For an office of ours, handing over is arriving."""
    handover = await bench.sender().send(a_packet())

    assert Handover(arrived=True) == handover


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_a_packet_sent_twice_takes_effect_once(bench: Bench) -> None:
    """The peer tells a repeat by its id."""
    sender = bench.sender()
    await sender.send(a_packet())

    await sender.send(a_packet())

    assert [each.id for each in bench.rig.taken()] == ["d-1"]


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_a_packet_sent_again_after_a_restart_takes_effect_once(bench: Bench) -> None:
    """A node that died between sending and its commit sends again with the same id."""
    await bench.sender().send(a_packet())

    await bench.sender().send(a_packet())

    assert [each.id for each in bench.rig.taken()] == ["d-1"]


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_packets_arrive_in_the_order_of_sending(bench: Bench) -> None:
    """When send returns the peer has the packet, so the next one comes after it."""
    sender = bench.sender()
    seen = []

    for number in range(3):
        await sender.send(a_packet(id=f"d-{number}"))
        seen.append({each.id for each in bench.rig.taken()})

    assert [{"d-0"}, {"d-0", "d-1"}, {"d-0", "d-1", "d-2"}] == seen


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_a_peer_that_fails_is_unavailable(bench: Bench) -> None:
    """A failing peer is no refusal: it may be well later."""
    sender = bench.sender()
    bench.rig.fail()

    with pytest.raises(Unavailable):
        await sender.send(a_packet())


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_the_text_for_a_failure_holds_no_secret(bench: Bench) -> None:
    """What is raised is shown to administrators and logged."""
    sender = bench.sender()
    bench.rig.fail()

    with pytest.raises(Unavailable) as caught:
        await sender.send(a_packet(b"<edXML>content</edXML>"))

    told = caught.value.message.replace(" / ", "")  # between the languages
    assert not any(word in told for word in ("a shared secret", "content", "/"))


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_a_peer_that_is_mended_takes_the_packet(bench: Bench) -> None:
    """The same connection serves again, nothing needs to be restarted."""
    sender = bench.sender()
    bench.rig.fail()
    with pytest.raises(Unavailable):
        await sender.send(a_packet())
    bench.rig.mend()

    await sender.send(a_packet())

    assert [each.id for each in bench.rig.taken()] == ["d-1"]


@pytest.mark.parametrize("bench", SLOW, indirect=True)
async def test_a_slow_peer_is_unavailable_in_time(bench: Bench) -> None:
    """One attempt never lasts longer than it may."""
    sender = bench.sender(timeout_s=0.2)
    bench.rig.slow_down(1.0)

    with pytest.raises(Unavailable):
        await sender.send(a_packet())


@pytest.mark.parametrize("bench", ALL, indirect=True)
async def test_bytes_that_stall_are_unavailable_in_time(bench: Bench) -> None:
    """A store that hangs does not hold the lane longer than a slow peer would."""
    sender = bench.sender(timeout_s=0.1)

    with pytest.raises(Unavailable):
        await sender.send(a_stalling_packet(0.5))


@pytest.mark.parametrize("bench", STREAMING, indirect=True)
async def test_torn_bytes_never_reach_the_peer(bench: Bench) -> None:
    """Fewer bytes than the packet should have are no document."""
    with pytest.raises(Unavailable):
        await bench.sender().send(a_torn_packet())

    assert bench.rig.taken() == []


@pytest.mark.parametrize("bench", STREAMING, indirect=True)
async def test_a_large_body_arrives_whole(bench: Bench) -> None:
    """A message with a 26 MB body arrives with its exact bytes."""
    packet, sha256 = a_large_packet(LARGE)

    await bench.sender(timeout_s=60).send(packet)

    assert [Taken(id="d-large", sha256=sha256)] == bench.rig.taken()


@pytest.mark.parametrize("bench", STREAMING, indirect=True)
async def test_a_large_body_is_never_held_whole(bench: Bench) -> None:
    """Sending 26 MB takes less than 8 MB of memory, the peer's side included."""
    packet, _ = a_large_packet(LARGE)
    sender = bench.sender(timeout_s=60)

    tracemalloc.start()
    try:
        await sender.send(packet)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * 1024 * 1024


# --- receiving ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_nothing_left_is_nothing_received(bench: Bench) -> None:
    """A peer that left nothing yields nothing, and the iterator ends."""
    assert await _look(bench.receiver()) == []


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_a_message_that_was_left_is_received(bench: Bench) -> None:
    """What the peer left comes with its exact bytes."""
    receiver = bench.receiver()
    bench.rig.leave("a.edxml", b"<edXML>1</edXML>")

    items = await _look(receiver)

    assert [_bytes_of(item) for item in items] == [b"<edXML>1</edXML>"]


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_messages_come_in_the_order_of_leaving(bench: Bench) -> None:
    """The oldest comes first."""
    receiver = bench.receiver()
    for number in range(3):
        bench.rig.leave(f"{number}.edxml", b"<edXML>%d</edXML>" % number)

    items = await _look(receiver)

    assert [b"<edXML>%d</edXML>" % number for number in range(3)] == [
        _bytes_of(item) for item in items
    ]


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_a_crash_before_the_confirmation_yields_the_message_again(bench: Bench) -> None:
    """A node that died after receiving finds the same message after its restart."""
    first = bench.receiver()
    bench.rig.leave("a.edxml", b"<edXML>1</edXML>")
    before = await _look(first)

    after = await _look(bench.receiver())

    assert [(before[0].token, b"<edXML>1</edXML>")] == [
        (item.token, _bytes_of(item)) for item in after
    ]


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
@pytest.mark.parametrize("is_accepted", [True, False])
async def test_a_confirmed_message_does_not_come_again(bench: Bench, is_accepted: bool) -> None:  # noqa: FBT001
    """Accepted or refused, the message is done with."""
    receiver = bench.receiver()
    bench.rig.leave("a.edxml", b"<edXML>1</edXML>")
    (item,) = await _look(receiver)

    await receiver.confirm(item, Outcome(accepted=is_accepted, report=b"{}"))

    assert await _look(receiver) == []


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_a_message_may_be_confirmed_twice(bench: Bench) -> None:
    """A node that died after confirming confirms again after its restart."""
    receiver = bench.receiver()
    bench.rig.leave("a.edxml", b"<edXML>1</edXML>")
    (item,) = await _look(receiver)
    await receiver.confirm(item, Outcome(accepted=True))

    await bench.receiver().confirm(item, Outcome(accepted=True))

    assert await _look(receiver) == []


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_a_refusal_is_told_to_the_peer(bench: Bench) -> None:
    """The report of a refused message comes back to who left it."""
    receiver = bench.receiver()
    bench.rig.leave("a.edxml", b"<edXML>1</edXML>")
    (item,) = await _look(receiver)

    await receiver.confirm(item, Outcome(accepted=False, report=b'{"code":"xml-broken"}'))

    assert bench.rig.reports() == [{"code": "xml-broken"}]


@pytest.mark.parametrize("bench", RECEIVING, indirect=True)
async def test_an_accepted_message_leaves_no_report(bench: Bench) -> None:
    """Only refusals are reported."""
    receiver = bench.receiver()
    bench.rig.leave("a.edxml", b"<edXML>1</edXML>")
    (item,) = await _look(receiver)

    await receiver.confirm(item, Outcome(accepted=True))

    assert bench.rig.reports() == []
