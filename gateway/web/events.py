"""`GET /events`: server-sent events with resume, and the audit feed.

One reader per process follows the stream of notices and wakes every listener after a commit; a
listener then reads what concerns its agency from its own place, so that nothing is missed between
two looks and a slow client holds no memory of ours.
"""

import asyncio

import msgspec
from aiohttp import web

from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY, STOPPING
from gateway.web.representation import Representation
from gateway.web.requests import json_response, known_parameters, page_size

HEARTBEAT_S = 15.0
#: Notices of other processes (the command line) are met by looking, at most so much later.
LOOK_S = 1.0
_BATCH = 200
_NEWEST = 2**62


class Events:
    """The handlers; `wake` is called after every commit of this process."""

    def __init__(self, representation: Representation) -> None:
        """Answer with *representation*."""
        self._show = representation
        self._committed = asyncio.Event()

    def wake(self) -> None:
        """Let every listener look."""
        committed, self._committed = self._committed, asyncio.Event()
        committed.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send notices as they happen, from `Last-Event-ID` on, else from now."""
        lookup, caller = request.app[GATEWAY].lookup, request[CALLER]
        known_parameters(request)
        place = _resume(request)
        if place is None:
            place = await lookup.tip()
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        await response.write(b": connected\n\n")
        stopping, loop = request.app[STOPPING], asyncio.get_running_loop()
        spoke_at = loop.time()
        while not stopping.is_set():
            committed = self._committed
            notices = await lookup.notices(caller, after=place, limit=_BATCH)
            if notices:
                lines = (
                    f"id: {each.seq}\nevent: {each.kind}\n"
                    f"data: {msgspec.json.encode(self._show.notice(each)).decode()}\n\n"
                    for each in notices
                )
                await response.write("".join(lines).encode())
                place, spoke_at = notices[-1].seq, loop.time()
                continue
            if loop.time() - spoke_at >= HEARTBEAT_S - LOOK_S:
                await response.write(b": still here\n\n")
                spoke_at = loop.time()
            await _wait(committed)
        return response

    async def audit(self, request: web.Request) -> web.StreamResponse:
        """Return audit records, oldest first, always with a place to go on from."""
        known_parameters(request, "after", "limit")
        text = request.query.get("after", "")
        chain, separator, seq = text.rpartition(":")
        if text and (not separator or not (seq.isascii() and seq.isdigit()) or len(seq) > 18):  # noqa: PLR2004
            raise HttpProblem(400, "bad-parameter", "`after` is what `next` said")
        after = (chain, int(seq or 0))
        lookup = request.app[GATEWAY].lookup
        records = await lookup.audit(request[CALLER], after=after, limit=page_size(request))
        place = f"{records[-1].chain}:{records[-1].seq}" if records else text or ":0"
        return json_response(
            {"items": [self._show.audit(each) for each in records], "next": place}
        )


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
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004
        raise HttpProblem(400, "bad-parameter", "Last-Event-ID is the id of an event")
    return int(text)
