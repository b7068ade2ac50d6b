"""The page of figures: what it draws, and how it writes them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import SystemClock
from gateway.web.console.spans import percentage
from gateway.web.console.words import Words
from tests.browser.desks import desks, send
from tests.contract.packets import StandingClock
from tests.web.test_console import Browser


async def test_what_arrives_at_night_is_on_the_map_of_hours(desk_folder: Path) -> None:
    """Every hour of the day has its column; beside it, a share is written as Vietnamese is."""
    night = (SystemClock().now() + timedelta(days=1)).replace(hour=19, minute=15)
    async with desks(desk_folder, clock=StandingClock(night)) as people:  # a quarter past two
        await send(people.node, number="904")
        browser = Browser(people)
        await browser.sign_in(people.quang)
        await browser.post("/login/code", code=people.code())
        where = "/audit/statistics"
        day = (night + timedelta(hours=7)).date()

        page = (await browser.get(f"{where}?by=actual&from={day}&to={day}&lang=vi")).body.decode()

    heat = page[page.index('class="heat"') : page.index("</table>", page.index('class="heat"'))]
    cells = [int(each) for each in re.findall(r'<span class="hidden">(\d+)</span>', heat)]
    assert (len(cells), sum(cells), sum(cells[2::24])) == (7 * 24, 1, 1)
    assert ">100%</b>thời gian hoạt động" in page


@pytest.mark.parametrize(("by", "days"), [("legal", 6), ("actual", 5)])
async def test_the_week_ends_before_the_next_and_says_what_counts_there(
    desk_folder: Path, by: str, days: int
) -> None:
    """What is sent on a Saturday counts in the week to come by legal days."""
    tomorrow = SystemClock().now().replace(hour=3, minute=0) + timedelta(days=1)
    saturday = tomorrow + timedelta(days=(5 - tomorrow.weekday()) % 7)
    monday = saturday.date() - timedelta(days=5)
    async with desks(desk_folder, clock=StandingClock(saturday)) as people:
        await send(people.node, number="905")
        browser = Browser(people)
        await browser.sign_in(people.quang)
        await browser.post("/login/code", code=people.code())
        where, week = f"/audit/statistics?lang=vi&by={by}", (monday, monday + timedelta(days=days))

        page = (await browser.get(where)).body.decode()
        shown = (await browser.get(f"{where}&from={week[0]}&to={week[1]}")).body.decode()

    assert f"from={week[0]}&amp;to={week[1]}" in page
    assert ("sau kỳ này" in shown) == (by == "legal")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(100.0, "100%", "100%"), (99.9876, "99,9876%", "99.9876%"), (None, "–", "–")],  # noqa: RUF001
)
def test_a_share_is_written_as_its_language_does(value: float | None, vi: str, en: str) -> None:
    """With a comma in Vietnamese, and no decimals that say nothing."""
    assert [percentage(Words(each), value, ".6g") for each in ("vi", "en")] == [vi, en]
