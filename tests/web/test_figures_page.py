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


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(100.0, "100%", "100%"), (99.9876, "99,9876%", "99.9876%"), (None, "–", "–")],  # noqa: RUF001
)
def test_a_share_is_written_as_its_language_does(value: float | None, vi: str, en: str) -> None:
    """With a comma in Vietnamese, and no decimals that say nothing."""
    assert [percentage(Words(each), value, ".6g") for each in ("vi", "en")] == [vi, en]
