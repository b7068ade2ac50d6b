"""The figures that everybody may read: off unless asked for, sums only, cheap to give out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.periods import PeriodKind, period_of
from tests.contract.packets import StandingClock, a_clock
from tests.nodes import OFFICE, OTHER, Node, serving

NOW = a_clock().at
#: The quarter in which documents are sent, and a day of the next.
QUARTER = period_of(PeriodKind.QUARTER, NOW.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date())
NEXT = datetime.combine(QUARTER.last, time(2), UTC) + timedelta(4)
SUBJECT = "Về việc không ai được đọc"


@pytest.fixture
def clock() -> StandingClock:
    """A clock that stands."""
    return StandingClock(NOW)


@pytest.fixture
async def public(node_folder: Path, clock: StandingClock) -> AsyncIterator[Node]:
    """A node whose figures are public; no count under 2 is shown."""
    settings = {"public": True, "public_least": 2, "public_per_minute": 8}
    async with serving(node_folder, clock=clock, statistics=settings) as running:
        yield running


async def test_figures_are_not_public_unless_asked_for(node: Node) -> None:
    """As if the page were not there."""
    assert (await node.get("/figures", who=None)).status == 404
    assert (await node.get("/figures.json", who=None)).status == 404


async def test_a_program_is_told_why_there_are_no_figures(node: Node) -> None:
    """As a problem with a stable code, not as a page."""
    answer = await node.get("/figures.json", who=None)

    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "figures-not-public"


async def test_a_program_that_asks_for_a_quarter_that_is_none_is_told_so(public: Node) -> None:
    """With another code."""
    answer = await public.get("/figures.json?quarter=1990-Q1", who=None)

    assert (answer.status, answer.json()["code"]) == (404, "figures-quarter")


async def test_a_quarter_is_shown_once_it_is_over(public: Node, clock: StandingClock) -> None:
    """Not before: what grows can be subtracted from what it was."""
    await public.submit()
    assert (await public.get("/figures.json", who=None)).json()["quarters"] == []

    clock.at = NEXT

    answer = (await public.get("/figures.json", who=None)).json()
    assert (answer["quarters"], answer["figures"]["quarter"]) == ([QUARTER.name], QUARTER.name)


async def test_sums_are_shown(public: Node, clock: StandingClock) -> None:
    """Of the node, of agencies and of types."""
    for _ in range(2):
        await public.submit()
    clock.at = NEXT

    figures = (await public.get("/figures.json", who=None)).json()["figures"]

    assert figures["totals"]["sent"] == 2
    assert {row["code"]: (row["sent"], row["received"]) for row in figures["agencies"]}[
        OFFICE
    ] == (2, 0)
    assert [row["sent"] for row in figures["types"]] == [2]


async def test_few_are_not_shown(public: Node, clock: StandingClock) -> None:
    """One document tells of somebody."""
    await public.submit()
    clock.at = NEXT

    figures = (await public.get("/figures.json", who=None)).json()["figures"]

    assert figures["totals"]["sent"] is None
    assert figures["percent"] == dict.fromkeys(figures["percent"])


@pytest.mark.parametrize(
    ("language", "word"), [("vi", "Quý {n}/{year}"), ("en", "Quarter {n} of {year}")]
)
async def test_the_page_speaks_both_languages(
    public: Node, clock: StandingClock, language: str, word: str
) -> None:
    """Without a name, a subject, or a cookie that follows anybody."""
    for _ in range(2):
        await public.submit(subject=SUBJECT)
    clock.at = NEXT

    answer = await public.get(f"/figures?lang={language}", who=None)

    text = answer.body.decode()
    assert answer.status == 200
    assert word.format(n=QUARTER.name[-1], year=QUARTER.first.year) in text
    assert SUBJECT not in text
    assert "gateway_visitor" not in answer.headers.get("Set-Cookie", "")


async def test_answers_may_be_kept_by_whoever_asked(public: Node, clock: StandingClock) -> None:
    """For ten minutes; the node itself works them out once an hour."""
    clock.at = NEXT

    answer = await public.get("/figures.json", who=None)

    assert answer.headers["Cache-Control"] == "public, max-age=600"


async def test_what_comes_late_is_counted_after_an_hour(
    public: Node, clock: StandingClock
) -> None:
    """Until then the same is given out again."""
    await public.submit()
    await public.submit()
    clock.at = NEXT
    before = (await public.get("/figures.json", who=None)).json()
    clock.at = NOW
    await public.submit()
    clock.at = NEXT + timedelta(minutes=59)
    assert (await public.get("/figures.json", who=None)).json() == before

    clock.at = NEXT + timedelta(minutes=61)

    figures = (await public.get("/figures.json", who=None)).json()["figures"]
    assert figures["totals"]["sent"] == 3


async def test_a_quarter_that_is_not_offered_is_not_there(
    public: Node, clock: StandingClock
) -> None:
    """Nor is what is none."""
    clock.at = NEXT

    for wrong in (period_of(PeriodKind.QUARTER, NEXT.date()).name, "1990-Q1", "x"):
        assert (await public.get(f"/figures?quarter={wrong}", who=None)).status == 404


async def test_who_asks_too_often_must_wait(public: Node) -> None:
    """429, with when to come again."""
    answers = [await public.get("/figures.json", who=None) for _ in range(9)]

    assert [each.status for each in answers] == [200] * 8 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 61


async def test_other_agencies_have_names(public: Node, clock: StandingClock) -> None:
    """As the directory has them, beside their codes."""
    await public.submit()
    await public.submit()
    clock.at = NEXT

    figures = (await public.get("/figures.json", who=None)).json()["figures"]

    assert all(row["name"] for row in figures["agencies"] if row["code"] in {OFFICE, OTHER})
