"""The calendar editor: a change is previewed, then applied with its basis, or withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime

from aiohttp import web

from gateway.domain.calendar_changes import CalendarChange, ChangeKind, Moved
from gateway.domain.errors import NotFound, Refused
from gateway.domain.findings import Finding
from gateway.pipeline.office_hours import Preview, Wish
from gateway.web.console.calendar_pictures import month, neighbours, ribbon
from gateway.web.console.pages import Pages, go
from gateway.web.console.spans import read_day, read_moment, read_near_day
from gateway.web.console.visit import VISITING, Visiting
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

_FIELDS = ("day", "name", "worked", "from", "to", "sessions", "weekdays", "year", "decision")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CalendarPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show a month of the calendar, and what was changed."""
        return await self._page(request)

    async def change(self, request: web.Request) -> web.StreamResponse:
        """Preview a change, or apply it."""
        visiting, caller = request[VISITING], request[CALLER]
        room = request.app[GATEWAY].administration.office_hours
        wish, deed = _wish(visiting), visiting.text("deed")
        if deed not in {"preview", "apply"}:
            raise HttpProblem(400, "bad-parameter", "there is no such deed")
        try:
            if deed == "apply":
                applied = await room.apply(wish, caller)
                done = "waits" if applied.waits else "applied"
                return go(f"/admin/calendar?{_where(request, wish)}&done={done}")
            asked = _asked(visiting, request)
            preview = await room.preview(
                wish, caller, instants=asked, of=visiting.text("of", longest=40)
            )
        except Refused as error:
            return await self._page(request, wish=wish, findings=error.findings, status=422)
        return await self._page(request, wish=wish, preview=preview)

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Approve a change that waits, or take one back."""
        visiting, change = request[VISITING], whole_number(request.match_info["id"])
        if change is None:
            raise NotFound("there is no such change of the calendar")
        room = request.app[GATEWAY].administration.office_hours
        deed = visiting.text("deed")
        if deed == "approve":
            await room.approve(change, request[CALLER])
            return go("/admin/calendar?done=approved")
        if deed != "withdraw":
            raise HttpProblem(400, "bad-parameter", "there is no such deed")
        try:
            await room.withdraw(change, visiting.text("decision"), request[CALLER])
        except Refused as error:
            if isinstance(error, NotFound):
                raise
            return await self._page(request, findings=error.findings, status=422)
        return go("/admin/calendar?done=withdrawn")

    async def _page(
        self,
        request: web.Request,
        *,
        wish: Wish | None = None,
        preview: Preview | None = None,
        findings: Sequence[Finding] = (),
        status: int = 200,
    ) -> web.StreamResponse:
        gateway, query = request.app[GATEWAY], request.query
        room = gateway.administration.office_hours
        directory = await gateway.run(gateway.directory)
        chosen = (wish.agency if wish else query.get("agency")) or ""
        known = directory.find(chosen) if chosen else None
        today = gateway.clock.now().astimezone(gateway.zone).date()
        shown = read_near_day(f"{query.get('month', '')}-01") or today
        if preview is not None and preview.days:
            shown = preview.days[0]
        calendar = preview.after if preview else await room.of(known.code if known else None)
        before, after = neighbours(shown)
        changes = await room.changes()
        return await self._pages.page(
            request,
            "admin_calendar.html",
            status=status,
            month=shown,
            weeks=month(calendar, shown, today, preview.days if preview else ()),
            before=before,
            after=after,
            of=known,
            years=sorted(calendar.years.items(), reverse=True),
            missing=[each for each in (today.year, today.year + 1) if each not in calendar.years],
            changes=changes,
            four_eyes=room.four_eyes,
            me=request[CALLER].actor,
            names=await gateway.administration.naming.of(_people(changes)),
            kinds=tuple(ChangeKind),
            weekdays=WEEKDAYS,
            wish=wish,
            given={name: (wish.given.get(name, "") if wish else "") for name in _FIELDS},
            preview=preview,
            ribbons=_ribbons(preview) if preview else (),
            findings=findings,
            done=query.get("done", ""),
        )


def _people(changes: Sequence[CalendarChange]) -> list[str]:
    """Return who made or withdrew the *changes*, as records name them."""
    by = ((each.by, each.approved_by, each.withdrawn_by) for each in changes)
    return [name for names in by for name in names if name]


def _ribbons(preview: Preview) -> list[tuple[Moved, object, object]]:
    pictures: list[tuple[Moved, object, object]] = []
    for each in preview.moved:
        until = max(each.before.legal, each.after.legal).date()
        before = ribbon(preview.before, each.before, until)
        pictures.append((each, before, ribbon(preview.after, each.after, until)))
    return pictures


def _wish(visiting: Visiting) -> Wish:
    text = visiting.text("kind")
    if text not in set(ChangeKind):
        raise HttpProblem(400, "bad-parameter", "there is no such change")
    given = {name: visiting.text(name) for name in _FIELDS}
    ticked = [each for each in WEEKDAYS if visiting.text(f"weekday_{each}")]
    if ticked:
        given["weekdays"] = " ".join(ticked)
    return Wish(
        kind=ChangeKind(text), agency=visiting.text("agency", longest=40) or None, given=given
    )


def _asked(visiting: Visiting, request: web.Request) -> list[datetime]:
    zone = request.app[GATEWAY].zone
    found = read_moment(visiting.text("at_day"), visiting.text("at_time"), zone)
    return [] if found is None else [found]


def _where(request: web.Request, wish: Wish) -> str:
    """Return the part of the address that shows what was changed."""
    given = wish.given
    day: date | None = read_day(given.get("day")) or read_day(given.get("from"))
    parts = [f"month={day:%Y-%m}"] if day else []
    parts += [f"agency={wish.agency}"] if wish.agency else []
    return "&".join(parts)
