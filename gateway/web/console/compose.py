"""Compose: a form with files becomes a document, or comes back with every finding at its field.

The body streams to disk as any submission does; only the small fields before the files are held.
"""

import asyncio
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import msgspec
from aiohttp import web
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from gateway.domain.document import Priority
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.text import fold
from gateway.pipeline.arrival import FormArrival
from gateway.pipeline.submission import Channel
from gateway.web.console.pages import Pages, go
from gateway.web.console.visit import CSRF, VISITING, Visiting
from gateway.web.errors import HttpProblem
from gateway.web.multipart import broken
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.quotas import Uploads
from gateway.web.submit import Body

_FIELD_BYTES = 64 << 10
_FIELDS = 400
_NONCE = re.compile("[A-Za-z0-9_-]{16,40}")
_TEXTS = (
    "type",
    "number",
    "notation",
    "promulgated_on",
    "subject",
    "full_name",
    "position",
    "competence",
    "place",
    "priority",
    "due_on",
    "reply_to",
)


class ComposePages:
    """The handlers."""

    def __init__(self, pages: Pages, uploads: Uploads) -> None:
        """Render with *pages*; take large bodies in as *uploads* has places."""
        self._pages = pages
        self._uploads = uploads

    async def form(self, request: web.Request) -> web.StreamResponse:
        """Show an empty form, or the reply to a document."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        today = gateway.clock.now().astimezone(gateway.zone).date()
        given: dict[str, Sequence[str]] = {"promulgated_on": [today.isoformat()], "type": ["CV"]}
        reply = request.query.get("reply")
        if reply is not None:
            first = (await gateway.lookup.document(reply, caller)).document
            given["to"] = [first.sender]
            given["reply_to"] = [first.code or first.document_id or ""]
        return await self._page(request, given, (), 200)

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Check the document as intake does, and send it when nothing must be mended."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        await gateway.admit()
        fields = FieldsAndFiles(request)
        channel = Channel(
            origin=caller.actor, caller=replace(caller, client=caller.actor), key=_nonce(request)
        )
        arrival = gateway.form(channel)
        body = Body(request, limit=gateway.config.limits.total_mb << 20, http=gateway.config.http)
        fields.to(arrival)
        async with self._uploads.place(caller.agency):
            try:
                rest = await body.pour(request.content.readany, fields.feed)
            except BaseException:
                await asyncio.shield(arrival.abandon())
                raise
            try:
                accepted = await arrival.complete(partial(fields.finish, rest))
            except Refused as error:
                if not error.findings:
                    raise
                return await self._page(request, fields.given, error.findings, 422)
        return go(f"/desk/{caller.agency}/documents/{accepted.document.id}?sent=yes")

    async def _page(
        self,
        request: web.Request,
        given: Mapping[str, Sequence[str]],
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        gateway, caller = request.app[GATEWAY], request[CALLER]
        reference = await gateway.run(gateway.reference)
        values = {name: (given.get(name) or [""])[0] for name in _TEXTS}
        return await self._pages.page(
            request,
            "compose.html",
            status=status,
            given=values,
            to=[each for each in given.get("to", ()) if each],
            requested=bool(given.get("reply_requested")),
            paper=bool(given.get("paper_copy")),
            findings=findings,
            by_field=_by_field(findings),
            types=reference.types,
            priorities=tuple(Priority),
            agencies=[
                (each.code, each.name, fold(f"{each.code} {each.name}"))
                for each in reference.directory
                if each.is_open(reference.today) and each.code != caller.agency
            ],
            limits=gateway.config.limits,
            nonce=secrets.token_urlsafe(12),
        )


def _nonce(request: web.Request) -> str | None:
    """Return what makes a form that is sent twice one document."""
    given = request.query.get("nonce", "")
    return given if _NONCE.fullmatch(given) else None


class FieldsAndFiles:
    """Takes the bytes of the form: fields are kept, files stream on. Blocks in worker threads."""

    def __init__(self, request: web.Request) -> None:
        """Read the boundary; raise HttpProblem 400 without one."""
        _, options = parse_options_header(request.headers.get("Content-Type", ""))
        if not options.get("boundary"):
            raise broken("the form has no boundary")
        self._parser = PushMultipartParser(options["boundary"], max_header_size=16 << 10)
        self._request = request
        self._visiting: Visiting = request[VISITING]
        self._arrival: FormArrival | None = None
        self._field: bytearray | None = None
        self._raw: list[tuple[str, bytearray]] = []
        self._is_empty_file = False
        self._checked = False
        self.given: dict[str, list[str]] = {}

    def to(self, arrival: FormArrival) -> None:
        """Write files to *arrival*."""
        self._arrival = arrival

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; raise HttpProblem or Forbidden for a form that is not ours."""
        try:
            for event in self._parser.parse(chunk):
                self._take(event)
        except (MultipartError, UnicodeError) as error:
            raise broken("the form is broken") from error

    def finish(self, rest: Iterable[bytes]) -> bytes:
        """Take the *rest* and return the data of the document as JSON."""
        for chunk in rest:
            self.feed(chunk)
        try:
            self._parser.close()
        except MultipartError as error:
            raise broken("the form is cut off") from error
        self._check()
        return msgspec.json.encode(_metadata(self.given))

    def _take(self, event: MultipartSegment | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._field = None
        elif self._field is not None:
            self._field += event
            if len(self._field) > _FIELD_BYTES:
                raise HttpProblem(413, "metadata-too-large", "a field is too long", close=True)
        elif self._arrival is not None and not self._is_empty_file:
            self._arrival.write(event)

    def _begin(self, part: MultipartSegment) -> None:
        if part.filename is None:
            if len(self._raw) >= _FIELDS:
                raise HttpProblem(413, "too-many-parts", "far too many fields", close=True)
            self._field = bytearray()
            self._raw.append((part.name, self._field))
            return
        self._check()
        self._field = None
        # A browser sends a file field that nobody filled as a file without a name.
        self._is_empty_file = not part.filename
        if self._arrival is not None and part.filename:
            self._arrival.begin_file(part.filename, part.header("Content-Type"))

    def _check(self) -> None:
        """Read the fields before the first file: the token of the form stands among them."""
        if self._checked:
            return
        self._checked = True
        for name, raw in self._raw:
            text = raw.decode("utf-8").replace("\r\n", "\n").strip()
            self.given.setdefault(name, []).append(text)
        self._visiting.check_form(self._request, (self.given.get(CSRF) or [""])[0])


def _metadata(given: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return the form's fields under the names of the contract; what is empty is left out."""
    text = {name: (given.get(name) or [""])[0] for name in _TEXTS}
    to = [each for each in given.get("to", ()) if each]
    signer = {name: text[name] for name in ("competence", "position", "full_name") if text[name]}
    plain = ("number", "promulgated_on", "priority", "due_on", "reply_to")
    return {
        "to": list(dict.fromkeys(to)),
        "type": text["type"],
        "subject": " ".join(text["subject"].split()),
        "notation": text["notation"],
        "place": text["place"],
        "signer": signer,
        "reply_requested": bool(given.get("reply_requested")),
        "paper_copy": bool(given.get("paper_copy")),
        **{name: text[name] for name in plain if text[name]},
    }


def _by_field(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings by the field that each concerns; files have theirs together."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        parts = each.pointer.strip("/").split("/")
        first = parts[0]
        name = "files" if first == "attachments" else (parts[1] if len(parts) > 1 else "")
        if name == "signer":
            name = parts[2] if len(parts) > 2 else "full_name"  # noqa: PLR2004
        found.setdefault(name, []).append(each)
    return found
