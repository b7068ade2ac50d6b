"""Figures for everybody, without signing in: a page, and the same as JSON."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

import msgspec
from aiohttp import web

from gateway.domain.errors import GatewayError, NotFound
from gateway.domain.periods import Period
from gateway.domain.public_figures import PublicFigures, PublicRow
from gateway.web.console.pages import SECURITY_HEADERS, Pages
from gateway.web.console.spans import number
from gateway.web.console.visit import VISITING, VISITOR
from gateway.web.console.words import Words
from gateway.web.errors import HttpProblem, problem_of
from gateway.web.parts import GATEWAY

#: Addresses of which the requests are counted; the one that came first is forgotten first.
_ADDRESSES = 10_000
_MINUTE_S = 60.0
_LASTS = "max-age=600"


class PublicFiguresPages:
    """The handlers."""

    def __init__(self, pages: Pages, *, per_minute: int, monotonic: Callable[[], float]) -> None:
        """Render with *pages*; answer an address *per_minute* times."""
        self._pages = pages
        self._rate = Rate(per_minute, monotonic)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show the figures of a quarter, the newest unless another is asked for."""
        quarters, figures = await self._asked(request)
        visiting = request[VISITING]
        response = await self._pages.page(
            request,
            "public_figures.html",
            quarters=quarters,
            figures=figures,
            least=request.app[GATEWAY].publishing.least,
            count=partial(_count, visiting.words, request.app[GATEWAY].publishing.least),
            title=partial(_title, visiting.words),
        )
        response.headers["Cache-Control"] = f"private, {_LASTS}"  # the language is a cookie
        visiting.cookies.pop(VISITOR, None)  # nobody is followed, and nothing is posted
        return response

    async def data(self, request: web.Request) -> web.StreamResponse:
        """Return the same figures as JSON; what cannot be had is told to a program, too."""
        request[VISITING].cookies.clear()
        try:
            quarters, figures = await self._asked(request)
        except GatewayError as error:
            refusal = problem_of(error)
            refusal.headers.update(SECURITY_HEADERS)
            return refusal
        gateway = request.app[GATEWAY]
        directory = (await gateway.run(gateway.reference)).directory

        def named(row: PublicRow) -> dict[str, object]:
            agency = directory.find(row.name)
            return {"code": row.name, "name": agency.name if agency else None, **row.counts}

        body: dict[str, object] = {
            "office": gateway.config.node.name or gateway.config.node.code,
            "quarters": [each.name for each in quarters],
            "least": gateway.publishing.least,
            "figures": None if figures is None else _plain(figures, named),
        }
        headers = {**SECURITY_HEADERS, "Cache-Control": f"public, {_LASTS}"}
        return web.Response(
            body=msgspec.json.encode(body), content_type="application/json", headers=headers
        )

    async def _asked(self, request: web.Request) -> tuple[list[Period], PublicFigures | None]:
        """Return the quarters that are offered, and the figures of the one that is asked for."""
        self._rate.count(request[VISITING].visit.address or "")
        publishing = request.app[GATEWAY].publishing
        quarters = await publishing.quarters()
        name = request.query.get("quarter")
        wanted = [each for each in quarters if name in {None, each.name}]
        if name is not None and not wanted:
            raise NotFound("there are no public figures of this quarter", code="figures-quarter")
        return quarters, await publishing.of(wanted[0]) if wanted else None


class Rate:
    """How often each address asked in the running minute."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        """Let an address ask *per_minute* times."""
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._asked: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str) -> None:
        """Count a request; raise HttpProblem 429 when there were too many."""
        now = self._monotonic()
        since, count = self._asked.get(address, (now, 0))
        if now - since >= _MINUTE_S:
            self._asked.pop(address, None)
            since, count = now, 0
        if count >= self._per_minute:
            again = {"Retry-After": str(int(_MINUTE_S - (now - since)) + 1)}
            raise HttpProblem(429, "too-many-requests", "try again in a minute", headers=again)
        self._asked[address] = (since, count + 1)
        if len(self._asked) > _ADDRESSES:
            self._asked.popitem(last=False)


def _plain(
    figures: PublicFigures, named: Callable[[PublicRow], dict[str, object]]
) -> dict[str, object]:
    return {
        "quarter": figures.quarter.name,
        "from": figures.quarter.first,
        "to": figures.quarter.last,
        "totals": figures.totals,
        "percent": figures.shares,
        "agencies": [named(each) for each in figures.agencies],
        "types": [{"type": each.name, **each.counts} for each in figures.types],
    }


def _count(words: Words, least: int, count: int | None) -> str:
    """Return a count, or that it is under the least that is shown."""
    return words("public.few", least=least) if count is None else number(words, count)


def _title(words: Words, quarter: Period) -> str:
    part = quarter.name.rpartition("Q")[2]
    return words("public.quarter", n=part, year=quarter.first.year)
