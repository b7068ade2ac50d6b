"""`POST /documents`: a body streams to disk and becomes a document, or a problem."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from aiohttp import web

from gateway.config import Http
from gateway.domain.errors import Refused
from gateway.domain.exchange import Role
from gateway.domain.lifecycle import DocumentState
from gateway.domain.rules.mechanism import Statement
from gateway.pipeline.lookup import Shown
from gateway.pipeline.submission import Accepted, Channel
from gateway.web.errors import HttpProblem
from gateway.web.multipart import FormReader
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.quotas import Uploads
from gateway.web.representation import Representation
from gateway.web.requests import json_response

T = TypeVar("T")
#: What is collected before it goes to a worker thread: few hops, little memory.
BATCH = 1 << 20
_LONGEST_KEY = 200


class Body:
    """The body of one request: counted, timed, and handed on in batches."""

    def __init__(self, request: web.Request, *, limit: int, http: Http) -> None:
        """Take at most *limit* bytes, no slower than *http* allows."""
        self._request = request
        self._limit = limit
        self._http = http
        self._taken = 0
        if (request.content_length or 0) > limit:
            raise too_large(limit)

    def count(self, size: int) -> None:
        """Count bytes; 413 beyond the limit."""
        self._taken += size
        if self._taken > self._limit:
            raise too_large(self._limit)

    async def pour(
        self, read: Callable[[], Awaitable[bytes]], write: Callable[[bytes], None]
    ) -> list[bytes]:
        """Pass what *read* brings on to *write* in worker threads; return the last, small rest."""
        run = self._request.app[GATEWAY].run
        clock = asyncio.get_running_loop().time
        begun = clock()
        batch: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout_at(self._deadline(begun, begun)) as deadline:
                while chunk := await read():
                    self.count(len(chunk))
                    batch.append(chunk)
                    size += len(chunk)
                    if size >= BATCH:
                        deadline.reschedule(None)
                        paused = clock()
                        await run(partial(write_all, write, batch))
                        begun += clock() - paused  # what we do with it is not the client's time
                        batch, size = [], 0
                    deadline.reschedule(self._deadline(begun, clock()))
        except TimeoutError:
            raise HttpProblem(
                408, "body-timeout", "the body did not go on in time", close=True
            ) from None
        return batch

    def _deadline(self, begun: float, now: float) -> float:
        """Return when the next bytes must be there: no long silence, and no long trickle."""
        http = self._http
        earned = self._taken / (http.body_least_kb_s * 1024)
        return min(now + http.body_timeout_s, begun + http.body_grace_s + earned)


def write_all(write: Callable[[bytes], None], chunks: list[bytes]) -> None:
    """Pass *chunks* on to *write*."""
    for chunk in chunks:
        write(chunk)


def too_large(limit: int) -> HttpProblem:
    """Return the problem of a body over *limit* bytes."""
    text = f"the whole body may have {limit} bytes"
    return HttpProblem(413, "body-too-large", text, close=True)


class Submit:
    """The handler; keeps the keys under way and bounds the large bodies at once."""

    def __init__(self, representation: Representation, uploads: Uploads) -> None:
        """Take bodies over a batch in as *uploads* has places."""
        self._representation = representation
        self._under_way: set[tuple[str, str]] = set()
        self._uploads = uploads

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Receive, judge, store, answer."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        if caller.role is not Role.OFFICE:
            raise HttpProblem(403, "forbidden", "only an office submits documents", close=True)
        receive = self._receiver(request)
        channel = Channel(origin=caller.actor, caller=caller, key=_key(request))
        await gateway.admit()
        async with self._alone(channel), self._room_for(request):
            accepted = await receive(request, channel)
        return json_response(
            self._representation.document(await _shown(request, accepted)),
            status=_status(accepted),
            headers={"Location": f"/api/v1/documents/{accepted.document.id}"},
        )

    def _receiver(
        self, request: web.Request
    ) -> Callable[[web.Request, Channel], Awaitable[Accepted]]:
        if request.content_type in {"application/xml", "text/xml"}:
            return _receive_message
        if request.content_type == "multipart/form-data":
            return _receive_form
        raise HttpProblem(
            415,
            "media-type",
            "send application/xml (an edXML message) or multipart/form-data",
            close=True,
        )

    @asynccontextmanager
    async def _alone(self, channel: Channel) -> AsyncIterator[None]:
        """Let one request with an Idempotency-Key run at a time."""
        if channel.key is None:
            yield
            return
        place = (channel.caller.client, channel.key)
        if place in self._under_way:
            raise HttpProblem(
                409,
                "idempotency-under-way",
                "the first request with this Idempotency-Key is under way",
                headers={"Retry-After": "1"},
                close=True,
            )
        self._under_way.add(place)
        try:
            yield
        finally:
            self._under_way.discard(place)

    @asynccontextmanager
    async def _room_for(self, request: web.Request) -> AsyncIterator[None]:
        size = request.content_length
        if size is not None and size <= BATCH:
            yield
            return
        async with self._uploads.place(request[CALLER].agency):
            yield


async def _shown(request: web.Request, accepted: Accepted) -> Shown:
    if accepted.history is not None:
        return Shown(document=accepted.document, history=accepted.history)
    return await request.app[GATEWAY].lookup.present(accepted.document, request[CALLER])


def _key(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        text = f"an Idempotency-Key has 1 to {_LONGEST_KEY} printable characters"
        raise HttpProblem(400, "idempotency-key", text, close=True)
    return key


def _status(accepted: Accepted) -> int:
    if accepted.document.state is DocumentState.HELD:
        return 202
    return 200 if accepted.repeated else 201


def _body(request: web.Request) -> Body:
    config = request.app[GATEWAY].config
    return Body(request, limit=config.limits.total_mb << 20, http=config.http)


async def _receive_message(request: web.Request, channel: Channel) -> Accepted:
    body = _body(request)
    arrival = request.app[GATEWAY].message(channel)
    try:
        rest = await body.pour(request.content.readany, arrival.write)
    except BaseException:
        await asyncio.shield(arrival.abandon())
        raise
    outcome = await arrival.complete(rest)
    if not isinstance(outcome, Accepted):
        raise Refused("a status message is no document", findings=[_NO_DOCUMENT.finding("/edXML")])
    return outcome


async def _receive_form(request: web.Request, channel: Channel) -> Accepted:
    gateway = request.app[GATEWAY]
    limits = gateway.config.limits
    body = _body(request)
    arrival = gateway.form(channel)
    reader = FormReader(
        request.headers.get("Content-Type", ""),
        arrival,
        metadata_bytes=limits.metadata_kb << 10,
        most_parts=limits.attachments * 2,
    )
    try:
        rest = await body.pour(request.content.readany, reader.feed)
    except BaseException:
        await asyncio.shield(arrival.abandon())
        raise
    return await arrival.complete(partial(reader.finish, rest))


_NO_DOCUMENT = Statement(
    code="edxml-no-document",
    vi="Gói tin là gói tin trạng thái, không phải văn bản.",
    en="The message is a status message, not a document.",
    remedy="Gửi trạng thái bằng POST /documents/{{id}}/status.",
    remedy_en="Report a status with POST /documents/{{id}}/status.",
    source="QCVN 102:2016/BTTTT",
)
