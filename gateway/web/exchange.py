"""The pull box, reports, recalls and receipts, as an office uses them."""

from typing import Annotated

import msgspec
from aiohttp import web

from gateway.domain.exchange import Document
from gateway.pipeline.acknowledge import Report
from gateway.pipeline.stamping import proof
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.representation import Representation
from gateway.web.requests import (
    integer,
    json_response,
    known_parameters,
    page_size,
    read_json,
)
from gateway.web.texts import check_texts

_NEWEST = 2**62


class LeaseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to lease, and for how long."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50
    lease_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 300


class AckBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of documents that are in the office's system."""

    ids: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=5000)
    ]


StaffText = Annotated[str, msgspec.Meta(max_length=200)]


#: Who deals with a document, in the office's own words; on the wire StaffInfo (QCVN 102:2016) takes
#: `department`, `department_id`, `staff`, `staff_id`, `email` and `mobile`.
StaffKey = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Staff = Annotated[dict[StaffKey, StaffText | None], msgspec.Meta(max_length=12)]


class StatusBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recipient's report (QCVN 102:2016 status message)."""

    code: Annotated[str, msgspec.Meta(max_length=10)]
    note: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    staff: Staff | None = None
    arrival_number: int | None = None


class RecallBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document is asked back."""

    reason: Annotated[str, msgspec.Meta(max_length=2000)]


class Exchange:
    """The handlers."""

    def __init__(self, representation: Representation, *, timeout_s: float) -> None:
        """Answer with *representation*; wait *timeout_s* for small bodies."""
        self._show = representation
        self._timeout_s = timeout_s

    async def lease(self, request: web.Request) -> web.StreamResponse:
        """Lease what waits in the caller's pull box."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        body = LeaseBody()
        if request.can_read_body:
            body = await read_json(request, LeaseBody, timeout_s=self._timeout_s)
        leased = await gateway.inbox.lease(caller, limit=body.limit, lease_s=body.lease_s)
        items = await gateway.lookup.present_all(leased.documents, caller)
        return json_response(
            {
                "items": [self._show.document(each) for each in items],
                "leased_until": self._show.instant(leased.until),
            }
        )

    async def acknowledge(self, request: web.Request) -> web.StreamResponse:
        """Acknowledge documents that entered the office's system."""
        body = await read_json(request, AckBody, timeout_s=self._timeout_s)
        inbox = request.app[GATEWAY].inbox
        known, unknown = await inbox.acknowledge(request[CALLER], body.ids)
        return json_response({"acknowledged": known, "unknown": unknown})

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Take a recipient's report on a document."""
        body = await read_json(request, StatusBody, timeout_s=self._timeout_s)
        staff = {key: text for key, text in (body.staff or {}).items() if text}
        check_texts({"/note": body.note}, {f"/staff/{key}": staff[key] for key in staff})
        report = Report(
            code=body.code,
            note=body.note,
            staff=staff,
            arrival_number=body.arrival_number,
        )
        acknowledge = request.app[GATEWAY].acknowledge
        document = await acknowledge.report(request.match_info["id"], report, request[CALLER])
        return await self._answer(request, document)

    async def recall(self, request: web.Request) -> web.StreamResponse:
        """Take a sender's recall."""
        body = await read_json(request, RecallBody, timeout_s=self._timeout_s)
        check_texts({"/reason": body.reason}, {})
        recalling = request.app[GATEWAY].recalling
        document = await recalling.recall(request.match_info["id"], body.reason, request[CALLER])
        return await self._answer(request, document)

    async def receipts_of(self, request: web.Request) -> web.StreamResponse:
        """Return the receipts of one document."""
        known_parameters(request)
        lookup = request.app[GATEWAY].lookup
        receipts = await lookup.receipts_of(request.match_info["id"], request[CALLER])
        return json_response(
            {"items": [self._show.receipt(each) for each in receipts], "next": None}
        )

    async def receipts(self, request: web.Request) -> web.StreamResponse:
        """Return the feed of receipts, oldest first, always with a place to go on from."""
        known_parameters(request, "after", "limit")
        after = integer(request, "after", default=0, least=0, most=_NEWEST)
        lookup = request.app[GATEWAY].lookup
        receipts = await lookup.receipts(request[CALLER], after=after, limit=page_size(request))
        return json_response(
            {
                "items": [self._show.receipt(each) for each in receipts],
                "next": str(receipts[-1].seq if receipts else after),
            }
        )

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        """Return one receipt with the time stamp that proves when it existed."""
        known_parameters(request)
        receipt, proved = await request.app[GATEWAY].lookup.receipt(
            request.match_info["receipt"], request[CALLER], prove=proof
        )
        return json_response(self._show.proved_receipt(receipt, proved))

    async def _answer(self, request: web.Request, document: Document) -> web.Response:
        shown = await request.app[GATEWAY].lookup.present(document, request[CALLER])
        return json_response(self._show.document(shown))
