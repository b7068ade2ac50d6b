"""Documents as offices read them: lists, one document, its message, its files."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from urllib.parse import quote

from aiohttp import web

from gateway.domain.document import Attachment
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Document
from gateway.domain.text import words_of
from gateway.ports import Selection
from gateway.web.contents import attachment_response, check_attachment, opened_envelope
from gateway.web.errors import HttpProblem
from gateway.web.pages import PageBody
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.ranges import broken_off
from gateway.web.representation import Representation
from gateway.web.requests import integer, json_response, known_parameters, page_size

_NEWEST = 2**62
_FILTERS = ("box", "code", "state", "type", "counterpart", "from", "to", "q", "after", "limit")
_LONGEST_QUERY = 200
#: Documents read at once for a page: they are large when they have many recipients.
_AT_ONCE = 100


class Documents:
    """The handlers."""

    def __init__(self, representation: Representation) -> None:
        """Answer with *representation*."""
        self._show = representation

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Return one document."""
        known_parameters(request)
        lookup = request.app[GATEWAY].lookup
        shown = await lookup.document(request.match_info["id"], request[CALLER])
        return json_response(self._show.document(shown))

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Return a page of documents, newest first."""
        rest = await self._selection(request)
        lookup, caller = request.app[GATEWAY].lookup, request[CALLER]
        answer, wanted = PageBody(), rest.limit
        while True:
            part = replace(rest, limit=min(wanted - len(answer), _AT_ONCE))
            page = await lookup.documents(part, caller)
            for each in page.items:
                if not answer.add(self._show.document(each), each.document.position):
                    return json_response(answer.body(more=True))
            if page.next is None or len(answer) >= wanted:
                return json_response(answer.body(more=page.next is not None))
            rest = replace(rest, before=page.next)

    async def _selection(self, request: web.Request) -> Selection:
        known_parameters(request, *_FILTERS)
        gateway, query = request.app[GATEWAY], request.query
        box = query.get("box")
        if box not in {None, "in", "out"}:
            raise HttpProblem(400, "bad-parameter", "`box` is `in` or `out`")
        sought = query.get("q", "")[:_LONGEST_QUERY].strip()
        since, until = (day_parameter(request, name) for name in ("from", "to"))
        counterpart = query.get("counterpart")
        if counterpart:
            directory = await gateway.run(gateway.directory)
            agency = directory.find(counterpart)
            counterpart = counterpart if agency is None else agency.code
        zone = gateway.zone
        return Selection(
            box=box,
            code=query.get("code"),
            state=query.get("state"),
            type=query.get("type"),
            counterpart=counterpart,
            since=None if since is None else datetime.combine(since, time(), zone),
            until=None if until is None else datetime.combine(until, time(), zone) + _DAY,
            words=words_of(sought) if sought else None,
            before=integer(request, "after", default=0, least=0, most=_NEWEST) or None,
            limit=page_size(request),
        )

    async def signatures(self, request: web.Request) -> web.StreamResponse:
        """Return all that is true about the signatures of one document, and what it rests on."""
        known_parameters(request)
        lookup = request.app[GATEWAY].lookup
        found = await lookup.evidence(request.match_info["id"], request[CALLER])
        return json_response(self._show.signing(*found))

    async def evidence(self, request: web.Request) -> web.StreamResponse:
        """Return a certificate or revocation data that a signature was judged by, in DER."""
        known_parameters(request)
        lookup, wanted = request.app[GATEWAY].lookup, request.match_info["sha256"]
        _, evidence = await lookup.evidence(request.match_info["id"], request[CALLER])
        for each in evidence:
            if each.sha256 == wanted:
                return web.Response(body=each.der, content_type=_DER[each.kind])
        raise NotFound(f"no signature of the document was judged by {wanted[:64]}")

    async def envelope(self, request: web.Request) -> web.StreamResponse:
        """Return the edXML message, byte for byte; its recipient's first fetch is its arrival."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        document = await gateway.lookup.content(request.match_info["id"], caller)
        if document.sha256 is None or document.size is None:
            raise NotFound("the message is composed when the document is released")
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/xml",
                "ETag": f'"{document.sha256}"',
                "Content-Disposition": disposition(f"{document.id}.edxml"),
                "X-Content-Type-Options": "nosniff",
            }
        )
        response.content_length = document.size
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        async with opened_envelope(request, document) as batches:
            await gateway.inbox.fetched(document, caller)
            await gateway.viewing.taken(document.id, "message", caller)
            await response.prepare(request)
            with broken_off(request):
                async for batch in batches:
                    await response.write(batch)
        await response.write_eof()
        return response

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """Return the bytes of one attachment; Range is served."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        document = await gateway.lookup.content(request.match_info["id"], caller)
        attachment = _attachment(document, request.match_info["n"])
        _check_range(request, attachment.size)
        await check_attachment(request, document, attachment)
        if request.method != "HEAD":
            await gateway.inbox.fetched(document, caller)
        if request.method != "HEAD" and _is_begun(request):
            await gateway.viewing.taken(document.id, str(attachment.n), caller)
        return await attachment_response(
            request,
            attachment,
            {
                "Content-Type": attachment.media_type,
                "Content-Disposition": disposition(attachment.name),
                "X-Content-Type-Options": "nosniff",
            },
        )


def _attachment(document: Document, n: str) -> Attachment:
    for each in document.attachments:
        if str(each.n) == n:
            return each
    raise NotFound(f"the document has no attachment {n}")


def _is_begun(request: web.Request) -> bool:
    """Whether a file is taken from its beginning; who goes on with one has been noted."""
    return request.headers.get("Range", "bytes=0-").startswith("bytes=0-")


def _check_range(request: web.Request, size: int) -> None:
    """Refuse a range that is none, or begins beyond *size*: what answers files is wordless then."""
    if "If-Range" in request.headers:
        return
    try:
        start = request.http_range.start
    except ValueError:
        start = size
    if start is not None and start >= size:
        text = f"there are {size} bytes; ask for one range such as bytes=0-1023"
        raise HttpProblem(416, "range", text, headers={"Content-Range": f"bytes */{size}"})


def day_parameter(request: web.Request, name: str) -> date | None:
    """Return the query parameter *name*, a date, None without it; 400 for anything else."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise HttpProblem(400, "bad-parameter", f"`{name}` is a date like 2026-11-20")
    return day


def disposition(name: str) -> str:
    """Return the header that names a file to keep."""
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else "_" for c in name)
    return f"attachment; filename=\"{plain[:100]}\"; filename*=UTF-8''{quote(name, safe='')}"


#: RFC 2585 and RFC 6960.
_DER = {
    "certificate": "application/pkix-cert",
    "crl": "application/pkix-crl",
    "ocsp": "application/ocsp-response",
}
_DAY = timedelta(days=1)
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Instants of these years exist in every zone, one day later, too.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
