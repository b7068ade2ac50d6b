"""The calls of a receiver: what waits, its bytes, how its transport stands; and what was sent."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import partial

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import Refused
from gateway.domain.wire import TransportState
from gateway.pipeline.vxp_box import Content, Sent, Waiting
from gateway.web.ranges import broken_off
from gateway.web.vxp_answers import answer, envelope
from gateway.web.vxp_call import STATUS_MESSAGES, Request
from gateway.web.vxp_waiting import Holding

_CHUNK = 3 << 16  #: a multiple of 3, so that base64 of the pieces is base64 of the whole
_INSTANT = "%d/%m/%Y %H:%M:%S"


class Receiving:
    """The calls."""

    def __init__(self, gateway: Gateway) -> None:
        """Show what *gateway* has."""
        self._gateway = gateway
        self._holding = Holding(gateway)

    async def received(self, request: Request) -> web.StreamResponse:
        """`getReceivedEdocList`: what waits for the system and is not settled."""
        zone = self._gateway.zone
        since = _instant(request.signed.value("fromDate"), zone)
        until = _instant(request.signed.value("toDate"), zone)
        await self._holding.until_something(request)
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
        kind = STATUS_MESSAGES if request.wants_statuses else "edoc"
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
            piece = await run(partial(_piece, chunks, b""))
            await response.prepare(request)
            with broken_off(request):
                await response.write(frame[0])
                while piece:
                    whole = len(piece) // 3 * 3 if len(piece) >= _CHUNK else len(piece)
                    await response.write(code(piece[:whole]))
                    piece = await run(partial(_piece, chunks, piece[whole:]))
                await response.write(frame[1])
                await response.write_eof()
        finally:
            await asyncio.shield(run(partial(context.__exit__, None, None, None)))
        return response


def _piece(chunks: Iterator[bytes], rest: bytes) -> bytes:
    """Read on until there is a piece worth sending; what is shorter is the last one."""
    piece = bytearray(rest)
    for chunk in chunks:
        piece += chunk
        if len(piece) >= _CHUNK:
            break
    return bytes(piece)


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
    """Return a row of `getReceivedEdocList`; other nodes also learn code, hops and digest."""
    shown: dict[str, object] = {
        "docId": row.id,
        "serviceType": "eDoc",
        "messageType": STATUS_MESSAGES if request.wants_statuses else "edoc",
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
        shown |= {"doccode": row.code, "trace": ";".join(row.trace), "sha256": row.sha256}
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
