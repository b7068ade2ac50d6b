"""Standing reports: the list of those that are made, and their files."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from gateway.domain.periods import Period
from gateway.web.console.pages import SECURITY_HEADERS, Pages
from gateway.web.documents import disposition
from gateway.web.parts import GATEWAY

#: Reports that are listed, the newest: two years of months, quarters, half-years and years.
_MOST = 40
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One report of the list."""

    period: Period
    made_at: datetime
    files: tuple[str, ...]  #: none where another node has them


class ReportPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Show the reports that were made, newest first."""
        reporting = request.app[GATEWAY].reporting
        lines = [
            _Line(period=period, made_at=made_at, files=await reporting.names(period))
            for period, made_at in await reporting.made(_MOST)
        ]
        return await self._pages.page(
            request, "audit_reports.html", lines=lines, kinds=reporting.kinds
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Give one file of a report out."""
        where = request.match_info
        content = await request.app[GATEWAY].reporting.file(where["period"], where["name"])
        kind = where["name"].rpartition(".")[2]
        headers = SECURITY_HEADERS | {
            "Content-Type": _TYPES.get(kind, "application/octet-stream"),
            "Content-Disposition": disposition(where["name"]),
            "Cache-Control": "no-store",
        }
        return web.Response(body=content, headers=headers)
