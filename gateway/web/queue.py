"""`/queue`: what waits to be handed over or failed for good, and "try now"; for administrators."""

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.queue_entries import queue_entry
from gateway.web.requests import (
    integer,
    json_response,
    known_parameters,
    page_size,
    read_json,
)

_NEWEST = 2**62


class RetryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to try now: entries by id, or all that waits for a destination."""

    ids: Annotated[list[Annotated[int, Meta(ge=1, le=2**63 - 1)]], Meta(max_length=500)] = []
    destination: Annotated[str, Meta(max_length=200)] = ""


class QueuePages:
    """The handlers."""

    def __init__(self, *, timeout_s: float) -> None:
        """Wait *timeout_s* seconds for a small body."""
        self._timeout_s = timeout_s

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """List the entries, oldest first."""
        known_parameters(request, "after", "limit")
        gateway, limit = request.app[GATEWAY], page_size(request)
        after = integer(request, "after", default=0, least=0, most=_NEWEST)
        found = await gateway.queue.listing(limit=limit + 1, after=after)
        now = gateway.clock.now()
        items = [queue_entry(each, now=now, zone=gateway.zone) for each in found[:limit]]
        is_more = len(found) > limit
        following = str(found[limit - 1].job.id) if is_more else None
        return json_response({"items": items, "next": following})

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """Try entries, or all that waits for a destination, now."""
        known_parameters(request)
        gateway, caller = request.app[GATEWAY], request[CALLER]
        asked = await read_json(request, RetryBody, timeout_s=self._timeout_s)
        if bool(asked.ids) == bool(asked.destination):
            raise HttpProblem(400, "bad-parameter", "give either `ids` or `destination`")
        if asked.destination:
            tried = await gateway.queue.retry_lane(asked.destination, caller)
            return json_response({"tried": tried})
        for each in asked.ids:
            await gateway.queue.retry(each, caller)
        return json_response({"tried": len(asked.ids)})
