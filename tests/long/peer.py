"""A webhook peer of changing moods that notes every attempt."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

from aiohttp import web


class Mood(StrEnum):
    """How the peer answers."""

    WELL = "well"
    HANGS = "hangs"  #: takes the body and never answers
    RESETS = "resets"  #: takes the body and breaks the connection
    FAILS = "fails"  #: answers 500
    LATE = "late"  #: takes and keeps the body, and answers after the node gave up


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request whose body was read."""

    at: float  #: monotonic seconds
    mood: Mood
    id: str
    event: str
    document: str
    sha256: str


@dataclass(slots=True, kw_only=True)
class Peer:
    """What the peer was sent, and how it behaves."""

    mood: Mood = Mood.WELL
    late_s: float = 1.0
    url: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer one POST as the mood has it."""
        body, mood = await request.read(), self.mood
        self.attempts.append(
            Attempt(
                at=monotonic(),
                mood=mood,
                id=request.headers["Gateway-Id"],
                event=request.headers["Gateway-Event"],
                document=request.headers["Gateway-Document"],
                sha256=hashlib.sha256(body).hexdigest(),
            )
        )
        if mood is Mood.RESETS and request.transport is not None:
            request.transport.abort()
        if mood is Mood.HANGS:
            await self.closing.wait()
        if mood is Mood.LATE:
            await asyncio.sleep(self.late_s)
        return web.Response(status=500 if mood is Mood.FAILS else 200)

    def documents(self) -> list[Attempt]:
        """Return the attempts at documents."""
        return [each for each in self.attempts if each.event == "document"]


@asynccontextmanager
async def a_peer() -> AsyncIterator[Peer]:
    """Run a peer until the test ends."""
    peer = Peer()
    application = web.Application(client_max_size=64 << 20)
    application.router.add_post("/hook", peer.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield peer
    finally:
        peer.closing.set()
        await runner.cleanup()


def webhook_office(agency: str, url: str, secret_file: str) -> str:
    """Return the settings of an office that is sent to."""
    return f"""
[[office]]
agency = "{agency}"
delivery = "webhook"
url = "{url}"
secret_file = "{secret_file}"
"""
