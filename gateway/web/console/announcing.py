"""Incidents and maintenance on a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from aiohttp import web

from gateway.domain.announcements import Announcement, AnnouncementKind, Changes, Severity
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
    "meanwhile_en",
    "afterwards_en",
    "begins_day",
    "begins_time",
    "until_day",
    "until_time",
    "severity",
)
#: Of the form that changes a notice: its kind is that of the form, and the number of the notice.
_CHANGE = "change-"


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
            meanwhile_en=given["meanwhile_en"],
            afterwards_en=given["afterwards_en"],
            severity=_severity(given["severity"]),
            by=request[CALLER].actor,
            at=now,
        )
        try:
            await gateway.announcing.announcements.publish(draft, request[CALLER])
        except Refused as error:
            return await self._page(request, given, error.findings, 422)
        return go("/admin/notices?done=published")

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Close an incident, or end or cancel maintenance."""
        visiting = request[VISITING]
        await request.app[GATEWAY].announcing.announcements.end(
            _number(request),
            request[CALLER],
            kind=_kind(visiting.text("kind")),
            note=visiting.text("note"),
        )
        return go("/admin/notices?done=ended")

    async def acknowledge(self, request: web.Request) -> web.StreamResponse:
        """Take an incident on."""
        room = request.app[GATEWAY].announcing.announcements
        await room.acknowledge(_number(request), request[CALLER])
        return go("/admin/notices?done=acknowledged")

    async def change(self, request: web.Request) -> web.StreamResponse:
        """Tell something of a notice otherwise."""
        gateway, visiting, number = request.app[GATEWAY], request[VISITING], _number(request)
        given = {name: visiting.text(name) for name in _FIELDS}
        until = read_moment(given["until_day"], given["until_time"], gateway.zone)
        kind = _kind(visiting.text("kind"))
        changes = Changes(
            text=given["text"],
            text_en=given["text_en"],
            until=until,
            until_unknown=until is None and kind is AnnouncementKind.INCIDENT,
            meanwhile=given["meanwhile"],
            afterwards=given["afterwards"],
            meanwhile_en=given["meanwhile_en"],
            afterwards_en=given["afterwards_en"],
            severity=_severity(given["severity"]),
        )
        room = gateway.announcing.announcements
        try:
            await room.change(number, changes, request[CALLER], kind=kind)
        except Refused as error:
            given |= {"kind": f"{_CHANGE}{number}"}
            return await self._page(request, given, error.findings, 422)
        return go("/admin/notices?done=changed")

    async def _page(
        self,
        request: web.Request,
        given: Mapping[str, str],
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        gateway = request.app[GATEWAY]
        now: datetime = gateway.clock.now()
        room, zone = gateway.announcing.announcements, gateway.zone
        notices = await room.listing()
        return await self._pages.page(
            request,
            "admin_notices.html",
            status=status,
            current=[each for each in notices if each.is_shown(now)],
            past=[each for each in notices if not each.is_shown(now)],
            now=now,
            mails=await room.mail_counts([each.id for each in notices]),
            by_mail=bool(gateway.config.notify.smtp_host),
            severities=[each.value for each in Severity],
            filled={each.id: _filled(each, zone) for each in notices if each.is_shown(now)},
            given={name: given.get(name, "") for name in (*_FIELDS, "kind")},
            blank=dict.fromkeys(_FIELDS, ""),
            findings=findings,
            done=request.query.get("done", ""),
        )


def _filled(announcement: Announcement, zone: tzinfo) -> dict[str, str]:
    """Return the fields of the form that changes *announcement*."""
    until = announcement.until and announcement.until.astimezone(zone)
    return {
        "text": announcement.text,
        "text_en": announcement.text_en,
        "meanwhile": announcement.meanwhile,
        "afterwards": announcement.afterwards,
        "meanwhile_en": announcement.meanwhile_en,
        "afterwards_en": announcement.afterwards_en,
        "until_day": until.strftime("%Y-%m-%d") if until else "",
        "until_time": until.strftime("%H:%M") if until else "",
        "severity": announcement.severity.value,
    }


def _number(request: web.Request) -> int:
    number = whole_number(request.match_info["id"])
    if number is None:
        raise NotFound("there is no such notice")
    return number


def _severity(text: str) -> Severity:
    return Severity(text) if text in set(Severity) else Severity.MAJOR


def _kind(text: str) -> AnnouncementKind:
    if text not in set(AnnouncementKind):
        raise HttpProblem(400, "bad-parameter", "there is no such kind of notice")
    return AnnouncementKind(text)
