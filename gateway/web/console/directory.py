"""The directory on pages: searched, changed, closed, taken in and given out as CSV."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import BodyPartReader, web

from gateway.domain.directory import Agency, AgencyKind
from gateway.domain.directory_plan import AgencyChanges
from gateway.domain.errors import NotFound, Refused
from gateway.domain.findings import Finding
from gateway.domain.text import fold
from gateway.pipeline.agencies import Imported
from gateway.web.console.pages import SECURITY_HEADERS, Pages, go
from gateway.web.console.spans import read_day
from gateway.web.console.visit import CSRF, VISITING, Visiting
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY

_PAGE = 50
#: A hundred thousand agencies fit.
_LARGEST_FILE = 16 << 20
_CHUNK = 1 << 16
_FIELDS = (
    "name",
    "code",
    "parent",
    "legacy_code",
    "short_name",
    "kind",
    "decision",
    "on",
    "successor",
)
_CONTACT = ("name", "position", "email", "telephone")


class DirectoryPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Show the agencies that fit a search, page by page."""
        gateway, query = request.app[GATEWAY], request.query
        directory = await gateway.run(gateway.directory)
        words, state = fold(query.get("q", "")[:100]).split(), query.get("state", "open")
        today = gateway.clock.now().astimezone(gateway.zone).date()

        def look() -> list[Agency]:
            return [each for each in directory if _fits(each, words, state, today)]

        fitting = await gateway.run(look)
        first = _place(query.get("from", ""))
        return await self._pages.page(
            request,
            "admin_directory.html",
            agencies=fitting[first : first + _PAGE],
            total=len(fitting),
            all=len(directory),
            first=first,
            page=_PAGE,
            state=state,
            day=today,
            done=query.get("done", ""),
        )

    async def new(self, request: web.Request) -> web.StreamResponse:
        """Show the form of a new agency."""
        return await self._form(request, {"parent": request.query.get("parent", "")}, (), 200)

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Enter an agency."""
        gateway, given = request.app[GATEWAY], _given(request[VISITING])
        code = given["code"] or None
        try:
            added = await gateway.agencies.add(
                request[CALLER],
                name=given["name"],
                code=code,
                parent=given["parent"] or (None if code else gateway.config.node.code),
                legacy_code=given["legacy_code"] or None,
                short_name=given["short_name"] or None,
                kind=_kind(given["kind"]),
                contact=_contact(given),
                decision=given["decision"] or None,
                on=read_day(given["on"]),
            )
        except Refused as error:
            return await self._form(request, given, error.findings, 422)
        return go(f"/admin/directory/{added.code}?done=added")

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Show one agency with what can be done to it."""
        return await self._one(request, (), 200)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Change an agency, or close it."""
        gateway, visiting = request.app[GATEWAY], request[VISITING]
        code, caller, given = request.match_info["code"], request[CALLER], _given(visiting)
        deed = visiting.text("deed")
        try:
            if deed == "change":
                await gateway.agencies.patch(code, caller, _changes(given))
            elif deed == "close":
                await gateway.agencies.close(
                    code,
                    caller,
                    successor=given["successor"] or None,
                    decision=given["decision"] or None,
                    on=read_day(given["on"]),
                )
            else:
                raise HttpProblem(400, "bad-parameter", "there is no such deed")
        except Refused as error:
            if isinstance(error, NotFound):
                raise
            return await self._one(request, error.findings, 422)
        return go(f"/admin/directory/{code}?done={deed}d")

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Give the whole directory out as CSV."""
        text = await request.app[GATEWAY].agencies.export_csv()
        return web.Response(
            body=text.encode("utf-8-sig"),
            headers={
                **SECURITY_HEADERS,
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": 'attachment; filename="danh-ba.csv"',
            },
        )

    async def import_form(self, request: web.Request) -> web.StreamResponse:
        """Show where a file is chosen."""
        return await self._import(request, None, (), 200)

    async def take_in(self, request: web.Request) -> web.StreamResponse:
        """Take every agency of a file in, or none."""
        gateway = request.app[GATEWAY]
        async with asyncio.timeout(gateway.config.http.body_timeout_s):
            raw = await _file(request)
        try:
            taken = await gateway.agencies.import_file(raw, request[CALLER])
        except Refused as error:
            return await self._import(request, None, error.findings, 422)
        return await self._import(request, taken, (), 200)

    async def _import(
        self,
        request: web.Request,
        taken: Imported | None,
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        return await self._pages.page(
            request,
            "admin_import.html",
            status=status,
            taken=taken,
            findings=findings,
            bad_lines=len({each.pointer.partition(":")[0] for each in findings}),
        )

    async def _form(
        self,
        request: web.Request,
        given: Mapping[str, str],
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        return await self._pages.page(
            request,
            "admin_agency_new.html",
            status=status,
            given={name: given.get(name, "") for name in _FIELDS}
            | {f"contact_{name}": given.get(f"contact_{name}", "") for name in _CONTACT},
            kinds=tuple(AgencyKind),
            contact=_CONTACT,
            findings=findings,
        )

    async def _one(
        self, request: web.Request, findings: Sequence[Finding], status: int
    ) -> web.StreamResponse:
        gateway = request.app[GATEWAY]
        directory = await gateway.run(gateway.directory)
        found = directory.find(request.match_info["code"])
        if found is None:
            raise NotFound("there is no such agency")
        today = gateway.clock.now().astimezone(gateway.zone).date()
        return await self._pages.page(
            request,
            "admin_agency.html",
            status=status,
            one=found,
            open=found.is_open(today),
            day=today,
            below=[each for each in directory.children(found.code) if not each.is_closed(today)],
            kinds=tuple(AgencyKind),
            contact=_CONTACT,
            findings=findings,
            done=request.query.get("done", ""),
        )


def _fits(agency: Agency, words: Sequence[str], state: str, today: date) -> bool:
    if state in {"open", "closed"} and agency.is_closed(today) is not (state == "closed"):
        return False
    about = fold(
        f"{agency.code} {agency.legacy_code or ''} {agency.name} {agency.short_name or ''}"
    )
    return all(word in about for word in words)


def _given(visiting: Visiting) -> dict[str, str]:
    given = {name: visiting.text(name) for name in _FIELDS}
    return given | {f"contact_{name}": visiting.text(f"contact_{name}") for name in _CONTACT}


def _contact(given: Mapping[str, str]) -> dict[str, str] | None:
    parts = {name: given[f"contact_{name}"] for name in _CONTACT}
    return {name: text for name, text in parts.items() if text} or None


def _changes(given: Mapping[str, str]) -> AgencyChanges:
    changes = AgencyChanges(
        name=given["name"],
        short_name=given["short_name"] or None,
        contact=_contact(given),
        decision=given["decision"] or None,
    )
    kind = _kind(given["kind"])
    if kind is not None:
        changes["kind"] = kind
    return changes


def _kind(text: str) -> AgencyKind | None:
    return AgencyKind(text) if text in set(AgencyKind) else None


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0  # noqa: PLR2004 - more than anybody turns pages


async def _file(request: web.Request) -> bytes:
    """Return the file of a form whose token comes before it; raise HttpProblem or Forbidden."""
    visiting, checked = request[VISITING], False
    try:
        parts = await request.multipart()
        async for part in parts:
            if not isinstance(part, BodyPartReader):
                break
            if part.name == CSRF:
                token = await _read(part, most=200)
                visiting.check_form(request, token.decode("ascii", "replace"))
                checked = True
            elif part.name == "file" and checked:
                return await _read(part, most=_LARGEST_FILE)
    except (ValueError, AssertionError) as error:
        raise HttpProblem(400, "unreadable", "the form cannot be read", close=True) from error
    if not checked:
        visiting.check_form(request, "")
    raise HttpProblem(400, "unreadable", "the form holds no file", close=True)


async def _read(part: BodyPartReader, *, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        content += chunk
        if len(content) > most:
            raise HttpProblem(413, "body-too-large", "the file is over 16 MB", close=True)
    return bytes(content)
