"""The clerk's desk: documents in and out, one document, and what is decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from gateway.domain.document import Attachment
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import Delivery, Document, Role
from gateway.domain.findings import Finding
from gateway.domain.lifecycle import DELIVERY_MOVES, DeliveryState, DocumentState, Recall
from gateway.domain.text import fold
from gateway.pipeline.acknowledge import Report
from gateway.pipeline.lookup import Shown
from gateway.ports import Selection
from gateway.web.console.pages import SECURITY_HEADERS, Pages, go
from gateway.web.console.visit import VISITING
from gateway.web.contents import attachment_response, check_attachment
from gateway.web.documents import disposition
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY

_PAGE = 25
#: What a browser shows by itself in a frame that may do nothing.
_SHOWN_INLINE = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "text/plain"}
)
#: Deeds of a recipient: name, status code, and the state that it leads to.
DEEDS = {
    "accept": ("03", DeliveryState.ACCEPTED),
    "assign": ("04", DeliveryState.ASSIGNED),
    "in-progress": ("05", DeliveryState.IN_PROGRESS),
    "done": ("06", DeliveryState.DONE),
    "refuse": ("02", DeliveryState.REFUSED),
}
#: Before a document is accepted it is neither assigned nor worked on at the desk.
_AFTER_ACCEPTANCE = frozenset({"assign", "in-progress", "done"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document in a list, as the desk of one agency sees it."""

    document: Document
    delivery: Delivery | None
    at: datetime  #: the actual instant that the row tells
    legal_at: datetime | None
    state: str  #: key of the tag
    finished: int  #: recipients that accepted
    overdue: bool


class DeskPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def inbox(self, request: web.Request) -> web.StreamResponse:
        """Show the incoming documents."""
        return await self._list(request, "in")

    async def outbox(self, request: web.Request) -> web.StreamResponse:
        """Show the outgoing documents."""
        return await self._list(request, "out")

    async def document(self, request: web.Request) -> web.StreamResponse:
        """Show one document, and record who saw it."""
        page = await self._document(request, (), 200)
        if request.method != "HEAD":
            viewing, id_ = request.app[GATEWAY].viewing, request.match_info["id"]
            await viewing.viewed(id_, request[CALLER])
        return page

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Do what was decided about a document."""
        visiting, gateway, caller = request[VISITING], request.app[GATEWAY], request[CALLER]
        id_, deed = request.match_info["id"], visiting.text("deed")
        reason = visiting.text("reason", longest=2000)
        try:
            if deed == "recall":
                await gateway.recalling.recall(id_, reason, caller)
            else:
                await gateway.acknowledge.report(id_, _report(deed, reason, request), caller)
        except Refused as error:
            if isinstance(error, NotFound):
                raise
            return await self._document(request, error.findings, 422)
        return go(f"/desk/{caller.agency}/documents/{id_}")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Return the bytes of one attachment, to show or to keep."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        document = await gateway.lookup.content(request.match_info["id"], caller)
        attachment = _attachment(document, request.match_info["n"])
        await check_attachment(request, document, attachment)
        if request.method != "HEAD":
            await gateway.inbox.fetched(document, caller)
            await gateway.viewing.downloaded(document.id, attachment.n, caller)
        inline = attachment.media_type in _SHOWN_INLINE and "download" not in request.query
        shown = disposition(attachment.name)
        headers = {
            **SECURITY_HEADERS,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
            "object-src 'self'; frame-ancestors 'self'",
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Type": _served_as(attachment) if inline else attachment.media_type,
            "Content-Disposition": shown.replace("attachment;", "inline;", 1) if inline else shown,
        }
        return await attachment_response(request, attachment, headers)

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        """Return one signed receipt as a file."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        receipts = await gateway.lookup.receipts_of(request.match_info["id"], caller)
        for each in receipts:
            if each.id == request.match_info["receipt"]:
                return web.Response(
                    body=each.jws.encode(),
                    headers={
                        **SECURITY_HEADERS,
                        "Content-Type": "application/jose",
                        "Content-Disposition": disposition(f"hoi-bao-{each.id}.jws"),
                    },
                )
        raise NotFound("there is no such receipt")

    async def _list(self, request: web.Request, box: str) -> web.StreamResponse:
        gateway, caller = request.app[GATEWAY], request[CALLER]
        query = request.query
        selection = Selection(
            box=box,
            type=query.get("type") or None,
            counterpart=query.get("counterpart") or None,
            since=_day(request, "from"),
            until=_day(request, "to", after=True),
            words=tuple(fold(query.get("q", "")[:200]).split()),
            code=_code(query.get("q", "")),
            before=_place(query.get("before")),
            limit=_PAGE,
        )
        page = await gateway.lookup.documents(selection, caller)
        today = gateway.clock.now().astimezone(gateway.zone).date()
        reference = await gateway.run(gateway.reference)
        return await self._pages.page(
            request,
            "list.html",
            box=box,
            rows=[_row(each.document, caller.agency, box, today) for each in page.items],
            next=page.next,
            types=reference.types,
            filters={k: v for k, v in query.items() if k in _FILTERS and v},
            writes=caller.role is Role.CLERK,
        )

    async def _document(
        self, request: web.Request, findings: tuple[Finding, ...], status: int
    ) -> web.StreamResponse:
        gateway, caller = request.app[GATEWAY], request[CALLER]
        found = await gateway.lookup.document(request.match_info["id"], caller)
        box = "out" if found.document.sender == caller.agency else "in"
        today = gateway.clock.now().astimezone(gateway.zone).date()
        reference = await gateway.run(gateway.reference)
        wanted = request.query.get("file", "1")
        files = found.document.attachments
        return await self._pages.page(
            request,
            "document.html",
            status=status,
            box=box,
            document=found.document,
            row=_row(found.document, caller.agency, box, today),
            history=_history(found),
            types=reference.types,
            deeds=_possible(found.document, caller.agency, box)
            if caller.role is Role.CLERK
            else (),
            receipts=await gateway.lookup.receipts_of(found.document.id, caller),
            findings=findings,
            shown=next((each for each in files if str(each.n) == wanted), None),
            inline=_SHOWN_INLINE,
            ask=request.query.get("ask", ""),
        )


_FILTERS = ("q", "type", "counterpart", "from", "to")


def _row(document: Document, agency: str, box: str, today: date) -> Row:
    own = next((each for each in document.deliveries if each.agency == agency), None)
    mine = own if box == "in" else None
    at = (mine.received_at if mine else document.sent_at) or document.submitted_at
    due = document.metadata.due_on
    open_ = mine is not None and mine.state is not DeliveryState.DONE
    return Row(
        document=document,
        delivery=mine,
        at=at,
        legal_at=mine.legal_received_at if mine else document.legal_sent_at,
        state=_tag(document, mine),
        finished=sum(each.state in _TAKEN for each in document.deliveries),
        overdue=open_ and due is not None and due < today,
    )


_TAKEN = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.ASSIGNED,
        DeliveryState.IN_PROGRESS,
        DeliveryState.DONE,
    }
)
#: The worst first: what the sender must look at.
_WORST = (
    DeliveryState.FAILED,
    DeliveryState.REFUSED,
    DeliveryState.WAITING,
    DeliveryState.SENDING,
    DeliveryState.HANDED_OVER,
    DeliveryState.ARRIVED,
    DeliveryState.ACCEPTED,
    DeliveryState.ASSIGNED,
    DeliveryState.IN_PROGRESS,
    DeliveryState.DONE,
    DeliveryState.CANCELLED,
    DeliveryState.RECALLED,
)


def _tag(document: Document, delivery: Delivery | None) -> str:
    """Return the key of the tag of a document, or of the own delivery of it."""
    if document.replaced_by is not None:
        return "replaced"
    if delivery is not None:
        asked = delivery.recall is Recall.REQUESTED
        return "recall-requested" if asked else delivery.state.value
    if document.state in {DocumentState.HELD, DocumentState.RECALLED}:
        return document.state.value
    states = {each.state for each in document.deliveries}
    return next((each.value for each in _WORST if each in states), document.state.value)


def _possible(document: Document, agency: str, box: str) -> tuple[str, ...]:
    """Return what the clerk of *agency* can do now, the duty first."""
    if box == "out":
        open_ = document.state in {DocumentState.ACCEPTED, DocumentState.HELD}
        return ("recall",) if open_ else ()
    own = next((each for each in document.deliveries if each.agency == agency), None)
    if own is None:
        return ()
    accepted = own.state in _TAKEN
    return tuple(
        deed
        for deed, (_, to) in DEEDS.items()
        if to in DELIVERY_MOVES[own.state] and (accepted or deed not in _AFTER_ACCEPTANCE)
    )


def _report(deed: str, reason: str, request: web.Request) -> Report:
    if deed not in DEEDS:
        raise HttpProblem(400, "bad-parameter", "there is no such deed")
    account = request[VISITING].known.account
    staff: Mapping[str, str] = {"name": account.name}
    return Report(code=DEEDS[deed][0], note=reason or None, staff=staff)


def _history(shown: Shown) -> list[tuple[object, bool]]:
    """Return the events, oldest first, each with whether its legal time differs."""
    return [
        (each, each.legal_at is not None and abs(each.legal_at - each.at) > timedelta(seconds=1))
        for each in shown.history
    ]


def _attachment(document: Document, n: str) -> Attachment:
    for each in document.attachments:
        if str(each.n) == n:
            return each
    raise NotFound(f"the document has no attachment {n}")


def _served_as(attachment: Attachment) -> str:
    plain = attachment.media_type == "text/plain"
    return "text/plain; charset=utf-8" if plain else attachment.media_type


def _day(request: web.Request, name: str, *, after: bool = False) -> datetime | None:
    """Return the start of a day of the query, or of the day *after*; None for what is none."""
    try:
        day = date.fromisoformat(request.query.get(name, ""))
        start = datetime(day.year, day.month, day.day, tzinfo=request.app[GATEWAY].zone)
        return start + timedelta(days=1) if after else start
    except (ValueError, OverflowError):
        return None


def _code(text: str) -> str | None:
    """Return *text* when it is a document code to look up rather than words."""
    parts = text.strip().split("/")
    fits = len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal()  # noqa: PLR2004
    return text.strip() if fits else None


def _place(text: str | None) -> int | None:
    fits = text is not None and text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004
    return int(text) if text is not None and fits else None
