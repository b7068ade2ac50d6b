"""Changes of the office calendar: what may be changed, and what it moves."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar_changes import (
    ChangeKind,
    affected_days,
    moved,
    read_entries,
    samples,
)
from gateway.domain.calendar_file import build_calendar
from gateway.domain.errors import Refused

CALENDAR = build_calendar(
    sessions=["07:30-11:30", "13:30-17:30"],
    workdays=["mon", "tue", "wed", "thu", "fri"],
    break_is_outside=True,
    timezone="Asia/Ho_Chi_Minh",
)
TODAY = date(2026, 11, 20)
DECISION = {"decision": "12/TB-UBND"}


def changed(kind: ChangeKind, **fields: str) -> tuple[list[date], list[str]]:
    """Return the days that a change moves, and the legal times of what tells it."""
    entries = read_entries(kind, {**DECISION, **fields}, CALENDAR)
    after = CALENDAR.overlay(entries)
    days = affected_days(CALENDAR, after, entries, TODAY)
    found = moved(CALENDAR, after, samples(days, CALENDAR))
    return days, [f"{each.before.legal:%d %H:%M} {each.after.legal:%d %H:%M}" for each in found]


def wrong(kind: ChangeKind, **fields: str) -> set[tuple[str, str]]:
    """Return code and pointer of what is refused."""
    with pytest.raises(Refused) as refused:
        read_entries(kind, fields, CALENDAR)
    return {(each.code, each.pointer) for each in refused.value.findings}


def test_a_day_off_moves_its_morning_and_the_evening_before() -> None:
    """Both count from the next working day."""
    days, times = changed(ChangeKind.DAY_OFF, day="2026-11-25", name="Nghỉ")

    assert days == [date(2026, 11, 25)]
    assert times == ["25 07:30 26 07:30", "25 09:00 26 07:30"]


def test_a_swap_moves_two_days() -> None:
    """One is worked for the other."""
    days, _ = changed(ChangeKind.SWAP, day="2026-11-23", worked="2026-11-28")

    assert days == [date(2026, 11, 23), date(2026, 11, 28)]


def test_sessions_hold_for_their_period() -> None:
    """Rest days stay rest days."""
    days, _ = changed(
        ChangeKind.SESSIONS,
        **{"from": "2026-11-27", "to": "2026-11-30", "sessions": "07:00-11:30, 13:30-17:00"},
    )

    assert days == [date(2026, 11, 27), date(2026, 11, 30)]


def test_sessions_may_hold_on_some_weekdays() -> None:
    """Fridays alone."""
    days, _ = changed(
        ChangeKind.SESSIONS,
        **{"from": "2026-11-23", "to": "2026-12-06"},
        sessions="07:30-11:30",
        weekdays="fri",
    )

    assert days == [date(2026, 11, 27), date(2026, 12, 4)]


def test_a_change_without_an_end_is_looked_at_for_two_months() -> None:
    """So that the preview ends."""
    days, _ = changed(ChangeKind.SESSIONS, **{"from": "2026-11-23"}, sessions="08:00-12:00")

    assert days[-1] <= date(2026, 11, 23) + timedelta(62)


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            ChangeKind.DAY_OFF,
            {"day": "2026-11-25", "name": "x"},
            {("calendar-decision", "/decision")},
        ),
        (
            ChangeKind.DAY_OFF,
            {**DECISION, "day": "25/11/2026"},
            {("calendar-date", "/day"), ("calendar-name", "/name")},
        ),
        (
            ChangeKind.DAY_OFF,
            {**DECISION, "day": "2026-11-22", "name": "x"},
            {("calendar-off-already", "/day")},
        ),
        (
            ChangeKind.SWAP,
            {**DECISION, "day": "2026-11-23", "worked": "2026-11-24"},
            {("calendar-worked-already", "/worked")},
        ),
        (
            ChangeKind.SESSIONS,
            {**DECISION, "from": "2026-11-23", "sessions": "17:00-07:00"},
            {("calendar-sessions", "/sessions")},
        ),
        (
            ChangeKind.SESSIONS,
            {**DECISION, "from": "2026-11-23", "to": "2026-11-22", "sessions": "07:00-11:00"},
            {("calendar-period", "/to")},
        ),
        (ChangeKind.YEAR, {**DECISION, "year": "27"}, {("calendar-year", "/year")}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    kind: ChangeKind, fields: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    """Everything that is wrong at once."""
    assert wrong(kind, **fields) == expected


@given(
    kind=st.sampled_from(ChangeKind),
    fields=st.dictionaries(
        st.sampled_from(
            ["day", "worked", "from", "to", "sessions", "weekdays", "year", "decision"]
        ),
        st.text(max_size=30) | st.dates().map(date.isoformat),
    ),
)
def test_whatever_is_typed_is_read_or_refused(kind: ChangeKind, fields: dict[str, str]) -> None:
    """Nothing else happens."""
    with suppress(Refused):
        entries = read_entries(kind, fields, CALENDAR)
        after = CALENDAR.overlay(entries)
        days = affected_days(CALENDAR, after, entries, TODAY)
        assert days == sorted(set(days))


@given(day=st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31)))
def test_a_day_off_never_makes_anything_count_earlier(day: date) -> None:
    """It only puts off."""
    if not CALENDAR.is_working_day(day):
        return
    fields = {**DECISION, "day": day.isoformat(), "name": "x"}
    after = CALENDAR.overlay(read_entries(ChangeKind.DAY_OFF, fields, CALENDAR))
    instants = [
        datetime(day.year, day.month, day.day, hour, tzinfo=CALENDAR.tz) for hour in range(24)
    ]

    assert all(each.after.legal >= each.before.legal for each in moved(CALENDAR, after, instants))
