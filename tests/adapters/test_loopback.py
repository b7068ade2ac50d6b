"""The loopback adapter: the peer does as it was told."""

import pytest

from adapters.loopback import Loopback
from gateway.domain.errors import Refused
from gateway.ports import Adapter, Handover, Outcome
from tests.contract.packets import a_clock, a_packet, an_office


def test_the_class_is_an_adapter() -> None:
    """The entry point names the class, and the class builds connections."""
    adapter: Adapter = Loopback

    assert adapter(an_office(), a_clock()).sender is not None


async def test_a_peer_that_refuses_takes_nothing() -> None:
    """A refusal is final and leaves nothing at the peer."""
    peer = Loopback(an_office(), a_clock())
    peer.refusal = "no such office"

    with pytest.raises(Refused, match="no such office"):
        await peer.send(a_packet())

    assert peer.received == []


async def test_an_axis_in_memory_is_not_the_recipient() -> None:
    """What an axis took has not entered the recipient's system yet."""
    peer = Loopback(an_office(is_axis=True), a_clock())

    assert Handover(arrived=False) == await peer.send(a_packet())


async def test_every_attempt_is_counted() -> None:
    """A test can see how often the relay has tried."""
    peer = Loopback(an_office(), a_clock())
    await peer.send(a_packet())

    await peer.send(a_packet())

    assert (peer.attempts, len(peer.received)) == (2, 1)


async def test_the_first_outcome_stands() -> None:
    """A repeated confirmation changes nothing."""
    peer = Loopback(an_office(), a_clock())
    token = peer.leave(b"<edXML/>", code="H14/2026/3")
    (item,) = [item async for item in peer.receive()]
    await peer.confirm(item, Outcome(accepted=True))

    await peer.confirm(item, Outcome(accepted=False))

    assert ("H14/2026/3", {token: Outcome(accepted=True)}) == (item.code, peer.outcomes)
