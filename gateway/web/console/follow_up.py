"""The register for follow-up: what is to be answered, or was assigned, and is not done.

The most urgent stands first, on screen, on paper and in a workbook.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from aiohttp import web

from gateway.domain.errors import Refused
from gateway.domain.rules.mechanism import Statement
from gateway.ports import Followed, FollowUp
from gateway.web.console.pages import Pages
from gateway.web.console.register_lines import COLUMNS, Line
from gateway.web.console.registers import MOST_LINES, liner_of, xlsx_response
from gateway.web.console.spans import read_day
from gateway.web.console.visit import VISITING
from gateway.web.console.workbook import workbook
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

_PAGE, _BATCH = 100, 500
_LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the register, and the page that it leads to."""

    document: str
    cells: Line
    is_late: bool


class FollowUpPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def register(self, request: web.Request) -> web.StreamResponse:
        """Show a page of the register."""
        gateway, caller, today = request.app[GATEWAY], request[CALLER], _today(request)
        wanted = replace(_asked(request), limit=_PAGE + 1)
        found = await gateway.registers.follow_up(caller, wanted)
        liner, page = await liner_of(request, "follow"), found[:_PAGE]
        return await self._pages.page(
            request,
            "follow_up.html",
            columns=COLUMNS["follow"],
            entries=[
                Entry(
                    document=line.document,
                    cells=liner.followed(shown, line.due_on, today),
                    is_late=line.due_on is not None and line.due_on < today,
                )
                for line, shown in page
            ],
            view=request.query.get("view", ""),
            late=await gateway.registers.overdue(caller, today, most=MOST_LINES),
            next=_place(page[-1][0]) if len(found) > _PAGE else None,
        )

    async def workbook(self, request: web.Request) -> web.StreamResponse:
        """Return the whole register as a workbook; raise Refused for more than fits one."""
        gateway, words, today = request.app[GATEWAY], request[VISITING].words, _today(request)
        lines = [line async for line in _all(request)]
        heads = [words(f"register.{name}") for name in COLUMNS["follow"]]
        title = words("register.title_follow", day=f"{today:%d/%m/%Y}")
        content = await gateway.run(partial(workbook, title, heads, lines))
        return xlsx_response(content, f"so-theo-doi-{request[CALLER].agency}-{today}.xlsx")


async def _all(request: web.Request) -> AsyncIterator[Line]:
    gateway, today = request.app[GATEWAY], _today(request)
    liner = await liner_of(request, "follow")
    done, wanted = 0, replace(_asked(request), limit=_BATCH)
    while found := await gateway.registers.follow_up(request[CALLER], wanted):
        done += len(found)
        if done > MOST_LINES:
            text = f"the register has more than {MOST_LINES} lines"
            raise Refused(text, findings=[TOO_LONG.finding("/view", most=MOST_LINES)])
        for line, shown in found:
            yield liner.followed(shown, line.due_on, today)
        last = found[-1][0]
        wanted = replace(wanted, after_day=last.due_on or date.max, after=last.position)


def _asked(request: web.Request) -> FollowUp:
    """Return what the address asks for.

    Raises:
        HttpProblem: 400 for a place that is none.
    """
    query = request.query
    before = _today(request) if query.get("view") == _LATE else None
    text = query.get("after")
    if text is None:
        return FollowUp(before=before)
    day, _, position = text.partition(".")
    after_day, after = read_day(day), whole_number(position)
    if after_day is None or after is None:
        raise HttpProblem(400, "bad-parameter", "`after` is what the page said")
    return FollowUp(after_day=after_day, after=after, before=before)


def _place(line: Followed) -> str:
    return f"{line.due_on or date.max}.{line.position}"


def _today(request: web.Request) -> date:
    gateway = request.app[GATEWAY]
    return gateway.clock.now().astimezone(gateway.zone).date()


TOO_LONG = Statement(
    code="follow-up-too-long",
    vi="Sổ theo dõi có hơn {most} dòng, vượt quá một tệp.",
    en="The register has more than {most} lines, more than one file takes.",
    remedy="Chọn mục Quá hạn rồi tải, và ghi hoàn thành những việc đã xong.",
    remedy_en="Take out what is overdue alone, and mark as finished what is done.",
    source="NĐ 30/2020/NĐ-CP art. 24",
)
