"""A year of many documents against a year of few: the same questions to the statistics of both."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from bench.facts import AGENCIES, YEAR
from bench.filling import filled_with_figures
from bench.results import Result
from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.gateway import Gateway
from gateway.config import load
from gateway.domain.exchange import Caller, Role
from gateway.domain.figures import ACTUAL, Question

SMALL, BIG, BIGGEST = 10_000, 100_000, 1_000_000
MOST_RATIO = 5.0
ROUNDS = 3
_PAIR = 2
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
AUDITOR = Caller(actor="bench", agency="H13", role=Role.AUDITOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked; it is judged unless its answer itself grows with the documents."""

    name: str
    ask: Callable[[Gateway], Awaitable[object]]
    is_judged: bool = True


def _report(*group: str, by: str = "legal", agency: str | None = None, last: date = LAST) -> Asked:
    question = Question(first=FIRST, last=last, group=group, by=by, agency=agency)
    words = [*group, *([by] if by == ACTUAL else []), *([agency] if agency else [])]
    until = "" if last == LAST else f" until {last}"
    # Every agency by every partner, or by every type and month, or day: so many rows are answered.
    grows = "agency" in group and (len(group) > _PAIR or bool({"counterpart", "day"} & {*group}))
    return Asked(
        name=f"year{until} by {', '.join(words) or 'nothing'}",
        ask=lambda gateway: gateway.statistics.report(question, AUDITOR),
        is_judged=not grows,
    )


QUESTIONS = (
    _report(),
    _report("month"),
    _report("month", by=ACTUAL),
    _report("day"),
    _report("type"),
    _report("type", "quarter"),
    _report("priority", "business", "paper"),
    _report("state"),
    _report("reason"),
    _report("agency", "direction"),
    _report("agency", "month"),
    _report("agency", "type"),
    _report("type", agency=AGENCIES[0]),
    _report("counterpart", agency=AGENCIES[0]),
    _report("day", agency=AGENCIES[0]),
    _report("signed"),
    _report("agency", "signed"),
    _report("account"),
    _report("hour"),
    _report("agency", "direction", last=date(YEAR, 11, 20)),
    _report("agency", "counterpart"),
    _report("agency", "type", "month"),
    _report("agency", "day"),
    Asked(
        name="page of the console, a year",
        ask=lambda gateway: gateway.administration.counting.of(FIRST, LAST, AUDITOR),
    ),
)


async def measure(folder: Path, *, is_long: bool) -> list[Result]:
    """Ask a year of 10,000 documents and a big one the same, in turns; return the ratios."""
    sizes = (SMALL, BIGGEST if is_long else BIG)
    async with AsyncExitStack() as stack:
        nodes = []
        for size in sizes:
            site = await asyncio.to_thread(filled_with_figures, size, folder / str(size))
            nodes.append(await stack.enter_async_context(open_rooms(load(site.config_file))))
        return [_result(asked, sizes, await _times(asked, nodes)) for asked in QUESTIONS]


async def _times(asked: Asked, nodes: list[Gateway]) -> list[float]:
    """Return the median time of a question at each node, seconds."""
    taken: list[list[float]] = [[] for _ in nodes]
    for _ in range(ROUNDS):
        for node, times in zip(nodes, taken, strict=True):
            began = perf_counter()
            await asked.ask(node)
            times.append(perf_counter() - began)
    return [statistics.median(times) for times in taken]


def _result(asked: Asked, sizes: tuple[int, ...], times: list[float]) -> Result:
    return Result(
        name=f"{asked.name}: {sizes[1]:,} / {sizes[0]:,} documents",
        value=times[1] / times[0],
        unit="x",
        most=MOST_RATIO if asked.is_judged else None,
        detail=f"{times[0] * 1000:.1f} ms → {times[1] * 1000:.1f} ms",
    )
