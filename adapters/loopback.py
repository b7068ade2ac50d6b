"""The reference to copy: a peer that lives in memory, for tests.

It shows all that the port asks for: a repeat of a packet is told by its id and takes effect once,
a peer that is down or slow is `Unavailable` in time, a refusal is `Refused`, what was received
comes again until it is confirmed. A test keeps the connection that it built and tells the peer
how to behave by its attributes.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from gateway.domain.errors import Refused, Unavailable
from gateway.ports import Clock, Destined, Handover, Incoming, Outcome, Packet


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One packet that the peer took, with its bytes."""

    packet: Packet
    body: bytes


class Loopback:
    """A connection to a peer in memory; its class is the adapter."""

    api = 1
    takes_several = False
    directory = None

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Start with a peer that is well and has nothing."""
        self.received: list[Received] = []  #: what the peer took, each packet id once, in order
        self.attempts = 0  #: packets that reached the peer, repeats and failures included
        self.waiting: dict[str, Incoming] = {}  #: what the peer left for us, by token
        self.outcomes: dict[str, Outcome] = {}  #: what was confirmed, by token
        self.down = False  #: every packet is Unavailable
        self.delay_s = 0.0  #: how long the peer thinks before it answers
        self.refusal: str | None = None  #: every packet is Refused with this text
        self._destined = destined

    @property
    def sender(self) -> "Loopback":
        """Return the side that hands over."""
        return self

    @property
    def receiver(self) -> "Loopback":
        """Return the side that yields what the peer left."""
        return self

    async def send(self, packet: Packet) -> Handover:
        """Give *packet* to the peer; raise Unavailable or Refused as the peer was told."""
        self.attempts += 1
        try:
            async with asyncio.timeout(self._destined.timeout_s):
                body = await asyncio.to_thread(_whole, packet)
                await asyncio.sleep(self.delay_s)
        except TimeoutError as error:
            raise Unavailable("the peer did not answer in time") from error
        if self.down:
            raise Unavailable("the peer is down")
        if self.refusal is not None:
            raise Refused(self.refusal)
        if all(earlier.packet.id != packet.id for earlier in self.received):
            self.received.append(Received(packet=packet, body=body))
        return Handover(arrived=not self._destined.is_axis)

    def leave(self, body: bytes, *, code: str | None = None) -> str:
        """Let the peer leave *body* for us; return the token under which it is confirmed."""
        token = secrets.token_hex(8)
        self.waiting[token] = Incoming(token=token, open=partial(_opened, body), code=code)
        return token

    async def receive(self) -> AsyncIterator[Incoming]:
        """Yield what was left and not yet confirmed, oldest first."""
        for item in tuple(self.waiting.values()):
            yield item

    async def confirm(self, item: Incoming, outcome: Outcome) -> None:
        """Let go of *item*; the first outcome stands."""
        self.waiting.pop(item.token, None)
        self.outcomes.setdefault(item.token, outcome)

    async def aclose(self) -> None:
        """Nothing is held."""


def _whole(packet: Packet) -> bytes:
    with packet.open() as chunks:
        return b"".join(chunks)


@contextmanager
def _opened(body: bytes) -> Iterator[Iterator[bytes]]:
    yield iter((body,))
