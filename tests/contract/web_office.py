"""An office system that takes webhooks: a real HTTP server on the loopback interface."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web


class Mood(StrEnum):
    """How the office answers."""

    WELL = "well"  #: takes the body and answers ``status``
    HANG = "hang"  #: takes the body and never answers
    RESET = "reset"  #: takes the body and breaks the connection
    LATE = "late"  #: takes and keeps the body, and answers after ``delay_s``
    REDIRECT = "redirect"  #: sends the caller elsewhere
    EARLY = "early"  #: answers 200 without reading the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request as it came, its bytes as size and digest."""

    headers: Mapping[str, str]
    size: int
    sha256: str
    is_authentic: bool


@dataclass(slots=True, kw_only=True)
class WebOffice:
    """What the office has and how it behaves."""

    secret: bytes = b"a shared secret"
    url: str = ""
    mood: Mood = Mood.WELL
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.5
    posts: list[Post] = field(default_factory=list)  #: every request whose body was read
    strays: int = 0  #: requests that followed a redirect
    peers: set[str] = field(default_factory=set)  #: connections by their far end
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer one POST as the mood has it."""
        assert request.transport is not None
        self.peers.add(str(request.transport.get_extra_info("peername")))
        if self.mood is Mood.EARLY:
            return web.Response(status=200)
        post = await _read(request, self.secret)
        if self.mood is Mood.RESET:
            request.transport.abort()
            return web.Response()
        if self.mood is Mood.HANG:
            await self.closing.wait()
        if self.mood is Mood.REDIRECT:
            return web.Response(status=307, headers={"Location": "/elsewhere"})
        self.posts.append(post)
        if self.mood is Mood.LATE:
            await asyncio.sleep(self.delay_s)
        return web.Response(status=self.status, headers=self.headers, text="noted")

    async def stray(self, request: web.Request) -> web.StreamResponse:
        """Count a request that followed a redirect."""
        self.strays += 1
        return web.Response()


async def _read(request: web.Request, secret: bytes) -> Post:
    digest, size = hashlib.sha256(), 0
    given = request.headers
    prefix = f"{given['Gateway-Timestamp']}.{given['Gateway-Id']}.".encode()
    mac = hmac.new(secret, prefix, "sha256")
    async for chunk in request.content.iter_chunked(64 * 1024):
        digest.update(chunk)
        mac.update(chunk)
        size += len(chunk)
    signature = f"v1={mac.hexdigest()}"
    return Post(
        headers=dict(given),
        size=size,
        sha256=digest.hexdigest(),
        is_authentic=hmac.compare_digest(signature, given["Gateway-Signature"]),
    )


@asynccontextmanager
async def a_web_office() -> AsyncIterator[WebOffice]:
    """Run an office until the test ends."""
    office = WebOffice()
    app = web.Application()
    app.router.add_post("/hook", office.take)
    app.router.add_route("*", "/elsewhere", office.stray)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    office.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield office
    finally:
        office.closing.set()
        await runner.cleanup()
