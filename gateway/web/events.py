"""`GET /events`: server-sent events with resume, and the audit feed.

One reader per process follows the stream of notices and wakes every listener after a commit; a
listener then reads what concerns its agency from its own place, so that nothing is missed between
two looks and a slow client holds no memory of ours.
"""

import asyncio

import msgspec
from aiohttp import web

from gateway.domain.errors import Forbidden, Unavailable
from gateway.domain.exchange import Notice
from gateway.web.auth import Authenticator
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY, OF_PERSON, PLACE, STOPPING
from gateway.web.quotas import Streams
from gateway.web.representation import Representation
from gateway.web.requests import json_response, known_parameters, page_size, whole_number

HEARTBEAT_S = 15.0
#: How often a stream looks whether its client is there and may still listen.
LOOK_S = 1.0
_BATCH = 200
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


class Events:
    """The handlers; `wake` is called after every commit."""

    def __init__(
        self, representation: Representation, streams: Streams, authenticate: Authenticator
    ) -> None:
        """Answer with *representation*, to as many as *streams* has places for."""
        self._show = representation
        self._streams = streams
        self._authenticate = authenticate
        self._committed = asyncio.Event()

    def wake(self) -> None:
        """Let every listener look."""
        committed, self._committed = self._committed, asyncio.Event()
        committed.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send notices as they happen, from `Last-Event-ID` on, else from now."""
        lookup = request.app[GATEWAY].lookup
        known_parameters(request)
        with self._streams.place(request[CALLER].agency):
            request[PLACE].close()  # a stream is no request that others wait behind
            place = _resume(request)
            if place is None:
                place = await lookup.tip()
            response = web.StreamResponse(headers=_HEADERS)
            await response.prepare(request)
            if request.method != "HEAD":
                await self._follow(request, response, place)
            return response

    async def _follow(
        self, request: web.Request, response: web.StreamResponse, place: int
    ) -> None:
        """Write what comes after *place* until the node stops, the client goes or may no more."""
        store, stopping = request.app[GATEWAY].store, request.app[STOPPING]
        clock = asyncio.get_running_loop().time
        spoke_at, seen = clock(), store.version()
        try:
            await response.write(b": connected\n\n")
            while not stopping.is_set() and not _is_gone(request):
                committed, version = self._committed, store.version()
                if version != seen and not await self._may_still(request):
                    return
                seen = version
                notices = await self._after(request, place)
                if notices:
                    await response.write(b"".join(self._line(each) for each in notices))
                    place, spoke_at = notices[-1].seq, clock()
                    continue
                if clock() - spoke_at >= HEARTBEAT_S - LOOK_S:
                    await response.write(b": still here\n\n")
                    spoke_at = clock()
                await _wait(committed)
        except (ConnectionError, Unavailable):
            return  # the client is gone, or is told by the end of the stream to come again

    async def _after(self, request: web.Request, place: int) -> list[Notice]:
        lookup = request.app[GATEWAY].lookup
        return await lookup.notices(request[CALLER], after=place, limit=_BATCH)

    async def _may_still(self, request: web.Request) -> bool:
        """Whether the token, or the person, is still good for what it was at the beginning."""
        if OF_PERSON in request:
            return await request[OF_PERSON].still()
        before = request[CALLER]
        try:
            now = await self._authenticate(request, frozenset({before.role}))
        except (HttpProblem, Forbidden):
            return False
        return now.agency == before.agency

    def _line(self, notice: Notice) -> bytes:
        data = msgspec.json.encode(self._show.notice(notice))
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (notice.seq, notice.kind.encode(), data)

    async def audit(self, request: web.Request) -> web.StreamResponse:
        """Return audit records, oldest first, always with a place to go on from."""
        known_parameters(request, "after", "limit")
        text = request.query.get("after", "")
        chain, separator, seq = text.rpartition(":")
        number = whole_number(seq) if separator or text else 0
        if number is None or (text and not separator):
            raise HttpProblem(400, "bad-parameter", "`after` is what `next` said")
        after = (chain, number)
        lookup = request.app[GATEWAY].lookup
        records = await lookup.audit(request[CALLER], after=after, limit=page_size(request))
        place = f"{records[-1].chain}:{records[-1].seq}" if records else text or ":0"
        return json_response(
            {"items": [self._show.audit(each) for each in records], "next": place}
        )


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _wait(committed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_S):
            await committed.wait()
    except TimeoutError:
        return


def _resume(request: web.Request) -> int | None:
    text = request.headers.get("Last-Event-ID")
    if text is None:
        return None
    number = whole_number(text)
    if number is None:
        raise HttpProblem(400, "bad-parameter", "Last-Event-ID is the id of an event")
    return number
