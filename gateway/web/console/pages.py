"""Pages: templates filled in, with what every page needs, under a policy without inline script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Protocol

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.bootstrap.gateway import Gateway
from gateway.domain.announcements import Announcement
from gateway.domain.directory import Directory
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Role
from gateway.domain.history import EVENTS
from gateway.web.console.counts import counts_of
from gateway.web.console.moments import Moments
from gateway.web.console.static import StaticFiles
from gateway.web.console.visit import VISITING, Visiting
from gateway.web.console.words import catalogue
from gateway.web.parts import GATEWAY

_TEMPLATES = Path(__file__).parent.parent / "templates" / "console"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; "
        "img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
#: The pages of each role, in order: key of the words, icon, last part of the address.
_DESK = (
    ("nav.inbox", "inbox", "inbox"),
    ("nav.outbox", "send", "outbox"),
    ("nav.registers", "book-open", "registers/in"),
    ("nav.follow_up", "alarm-clock", "registers/follow"),
)
_COMPOSE = ("nav.compose", "square-pen", "compose")
_ADMIN = (
    ("nav.board", "activity", "/admin/board"),
    ("nav.queue", "hourglass", "/admin/queue"),
    ("nav.held", "pause", "/admin/held"),
    ("nav.directory", "building-2", "/admin/directory"),
    ("nav.credentials", "key-round", "/admin/credentials"),
    ("nav.trust", "shield-check", "/admin/trust"),
    ("nav.calendar", "calendar-days", "/admin/calendar"),
    ("nav.accounts", "users", "/admin/accounts"),
    ("nav.notices", "megaphone", "/admin/notices"),
    ("nav.health", "gauge", "/admin/health"),
)
_AUDIT = (
    ("nav.statistics", "chart-column", "/audit/statistics"),
    ("nav.reports", "file-text", "/audit/reports"),
    ("nav.follow", "route", "/audit/documents"),
    ("nav.log", "book-open", "/audit/log"),
    ("nav.verify", "badge-check", "/audit/verify"),
)


class Row(Protocol):
    """A row of a list that stands under its day."""

    @property
    def at(self) -> datetime: ...
    @property
    def legal_at(self) -> datetime | None: ...


class Pages:
    """Renders pages."""

    def __init__(self, static: StaticFiles) -> None:
        """Refer to *static* files by their digests."""
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["static"] = static.address
        self._templates.globals["EVENTS"] = EVENTS
        self._templates.globals["KNOWN"] = catalogue()
        self._templates.filters["groupby_day"] = _by_day

    async def page(
        self, request: web.Request, template: str, *, status: int = 200, **values: object
    ) -> web.Response:
        """Return the page of *template* filled with *values*."""
        gateway, visiting = request.app[GATEWAY], request[VISITING]
        moments = Moments(words=visiting.words, zone=gateway.zone, now=gateway.clock.now())
        agency = str(values.get("agency") or _own(visiting, request))
        directory = (await gateway.run(gateway.reference)).directory
        calendar = await gateway.run(partial(gateway.calendar, agency or gateway.config.node.code))
        person = visiting.person
        desk = _desk(visiting, agency)
        shown = {
            "t": visiting.words,
            "words": visiting.words,
            "locale": visiting.words.locale,
            "theme": visiting.theme,
            "csrf": visiting.csrf,
            "here": request.path,
            "query": {k: v for k, v in request.query.items() if k not in {"lang", "theme"}},
            "node": gateway.config.node,
            "moments": moments,
            "today": moments.today(calendar),
            "announcements": await _announced(gateway) if person else (),
            "person": person,
            "agency": agency,
            "places": _places(visiting),
            "nav": _navigation(visiting, agency, gateway.config.node.code),
            "counts": await counts_of(request, visiting, desk),
            "name_of": lambda code: _name(directory, code),
            "plate": _plate(directory, agency or (person.account.agency if person else "")),
            "exact": moments.exact,
            **values,
        }
        text = self._templates.get_template(template).render(shown)
        return web.Response(
            text=text, status=status, content_type="text/html", headers=SECURITY_HEADERS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of one legal day under its name."""

    name: str
    rows: list[Row]


def _by_day(rows: Iterable[Row], moments: Moments) -> list[Group]:
    """Return *rows*, which are newest first, under their legal days."""
    days = groupby(rows, key=lambda row: moments.group(row.legal_at or row.at))
    return [Group(name=name, rows=list(each)) for name, each in days]


async def _announced(gateway: Gateway) -> Sequence[Announcement]:
    """Return what everybody is told; a page that tells of an error must not fail over it."""
    try:
        return await gateway.administration.announcements.shown()
    except Unavailable:
        return ()


def go(where: str) -> web.Response:
    """Return the answer that sends the browser on with GET."""
    headers = {**SECURITY_HEADERS, "Location": where}
    return web.Response(status=303, headers=headers)


def home(visiting: Visiting, node: str) -> str:
    """Return the first page of the person: the duty comes first."""
    if visiting.person is None:
        return "/login"
    for grant in visiting.person.account.in_force:
        if grant.role in {Role.CLERK, Role.VIEWER}:
            return f"/desk/{grant.agency}/inbox"
    roles = visiting.roles(node)
    if Role.ADMIN in roles:
        return "/admin/board"
    if Role.AUDITOR in roles:
        return "/audit/statistics"
    held = {grant.role for grant in visiting.person.account.in_force}
    return "/admin/accounts" if Role.ADMIN in held else "/account"


def _own(visiting: Visiting, request: web.Request) -> str:
    """Return the agency of the address, "" when it is none of the person's."""
    agency = request.match_info.get("agency", "")
    return agency if agency and visiting.roles(agency) else ""


def _places(visiting: Visiting) -> list[str]:
    """Return the agencies at whose desks the person sits."""
    if visiting.person is None:
        return []
    desks = [
        grant.agency
        for grant in visiting.person.account.in_force
        if grant.role in {Role.CLERK, Role.VIEWER}
    ]
    return list(dict.fromkeys(desks))


def _desk(visiting: Visiting, agency: str) -> str:
    """Return the desk that the navigation leads to, "" for who sits at none."""
    places = _places(visiting)
    return agency if agency in places else (places[0] if places else "")


def _navigation(visiting: Visiting, agency: str, node: str) -> list[tuple[str, str, str]]:
    items: list[tuple[str, str, str]] = []
    desk = _desk(visiting, agency)
    if desk:
        writes = Role.CLERK in visiting.roles(desk)
        parts = (*_DESK[:2], _COMPOSE, *_DESK[2:]) if writes else _DESK
        items += [(key, icon, f"/desk/{desk}/{part}") for key, icon, part in parts]
    person, here = visiting.person, visiting.roles(node)
    if Role.ADMIN in here:
        items += _ADMIN
    elif person and any(grant.role is Role.ADMIN for grant in person.account.in_force):
        items.append(("nav.accounts", "users", "/admin/accounts"))
    if here & {Role.ADMIN, Role.AUDITOR}:
        items += _AUDIT
    items.append(("nav.account", "user", "/account"))
    return items


def _name(directory: Directory, code: str) -> str:
    found = directory.find(code)
    return code if found is None else str(found.name)


def _plate(directory: Directory, code: str) -> tuple[str, str]:
    """Return the upper body and the agency, as a letterhead has them."""
    found = directory.find(code)
    if found is None:
        return "", code
    upper = directory.find(found.parent) if found.parent else None
    return ("" if upper is None else str(upper.name)), str(found.name)
