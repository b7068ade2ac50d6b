"""The ribbon of office hours: a ring, a diamond, and the days between."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.bootstrap.calendars import Calendars
from gateway.config import Config, parse
from gateway.domain.calendar import OfficeCalendar
from gateway.web.console.ribbon import ribbon
from tests.nodes import SHIPPED

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def calendar() -> OfficeCalendar:
    """The shipped calendar."""
    config: Config = parse(
        {"node": {"code": "H13"}, "hours": {"calendar": [str(SHIPPED)]}}, file=SHIPPED
    )
    return Calendars(config)("H13")


def at(text: str) -> datetime:
    """Return an instant of the office's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_an_evening_counts_from_the_next_morning(calendar: OfficeCalendar) -> None:
    """Two days, the ring in the first, the diamond at the opening of the second."""
    drawn = ribbon(calendar, at("2026-11-19T17:52"), at("2026-11-20T07:30"))

    assert [each.on for each in drawn.days] == [date(2026, 11, 19), date(2026, 11, 20)]
    assert drawn.actual < drawn.days[1].x < drawn.legal
    assert drawn.legal == pytest.approx(drawn.days[1].blocks[0].x)


def test_what_comes_at_night_stands_at_the_edge(calendar: OfficeCalendar) -> None:
    """The ribbon shows six to twenty o'clock."""
    drawn = ribbon(calendar, at("2026-11-19T23:10"), at("2026-11-20T07:30"))

    assert drawn.actual == pytest.approx(drawn.days[0].width)


def test_long_holidays_fold(calendar: OfficeCalendar) -> None:
    """The days between are one block that says how many they are."""
    drawn = ribbon(calendar, at("2026-02-13T17:45"), at("2026-02-23T07:30"))

    assert [each.folded for each in drawn.days] == [1, 9, 1]
    assert drawn.days[1].on is None


def test_a_weekend_is_drawn_without_sessions(calendar: OfficeCalendar) -> None:
    """Saturday and Sunday stand empty between Friday and Monday."""
    drawn = ribbon(calendar, at("2026-11-20T18:00"), at("2026-11-23T07:30"))

    assert [len(each.blocks) for each in drawn.days] == [2, 0, 0, 2]
