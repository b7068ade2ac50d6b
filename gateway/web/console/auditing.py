"""The auditor's pages: the trail, its verification, and one document followed across nodes."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import structlog
from aiohttp import web

from gateway.domain.chain import ChainRun
from gateway.domain.errors import Conflict, GatewayError, NotFound
from gateway.domain.exchange import AuditRecord, Caller
from gateway.domain.text import words_of
from gateway.pipeline.audit_trail import Criteria, is_running
from gateway.ports import Selection
from gateway.web.console.pages import Pages, go
from gateway.web.console.spans import day_start, number
from gateway.web.console.visit import VISITING
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

log = structlog.get_logger()
_FILTERS = ("actor", "action", "about", "from", "to")
#: Deeds that the filter offers; any other can be written into the address.
ACTIONS = (
    "submitted",
    "numbered",
    "held",
    "released",
    "arrived",
    "accepted",
    "refused",
    "done",
    "failed",
    "recalled",
    "submission-refused",
    "viewed",
    "downloaded",
    "content-taken",
    "exported",
    "sign-in",
    "sign-in-refused",
    "sign-out",
    "changed",
    "queue-retry",
    "queue-drop",
    "queue-try",
    "verified",
    "report-made",
    "status-without-effect",
    "audit-archived",
    "backup",
    "restored",
    "numbers-lost",
    "resumed",
)
#: What a change was; records hold it beside the deed.
OPERATIONS = (
    "account-added",
    "account-blocked-by-owner",
    "account-handed-over",
    "account-locked",
    "account-mail",
    "account-password-reset",
    "account-revoked",
    "account-unlocked",
    "add",
    "calendar-approved",
    "calendar-changed",
    "calendar-withdrawn",
    "client-added",
    "client-revoked",
    "client-rotated",
    "close",
    "code-granted",
    "code-withdrawn",
    "grant-approved",
    "grant-ended",
    "guards-restored",
    "configuration",
    "granted",
    "import",
    "incident-acknowledged",
    "incident-changed",
    "incident-closed",
    "incident-opened",
    "init",
    "listed",
    "maintenance-cancelled",
    "maintenance-changed",
    "maintenance-closed",
    "maintenance-planned",
    "merge",
    "move",
    "password-changed",
    "patch",
    "second-factor-added",
    "second-factor-removed",
)


class AuditPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages
        self._checks: set[asyncio.Task[None]] = set()

    async def log(self, request: web.Request) -> web.StreamResponse:
        """Show a page of the audit trail."""
        gateway, query = request.app[GATEWAY], request.query
        filters = {name: query[name][:100] for name in _FILTERS if query.get(name, "").strip()}
        actor, about = filters.get("actor"), filters.get("about")
        naming = gateway.administration.naming
        found = await gateway.administration.trail.search(
            Criteria(
                actor=await naming.actor(actor) if actor else None,
                action=filters.get("action"),
                about=await naming.thing(about) if about else None,
                since=day_start(query.get("from"), gateway.zone),
                until=day_start(query.get("to"), gateway.zone, after=True),
                before=_place(query.get("before", "")),
            ),
            request[CALLER],
        )
        return await self._pages.page(
            request,
            "audit_log.html",
            found=found,
            names=await naming.of([*_ids(found.records), *filter(None, (actor, about))]),
            filters=filters,
            actions=ACTIONS,
            instant=datetime.fromisoformat,
            count=lambda n: number(request[VISITING].words, n),
        )

    async def record(self, request: web.Request) -> web.StreamResponse:
        """Show one record with its hash and its neighbours."""
        chain, seq = request.match_info["chain"], whole_number(request.match_info["seq"])
        if seq is None:
            raise NotFound("there is no such record")
        trail = request.app[GATEWAY].administration.trail
        record, around = await trail.record(chain, seq, request[CALLER])
        return await self._pages.page(
            request,
            "audit_record.html",
            record=record,
            around=around,
            names=await request.app[GATEWAY].administration.naming.of(_ids(around)),
            instant=datetime.fromisoformat,
        )

    async def checks(self, request: web.Request) -> web.StreamResponse:
        """Show how the last checks of the chain ended, and how far this one is."""
        gateway, words = request.app[GATEWAY], request[VISITING].words
        runs, now = await gateway.administration.trail.checks(), gateway.clock.now()
        return await self._pages.page(
            request,
            "audit_verify.html",
            runs=runs,
            lost=await gateway.auditing.lost_guards(),
            names=await gateway.administration.naming.of(each.by for each in runs),
            running=bool(runs) and is_running(runs[0], now),
            now=now,
            count=lambda n: number(words, n),
        )

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """Begin to recompute the chain; it goes on when the page is left."""
        trail, caller = request.app[GATEWAY].administration.trail, request[CALLER]
        try:
            check = await trail.begin_check(caller)
        except Conflict:
            return go("/audit/verify")
        task = asyncio.create_task(self._work_off(request, check, caller))
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)
        await asyncio.wait({task}, timeout=1.0)  # a short chain is done with the answer
        return go("/audit/verify")

    async def find(self, request: web.Request) -> web.StreamResponse:
        """Find the document to follow: by code, number, notation, or words of its subject."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        asked = request.query.get("q", "").strip()[:200]
        found = []
        if asked:
            try:
                way = await gateway.administration.journey.of(asked, caller)
                return go(f"/audit/documents/{way.document.id}")
            except NotFound:
                if words := words_of(asked):
                    wanted = Selection(words=words, anywhere=True, limit=50)
                    page = await gateway.lookup.documents(wanted, caller)
                    found = [each.document for each in page.items]
        return await self._pages.page(
            request, "audit_find.html", asked=asked, found=found, types=await _types(request)
        )

    async def follow(self, request: web.Request) -> web.StreamResponse:
        """Show the way of one document across nodes."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        way = await gateway.administration.journey.of(request.match_info["id"], caller)
        if request.method != "HEAD":
            await gateway.viewing.viewed(way.document.id, caller)
        return await self._pages.page(
            request,
            "audit_document.html",
            way=way,
            document=way.document,
            receipts=await gateway.lookup.receipts_of(way.document.id, caller),
            types=await _types(request),
        )

    async def _work_off(self, request: web.Request, check: ChainRun, caller: Caller) -> None:
        try:
            await request.app[GATEWAY].administration.trail.work_off(check, caller)
        except GatewayError as error:
            log.warning("the check of the audit chain was given up", reason=error.message)


def _ids(records: Iterable[AuditRecord]) -> list[str]:
    """Return what the *records* name."""
    return [id_ for each in records for id_ in (each.actor, each.about)]


async def _types(request: web.Request) -> object:
    gateway = request.app[GATEWAY]
    return (await gateway.run(gateway.reference)).types


def _place(text: str) -> tuple[str, int] | None:
    chain, separator, seq = text.rpartition(":")
    fits = separator and seq.isascii() and seq.isdigit() and len(seq) < 19  # noqa: PLR2004 - what a database numbers
    return (chain, int(seq)) if fits else None
