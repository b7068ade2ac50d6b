"""Changes of the office calendar that administrators make while the node runs.

A change is one more layer over the calendar files: it holds from its commit for what happens
then, rests on a decision, and can be withdrawn. Times that were recorded before never move.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from gateway.domain.calendar import (
    CalendarEntries,
    DayOff,
    LegalTime,
    OfficeCalendar,
    WorkedDay,
)
from gateway.domain.calendar_file import parse_calendar
from gateway.domain.errors import Misconfigured, Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.domain.text import clean

#: A change without an end is looked at for so many days when its effect is shown.
_LOOK_DAYS = 62
_LONGEST_TEXT = 200
_SOURCE = "QĐ 28/2018/QĐ-TTg art. 6, 7; the notices on days off"


class ChangeKind(StrEnum):
    """What a change of the calendar does."""

    DAY_OFF = "day-off"
    SWAP = "swap"  #: a day off against a rest day that is worked
    SESSIONS = "sessions"
    YEAR = "year"  #: the notices of a year are entered completely


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChange:
    """One change as it is kept."""

    id: int = 0
    kind: ChangeKind
    agency: str | None = None  #: None: of the whole node
    entries: CalendarEntries
    decision: str
    by: str
    at: datetime
    waits: bool = False  #: without effect until a second administrator has approved it
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_for: str | None = None  #: the decision that the withdrawal rests on

    @property
    def holds(self) -> bool:
        """Whether legal times follow it now."""
        return not self.waits and self.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An instant with its legal time before and after a change."""

    instant: datetime
    before: LegalTime
    after: LegalTime

    @property
    def differs(self) -> bool:
        """Whether the change moves it."""
        return self.before.legal != self.after.legal


def read_entries(
    kind: ChangeKind, given: Mapping[str, str], calendar: OfficeCalendar
) -> CalendarEntries:
    """Return what the fields *given* say, against the present *calendar*.

    Fields: ``day`` and ``name`` of a day off; ``day`` and ``worked`` of a swap; ``from``, ``to``,
    ``sessions`` ("07:30-11:30, 13:30-17:30") and ``weekdays`` of sessions; ``year``; always
    ``decision``. Dates are ISO 8601.

    Raises:
        Refused: with a finding for each field that is wrong.
    """
    findings: list[Finding] = []
    decision = clean(given.get("decision", ""))[:_LONGEST_TEXT]
    if not decision:
        findings.append(DECISION_MISSING.finding("/decision"))
    readers = {
        ChangeKind.DAY_OFF: _day_off,
        ChangeKind.SWAP: _swap,
        ChangeKind.SESSIONS: _sessions,
        ChangeKind.YEAR: _year,
    }
    entries = readers[kind](given, decision, calendar, findings)
    if findings:
        raise Refused(findings[0].message_en, code=findings[0].code, findings=findings)
    return entries


def affected_days(
    before: OfficeCalendar, after: OfficeCalendar, entries: CalendarEntries, today: date
) -> list[date]:
    """Return the days whose office hours a change moves, as far as they are looked at."""
    named = {each.day for each in entries.days_off} | {each.day for each in entries.worked_days}
    for period in entries.periods:
        first = max(period.start, today)
        last = min(period.end or date.max, first + timedelta(_LOOK_DAYS))
        named |= {first + timedelta(n) for n in range((last - first).days + 1)}
    return [day for day in sorted(named) if before.sessions_of(day) != after.sessions_of(day)]


def samples(days: Iterable[date], calendar: OfficeCalendar, most: int = 4) -> list[datetime]:
    """Return instants that tell what the change of some *days* means: mornings, and eves."""
    found: list[datetime] = []
    for day in days:
        eve = day - timedelta(1)
        while not calendar.sessions_of(eve) and day - eve < timedelta(15):
            eve -= timedelta(1)
        found += [_at(eve, time(18), calendar), _at(day, time(9), calendar)]
        if len(found) >= most:
            break
    return sorted(set(found))[:most]


def moved(
    before: OfficeCalendar, after: OfficeCalendar, instants: Iterable[datetime]
) -> list[Moved]:
    """Return each of the *instants* with its legal times."""
    return [
        Moved(instant=each, before=before.legal_time(each), after=after.legal_time(each))
        for each in instants
    ]


def _at(day: date, clock: time, calendar: OfficeCalendar) -> datetime:
    return datetime.combine(day, clock, calendar.tz)


def _day_off(
    given: Mapping[str, str], decision: str, calendar: OfficeCalendar, findings: list[Finding]
) -> CalendarEntries:
    day = _date(given, "day", findings)
    name = clean(given.get("name", ""))[:_LONGEST_TEXT]
    if not name:
        findings.append(NAME_MISSING.finding("/name"))
    if day is not None and not calendar.is_working_day(day):
        findings.append(OFF_ALREADY.finding("/day", day=f"{day:%d/%m/%Y}"))
    return CalendarEntries(days_off=_off(day, name, decision))


def _swap(
    given: Mapping[str, str], decision: str, calendar: OfficeCalendar, findings: list[Finding]
) -> CalendarEntries:
    day, worked = _date(given, "day", findings), _date(given, "worked", findings)
    if day is not None and not calendar.is_working_day(day):
        findings.append(OFF_ALREADY.finding("/day", day=f"{day:%d/%m/%Y}"))
    if worked is not None and calendar.is_working_day(worked):
        findings.append(WORKED_ALREADY.finding("/worked", day=f"{worked:%d/%m/%Y}"))
    name = clean(given.get("name", ""))[:_LONGEST_TEXT] or "Nghỉ hoán đổi"
    made_up = WorkedDay(day=worked or date.min, instead_of=day, source=decision)
    return CalendarEntries(
        days_off=_off(day, name, decision), worked_days=(made_up,) if worked else ()
    )


def _sessions(
    given: Mapping[str, str], decision: str, calendar: OfficeCalendar, findings: list[Finding]
) -> CalendarEntries:
    start, end = _date(given, "from", findings), None
    if given.get("to", "").strip():
        end = _date(given, "to", findings)
    if start is not None and end is not None and end < start:
        findings.append(ENDS_BEFORE.finding("/to"))
    parts = given.get("sessions", "").replace(";", ",").replace("\u2013", "-").split(",")
    row: dict[str, object] = {
        "sessions": ["".join(part.split()) for part in parts],
        "source": decision,
    }
    if given.get("weekdays", "").strip():
        row["weekdays"] = given["weekdays"].split()
    try:
        entries = parse_calendar({"sessions": [row]}).node
    except Misconfigured:
        findings.append(SESSIONS_WRONG.finding("/sessions"))
        return CalendarEntries()
    period = entries.periods[0]
    begins = start or date.min
    dated = type(period)(
        start=begins,
        end=end,
        sessions=period.sessions,
        source=period.source,
        weekdays=period.weekdays,
    )
    return CalendarEntries(periods=(dated,))


def _year(
    given: Mapping[str, str], decision: str, calendar: OfficeCalendar, findings: list[Finding]
) -> CalendarEntries:
    text = given.get("year", "").strip()
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0  # noqa: PLR2004 - years are written so
    if not year:
        findings.append(YEAR_WRONG.finding("/year"))
    elif year in calendar.years:
        findings.append(YEAR_KNOWN.finding("/year", year=year, notice=calendar.years[year]))
    return CalendarEntries(years={year: decision})


def _off(day: date | None, name: str, decision: str) -> tuple[DayOff, ...]:
    return () if day is None else (DayOff(day=day, name=name, source=decision),)


def _date(given: Mapping[str, str], name: str, findings: list[Finding]) -> date | None:
    """Return a date from 2000 to 2100; another one is a slip of the keyboard."""
    try:
        day = date.fromisoformat(given.get(name, "").strip())
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:  # noqa: PLR2004 - what a calendar may be changed for
        findings.append(DATE_WRONG.finding(f"/{name}"))
        return None
    return day


DECISION_MISSING = Statement(
    code="calendar-decision",
    source=_SOURCE,
    vi="Chưa có căn cứ của thay đổi lịch.",
    en="The change of the calendar has no basis.",
    remedy="Ghi số, ký hiệu và ngày của thông báo hoặc quyết định.",
    remedy_en="Give number, notation and date of the notice or decision.",
)
NAME_MISSING = Statement(
    code="calendar-name",
    source=_SOURCE,
    vi="Chưa ghi tên ngày nghỉ.",
    en="The day off has no name.",
    remedy="Ghi lý do nghỉ, ví dụ “Quốc khánh (nghỉ bù)”.",
    remedy_en="Say why it is a day off.",
)
DATE_WRONG = Statement(
    code="calendar-date",
    source=_SOURCE,
    vi="Ngày không đọc được.",
    en="This is no date.",
    remedy="Ghi ngày theo dạng 2026-11-23, từ năm 2000 đến năm 2100.",
    remedy_en="Write it as 2026-11-23, from the year 2000 to 2100.",
)
OFF_ALREADY = Statement(
    code="calendar-off-already",
    source=_SOURCE,
    vi="Ngày {day} vốn đã là ngày nghỉ.",
    en="{day} is a day off already.",
    remedy="Chọn một ngày làm việc.",
    remedy_en="Choose a working day.",
)
WORKED_ALREADY = Statement(
    code="calendar-worked-already",
    source=_SOURCE,
    vi="Ngày {day} vốn đã là ngày làm việc.",
    en="{day} is a working day already.",
    remedy="Chọn một ngày nghỉ để làm bù.",
    remedy_en="Choose a rest day to be worked.",
)
ENDS_BEFORE = Statement(
    code="calendar-period",
    source=_SOURCE,
    vi="Ngày kết thúc đứng trước ngày bắt đầu.",
    en="The period ends before it begins.",
    remedy="Sửa một trong hai ngày; để trống ngày kết thúc nếu chưa định.",
    remedy_en="Mend one of the dates; leave the end empty when it is not decided.",
)
SESSIONS_WRONG = Statement(
    code="calendar-sessions",
    source=_SOURCE,
    vi="Giờ làm việc không đọc được, chồng lên nhau hoặc không theo thứ tự.",
    en="The office hours cannot be read, overlap or are out of order.",
    remedy="Ghi từng buổi cách nhau bằng dấu phẩy, ví dụ “07:00-11:30, 13:30-17:00”.",
    remedy_en="Write the sessions with commas between, such as 07:00-11:30, 13:30-17:00.",
)
YEAR_WRONG = Statement(
    code="calendar-year",
    source=_SOURCE,
    vi="Năm phải có bốn chữ số.",
    en="A year has four digits.",
    remedy="Ghi năm mà mọi thông báo nghỉ đã được nhập đủ.",
    remedy_en="Give the year of which all notices were entered.",
)
YEAR_KNOWN = Statement(
    code="calendar-year-known",
    source=_SOURCE,
    vi="Năm {year} đã được ghi là đủ: {notice}.",
    en="The year {year} is entered already: {notice}.",
    remedy="Không cần làm gì thêm.",
    remedy_en="Nothing more is to be done.",
)
