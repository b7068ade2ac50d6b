"""The page of one document: what is known of it, its files, and what is decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from aiohttp import web

from gateway.domain.document import Attachment
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import Document, HistoryEvent, Role
from gateway.domain.findings import Finding
from gateway.pipeline.lookup import Shown
from gateway.web.console.deeds import DONE, check_in_turn, possible, report_of
from gateway.web.console.lists import row_of
from gateway.web.console.pages import SECURITY_HEADERS, Pages, go
from gateway.web.console.recalls import gone, standing, why_recalled
from gateway.web.console.ribbon import ribbon
from gateway.web.console.signature_lines import signature_lines
from gateway.web.console.visit import VISITING
from gateway.web.contents import attachment_response, check_attachment
from gateway.web.documents import disposition
from gateway.web.parts import CALLER, GATEWAY

#: Of the forms of all deeds.
_FIELDS = ("deed", "reason", "unit", "person", "due")
_A_SECOND = timedelta(seconds=1)
#: What a browser shows by itself in a frame that may do nothing.
_SHOWN_INLINE = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "text/plain"}
)


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
        page = await self._document(request, (), 200, {})
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
                shown = await gateway.lookup.document(id_, caller)
                check_in_turn(deed, shown.document, caller.agency)
                await gateway.acknowledge.report(
                    id_, report_of(deed, visiting, _today(request)), caller
                )
        except Refused as error:
            if isinstance(error, NotFound):
                raise
            given = {name: visiting.text(name, longest=2000) for name in _FIELDS}
            return await self._document(request, error.findings, 422, given)
        return go(f"/desk/{caller.agency}/documents/{id_}?done={deed}")

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
        self,
        request: web.Request,
        findings: tuple[Finding, ...],
        status: int,
        given: Mapping[str, str],
    ) -> web.StreamResponse:
        """Show the page; of a deed that was refused with what was *given*, to be mended."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        found = await gateway.lookup.document(request.match_info["id"], caller)
        box = "out" if found.document.sender == caller.agency else "in"
        reference = await gateway.run(gateway.reference)
        receipts = await gateway.lookup.receipts_of(found.document.id, caller)
        calendar = await gateway.run(partial(gateway.calendar, caller.agency))
        kin = (await gateway.kinship.of([found.document], caller))[found.document.id]
        row = row_of(found.document, caller.agency, box, _today(request), kin)
        asked_why, done = why_recalled(receipts), request.query.get("done", "")
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
            deeds=possible(
                found.document,
                caller.agency,
                box,
                is_replaced=row.kin.followed == "replaced",
            )
            if caller.role is Role.CLERK
            else (),
            done=done if done in DONE else "",
            recall=standing(found),
            gone=gone(found, caller.agency, asked_why),
            receipts=receipts,
            asked_why=asked_why,
            findings=findings,
            shown=next((each for each in files if str(each.n) == wanted), None),
            inline=_SHOWN_INLINE,
            ask=given.get("deed") or request.query.get("ask", ""),
            given={name: given.get(name, "") for name in _FIELDS},
        )


def _today(request: web.Request) -> date:
    gateway = request.app[GATEWAY]
    return gateway.clock.now().astimezone(gateway.zone).date()


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


def _attachment(document: Document, n: str) -> Attachment:
    for each in document.attachments:
        if str(each.n) == n:
            return each
    raise NotFound(f"the document has no attachment {n}")


def _served_as(attachment: Attachment) -> str:
    plain = attachment.media_type == "text/plain"
    return "text/plain; charset=utf-8" if plain else attachment.media_type
