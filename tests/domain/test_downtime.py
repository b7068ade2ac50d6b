"""How long outages and maintenance lasted, told by the audit records of each notice."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.announcements import AnnouncementKind, Severity
from gateway.domain.downtime import Outage, figures_of, outage_of
from gateway.domain.exchange import AuditRecord

VIETNAM = timezone(timedelta(hours=7))
DAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=VIETNAM)
LATER = MIDNIGHT + timedelta(days=400)


def at(hours: float) -> datetime:
    """Return an instant so many hours after the midnight of the day."""
    return MIDNIGHT + timedelta(hours=hours)


def an_outage(begin: float, end: float | None, **changes: object) -> Outage:
    """Return an incident from one hour to another."""
    fields: dict[str, object] = {
        "kind": AnnouncementKind.INCIDENT,
        "severity": Severity.CRITICAL,
        "by_node": False,
        "begins_at": at(begin),
        "opened_at": at(begin),
        "acknowledged_at": None,
        "ended_at": None if end is None else at(end),
    }
    return Outage(**fields | changes)  # type: ignore[arg-type]


def figures(*outages: Outage, first: date = DAY, last: date = DAY, period: str | None = None):  # type: ignore[no-untyped-def]  # noqa: ANN201 - rows
    """Return the rows."""
    return figures_of(outages, first=first, last=last, period=period, zone=VIETNAM, now=LATER)


def a_record(seq: int, hours: float, operation: str, **data: object) -> AuditRecord:
    """Return a record about a notice."""
    return AuditRecord(
        chain="main",
        seq=seq,
        at=at(hours).isoformat(),
        actor="cli",
        address=None,
        action="changed",
        about="announcement:1",
        data={"operation": operation, "begins_at": at(1).isoformat()} | data,
        previous="",
        hash="",
    )


def test_an_incident_within_the_day_counts_from_beginning_to_end() -> None:
    """An hour and a half of it: the rest of the day the node was there."""
    (row,) = figures(an_outage(9, 10.5))

    assert (row["incidents"], row["critical"], row["critical_s"]) == (1, 1, 5400)
    assert row["available"] == 93.75


def test_two_incidents_at_once_count_once() -> None:
    """Time goes by once."""
    (row,) = figures(an_outage(9, 11), an_outage(10, 12), an_outage(10, 10.5))

    assert (row["incidents"], row["incident_s"], row["longest_s"]) == (3, 3 * 3600, 2 * 3600)


def test_what_is_not_critical_is_no_standstill() -> None:
    """It is an incident all the same."""
    (row,) = figures(an_outage(9, 11, severity=Severity.MAJOR))

    assert (row["incident_s"], row["critical_s"], row["available"]) == (7200, 0, 100.0)


def test_an_incident_over_midnight_is_cut_and_counted_where_it_began() -> None:
    """Its time lies in both days."""
    rows = figures(an_outage(22, 27), last=DAY + timedelta(days=1), period="day")

    assert [(row["period"], row["incidents"], row["incident_s"]) for row in rows] == [
        ("2026-11-20", 1, 7200),
        ("2026-11-21", 0, 3 * 3600),
    ]


def test_an_incident_that_goes_on_counts_up_to_now() -> None:
    """And a period that is not over counts as far as it went."""
    rows = figures_of(
        [an_outage(9, None)], first=DAY, last=DAY, period=None, zone=VIETNAM, now=at(12)
    )

    assert (rows[0]["critical_s"], rows[0]["available"]) == (3 * 3600, 75.0)


def test_maintenance_stands_beside() -> None:
    """It was announced: no downtime."""
    (row,) = figures(an_outage(22, 23, kind=AnnouncementKind.MAINTENANCE))

    assert (row["maintenance"], row["maintenance_s"]) == (1, 3600)
    assert (row["incidents"], row["available"]) == (0, 100.0)


def test_periods_are_named_as_in_the_statistics() -> None:
    """Quarters and halves of the year, the outer ones cut."""
    names = {
        period: [each["period"] for each in figures(last=date(2027, 1, 2), period=period)]
        for period in ("month", "quarter", "half", "year")
    }

    assert names == {
        "month": ["2026-11", "2026-12", "2027-01"],
        "quarter": ["2026-Q4", "2027-Q1"],
        "half": ["2026-H2", "2027-H1"],
        "year": ["2026", "2027"],
    }


def test_the_records_of_a_notice_tell_the_outage() -> None:
    """As it was last told: the beginning of the last change, the gravest severity."""
    outage = outage_of(
        [
            a_record(4, 12, "incident-closed", severity="major"),
            a_record(1, 10, "incident-opened", severity="major", cause="axis:truc"),
            a_record(2, 10.5, "incident-acknowledged", severity="major"),
            a_record(3, 11, "incident-changed", severity="critical"),
        ]
    )

    assert outage == an_outage(
        1,
        12,
        by_node=True,
        opened_at=at(10),
        acknowledged_at=at(10.5),
    )


def test_maintenance_that_was_cancelled_never_was() -> None:
    """Nobody was kept from working."""
    records = [a_record(1, 0, "maintenance-planned"), a_record(2, 0.5, "maintenance-cancelled")]

    assert outage_of(records) is None


def test_records_of_other_things_tell_no_outage() -> None:
    """A change of an agency, say."""
    assert outage_of([a_record(1, 0, "patch")]) is None


hours = st.floats(min_value=-50, max_value=100)


@given(st.lists(st.tuples(hours, hours), max_size=8))
def test_the_parts_of_a_period_add_up_to_the_whole(spans: list[tuple[float, float]]) -> None:
    """Seconds are neither lost nor counted twice, whatever overlaps."""
    outages = [an_outage(min(span), max(span)) for span in spans]
    last = DAY + timedelta(days=2)
    (whole,) = figures(*outages, last=last)
    days = figures(*outages, last=last, period="day")

    for figure in ("incident_s", "critical_s"):
        assert abs(whole[figure] - sum(row[figure] for row in days)) <= len(days)
    assert sum(row["incidents"] for row in days) == whole["incidents"]


def test_an_hour_of_another_zone_is_the_same_hour() -> None:
    """Days are those of the node."""
    begin = datetime(2026, 11, 19, 17, 30, tzinfo=UTC)
    (row,) = figures(an_outage(0, 1, begins_at=begin))

    assert row["incident_s"] == 1800
