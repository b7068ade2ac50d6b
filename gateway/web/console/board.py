"""The receipts board and what is decided on it: the queue, and documents that are held."""

from datetime import timedelta

from aiohttp import web

from gateway.bootstrap.certificates import next_end
from gateway.bootstrap.gateway import Gateway
from gateway.domain.accounts import due
from gateway.domain.errors import GatewayError, NotFound, Refused
from gateway.domain.findings import HELD, Finding
from gateway.domain.lifecycle import DocumentState
from gateway.domain.rules.mechanism import Statement
from gateway.domain.signatures import is_expiring
from gateway.pipeline.board import MOST_COUNTED
from gateway.web.console.pages import Pages, go
from gateway.web.console.spans import number, span
from gateway.web.console.visit import VISITING
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

_PAGE = 50
_SOON = timedelta(days=60)
_SOON_ACCOUNT = timedelta(days=14)
_BACK = ("/admin/board", "/admin/queue")


class BoardPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def board(self, request: web.Request) -> web.StreamResponse:
        """Show what needs a hand, and how everything is doing."""
        gateway, words = request.app[GATEWAY], request[VISITING].words
        now = gateway.clock.now()
        look = await gateway.administration.board.look()
        return await self._pages.page(
            request,
            "admin_board.html",
            look=look,
            now=now,
            age=lambda since: span(words, now - since),
            count=lambda n: number(words, n) + ("+" if n >= MOST_COUNTED else ""),
            coming=await _coming(gateway, request),
        )

    async def queue(self, request: web.Request) -> web.StreamResponse:
        """Show what failed for good, and what waits."""
        return await self._queue(request, (), 200)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Try one entry of the queue again, or give it up."""
        gateway, visiting, caller = request.app[GATEWAY], request[VISITING], request[CALLER]
        job, reason = _job(request.match_info["job"]), visiting.text("reason", longest=500)
        deed = visiting.text("deed")
        if deed == "retry":
            await gateway.queue.retry(job, caller)
        elif deed == "drop":
            if not reason:
                return await self._queue(request, (_REASON.finding("/reason"),), 422)
            await gateway.queue.drop(job, caller, note=reason)
        else:
            raise HttpProblem(400, "bad-parameter", "there is no such deed")
        return _back(request, deed)

    async def try_lane(self, request: web.Request) -> web.StreamResponse:
        """End the pause of a destination."""
        gateway, lane = request.app[GATEWAY], request[VISITING].text("lane", longest=100)
        if not lane:
            raise HttpProblem(400, "bad-parameter", "no destination is named")
        await gateway.queue.try_lane(lane, request[CALLER])
        return _back(request, "try")

    async def held(self, request: web.Request) -> web.StreamResponse:
        """Show the documents that wait for a decision."""
        gateway, words = request.app[GATEWAY], request[VISITING].words
        now = gateway.clock.now()
        documents = await gateway.held.listing(limit=200)
        return await self._pages.page(
            request,
            "admin_held.html",
            documents=[(each, _why(each.findings)) for each in reversed(documents)],
            age=lambda since: span(words, now - since),
            done=request.query.get("done", ""),
        )

    async def held_one(self, request: web.Request) -> web.StreamResponse:
        """Show one held document with what speaks against it."""
        return await self._held_one(request, (), 200)

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Release a held document, or refuse it."""
        gateway, visiting, caller = request.app[GATEWAY], request[VISITING], request[CALLER]
        id_, deed = request.match_info["id"], visiting.text("deed")
        reason = visiting.text("reason", longest=2000)
        try:
            if deed == "release":
                if not reason:
                    return await self._held_one(request, (_REASON.finding("/reason"),), 422)
                await gateway.held.release(id_, caller, note=reason)
            elif deed == "refuse":
                await gateway.held.refuse(id_, reason, caller)
            else:
                raise HttpProblem(400, "bad-parameter", "there is no such deed")
        except Refused as error:
            if isinstance(error, NotFound):
                raise
            return await self._held_one(request, error.findings, 422)
        return go(f"/admin/held?done={deed}")

    async def _held_one(
        self, request: web.Request, findings: tuple[Finding, ...], status: int
    ) -> web.StreamResponse:
        gateway, words = request.app[GATEWAY], request[VISITING].words
        found = await gateway.lookup.document(request.match_info["id"], request[CALLER])
        if found.document.state is not DocumentState.HELD:
            return go(f"/audit/documents/{found.document.id}")
        now = gateway.clock.now()
        reference = await gateway.run(gateway.reference)
        return await self._pages.page(
            request,
            "admin_held_one.html",
            status=status,
            document=found.document,
            why=_why(found.document.findings),
            types=reference.types,
            age=span(words, now - found.document.submitted_at),
            findings=findings,
        )

    async def _queue(
        self, request: web.Request, findings: tuple[Finding, ...], status: int
    ) -> web.StreamResponse:
        gateway, words, query = request.app[GATEWAY], request[VISITING].words, request.query
        lane, now = query.get("lane") or None, gateway.clock.now()
        failed, _ = await gateway.queue.page(failed=True, limit=200)
        waiting, following = await gateway.queue.page(
            failed=False, lane=lane, after=_job(query.get("after") or "0"), limit=_PAGE
        )
        return await self._pages.page(
            request,
            "admin_queue.html",
            status=status,
            failed=[each for each in failed if lane in {None, each.job.lane}],
            waiting=waiting,
            next=following,
            lane=lane or "",
            lanes=await gateway.queue.lanes(),
            now=now,
            age=lambda since: span(words, now - since),
            findings=findings,
            done=query.get("done", ""),
        )


async def _coming(gateway: Gateway, request: web.Request) -> list[tuple[str, dict[str, object]]]:
    """Return what is to be done soon: certificates, the calendar, accounts; keys of the words."""
    now, moments = gateway.clock.now(), gateway.zone
    coming: list[tuple[str, dict[str, object]]] = []
    try:
        end = await gateway.run(lambda: next_end(gateway.config))
        if end - now < _SOON:
            coming.append(("coming.node", {"at": f"{end.astimezone(moments):%d/%m/%Y}"}))
        listing = await gateway.run(gateway.trust.listing)
        expiring = sum(is_expiring(each, now) for each in listing)
        if expiring:
            coming.append(("coming.trust", {"count": expiring}))
    except GatewayError:
        coming.append(("coming.unreadable", {}))
    calendar = await gateway.administration.office_hours.of(None)
    year = now.astimezone(gateway.zone).year
    coming += [
        ("coming.calendar", {"year": each})
        for each in (year, year + 1)
        if each not in calendar.covered_years
    ]
    accounts = await gateway.people.accounts.listing(request[CALLER])
    policy = gateway.people.accounts.keeping.policy
    dues = [due(each, policy) for each in accounts]
    soon = sum(each is not None and each.at - now < _SOON_ACCOUNT for each in dues)
    if soon:
        coming.append(("coming.accounts", {"count": soon}))
    return coming


def _why(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that asked for a decision; all of them when none says so."""
    return tuple(each for each in findings if each.code == HELD) or findings


def _job(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise NotFound("there is no such entry in the queue")
    return number


def _back(request: web.Request, deed: str) -> web.StreamResponse:
    """Go back to where the deed was done."""
    after = request[VISITING].text("next")
    where = after if after in _BACK else _BACK[1]
    return go(f"{where}?done={deed}")


_REASON = Statement(
    code="decision-reason",
    source="QĐ 28/2018/QĐ-TTg art. 8.2",
    vi="Quyết định này phải nêu lý do.",
    en="This decision needs a reason.",
    remedy="Ghi lý do; lý do được lưu cùng người quyết định.",
    remedy_en="Give the reason; it is kept with the name of who decided.",
)
