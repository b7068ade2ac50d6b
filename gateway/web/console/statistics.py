"""Statistics: figures, charts that are tables too, and files of exactly what is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from aiohttp import web

from gateway.domain.figures import ACTUAL, LEGAL, ROLL_UPS, Question
from gateway.domain.period_figures import DayFigures, Figures
from gateway.domain.periods import PeriodKind, period_of
from gateway.web.console.pages import SECURITY_HEADERS, Pages
from gateway.web.console.spans import number, percent, percentage, read_near_day
from gateway.web.console.visit import VISITING
from gateway.web.parts import CALLER, GATEWAY

_WIDTH, _HEIGHT = 720, 180
_PERIODS = ("week", "month", "quarter", "half", "year")
_FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_CHARTS = frozenset({"svg", "png"})
#: A chart of more days is one of months.
_MOST_DAYS = 62
_GRADES = 6
#: What the files are grouped by.
_GROUP: tuple[str, ...] = ("agency", "direction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day of the chart, in units of its picture."""

    figures: DayFigures
    x: float
    width: float
    height: float  #: of all that was sent
    signed: float  #: of what takes the place of paper
    label: bool  #: whether its day stands below


class StatisticsPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show the figures of a period, or give them out as a file."""
        gateway, words, query = request.app[GATEWAY], request[VISITING].words, request.query
        today = gateway.clock.now().astimezone(gateway.zone).date()
        by = ACTUAL if query.get("by") == ACTUAL else LEGAL
        roll_up = query.get("roll_up") if query.get("roll_up") in ROLL_UPS else None
        counting = gateway.administration.counting
        last = await counting.last_day(today, by)
        start = read_near_day(query.get("from")) or today.replace(day=1)
        end = read_near_day(query.get("to")) or max(last, start)
        if query.get("format") in _FORMATS:
            asked = Question(first=start, last=max(start, end), by=by, roll_up=roll_up)
            return await _file(request, asked, query["format"])
        figures = await counting.of(start, end, request[CALLER], by=by, roll_up=roll_up)
        (downtime,) = await gateway.administration.downtime.between(start, end)
        available = downtime["available"]
        largest = max((each.sent for each in figures.days), default=0)
        return await self._pages.page(
            request,
            "audit_statistics.html",
            figures=figures,
            downtime=downtime,
            bars=_bars(figures, largest),
            top=_rounded(largest),
            size=(_WIDTH, _HEIGHT),
            grades=_grades(figures.hours),
            table=query.get("as") == "table",
            roll_ups=ROLL_UPS,
            periods=[(name, *_running(name, today, last)) for name in _PERIODS],
            later=last if last > today and start <= last <= figures.end else None,
            beyond=last if today <= figures.end < last else None,
            count=lambda n: number(words, n),
            available=percentage(
                words, available if isinstance(available, float) else None, ".6g"
            ),
            share=lambda part, whole: percent(words, part, whole),
        )


def _running(name: str, today: date, last: date) -> tuple[str, str]:
    """Return the first day of the running week, month, quarter, half-year or year, and its end.

    It ends with what counts by now, *last*, and never in the next one.
    """
    if name == "week":
        first = today - timedelta(today.weekday())
        end = first + timedelta(6)
    else:
        period = period_of(PeriodKind(name), today)
        first, end = period.first, period.last
    return first.isoformat(), min(last, end).isoformat()


def _bars(figures: Figures, largest: int) -> list[Bar]:
    top = _rounded(largest)
    step = _WIDTH / max(1, len(figures.days))
    every = max(1, -(-len(figures.days) // 16))
    return [
        Bar(
            figures=each,
            x=round(n * step, 2),
            width=round(step, 2),
            height=round(each.sent / top * _HEIGHT, 2),
            signed=round(each.original / top * _HEIGHT, 2),
            label=n % every == 0,
        )
        for n, each in enumerate(figures.days)
    ]


def _rounded(largest: int) -> int:
    """Return a round number at or above *largest*, the top of the chart."""
    unit = 10
    while True:
        for factor in (1, 2, 5):
            if factor * unit >= largest:
                return factor * unit
        unit *= 10


def _grades(hours: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return each hour of the week as a grade of its colour, 0 for nothing."""
    largest = max((max(row) for row in hours), default=0)
    if not largest:
        return [[0] * len(row) for row in hours]
    return [[-(-count * (_GRADES - 1) // largest) for count in row] for row in hours]


async def _file(request: web.Request, asked: Question, kind: str) -> web.Response:
    """Give the figures out by agency and direction: spreadsheets for people; charts by time."""
    question = replace(asked, group=_GROUP)
    if kind in _CHARTS:
        group = ("day",) if (asked.last - asked.first).days < _MOST_DAYS else ("month",)
        question = replace(asked, group=group, roll_up=None)
    room, caller = request.app[GATEWAY].statistics, request[CALLER]
    if kind in room.readables:
        body = await room.readable(question, caller, kind, request[VISITING].words.locale)
    else:
        body = await room.written(question, caller, kind)
    name = f"thong-ke-{question.first}-{question.last}.{kind}"
    headers = {**SECURITY_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, headers=headers | {"Content-Type": _FORMATS[kind]})
