"""`/announcements`: incidents and maintenance; everybody reads them, administrators give them."""

from datetime import datetime
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from gateway.domain.announcements import (
    Announcement,
    AnnouncementKind,
    Changes,
    Severity,
    record,
)
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Role
from gateway.domain.mail import MailCounts
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import (
    integer,
    json_response,
    known_parameters,
    page_size,
    read_json,
    whole_number,
)

Words = Annotated[str, Meta(max_length=500)]
Instant = Annotated[datetime, Meta(tz=True)]
_NEWEST = 2**62


class NewAnnouncement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident that is opened, or maintenance that is planned."""

    kind: AnnouncementKind
    text: Words
    text_en: Words = ""
    begins_at: Instant | None = None  #: now when it is not given
    until: Instant | None = None
    meanwhile: Words = ""
    afterwards: Words = ""
    meanwhile_en: Words = ""
    afterwards_en: Words = ""
    severity: Severity = Severity.MAJOR


class AnnouncementPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told otherwise; what is left out stays. `until` null: nobody knows any more."""

    text: Words | None = None
    text_en: Words | None = None
    begins_at: Instant | None = None
    until: Instant | UnsetType | None = UNSET
    meanwhile: Words | None = None
    afterwards: Words | None = None
    meanwhile_en: Words | None = None
    afterwards_en: Words | None = None
    severity: Severity | None = None


class EndBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it ended, or why it is cancelled."""

    note: Words = ""


class AnnouncementApi:
    """The handlers."""

    def __init__(self, *, timeout_s: float) -> None:
        """Wait *timeout_s* seconds for a small body."""
        self._timeout_s = timeout_s

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """List notices, newest first, those that are over included."""
        known_parameters(request, "after", "limit")
        limit = page_size(request)
        before = integer(request, "after", default=_NEWEST, least=1, most=_NEWEST)
        room = request.app[GATEWAY].announcing.announcements
        found = await room.page(before=before, limit=limit + 1)
        following = str(found[limit - 1].id) if len(found) > limit else None
        items = await _shown(request, *found[:limit])
        return json_response({"items": items, "next": following})

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Return one notice."""
        known_parameters(request)
        return await _answer(request, await _found(request))

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Tell everybody of an incident or of maintenance."""
        known_parameters(request)
        body = await read_json(request, NewAnnouncement, timeout_s=self._timeout_s)
        gateway, caller = request.app[GATEWAY], request[CALLER]
        now = gateway.clock.now()
        draft = Announcement(
            kind=body.kind,
            text=body.text,
            text_en=body.text_en,
            begins_at=body.begins_at or now,
            until=body.until,
            meanwhile=body.meanwhile,
            afterwards=body.afterwards,
            meanwhile_en=body.meanwhile_en,
            afterwards_en=body.afterwards_en,
            severity=body.severity,
            by=caller.actor,
            at=now,
        )
        told = await gateway.announcing.announcements.publish(draft, caller)
        return await _answer(request, told, status=201)

    async def patch(self, request: web.Request) -> web.StreamResponse:
        """Tell something otherwise."""
        known_parameters(request)
        body = await read_json(request, AnnouncementPatch, timeout_s=self._timeout_s)
        found, room = await _found(request), request.app[GATEWAY].announcing.announcements
        changes = Changes(
            text=body.text,
            text_en=body.text_en,
            begins_at=body.begins_at,
            until=body.until if isinstance(body.until, datetime) else None,
            until_unknown=body.until is None,
            meanwhile=body.meanwhile,
            afterwards=body.afterwards,
            meanwhile_en=body.meanwhile_en,
            afterwards_en=body.afterwards_en,
            severity=body.severity,
        )
        changed = await room.change(found.id, changes, request[CALLER], kind=found.kind)
        return await _answer(request, changed)

    async def acknowledge(self, request: web.Request) -> web.StreamResponse:
        """Take an incident on."""
        known_parameters(request)
        found, room = await _found(request), request.app[GATEWAY].announcing.announcements
        return await _answer(request, await room.acknowledge(found.id, request[CALLER]))

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Close an incident, or end or cancel maintenance."""
        known_parameters(request)
        body = await read_json(request, EndBody, timeout_s=self._timeout_s)
        found, room = await _found(request), request.app[GATEWAY].announcing.announcements
        ended = await room.end(found.id, request[CALLER], kind=found.kind, note=body.note)
        return await _answer(request, ended)


async def _found(request: web.Request) -> Announcement:
    number = whole_number(request.match_info["n"])
    if number is None:
        raise NotFound("there is no such notice")
    return await request.app[GATEWAY].announcing.announcements.find(number)


async def _answer(
    request: web.Request, announcement: Announcement, *, status: int = 200
) -> web.Response:
    (shown,) = await _shown(request, announcement)
    headers = {"Location": f"/api/v1/announcements/{announcement.id}"} if status != 200 else None  # noqa: PLR2004 - it is new
    return json_response(shown, status=status, headers=headers)


async def _shown(request: web.Request, *announcements: Announcement) -> list[dict[str, object]]:
    """Return notices as the caller may see them: who and how is for administrators."""
    gateway, now = request.app[GATEWAY], request.app[GATEWAY].clock.now()
    is_admin = request[CALLER].role is Role.ADMIN
    counts: dict[int, MailCounts] = {}
    if is_admin:
        room = gateway.announcing.announcements
        counts = await room.mail_counts([each.id for each in announcements])
    return [
        {
            **record(each, zone=gateway.zone, now=now, names=is_admin),
            "mails": _counted(counts.get(each.id)),
        }
        for each in announcements
    ]


def _counted(counts: MailCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"sent": counts.sent, "waiting": counts.waiting, "failed": counts.failed}
