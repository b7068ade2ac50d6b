"""The registers of an agency on screen, for paper, and as a workbook."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from gateway.domain.errors import Refused
from gateway.domain.rules.mechanism import Statement
from gateway.pipeline.lookup import Shown
from gateway.pipeline.registers import Period
from gateway.web.console.pages import SECURITY_HEADERS, Pages
from gateway.web.console.register_lines import COLUMNS, Line, Liner
from gateway.web.console.visit import VISITING
from gateway.web.console.workbook import workbook
from gateway.web.documents import disposition
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

_PAGE = 100
_BATCH = 500
#: Lines of a workbook; a busy year is taken out month by month.
MOST_LINES = 20_000
_FIRST_YEAR, _MONTHS = 2000, 12
_YEARS_SHOWN = 6
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which lines of which register."""

    box: str
    period: Period
    after: str  #: place behind which the page starts, "" for the first one


class RegisterPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def register(self, request: web.Request) -> web.StreamResponse:
        """Show a page of a register."""
        gateway, asked = request.app[GATEWAY], _asked(request)
        found = await _some(request, asked, limit=_PAGE + 1)
        page = found[:_PAGE]
        liner = await liner_of(request, asked.box)
        year = gateway.clock.now().astimezone(gateway.zone).year
        return await self._pages.page(
            request,
            "register.html",
            kind=asked.box,
            columns=COLUMNS[asked.box],
            lines=await _lines(request, liner, page),
            period=asked.period,
            years=range(year, year - _YEARS_SHOWN, -1),
            next=_place(asked.box, page[-1], request) if len(found) > _PAGE else None,
        )

    async def workbook(self, request: web.Request) -> web.StreamResponse:
        """Return the whole period as a workbook; raise Refused for more than fits one."""
        gateway, visiting, asked = request.app[GATEWAY], request[VISITING], _asked(request)
        liner = await liner_of(request, asked.box)
        lines = [line async for line in _all(request, asked, liner)]
        heads = [visiting.words(f"register.{name}") for name in COLUMNS[asked.box]]
        title = visiting.words(f"register.title_{asked.box}", period=_said(asked.period))
        content = await gateway.run(partial(workbook, title, heads, lines))
        stem = "so-van-ban-den" if asked.box == "in" else "so-van-ban-di"
        name = f"{stem}-{request[CALLER].agency}-{_said(asked.period).replace('/', '-')}.xlsx"
        return xlsx_response(content, name)


def xlsx_response(content: bytes, name: str) -> web.Response:
    """Return a workbook as the file *name*."""
    headers = {"Content-Type": _XLSX, "Content-Disposition": disposition(name)}
    return web.Response(body=content, headers={**SECURITY_HEADERS, **headers})


async def liner_of(request: web.Request, box: str) -> Liner:
    """Return what makes the lines of a register of the caller's agency."""
    gateway = request.app[GATEWAY]
    reference = await gateway.run(gateway.reference)
    return Liner(
        box=box,
        agency=request[CALLER].agency,
        words=request[VISITING].words,
        zone=gateway.zone,
        directory=reference.directory,
        types=reference.types,
    )


async def _some(request: web.Request, asked: Asked, *, limit: int) -> list[Shown]:
    gateway, caller = request.app[GATEWAY], request[CALLER]
    if asked.box == "in":
        after = int(asked.after or 0)
        return await gateway.registers.incoming(caller, asked.period, after=after, limit=limit)
    since = datetime.fromisoformat(asked.after) if asked.after else None
    return await gateway.registers.outgoing(caller, asked.period, after=since, limit=limit)


async def _lines(request: web.Request, liner: Liner, found: Sequence[Shown]) -> list[Line]:
    """Return the lines of what was *found*, with what became of each document."""
    documents = [each.document for each in found]
    kin = await request.app[GATEWAY].kinship.of(documents, request[CALLER])
    return [liner(each, kin[each.document.id]) for each in found]


async def _all(request: web.Request, asked: Asked, liner: Liner) -> AsyncIterator[Line]:
    done, place = 0, asked
    while found := await _some(request, place, limit=_BATCH):
        done += len(found)
        if done > MOST_LINES:
            text = f"the period has more than {MOST_LINES} lines"
            raise Refused(text, findings=[TOO_LONG.finding("/month", most=MOST_LINES)])
        for line in await _lines(request, liner, found):
            yield line
        after = _place(asked.box, found[-1], request)
        place = Asked(box=asked.box, period=asked.period, after=after)


def _place(box: str, shown: Shown, request: web.Request) -> str:
    """Return the place of a line, behind which the next ones are asked for."""
    if box == "out":
        return "" if shown.document.sent_at is None else shown.document.sent_at.isoformat()
    agency = request[CALLER].agency
    own = next(each for each in shown.document.deliveries if each.agency == agency)
    return str(own.arrival_number)


def _asked(request: web.Request) -> Asked:
    """Return what the address asks for: by default the present month.

    Raises:
        HttpProblem: 400 for a period or a place that is none.
    """
    gateway, query = request.app[GATEWAY], request.query
    today = gateway.clock.now().astimezone(gateway.zone).date()
    year = _number(query.get("year", ""), default=today.year, least=_FIRST_YEAR, most=9000)
    fallback = 0 if "year" in query else today.month
    month = _number(query.get("month", ""), default=fallback, least=0, most=_MONTHS)
    box, after = request.match_info["box"], query.get("after", "")
    period = Period(year=year, month=month or None)
    try:
        if box == "in":
            _number(after, default=0, least=0, most=2**62)
        elif after and datetime.fromisoformat(after).tzinfo is None:
            raise HttpProblem(400, "bad-parameter", "`after` has no offset")
        elif after:
            datetime.fromisoformat(after).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise HttpProblem(400, "bad-parameter", "`after` is what the page said") from error
    return Asked(box=box, period=period, after=after)


def _number(text: str, *, default: int, least: int, most: int) -> int:
    if not text:
        return default
    number = whole_number(text)
    if number is None or not least <= number <= most:
        raise HttpProblem(400, "bad-parameter", "the period is a year, or a month of it")
    return number


def _said(period: Period) -> str:
    return f"{period.month:02}/{period.year}" if period.month else str(period.year)


TOO_LONG = Statement(
    code="register-too-long",
    vi="Kỳ này có hơn {most} dòng, vượt quá một tệp.",
    en="The period has more than {most} lines, more than one file takes.",
    remedy="Chọn từng tháng rồi tải.",
    remedy_en="Choose single months.",
    source="NĐ 30/2020/NĐ-CP Annex IV",
)
