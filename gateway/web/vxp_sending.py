"""`sendEdoc`: a document walks the same road as by any other door; a status is applied."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from msgspec.structs import replace

from gateway.bootstrap.gateway import Gateway
from gateway.config import Config, Http
from gateway.domain.document import StatusMessage
from gateway.domain.errors import Conflict, Forbidden, Refused
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.lifecycle import DocumentState
from gateway.domain.sender_findings import NOT_YOURS
from gateway.domain.wire import System, sender_id
from gateway.pipeline.submission import Accepted, Channel, StatusReport
from gateway.pipeline.vxp_box import status_sender_id
from gateway.web.quotas import Uploads
from gateway.web.submit import BATCH, Body
from gateway.web.vxp_answers import answer
from gateway.web.vxp_call import Request
from gateway.web.vxp_file import PassingFile
from gateway.web.vxp_request import recipients

#: A status message, kept whole while it is read.
_STATUS_BYTES = 1 << 18


class Sending:
    """The call; bounds the large bodies together with the REST API."""

    def __init__(self, gateway: Gateway, uploads: Uploads) -> None:
        """Take in for *gateway* as *uploads* has places."""
        self._gateway = gateway
        self._uploads = uploads

    async def send(self, request: Request) -> web.StreamResponse:
        """`sendEdoc`: a document or a status message."""
        if request.wants_statuses:  # what belongs to an accepted document is not turned away
            await self._gateway.check_space()
        else:
            await self._gateway.admit()
        async with self._room_for(request):
            doc_id = await self._receive(request)
        return answer(request.http, DocId=doc_id)

    async def _receive(self, request: Request) -> str:
        channel = await self._channel(request)
        gateway, signed = self._gateway, request.signed
        file = PassingFile(signed.value("hash-file"), keep=_STATUS_BYTES)
        limit = (gateway.config.limits.total_mb << 20) + 2
        body = Body(request.http, limit=limit, http=_pace(request, gateway.config))
        arrival = gateway.message(channel)
        try:
            rest = await body.pour(
                request.http.content.readany, lambda chunk: arrival.write(file.feed(chunk))
            )
        except BaseException:
            await asyncio.shield(arrival.abandon())
            raise
        outcome = await arrival.complete(file.rest(rest))
        if isinstance(outcome, StatusReport):
            return await self._apply(request, outcome, file.whole)
        return _accepted(outcome)

    async def _channel(self, request: Request) -> Channel:
        """Return by whom, in whose name and for whom a message comes."""
        signed, system = request.signed, request.system
        if not signed.value("hash-file"):
            raise Refused("Thiếu hash-file / hash-file is needed", code="vxp-parameter")
        directory = await self._gateway.run(self._gateway.directory)
        given = signed.value("from") or system.client.agency
        known = directory.find(given)
        sender = given if known is None else known.code
        if sender not in system.codes:
            raise _foreign_sender(given, system)
        node = self._gateway.config.node.code
        if request.is_node and node in signed.trace:
            raise Conflict(
                "Văn bản đã đi qua nút này / the document has passed this node before",
                code="vxp-loop",
            )
        to = recipients(signed.value("to")) if request.is_node else ()
        found = [(code, directory.find(code)) for code in to]
        only = frozenset(code if agency is None else agency.code for code, agency in found)
        return Channel(
            origin=request.caller.actor,
            caller=Caller(
                actor=request.caller.actor,
                agency=sender,
                role=Role.OFFICE,
                address=request.caller.address,
                client=request.caller.client,
            ),
            key=f"vxp:{signed.value('hash-file').lower()}",
            code=signed.value("doccode") or None if request.is_node else None,
            trace=signed.trace if request.is_node else (),
            senders=frozenset(system.codes),
            only=only or None,
        )

    async def _apply(self, request: Request, report: StatusReport, body: bytes | None) -> str:
        status, gateway = report.reading.message, self._gateway
        if not isinstance(status, StatusMessage) or body is None:
            raise Refused(
                "Gói tin trạng thái không đọc được / the status message cannot be read",
                code="vxp-status",
                findings=report.reading.findings,
            )
        directory = await gateway.run(gateway.directory)
        known = directory.find(status.sender.code)
        sender = status.sender.code if known is None else known.code
        if sender not in request.system.codes:
            raise _foreign_sender(status.sender.code, request.system)
        caller = Caller(
            actor=request.caller.actor,
            agency=sender,
            role=Role.OFFICE,
            address=request.caller.address,
            client=request.caller.client,
        )
        await gateway.acknowledge.message(status, caller, from_axis=False, body=body)
        return status_sender_id(body)

    @asynccontextmanager
    async def _room_for(self, request: Request) -> AsyncIterator[None]:
        size = request.http.content_length
        if size is not None and size <= BATCH:
            yield
            return
        async with self._uploads.place(request.system.client.agency):
            yield


def _pace(request: Request, config: Config) -> Http:
    """Return how slow the body may be: a node proved who it is, and its way may be a slow one."""
    least = min(config.http.body_least_kb_s, config.relay.least_kb_s)
    return replace(config.http, body_least_kb_s=least) if request.is_node else config.http


def _accepted(accepted: Accepted) -> str:
    document: Document = accepted.document
    if document.state is DocumentState.REFUSED:
        raise Refused(
            "Văn bản này đã bị từ chối sau khi xem xét / it was refused after being held",
            code="refused",
        )
    return sender_id(document.id)


def _foreign_sender(given: str, system: System) -> Forbidden:
    """Say it in the axis's own words, which clients may look for."""
    agency = system.client.agency
    return Forbidden(
        f"Don vi gui {given[:60]} khong dung voi ma da dang ky: {system.client.systemid}",
        code=NOT_YOURS.code,
        findings=[NOT_YOURS.finding("/from", code=given, agency=agency)],
    )
