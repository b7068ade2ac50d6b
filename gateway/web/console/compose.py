"""Compose: a form with files becomes a document, or comes back with every finding at its field.

The body streams to disk as any submission does; only the small fields before the files are held.
"""

import asyncio
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import msgspec
from aiohttp import web

from gateway.domain.document import Priority
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import Document
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import profile_of
from gateway.pipeline.submission import Channel
from gateway.web.console.agency_search import AgencySearch, Found, as_found, unlisted_by
from gateway.web.console.compose_form import (
    BUSINESS,
    TEXTS,
    FieldsAndFiles,
    Searching,
    by_field,
    field_of,
    filled_from,
    metadata_of,
    texts_of,
)
from gateway.web.console.pages import Pages, go
from gateway.web.console.visit import VISITING
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.quotas import Uploads
from gateway.web.submit import Body

_NONCE = re.compile("[A-Za-z0-9_-]{16,40}")
_SHOWN_AGENCIES = 30
#: Whether a number was given before is known once these stand beside it.
_BESIDE_NUMBER = frozenset({"notation", "promulgated_on", "business"})


class ComposePages:
    """The handlers."""

    def __init__(self, pages: Pages, uploads: Uploads, agencies: AgencySearch) -> None:
        """Render with *pages*; take large bodies in as *uploads* has places; find *agencies*."""
        self._pages = pages
        self._uploads = uploads
        self._agencies = agencies

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
        for deed in BUSINESS:
            if deed in request.query:
                earlier = await self._own(request, request.query[deed])
                given |= filled_from(earlier.metadata)
                given |= {"business": [deed], "of": [earlier.code or ""]}
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
            except Searching:
                return await self._page(request, fields.given, (), 200)
            except Refused as error:
                if not error.findings:
                    raise
                return await self._page(request, fields.given, error.findings, 422)
        return go(f"/desk/{caller.agency}/documents/{accepted.document.id}?sent=yes")

    async def check(self, request: web.Request) -> web.StreamResponse:
        """Return what intake would say of one field while the form is still being filled in."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        given = texts_of(request[VISITING].form)
        raw = msgspec.json.encode(metadata_of(given))
        findings = by_field(await gateway.drafting.look(raw, caller))
        field = request.headers.get("HX-Trigger-Name", "")
        return await self._pages.page(
            request,
            "said.html",
            id=field,
            findings=findings.get(field, ()),
            number=findings.get("number", ()) if field in _BESIDE_NUMBER else None,
        )

    async def agencies(self, request: web.Request) -> web.StreamResponse:
        """Return the agencies that a search finds, to choose from."""
        query = request.query
        words = query.get("find") or query.get("counterpart") or ""
        chosen = frozenset(query.getall("to", ()))
        return await self._pages.page(
            request,
            "agencies.html",
            found=await self._found(request, words, without=chosen),
            options="as" in query,
        )

    async def _counts_from(self, request: web.Request) -> datetime | None:
        """Return from when a document counts that is sent now; None: from now on."""
        gateway, agency = request.app[GATEWAY], request[CALLER].agency
        now = gateway.clock.now()
        calendar = await gateway.run(partial(gateway.calendar, agency))
        legal = calendar.legal_time(now).legal
        return legal if gateway.config.hours.normalise_sending and legal > now else None

    async def _found(
        self, request: web.Request, words: str, *, without: Collection[str]
    ) -> list[Found]:
        """Return agencies with *words*; of the closed ones those that somebody asks for by name."""
        gateway = request.app[GATEWAY]
        is_open = None if words.strip() else True
        limit = _SHOWN_AGENCIES + len(without) + 1
        found = await self._agencies.find(request, words, limit=limit, is_open=is_open)
        reference = await gateway.run(gateway.reference)
        hidden = {*without, request[CALLER].agency}
        shown = [each for each in found if each.code not in hidden]
        unlisted = unlisted_by(words, gateway, reference)
        beyond = [unlisted] if unlisted is not None and unlisted.code not in without else []
        listed = [as_found(each, gateway, reference) for each in shown[:_SHOWN_AGENCIES]]
        return beyond + listed

    async def _own(self, request: web.Request, document: str) -> Document:
        """Return a document that the agency sent; raise NotFound for any other."""
        caller = request[CALLER]
        found = (await request.app[GATEWAY].lookup.document(document, caller)).document
        if found.sender != caller.agency:
            raise NotFound(f"there is no document {document} of {caller.agency}")
        return found

    async def _page(
        self,
        request: web.Request,
        given: Mapping[str, Sequence[str]],
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        gateway = request.app[GATEWAY]
        reference = await gateway.run(gateway.reference)
        values = {name: (given.get(name) or [""])[0] for name in TEXTS}
        to = list(dict.fromkeys(each for each in given.get("to", ()) if each))
        return await self._pages.page(
            request,
            "compose.html",
            status=status,
            given=values,
            to=to,
            requested=bool(given.get("reply_requested")),
            paper=bool(given.get("paper_copy")),
            findings=findings,
            by_field=by_field(findings),
            field_of=field_of,
            types=reference.types,
            kinds=profile_of(request[CALLER].agency, reference).kinds,
            priorities=tuple(Priority),
            agencies=await self._found(request, values["find"], without=frozenset(to)),
            limits=gateway.config.limits,
            legal_at=await self._counts_from(request),
            nonce=secrets.token_urlsafe(12),
        )


def _nonce(request: web.Request) -> str | None:
    """Return what makes a form that is sent twice one document."""
    given = request.query.get("nonce", "")
    return given if _NONCE.fullmatch(given) else None
