"""Legal time and the office calendar."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.calendar_file import CalendarData, build_calendar, parse_calendar
from gateway.domain.errors import Misconfigured

SHIPPED = parse_calendar(
    tomllib.loads(
        (Path(__file__).parents[2] / "config" / "calendar-vn.toml").read_text(encoding="utf-8")
    )
)
WEEK = ("mon", "tue", "wed", "thu", "fri")


def a_calendar(
    *data: CalendarData,
    sessions: tuple[str, ...] = ("07:30-11:30", "13:30-17:30"),
    workdays: tuple[str, ...] = WEEK,
    break_is_outside: bool = True,
    timezone: str = "Asia/Ho_Chi_Minh",
    agency: str | None = None,
) -> OfficeCalendar:
    """Return a calendar with the default hours and the files *data*."""
    return build_calendar(
        sessions=sessions,
        workdays=workdays,
        break_is_outside=break_is_outside,
        timezone=timezone,
        data=data,
        agency=agency,
    )


CALENDAR = a_calendar(SHIPPED)
ENTRIES = parse_calendar(
    {
        "year": [{"year": 2026, "notice": "test"}],
        "day_off": [{"date": "2026-11-24", "name": "off"}],
        "sessions": [
            {"from": "2026-01-01", "sessions": ["08:00-12:00", "13:00-17:00"]},
            {"from": "2026-04-16", "to": "2026-10-15", "sessions": ["07:00-11:30", "13:30-17:00"]},
        ],
        "agency": {
            "H13.01": {
                "reason": "bộ phận một cửa",
                "decision": "45/QĐ-UBND",
                "workdays": [*WEEK, "sat"],
                "sessions": [{"weekdays": ["sat"], "sessions": ["07:30-11:00"]}],
                "day_off": [{"date": "2026-11-26"}],
                "worked_day": [{"date": "2026-11-24", "for": "2026-11-26"}],
            },
            "H13.02": {"break_is_outside": False, "sessions": [{"sessions": ["06:00-18:00"]}]},
        },
    }
)


def at(text: str) -> datetime:
    """Return the instant *text*."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("actual", "legal"),
    [
        ("2026-11-20T16:45:10+07:00", "2026-11-20T16:45:10+07:00"),
        ("2026-11-20T17:29:59+07:00", "2026-11-20T17:29:59+07:00"),
        ("2026-11-20T17:30:00+07:00", "2026-11-23T07:30:00+07:00"),
        ("2026-11-20T18:05:00+07:00", "2026-11-23T07:30:00+07:00"),
        ("2026-11-20T11:15:00+00:00", "2026-11-23T07:30:00+07:00"),
        ("2026-11-23T07:29:59+07:00", "2026-11-23T07:30:00+07:00"),
        ("2026-11-23T07:30:00+07:00", "2026-11-23T07:30:00+07:00"),
        ("2026-11-23T12:10:00+07:00", "2026-11-23T13:30:00+07:00"),
        ("2026-11-23T18:00:00+07:00", "2026-11-25T07:30:00+07:00"),
        ("2026-02-13T19:00:00+07:00", "2026-02-23T07:30:00+07:00"),
        ("2026-02-18T09:00:00+07:00", "2026-02-23T07:30:00+07:00"),
        ("2026-01-02T09:00:00+07:00", "2026-01-05T07:30:00+07:00"),
        ("2026-01-10T09:00:00+07:00", "2026-01-10T09:00:00+07:00"),
        ("2026-01-09T18:00:00+07:00", "2026-01-10T07:30:00+07:00"),
        ("2026-01-10T18:00:00+07:00", "2026-01-12T07:30:00+07:00"),
        ("2025-04-26T10:00:00+07:00", "2025-04-26T10:00:00+07:00"),
        ("2025-04-29T18:00:00+07:00", "2025-05-05T07:30:00+07:00"),
        ("2024-04-26T18:00:00+07:00", "2024-05-02T07:30:00+07:00"),
        ("2026-08-28T17:40:00+07:00", "2026-09-03T07:30:00+07:00"),
        ("2026-04-24T20:00:00+07:00", "2026-04-28T07:30:00+07:00"),
        ("2023-09-01T09:00:00+07:00", "2023-09-05T07:30:00+07:00"),
        ("2025-12-31T23:59:59+07:00", "2026-01-05T07:30:00+07:00"),
    ],
)
def test_the_worked_examples(actual: str, legal: str) -> None:
    """The table of worked examples: default hours, the announced calendars."""
    result = CALENDAR.legal_time(at(actual))

    assert (legal, False) == (result.legal.isoformat(), result.provisional)


@pytest.mark.parametrize(("year", "days"), [(2023, 249), (2024, 251), (2025, 250), (2026, 249)])
def test_the_working_days_of_a_year(year: int, days: int) -> None:
    """The announced calendars leave this many working days."""
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days

    assert days == sum(CALENDAR.is_working_day(first + timedelta(n)) for n in range(length))


def test_every_shipped_day_names_its_notice() -> None:
    """No day off and no worked day stands without its source, none lies outside the years."""
    node = SHIPPED.node
    days = [(entry.day, entry.source) for entry in node.days_off]
    days += [(entry.day, entry.source) for entry in node.worked_days]

    assert all(source and day.year in node.years for day, source in days)


def test_a_swap_that_was_only_proposed_is_not_shipped() -> None:
    """23 November 2026 is worked and 28 November 2026 is not."""
    pair = (date(2026, 11, 23), date(2026, 11, 28))

    assert [CALENDAR.is_working_day(day) for day in pair] == [True, False]


_INSTANTS = st.datetimes(
    min_value=datetime(2022, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_CALENDARS = st.sampled_from(
    [
        CALENDAR,
        a_calendar(SHIPPED, break_is_outside=False),
        a_calendar(SHIPPED, ENTRIES, agency="H13.01"),
        a_calendar(ENTRIES, agency="H13.02"),
        a_calendar(sessions=("00:00-23:59",), workdays=("sun",)),
    ]
)


@given(_CALENDARS, _INSTANTS)
def test_legal_time_never_lies_before_the_instant(
    calendar: OfficeCalendar, instant: datetime
) -> None:
    """The rule only moves forward."""
    assert calendar.legal_time(instant).legal >= instant


@given(_CALENDARS, _INSTANTS)
def test_legal_time_of_a_legal_time_is_itself(calendar: OfficeCalendar, instant: datetime) -> None:
    """Applying the rule twice changes nothing."""
    legal = calendar.legal_time(instant).legal

    assert legal == calendar.legal_time(legal).legal


@given(_CALENDARS, _INSTANTS)
def test_legal_time_lies_inside_office_hours(calendar: OfficeCalendar, instant: datetime) -> None:
    """The result is on a working day between the first opening and the last closing."""
    legal = calendar.legal_time(instant).legal
    sessions = calendar.sessions_of(legal.date())

    assert sessions[0].start <= legal.time() < sessions[-1].end


@given(_CALENDARS, _INSTANTS, _INSTANTS)
def test_legal_time_keeps_the_order(
    calendar: OfficeCalendar, one: datetime, other: datetime
) -> None:
    """What comes later never counts earlier."""
    first, second = sorted([one, other])

    assert calendar.legal_time(first).legal <= calendar.legal_time(second).legal


def test_microseconds_inside_are_kept() -> None:
    """An instant inside office hours counts exactly when it is."""
    instant = at("2026-11-20T09:00:00.123456+07:00")

    assert instant == CALENDAR.legal_time(instant).legal


def test_the_last_microsecond_before_closing_is_inside() -> None:
    """Only the closing itself is outside."""
    instant = at("2026-11-20T17:29:59.999999+07:00")

    assert instant == CALENDAR.legal_time(instant).legal


def test_the_break_can_count_as_inside() -> None:
    """With the switch off, the day counts from the first opening to the last closing."""
    instant = at("2026-11-23T12:10:00+07:00")

    assert instant == a_calendar(SHIPPED, break_is_outside=False).legal_time(instant).legal


@pytest.mark.parametrize("text", ["2027-03-02T09:00:00+07:00", "2026-12-31T18:00:00+07:00"])
def test_a_year_that_is_not_loaded_gives_a_provisional_result(text: str) -> None:
    """Whether the instant or only the result lies in it, the result is marked."""
    assert CALENDAR.legal_time(at(text)).provisional


def test_a_provisional_result_follows_the_weekdays() -> None:
    """Without a notice only the week is known: Sunday counts as Monday morning."""
    legal = CALENDAR.legal_time(at("2027-03-07T09:00:00+07:00")).legal

    assert legal == at("2027-03-08T07:30:00+07:00")


def test_the_offset_of_old_instants_is_the_same() -> None:
    """The history of the zone does not show: +07:00 all through."""
    legal = CALENDAR.legal_time(at("1965-03-02T02:00:00+00:00")).legal

    assert legal.isoformat() == "1965-03-02T09:00:00+07:00"


def test_another_zone_is_followed() -> None:
    """The zone is a setting."""
    legal = a_calendar(timezone="UTC").legal_time(at("2026-11-23T07:00:00+07:00")).legal

    assert legal.isoformat() == "2026-11-23T07:30:00+00:00"


def test_a_calendar_without_workdays_is_a_mistake() -> None:
    """Looking for the next opening ends, with a clear message."""
    with pytest.raises(Misconfigured, match="no office hours"):
        a_calendar(workdays=()).legal_time(at("2026-11-20T09:00:00+07:00"))


def test_an_instant_without_an_offset_is_refused() -> None:
    """What has no offset has no place in time."""
    with pytest.raises(ValueError, match="offset"):
        CALENDAR.legal_time(datetime(2026, 11, 20))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("text", ["9999-12-31T23:00:00+00:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_at_the_end_of_time_is_refused(text: str) -> None:
    """Dates that cannot be reckoned are refused, not a crash."""
    with pytest.raises(ValueError, match="out of the range"):
        CALENDAR.legal_time(at(text))


@pytest.mark.parametrize(
    ("day", "opening"),
    [
        (date(2026, 1, 5), time(8)),
        (date(2026, 4, 15), time(8)),
        (date(2026, 4, 16), time(7)),
        (date(2026, 10, 15), time(7)),
        (date(2026, 10, 16), time(8)),
        (date(2025, 12, 31), time(7, 30)),
    ],
)
def test_dated_sessions_win_over_the_settings(day: date, opening: time) -> None:
    """Both dates of a period belong to it, and the later period wins."""
    assert opening == a_calendar(ENTRIES).sessions_of(day)[0].start


def test_an_agency_works_when_the_node_does_not() -> None:
    """A worked day of the agency wins over the node's day off."""
    assert a_calendar(ENTRIES, agency="H13.01").is_working_day(date(2026, 11, 24))


def test_an_agency_rests_when_the_node_does_not() -> None:
    """A day off of the agency wins over the node's workday."""
    assert not a_calendar(ENTRIES, agency="H13.01").is_working_day(date(2026, 11, 26))


def test_another_agency_is_not_touched() -> None:
    """Overrides of one agency hold for that agency alone."""
    assert a_calendar(ENTRIES) == a_calendar(ENTRIES, agency="H13.03")


def test_saturday_mornings_end_early() -> None:
    """Hours for certain weekdays hold on these."""
    sessions = a_calendar(ENTRIES, agency="H13.01").sessions_of(date(2026, 11, 28))

    assert [time(11)] == [session.end for session in sessions]


def test_a_worked_saturday_has_a_full_day() -> None:
    """A Saturday worked in exchange for a weekday is not cut to the Saturday morning."""
    calendar = a_calendar(ENTRIES, SHIPPED, agency="H13.01")

    assert calendar.sessions_of(date(2026, 1, 10))[-1].end == time(17)


def test_undated_sessions_of_an_agency_win_over_dated_ones_of_the_node() -> None:
    """The layer counts before the date."""
    sessions = a_calendar(ENTRIES, agency="H13.02").sessions_of(date(2026, 5, 5))

    assert [time(6)] == [session.start for session in sessions]


@pytest.mark.parametrize(
    ("signed", "deadline"),
    [
        ("2026-11-20T16:00:00+07:00", "2026-11-23T11:30:00+07:00"),
        ("2026-11-23T07:00:00+07:00", "2026-11-25T11:30:00+07:00"),
        ("2026-11-20T18:00:00+00:00", "2026-11-23T11:30:00+07:00"),
    ],
)
def test_sending_is_due_by_the_next_morning(signed: str, deadline: str) -> None:
    """The duty ends with the morning session of the next working day."""
    assert deadline == CALENDAR.next_morning_deadline(at(signed)).isoformat()


def test_acknowledging_is_due_on_the_same_day() -> None:
    """The day of the legal receiving time ends at midnight of the calendar's zone."""
    deadline = CALENDAR.same_day_deadline(at("2026-11-22T18:00:00+00:00"))

    assert deadline.isoformat() == "2026-11-24T00:00:00+07:00"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"days": []}, "days"),
        ({"day_off": [{"date": "2026-11-24", "nam": ""}]}, r"day_off\[0\]\.nam"),
        ({"day_off": [{"name": "x"}]}, r"day_off\[0\]\.date"),
        ({"day_off": [{"date": "24/11/2026"}]}, r"day_off\[0\]\.date"),
        ({"day_off": {}}, "day_off"),
        ({"day_off": [1]}, r"day_off\[0\]"),
        ({"worked_day": [{"date": 7}]}, r"worked_day\[0\]\.date"),
        ({"sessions": [{"sessions": ["7:30-11:30"]}]}, r"sessions\[0\]\.sessions"),
        ({"sessions": [{"sessions": ["11:30-07:30"]}]}, r"sessions\[0\]\.sessions"),
        ({"sessions": [{"sessions": []}]}, r"sessions\[0\]\.sessions"),
        (
            {"sessions": [{"sessions": ["07:30-12:00", "11:00-13:00"]}]},
            r"sessions\[0\]\.sessions",
        ),
        ({"sessions": [{"sessions": ["07:30-24:00"]}]}, r"sessions\[0\]\.sessions"),
        (
            {
                "sessions": [
                    {"from": "2026-05-02", "to": "2026-05-01", "sessions": ["07:30-11:30"]}
                ]
            },
            r"sessions\[0\]\.to",
        ),
        ({"year": [{"year": 2026}]}, r"year\[0\]\.notice"),
        ({"year": [{"year": "2026", "notice": ""}]}, r"year\[0\]\.year"),
        ({"workdays": ["monday"]}, "workdays"),
        ({"break_is_outside": 1}, "break_is_outside"),
        ({"agency": {"H13.01": {"year": []}}}, r'agency\."H13\.01"\.year'),
        ({"agency": {"H13.01": 1}}, r'agency\."H13\.01"'),
        (
            {"day_off": [{"date": "2026-11-24"}], "worked_day": [{"date": "2026-11-24"}]},
            "2026-11-24",
        ),
    ],
)
def test_a_mistake_in_a_calendar_file_is_named(data: dict[str, object], key: str) -> None:
    """Unknown keys and bad values are refused with the path of the key."""
    with pytest.raises(Misconfigured, match=key):
        parse_calendar(data)


def test_an_unknown_timezone_is_a_mistake() -> None:
    """A zone that does not exist is named."""
    with pytest.raises(Misconfigured, match="Hanoi"):
        a_calendar(timezone="Asia/Hanoi")
