"""Downtime: how long outages and maintenance lasted, told by the audit records alone.

The times of incidents of a period are added up so that two at once count once. Available is the
share of the period without a critical incident; maintenance, which was announced, stands beside it.

Source: S0 art. 11.2a (runs 24 hours on all days); S2 art. 13.1.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from statistics import median

from gateway.domain.announcements import GRAVITY, AnnouncementKind, Event, Severity
from gateway.domain.exchange import AuditRecord

#: What figures may be grouped by: one of them, or nothing.
PERIODS = ("day", "month", "quarter", "half", "year")
#: How the figures are called by those who read reports.
HEADINGS = {
    "period": "Kỳ",
    "incidents": "Số sự cố",
    "critical": "Đặc biệt nghiêm trọng",
    "by_node": "Hệ thống tự phát hiện",
    "incident_s": "Thời gian có sự cố (giây)",
    "critical_s": "Thời gian ngừng hoạt động (giây)",
    "longest_s": "Sự cố dài nhất (giây)",
    "acknowledged_median_s": "Mở → tiếp nhận, trung vị (giây)",
    "maintenance": "Số đợt bảo trì",
    "maintenance_s": "Thời gian bảo trì (giây)",
    "available": "Tỷ lệ hoạt động (%)",
}
_OPENED = {
    f"{AnnouncementKind.INCIDENT}-{Event.OPENED}": AnnouncementKind.INCIDENT,
    f"{AnnouncementKind.MAINTENANCE}-{Event.PLANNED}": AnnouncementKind.MAINTENANCE,
}
_DAY = timedelta(days=1)
Value = str | int | float | None
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One incident or maintenance as it was; *ended_at* is None while it lasts."""

    kind: AnnouncementKind
    severity: Severity  #: the gravest that it had
    by_node: bool  #: found by the node itself
    begins_at: datetime
    opened_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None

    def span(self, now: datetime) -> Span:
        """Return from when to when it lasted; up to *now* while it does."""
        end = now if self.ended_at is None else self.ended_at
        return self.begins_at, max(self.begins_at, end)


def outage_of(records: Iterable[AuditRecord]) -> Outage | None:
    """Return what the *records* of one notice tell; None for what was cancelled, or is no notice."""
    ordered = sorted(records, key=lambda each: (each.at, each.chain, each.seq))
    told = {str(each.data.get("operation")): each for each in reversed(ordered)}
    opened = next((each for name, each in told.items() if name in _OPENED), None)
    if opened is None:
        return None
    kind = _OPENED[str(opened.data["operation"])]
    if f"{kind}-{Event.CANCELLED}" in told:
        return None
    taken, closed = told.get(f"{kind}-{Event.ACKNOWLEDGED}"), told.get(f"{kind}-{Event.CLOSED}")
    return Outage(
        kind=kind,
        severity=max((_severity(each) for each in ordered), key=GRAVITY.index),
        by_node=bool(opened.data.get("cause")),
        begins_at=_instant(ordered[-1].data.get("begins_at") or opened.at),
        opened_at=_instant(opened.at),
        acknowledged_at=None if taken is None else _instant(taken.at),
        ended_at=None if closed is None else _instant(closed.data.get("ended_at") or closed.at),
    )


def figures_of(
    outages: Sequence[Outage],
    *,
    first: date,
    last: date,
    period: str | None,
    zone: tzinfo,
    now: datetime,
) -> list[dict[str, Value]]:
    """Return a row for each *period* from the day *first* to *last*; one for all without."""
    return [
        _row(name, _midnight(begin, zone), _midnight(end + _DAY, zone), outages, now)
        for name, begin, end in _periods(first, last, period)
    ]


def _row(
    name: str, begin: datetime, end: datetime, outages: Sequence[Outage], now: datetime
) -> dict[str, Value]:
    """Count what began from *begin* to before *end*, and measure what lay in between."""
    end = max(begin, min(end, now))
    incidents = [each for each in outages if each.kind is AnnouncementKind.INCIDENT]
    works = [each for each in outages if each.kind is AnnouncementKind.MAINTENANCE]
    grave = [each for each in incidents if each.severity is Severity.CRITICAL]
    begun = [each for each in incidents if begin <= each.begins_at < end]
    waits = [each.acknowledged_at - each.opened_at for each in begun if each.acknowledged_at]
    down_s = _seconds(grave, begin, end, now)
    whole_s = int((end - begin).total_seconds())
    return {
        "period": name,
        "incidents": len(begun),
        "critical": sum(each in grave for each in begun),
        "by_node": sum(each.by_node for each in begun),
        "incident_s": _seconds(incidents, begin, end, now),
        "critical_s": down_s,
        "longest_s": max((_seconds([each], begin, end, now) for each in incidents), default=0),
        "acknowledged_median_s": int(median(each.total_seconds() for each in waits))
        if waits
        else None,
        "maintenance": sum(begin <= each.begins_at < end for each in works),
        "maintenance_s": _seconds(works, begin, end, now),
        "available": round(100 * (1 - down_s / whole_s), 4) if whole_s else None,
    }


def _seconds(outages: Iterable[Outage], begin: datetime, end: datetime, now: datetime) -> int:
    """Return for how long any of *outages* lasted within a period; two at once count once."""
    total, reached = timedelta(), begin
    for since, until in sorted(each.span(now) for each in outages):
        reached = max(reached, since)
        if reached < min(until, end):
            total += min(until, end) - reached
            reached = min(until, end)
    return int(total.total_seconds())


def _periods(first: date, last: date, period: str | None) -> Iterator[tuple[str, date, date]]:
    """Yield name, first and last day of each period; the outer ones are cut."""
    if period is None:
        yield f"{first.isoformat()}/{last.isoformat()}", first, last
        return
    begin = first
    while begin <= last:
        name, following = _period_of(begin, period)
        yield name, begin, min(following - _DAY, last)
        begin = following


def _period_of(day: date, period: str) -> tuple[str, date]:
    """Return the name of the period of *day*, and the first day of the next."""
    if period == "day":
        return day.isoformat(), day + _DAY
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[period]
    n = (day.month - 1) // months
    month = n * months + months
    following = date(day.year + month // 12, month % 12 + 1, 1)
    names = {
        "month": f"{day.year}-{day.month:02}",
        "quarter": f"{day.year}-Q{n + 1}",
        "half": f"{day.year}-H{n + 1}",
        "year": f"{day.year}",
    }
    return names[period], following


def _severity(record: AuditRecord) -> Severity:
    """Return how grave it was by then; records of older releases say nothing."""
    told = record.data.get("severity")
    return Severity(str(told)) if told in set(Severity) else Severity.MINOR


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)
