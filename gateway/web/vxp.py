"""The VXP door: every call of the national axis's client SDK, under `/vxp`."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial

import structlog
from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.characters import first_unfit
from gateway.domain.document import StatusMessage
from gateway.domain.errors import Conflict, Forbidden, Refused
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.lifecycle import DocumentState
from gateway.domain.wire import System, TransportState, sender_id
from gateway.pipeline.submission import Accepted, Channel, StatusReport
from gateway.pipeline.vxp_box import Content, Sent, Waiting, status_sender_id
from gateway.pipeline.vxp_systems import Registration
from gateway.web.auth import Networks, client_address
from gateway.web.errors import HttpProblem
from gateway.web.parts import GATEWAY
from gateway.web.quotas import Uploads
from gateway.web.submit import BATCH, Body
from gateway.web.vxp_answers import ROOT, answer, envelope
from gateway.web.vxp_directory import AgencyLists
from gateway.web.vxp_file import PassingFile
from gateway.web.vxp_request import Signed, is_node, read_signed, recipients

log = structlog.get_logger()

#: A status message, kept whole while it is read.
_STATUS_BYTES = 1 << 18
_SMALL_BODY = 1 << 16
_CHUNK = 3 << 16  #: a multiple of 3, so that base64 of the pieces is base64 of the whole
_INSTANT = "%d/%m/%Y %H:%M:%S"
_STATUS_MESSAGES = "status"
_LONGEST_FIELD = 500

Call = Callable[["Request"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call of a system that proved who it is."""

    http: web.Request
    signed: Signed
    system: System
    caller: Caller
    is_node: bool

    @property
    def gateway(self) -> Gateway:
        """Return the node."""
        return self.http.app[GATEWAY]

    @property
    def wants_statuses(self) -> bool:
        """Whether it asks for status messages, not for documents."""
        return self.signed.value("messagetype").lower() == _STATUS_MESSAGES


class Vxp:
    """The calls; bounds the large bodies together with the REST API."""

    def __init__(self, gateway: Gateway, uploads: Uploads, proxies: Networks) -> None:
        """Serve the systems of *gateway*; trust *proxies* to have ended TLS."""
        self._gateway = gateway
        self._uploads = uploads
        self._proxies = proxies
        self._agencies = AgencyLists(gateway)

    def calls(self) -> Sequence[tuple[str, str, Call]]:
        """Return method, name and handler of every call."""
        return (
            ("POST", "registerAgency", self.register),
            ("POST", "deleteAgency", self.delete),
            ("POST", "getAgenciesList", self.agencies),
            ("POST", "getAgenciesListQD20", self.agencies_by_level),
            ("POST", "getSynchronizeUnit", self.synchronised),
            ("POST", "sendEdoc", self.send),
            ("POST", "getReceivedEdocList", self.received),
            ("POST", "getEdoc", self.fetch),
            ("GET", "downloadEdoc", self.download),
            ("POST", "updateStatus", self.update),
            ("POST", "getSentEdocList", self.sent),
            ("POST", "countReceiveEdoc", self.count_documents),
            ("POST", "countReceiveStatus", self.count_statuses),
        )

    def install(self, application: web.Application) -> None:
        """Add every call to *application*, behind the check of its signature."""
        for method, name, call in self.calls():
            application.router.add_route(method, ROOT + name, partial(self._signed, call))

    async def _signed(self, call: Call, request: web.Request) -> web.StreamResponse:
        address = client_address(request, self._proxies)
        signed = read_signed(request)
        system = await self._gateway.systems.authenticate(
            signed.value("systemid"), signed.text, signed.signature
        )
        caller = Caller(
            actor=f"client:{system.client.id}",
            agency=system.client.agency,
            role=Role.OFFICE,
            address=address,
            client=system.client.id,
        )
        return await call(
            Request(
                http=request,
                signed=signed,
                system=system,
                caller=caller,
                is_node=is_node(signed, system, self._gateway.config.node.code),
            )
        )

    # --- agencies ---------------------------------------------------------------------------------

    async def register(self, request: Request) -> web.StreamResponse:
        """`registerAgency`: create, update, or reopen what the system gave up."""
        asked = _registration(await self._small_body(request))
        await self._gateway.systems.register(asked, request.system, request.caller)
        return answer(request.http)

    async def delete(self, request: Request) -> web.StreamResponse:
        """`deleteAgency`: close what the system registered."""
        code = request.signed.value("AgencyCode", "agencyCode", "agencycode")
        if not code:
            raise Refused("Thiếu AgencyCode / AgencyCode is needed", code="vxp-parameter")
        await self._gateway.systems.give_up(code, request.system, request.caller)
        return answer(request.http)

    async def agencies(self, request: Request) -> web.StreamResponse:
        """`getAgenciesList`: every open agency, whole."""
        return await self._agencies.all(request.http)

    async def agencies_by_level(self, request: Request) -> web.StreamResponse:
        """`getAgenciesListQD20`: the agencies of one level of QĐ 20/2020."""
        return await self._agencies.of_level(request.http, request.signed.value("level"))

    async def synchronised(self, request: Request) -> web.StreamResponse:
        """`getSynchronizeUnit`: every agency, closed ones marked."""
        return await self._agencies.synchronised(request.http)

    # --- sending ----------------------------------------------------------------------------------

    async def send(self, request: Request) -> web.StreamResponse:
        """`sendEdoc`: a document or a status message."""
        await self._gateway.check_space()
        async with self._room_for(request):
            doc_id = await self._receive(request)
        return answer(request.http, DocId=doc_id)

    async def _receive(self, request: Request) -> str:
        channel = await self._channel(request)
        gateway, signed = self._gateway, request.signed
        file = PassingFile(signed.value("hash-file"), keep=_STATUS_BYTES)
        limit = (gateway.config.limits.total_mb << 20) + 2
        body = Body(request.http, limit=limit, http=gateway.config.http)
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

    # --- receiving --------------------------------------------------------------------------------

    async def received(self, request: Request) -> web.StreamResponse:
        """`getReceivedEdocList`: what waits for the system and is not settled."""
        zone = self._gateway.zone
        since = _instant(request.signed.value("fromDate"), zone)
        until = _instant(request.signed.value("toDate"), zone)
        rows = [
            _waiting(each, request, zone)
            for each in await self._waiting(request, statuses=request.wants_statuses)
            if (since is None or each.created_at >= since)
            and (until is None or each.created_at <= until)
        ]
        return answer(request.http, data=rows)

    async def count_documents(self, request: Request) -> web.StreamResponse:
        """`countReceiveEdoc`: how many documents wait."""
        return answer(request.http, count=len(await self._waiting(request, statuses=False)))

    async def count_statuses(self, request: Request) -> web.StreamResponse:
        """`countReceiveStatus`: how many status messages wait."""
        return answer(request.http, count=len(await self._waiting(request, statuses=True)))

    async def fetch(self, request: Request) -> web.StreamResponse:
        """`getEdoc`: the bytes of an item, as base64 in JSON, written as it is read."""
        content = await self._content(request)
        head, tail = envelope("OK", "0", "Thanh cong", {"data": ""})[:-2], b'"}'
        size = len(head) + 4 * ((content.size + 2) // 3) + len(tail)
        return await self._stream(
            request.http,
            content,
            kind="application/json",
            size=size,
            frame=(head, tail),
            code=base64.b64encode,
        )

    async def download(self, request: Request) -> web.StreamResponse:
        """`downloadEdoc`: the bytes of an item as they are."""
        content = await self._content(request)
        return await self._stream(
            request.http,
            content,
            kind="application/octet-stream",
            size=content.size,
            frame=(b"", b""),
            code=bytes,
        )

    async def update(self, request: Request) -> web.StreamResponse:
        """`updateStatus`: the transport state of an item."""
        item = request.signed.value("docid", "docId")
        given = request.signed.value("status").strip().lower()
        if given not in set(TransportState):
            known = ", ".join(TransportState)
            raise Refused(
                f"Trạng thái “{given[:40]}” không hợp lệ, dùng {known} / the status is one of them",
                code="vxp-parameter",
            )
        await self._gateway.vxp_box.settle(
            item,
            TransportState(given),
            request.signed.value("description")[:4000] or None,
            system=request.system,
            caller=request.caller,
            is_node=request.is_node,
        )
        return answer(request.http)

    async def sent(self, request: Request) -> web.StreamResponse:
        """`getSentEdocList`: a row for each receiver of what the system sent."""
        box = self._gateway.vxp_box
        only = request.signed.value("docId", "docid") or None
        if request.wants_statuses:
            rows = await box.sent_statuses(request.system, only)
        else:
            rows = await box.sent_documents(request.system, only)
        kind = _STATUS_MESSAGES if request.wants_statuses else "edoc"
        return answer(request.http, data=[_sent(each, kind, self._gateway.zone) for each in rows])

    async def _waiting(self, request: Request, *, statuses: bool) -> list[Waiting]:
        box = self._gateway.vxp_box
        return await (box.statuses if statuses else box.documents)(request.system)

    async def _content(self, request: Request) -> Content:
        item = request.signed.value("docId", "docid")
        return await self._gateway.vxp_box.fetch(
            item, request.system, request.caller, is_node=request.is_node
        )

    async def _stream(
        self,
        request: web.Request,
        content: Content,
        *,
        kind: str,
        size: int,
        frame: tuple[bytes, bytes],
        code: Callable[[bytes], bytes],
    ) -> web.StreamResponse:
        """Answer *content* piece by piece, each read in a worker thread and coded by *code*."""
        run = self._gateway.run
        context = content.open()
        chunks = await run(context.__enter__)
        try:
            response = web.StreamResponse()
            response.content_type = kind
            response.content_length = size
            response.force_close()
            await response.prepare(request)
            await response.write(frame[0])
            rest = b""
            while piece := await run(partial(_piece, chunks, rest)):
                whole = len(piece) // 3 * 3 if len(piece) >= _CHUNK else len(piece)
                rest = piece[whole:]
                await response.write(code(piece[:whole]))
            await response.write(frame[1])
            await response.write_eof()
        finally:
            await asyncio.shield(run(partial(context.__exit__, None, None, None)))
        return response

    async def _small_body(self, request: Request) -> bytes:
        raw = bytearray()
        async with asyncio.timeout(self._gateway.config.http.body_timeout_s):
            async for chunk in request.http.content.iter_chunked(_SMALL_BODY):
                raw += chunk
                if len(raw) > _SMALL_BODY:
                    text = "Nội dung quá lớn / the body is over 64 kB"
                    raise HttpProblem(413, "body-too-large", text, close=True)
        return bytes(raw)


def _piece(chunks: "object", rest: bytes) -> bytes:
    """Read on until there is a piece worth sending; what is shorter is the last one."""
    piece = bytearray(rest)
    for chunk in chunks:  # type: ignore[attr-defined]
        piece += chunk
        if len(piece) >= _CHUNK:
            break
    return bytes(piece)


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
    return Forbidden(
        f"Don vi gui {given[:60]} khong dung voi ma da dang ky: {system.client.systemid}",
        code="agency-sender",
    )


def _registration(raw: bytes) -> Registration:
    """Read the body of registerAgency."""
    try:
        given = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"Nội dung không phải JSON / the body is no JSON: {error}", code="vxp-body"
        ) from error
    if not isinstance(given, dict):
        raise Refused("Nội dung phải là đối tượng JSON / a JSON object is needed", code="vxp-body")
    fields = {
        name: str(given[key]).strip()
        for name, key in _REGISTRATION
        if given.get(key) is not None and not isinstance(given[key], dict | list)
    }
    if not fields.get("code"):
        raise Refused("Thiếu mã đơn vị (code) / `code` is needed", code="vxp-body")
    for name, text in fields.items():
        if len(text) > _LONGEST_FIELD or first_unfit(text) is not None:
            raise Refused(
                f"Trường {name} quá dài hoặc có ký tự không được phép / "
                f"`{name}` is over {_LONGEST_FIELD} characters or holds one that is not allowed",
                code="vxp-body",
            )
    return Registration(**fields)


_REGISTRATION = (
    ("code", "code"),
    ("parent", "pcode"),
    ("name", "name"),
    ("mail", "mail"),
    ("mobile", "mobile"),
    ("fax", "fax"),
)


def _instant(text: str, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, _INSTANT).replace(tzinfo=zone)
    except ValueError:
        raise Refused(
            f"Thời gian “{text[:40]}” phải theo dạng dd/MM/yyyy HH:mm:ss / "
            "a time is written dd/MM/yyyy HH:mm:ss",
            code="vxp-parameter",
        ) from None


def _waiting(row: Waiting, request: Request, zone: tzinfo) -> dict[str, object]:
    """Return a row of `getReceivedEdocList`; other nodes also learn code and hops."""
    shown: dict[str, object] = {
        "docId": row.id,
        "serviceType": "eDoc",
        "messageType": _STATUS_MESSAGES if request.wants_statuses else "edoc",
        "created_time": row.created_at.astimezone(zone).strftime(_INSTANT),
        "updated_time": row.updated_at.astimezone(zone).strftime(_INSTANT),
        "from": row.sender,
        "to": row.to,
        "status": row.state.value,
        "status_desc": row.note or "",
        "fromCode": row.sender_code,
        "toCode": row.to_code,
    }
    if request.is_node:
        shown |= {"doccode": row.code, "trace": ";".join(row.trace)}
    return shown


def _sent(row: Sent, kind: str, zone: tzinfo) -> dict[str, object]:
    received = row.received_at
    return {
        "senderDocId": row.sender_id,
        "receiverDocId": row.receiver_id,
        "fromCode": row.sender,
        "toCode": row.to,
        "serviceType": "eDoc",
        "messageType": kind,
        "title": row.title,
        "notation": row.notation,
        "sentTime": row.sent_at.astimezone(zone).strftime(_INSTANT),
        "receivedTime": received and received.astimezone(zone).strftime(_INSTANT),
        "sendStatus": row.send_state,
        "sendStatusDesc": row.send_note,
        "receiveStatus": row.receive_state.value,
        "receiveStatusDesc": row.receive_note or "",
    }
