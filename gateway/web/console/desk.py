"""The page of one document: what is known of it, its files, and what is decided about it."""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import msgspec
from aiohttp import web

from gateway.domain import history
from gateway.domain.document import Attachment
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import Document, HistoryEvent, Receipt, Role
from gateway.domain.findings import Finding
from gateway.domain.lifecycle import DELIVERY_MOVES, DeliveryState, DocumentState, Recall
from gateway.domain.receipts import read_payload
from gateway.pipeline.acknowledge import Report
from gateway.pipeline.lookup import Shown
from gateway.web.console.lists import TAKEN, row_of
from gateway.web.console.pages import SECURITY_HEADERS, Pages, go
from gateway.web.console.ribbon import ribbon
from gateway.web.console.signature_lines import signature_lines
from gateway.web.console.visit import VISITING, Visiting
from gateway.web.contents import attachment_response, check_attachment
from gateway.web.documents import disposition
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY

_A_SECOND = timedelta(seconds=1)
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
#: Answers to a sender that asks a document back.
ANSWERS = {"agree-recall": "15", "refuse-recall": "16"}
#: What the sender may do about a document that went out; the last two begin another document.
_SENDER_DEEDS = ("recall", "update", "replace")
#: Before a document is accepted it is neither assigned nor worked on at the desk.
_AFTER_ACCEPTANCE = frozenset({"assign", "in-progress", "done"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line of the timeline; the same event several times in a row is one."""

    event: HistoryEvent
    differs: bool  #: the legal time is another than the actual one
    times: int


class DeskPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

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
        try:
            if deed == "recall":
                reason = visiting.text("reason", longest=2000)
                await gateway.recalling.recall(id_, reason, caller)
            else:
                await gateway.acknowledge.report(id_, _report(deed, visiting), caller)
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

    async def _document(
        self, request: web.Request, findings: tuple[Finding, ...], status: int
    ) -> web.StreamResponse:
        gateway, caller = request.app[GATEWAY], request[CALLER]
        found = await gateway.lookup.document(request.match_info["id"], caller)
        box = "out" if found.document.sender == caller.agency else "in"
        today = gateway.clock.now().astimezone(gateway.zone).date()
        reference = await gateway.run(gateway.reference)
        receipts = await gateway.lookup.receipts_of(found.document.id, caller)
        calendar = await gateway.run(partial(gateway.calendar, caller.agency))
        row = row_of(found.document, caller.agency, box, today)
        wanted = request.query.get("file", "1")
        files = found.document.attachments
        return await self._pages.page(
            request,
            "document.html",
            status=status,
            box=box,
            document=found.document,
            row=row,
            history=_history(found),
            ribbon=ribbon(calendar, row.at, row.legal_at)
            if row.legal_at is not None and row.legal_at != row.at
            else None,
            signatures=signature_lines(files, request[VISITING].words),
            writes=caller.role is Role.CLERK,
            types=reference.types,
            deeds=_possible(found.document, caller.agency, box)
            if caller.role is Role.CLERK
            else (),
            receipts=receipts,
            asked_why=_why_recalled(receipts),
            findings=findings,
            shown=next((each for each in files if str(each.n) == wanted), None),
            inline=_SHOWN_INLINE,
            ask=request.query.get("ask", ""),
        )


def _possible(document: Document, agency: str, box: str) -> tuple[str, ...]:
    """Return what the clerk of *agency* can do now, the duty first."""
    if box == "out":
        return _of_sender(document)
    own = next((each for each in document.deliveries if each.agency == agency), None)
    if own is None:
        return ()
    asked = tuple(ANSWERS) if own.recall is Recall.REQUESTED else ()
    accepted = own.state in TAKEN
    return asked + tuple(
        deed
        for deed, (_, to) in DEEDS.items()
        if to in DELIVERY_MOVES[own.state] and (accepted or deed not in _AFTER_ACCEPTANCE)
    )


def _of_sender(document: Document) -> tuple[str, ...]:
    if document.state is DocumentState.HELD:
        return ("recall",)
    if document.code is None or document.replaced_by is not None:
        return ()
    open_ = document.state is DocumentState.ACCEPTED
    return _SENDER_DEEDS if open_ else _SENDER_DEEDS[1:]


def _report(deed: str, visiting: Visiting) -> Report:
    """Return what the form reports.

    Whoever decides is named with it; whoever a document is assigned to stands in that place.
    """
    code = ANSWERS.get(deed) or DEEDS.get(deed, ("",))[0]
    if not code:
        raise HttpProblem(400, "bad-parameter", "there is no such deed")
    note = visiting.text("reason", longest=2000)
    staff = {"staff": visiting.known.account.name}
    if deed == "assign":
        person, unit = visiting.text("person"), visiting.text("unit")
        staff = {key: text for key, text in (("department", unit), ("staff", person)) if text}
        due = visiting.words("do.assign_due", day=day) if (day := visiting.text("due")) else ""
        note = ". ".join(filter(None, (note, due)))
    return Report(code=code, note=note or None, staff=staff)


def _history(shown: Shown) -> list[Step]:
    """Return the events, oldest first."""
    steps: list[Step] = []
    for each in shown.history:
        differs = each.legal_at is not None and abs(each.legal_at - each.at) > _A_SECOND
        last = steps[-1].event if steps else None
        if last is not None and (last.event, last.to, last.note) == (
            each.event,
            each.to,
            each.note,
        ):
            steps[-1] = Step(event=each, differs=differs, times=steps[-1].times + 1)
        else:
            steps.append(Step(event=each, differs=differs, times=1))
    return steps


def _why_recalled(receipts: Sequence[Receipt]) -> str:
    """Return the reason with which the sender asks the document back, as its receipt says it."""
    for each in reversed(receipts):
        if each.event == history.RECALL_REQUESTED:
            payload = each.jws.split(".")[1]
            said = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
            return read_payload(msgspec.json.decode(said)).note or ""
    return ""


def _attachment(document: Document, n: str) -> Attachment:
    for each in document.attachments:
        if str(each.n) == n:
            return each
    raise NotFound(f"the document has no attachment {n}")


def _served_as(attachment: Attachment) -> str:
    plain = attachment.media_type == "text/plain"
    return "text/plain; charset=utf-8" if plain else attachment.media_type
