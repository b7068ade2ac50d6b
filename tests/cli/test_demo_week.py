"""The week of the demonstration: days, people, documents at their desks."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.bootstrap.administration import open_rooms
from gateway.cli.demo_week import DESKS, FOUNDED_BEFORE, LedClock, add_week, days_before
from gateway.cli.init import make_node
from gateway.config import load
from gateway.domain.exchange import Caller, Role
from gateway.ports import Selection

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        ("2026-11-20T09:00", date(2026, 11, 16), date(2026, 11, 20)),
        ("2026-11-21T09:00", date(2026, 11, 16), date(2026, 11, 20)),
        ("2026-11-23T00:30", date(2026, 11, 17), date(2026, 11, 23)),
    ],
)
def test_the_week_is_the_last_five_working_days(now: str, first: date, last: date) -> None:
    """Whatever the day of the demonstration."""
    days = days_before(datetime.fromisoformat(now).replace(tzinfo=ZONE), ZONE)

    assert (days[0], days[-1], len(days)) == (first, last, 5)


async def test_a_week_of_documents_with_their_own_times(tmp_path: Path) -> None:
    """Numbered, accepted and received at the instants that they are said to be of."""
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    folder, clock = tmp_path / "node", LedClock(now - FOUNDED_BEFORE)
    await asyncio.to_thread(make_node, folder, code="H13", name="Ví Dụ", clock=clock)
    people = await add_week(folder / "gateway.toml", until=now)

    async with open_rooms(load(folder / "gateway.toml")) as gateway:
        clerk = Caller(actor="x", agency=next(iter(DESKS)), role=Role.CLERK)
        page = await gateway.lookup.documents(Selection(box="in", limit=100), clerk)
        states = {each.document.deliveries[0].state.value for each in page.items}
        oldest = page.items[-1].document.submitted_at
    assert {each.role for each in people} == {*Role} - {Role.OFFICE}
    assert {"arrived", "accepted", "assigned", "done"} <= states
    assert oldest.date() == date(2026, 11, 16)
