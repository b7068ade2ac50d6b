"""Incidents and maintenance on a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aiohttp import web

from gateway.domain.announcements import Announcement, AnnouncementKind
from gateway.domain.errors import NotFound, Refused
from gateway.domain.findings import Finding
from gateway.web.console.pages import Pages, go
from gateway.web.console.spans import read_moment
from gateway.web.console.visit import VISITING
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

_FIELDS = (
    "text",
    "text_en",
    "meanwhile",
    "afterwards",
    "begins_day",
    "begins_time",
    "until_day",
    "until_time",
)


class AnnouncementPages:
    """The handlers of notices."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Show what is told now and what was."""
        return await self._page(request, {}, (), 200)

    async def publish(self, request: web.Request) -> web.StreamResponse:
        """Open an incident, or plan maintenance."""
        gateway, visiting = request.app[GATEWAY], request[VISITING]
        given = {name: visiting.text(name) for name in _FIELDS} | {"kind": visiting.text("kind")}
        now, zone = gateway.clock.now(), gateway.zone
        begins = read_moment(given["begins_day"], given["begins_time"], zone)
        draft = Announcement(
            kind=_kind(given["kind"]),
            text=given["text"],
            text_en=given["text_en"],
            begins_at=begins or now,
            until=read_moment(given["until_day"], given["until_time"], zone),
            meanwhile=given["meanwhile"],
            afterwards=given["afterwards"],
            by=request[CALLER].actor,
            at=now,
        )
        try:
            await gateway.administration.announcements.publish(draft, request[CALLER])
        except Refused as error:
            return await self._page(request, given, error.findings, 422)
        return go("/admin/notices?done=published")

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Close an incident, or end or cancel maintenance."""
        visiting, notice = request[VISITING], whole_number(request.match_info["id"])
        if notice is None:
            raise NotFound("there is no such notice")
        await request.app[GATEWAY].administration.announcements.end(
            notice,
            request[CALLER],
            kind=_kind(visiting.text("kind")),
            note=visiting.text("note"),
        )
        return go("/admin/notices?done=ended")

    async def _page(
        self,
        request: web.Request,
        given: Mapping[str, str],
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        gateway = request.app[GATEWAY]
        now: datetime = gateway.clock.now()
        notices = await gateway.administration.announcements.listing()
        return await self._pages.page(
            request,
            "admin_notices.html",
            status=status,
            current=[each for each in notices if each.is_shown(now)],
            past=[each for each in notices if not each.is_shown(now)],
            now=now,
            given={name: given.get(name, "") for name in (*_FIELDS, "kind")},
            blank=dict.fromkeys(_FIELDS, ""),
            findings=findings,
            done=request.query.get("done", ""),
        )


def _kind(text: str) -> AnnouncementKind:
    if text not in set(AnnouncementKind):
        raise HttpProblem(400, "bad-parameter", "there is no such kind of notice")
    return AnnouncementKind(text)
