"""Four eyes on pages: what one administrator enters, another approves."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copytree

import pyotp
import pytest
import pytest_asyncio

from gateway.domain.exchange import Role
from tests.browser.desks import Desks, desks, hired
from tests.nodes import Answer
from tests.web.test_console import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY_OFF = {"kind": "day-off", "day": "2026-12-24", "name": "Nghỉ bão", "decision": "3/CĐ-UBND"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(
    staffed_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desks]:
    """Serve a node that asks for four eyes."""
    folder = Path(copytree(staffed_folder, tmp_path_factory.mktemp("four-eyes") / "node"))
    async with desks(folder, hours={"four_eyes": True, "calendar": []}) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(people: Desks) -> tuple[Browser, Browser]:
    """Sign two administrators of the node in."""
    other, secret = await hired(people.node.gateway, "Phạm Thu Hà", "H13", Role.ADMIN)
    browsers = Browser(people), Browser(people)
    now = people.node.gateway.clock.now().timestamp() + 30
    for browser, (name, factor) in zip(
        browsers, ((people.quang, people.secret), (other, secret)), strict=True
    ):
        await browser.sign_in(name)
        await browser.post("/login/code", code=pyotp.TOTP(factor).at(int(now)))
    return browsers


def text(answer: Answer) -> str:
    """Return the page."""
    return answer.body.decode()


async def test_a_change_of_the_calendar_is_approved_by_another(
    both: tuple[Browser, Browser],
) -> None:
    """Whoever entered it is told to wait, the other is offered the button."""
    first, second = both
    await first.post("/admin/calendar", deed="apply", **DAY_OFF)
    mine, theirs = [text(await each.get("/admin/calendar?month=2026-12")) for each in both]
    change = re.search(r'action="/admin/calendar/(\d+)"', theirs)
    assert change is not None

    await second.post(f"/admin/calendar/{change[1]}", at="/admin/calendar", deed="approve")

    approved = text(await first.get("/admin/calendar?month=2026-12"))
    assert ("Chờ phê duyệt" in mine, "Phê duyệt thay đổi" in mine) == (True, False)
    assert "Phê duyệt thay đổi" in theirs
    assert ("Chờ phê duyệt" in approved, "Phạm Thu Hà" in approved) == (False, True)
