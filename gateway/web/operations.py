"""Health, readiness and metrics: what those who keep the node running look at.

Nothing here tells of documents, names or places on the disk. Liveness asks nothing but the event
loop; readiness asks what a submission would need; metrics are in the text format of Prometheus,
for this machine and the networks that the settings name.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from itertools import count
from secrets import token_hex
from typing import Literal

import msgspec
from aiohttp import web
from structlog.contextvars import bind_contextvars

from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import Unavailable
from gateway.traces import about, is_traced, span
from gateway.web.auth import Networks, is_loopback, is_within, networks
from gateway.web.errors import Handler, HttpProblem, problem
from gateway.web.metrics import CONTENT_TYPE, METHODS, Metrics
from gateway.web.parts import GATEWAY, REQUEST_ID, STOPPING
from gateway.web.requests import json_response, known_parameters

#: What a look at the database may take before the node counts as not ready.
LOOK_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; a warning leaves the node ready."""

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str | None = None


class Operations:
    """The handlers, and the middleware that counts requests."""

    def __init__(self, metrics_from: Networks) -> None:
        """Show metrics to this machine and to *metrics_from*."""
        self._metrics_from = metrics_from
        self._metrics = Metrics()
        self._prefix, self._numbers = token_hex(4), count()
        #: measures the event loop, as a cleanup context of the application
        self.watch_loop = self._metrics.watch_loop

    async def health(self, request: web.Request) -> web.StreamResponse:
        """Say that the loop runs."""
        known_parameters(request)
        return json_response({"status": "ok"}, headers=_FRESH)

    async def ready(self, request: web.Request) -> web.StreamResponse:
        """Say whether a submission would be taken now, check by check."""
        known_parameters(request)
        gateway = request.app[GATEWAY]
        checks = [
            _running(stopping=request.app[STOPPING].is_set()),
            await _database(gateway),
            await _writer(gateway),
            await _disk(gateway),
            _documents(gateway),
            await _calendar(gateway),
        ]
        failed = [check.name for check in checks if check.status == "failed"]
        if not failed:
            return json_response({"status": "ready", "checks": checks}, headers=_FRESH)
        detail = f"failed: {', '.join(failed)}"
        answer = problem(503, "not-ready", detail, headers={"Retry-After": "5", **_FRESH})
        body = msgspec.json.decode(answer.body if isinstance(answer.body, bytes) else b"{}")
        answer.body = msgspec.json.encode(body | {"checks": checks})
        return answer

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """Return the metrics; for strangers this address does not exist."""
        if not self._may_read_metrics(request):
            raise HttpProblem(404, "not-found", "there is no such address")
        text = await self._metrics.text(request.app[GATEWAY])
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE, **_FRESH})

    @web.middleware
    async def measure(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the request and its time; stands outside of what turns errors into answers.

        It gets an id that stands in every line of the log that is written on its behalf.
        """
        request[REQUEST_ID] = f"{self._prefix}{next(self._numbers):x}"
        bind_contextvars(request=request[REQUEST_ID])
        clock = asyncio.get_running_loop().time
        started = clock()
        response: web.StreamResponse | None = None
        try:
            if is_traced():
                with span("request", **_ids(request)):
                    response = await handler(request)
                    about(status=response.status)
            else:
                response = await handler(request)
        finally:
            self._metrics.count(request, response, clock() - started)
        return response

    @staticmethod
    async def name(request: web.Request, response: web.StreamResponse) -> None:
        """Tell the caller the id of its request, by which the operator finds it in the log."""
        if REQUEST_ID in request:
            response.headers["Gateway-Request"] = request[REQUEST_ID]

    def _may_read_metrics(self, request: web.Request) -> bool:
        """Whether the caller is near enough; a proxy on this machine does not lend its nearness."""
        peer = request.transport.get_extra_info("peername") if request.transport else None
        address = peer[0] if isinstance(peer, tuple) else None
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            proxies = request.app[GATEWAY].config.http.trusted_proxies
            known = networks(proxies, key="trusted_proxies")
            if is_loopback(address) or is_within(address, known):
                address = forwarded
        return is_loopback(address) or is_within(address, self._metrics_from)


def _ids(request: web.Request) -> dict[str, str]:
    """Return what a span tells of a request: never its address, which may hold what was sought."""
    resource = request.match_info.route.resource
    route = "other" if resource is None else resource.canonical
    method = request.method if request.method in METHODS else "OTHER"
    ids = {"request": str(request[REQUEST_ID]), "method": method, "route": route}
    document = request.match_info.get("id", "") if "/documents/{id}" in route else ""
    return ids | ({"document": document[:40]} if document else {})


def _running(*, stopping: bool) -> Check:
    if stopping:
        return Check(name="running", status="failed", detail="the node is stopping")
    return Check(name="running", status="ok")


async def _database(gateway: Gateway) -> Check:
    """Whether the database can be read."""
    try:
        async with asyncio.timeout(LOOK_S):
            await gateway.store.read(lambda tx: tx.directory.version())
    except (TimeoutError, Unavailable):
        return Check(name="database", status="failed", detail="the database cannot be read now")
    return Check(name="database", status="ok")


async def _writer(gateway: Gateway) -> Check:
    """Whether the one writer takes units; an empty unit changes nothing."""
    try:
        async with asyncio.timeout(LOOK_S):
            await gateway.store.write(lambda _tx: None, rests_on=())
    except (TimeoutError, Unavailable):
        return Check(name="writer", status="failed", detail="the database takes nothing in now")
    return Check(name="writer", status="ok")


async def _disk(gateway: Gateway) -> Check:
    """Whether there is more free space than the least that submissions need."""
    try:
        await gateway.check_space()
    except (OSError, Unavailable):
        least = gateway.config.storage.minimum_free_mb
        return Check(name="disk", status="failed", detail=f"less than {least} MB are free")
    return Check(name="disk", status="ok")


def _documents(gateway: Gateway) -> Check:
    """Whether the store of documents is not known to take nothing."""
    try:
        gateway.blobs.check()
    except Unavailable as error:
        return Check(name="documents", status="failed", detail=error.message)
    return Check(name="documents", status="ok")


async def _calendar(gateway: Gateway) -> Check:
    """Whether this year's days off were entered; without them legal times are provisional."""
    year = gateway.clock.now().astimezone(gateway.zone).year
    calendar = await gateway.run(partial(gateway.calendar, gateway.config.node.code))
    if year not in calendar.covered_years:
        detail = f"the days off of {year} are not entered; legal times are provisional"
        return Check(name="calendar", status="warning", detail=detail)
    return Check(name="calendar", status="ok")


_FRESH = {"Cache-Control": "no-store"}
