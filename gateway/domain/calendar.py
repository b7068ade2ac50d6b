"""Legal time: when something counts as sent or received, by the office calendar.

"Outside office hours (ngoài giờ hành chính) … counts as the start of the next office hours": seed
regulations S1 art. 7.3 and S2 art. 10.2. Both times are kept; relaying never waits for the legal
one. A calendar is data: sessions of the day with effective dates, days off, weekend days worked
in exchange, and the years for which the yearly notice has been entered.

Layers win in this order: an agency's own entries, the files of the node (a later one over an
earlier one), the settings. How the files are written is told in ``calendar_file``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from gateway.domain.errors import Misconfigured

#: How many days ahead the next office hours are looked for: some three years.
LOOK_AHEAD_DAYS = 1100


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stretch of office hours: *start* is inside, *end* is outside."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPeriod:
    """The sessions of a day from one date to another, both included."""

    start: date
    end: date | None  #: None: until something else is decided
    sessions: tuple[Session, ...]
    source: str
    weekdays: frozenset[int] | None = None  #: on these only, Monday is 0; None: on all


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """A day on which nobody has to work: holiday, day made up (nghỉ bù), swapped day."""

    day: date
    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedDay:
    """A rest day worked in exchange for another day (hoán đổi ngày làm việc)."""

    day: date
    source: str
    instead_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntries:
    """What one layer says; what it leaves out stays as the layer below has it."""

    periods: tuple[SessionsPeriod, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    worked_days: tuple[WorkedDay, ...] = ()
    years: Mapping[int, str] = field(default_factory=dict)  #: covered year -> its notices
    workdays: frozenset[int] | None = None
    break_is_outside: bool | None = None
    reason: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalTime:
    """An instant and the time at which it counts, both with the offset of the calendar."""

    instant: datetime
    legal: datetime
    provisional: bool  #: the notice of a year that was needed has not been entered


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeCalendar:
    """The office hours of one agency, every layer laid over the others."""

    tz: tzinfo
    sessions: tuple[Session, ...]
    workdays: frozenset[int]  #: Monday is 0
    break_is_outside: bool = True
    periods: tuple[SessionsPeriod, ...] = ()  #: the last one that fits a day wins
    days_off: Mapping[date, DayOff] = field(default_factory=dict)
    worked_days: Mapping[date, WorkedDay] = field(default_factory=dict)
    years: Mapping[int, str] = field(default_factory=dict)

    @property
    def covered_years(self) -> frozenset[int]:
        """Return the years whose notice has been entered."""
        return frozenset(self.years)

    def overlay(self, entries: CalendarEntries) -> "OfficeCalendar":
        """Return this calendar with *entries* laid over it: whatever they say wins."""
        off = {day.day: day for day in entries.days_off}
        worked = {day.day: day for day in entries.worked_days}
        outside = entries.break_is_outside
        return replace(
            self,
            workdays=self.workdays if entries.workdays is None else entries.workdays,
            break_is_outside=self.break_is_outside if outside is None else outside,
            periods=self.periods + tuple(sorted(entries.periods, key=_from_general_to_special)),
            days_off=_without(self.days_off, worked) | off,
            worked_days=_without(self.worked_days, off) | worked,
            years={**self.years, **entries.years},
        )

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on *day*: an ordinary workday not off, or a rest day worked."""
        if day in self.worked_days:
            return True
        return day.weekday() in self.workdays and day not in self.days_off

    def sessions_of(self, day: date) -> tuple[Session, ...]:
        """Return the office hours of *day*, none when nobody works.

        A rest day worked in exchange has the hours that its date has in general; hours that
        hold for certain weekdays only (Saturday mornings) do not shorten it.
        """
        if not self.is_working_day(day):
            return ()
        for period in reversed(self.periods):
            if period.start <= day and (period.end is None or day <= period.end):
                if period.weekdays is None:
                    return period.sessions
                if day.weekday() in period.weekdays and day not in self.worked_days:
                    return period.sessions
        return self.sessions

    def legal_time(self, instant: datetime) -> LegalTime:
        """Return when *instant* counts: itself inside office hours, else the next opening.

        An instant at the opening is inside, at the closing outside; the midday break as
        ``break_is_outside`` says. Microseconds of an instant inside are kept.

        Raises:
            ValueError: *instant* has no offset, or lies at the very end of the calendar.
            Misconfigured: the calendar has no office hours within three years.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant without an offset has no legal time")
        try:
            local = instant.astimezone(self.tz)
            legal = self._next_open(local)
        except OverflowError as error:
            raise ValueError(f"{instant} is out of the range of the calendar") from error
        needed = range(local.year, legal.year + 1)
        provisional = any(year not in self.years for year in needed)
        return LegalTime(instant=local, legal=legal, provisional=provisional)

    def next_morning_deadline(self, instant: datetime) -> datetime:
        """Return when the morning of the next working day after *instant* ends.

        A document is sent on the day it is signed, at the latest in the morning of the next
        working day; the end itself is too late. The morning is the first session of the day.

        Source: QĐ 28/2018/QĐ-TTg, art. 6.2.
        """
        day, sessions = self._next_sessions(instant.astimezone(self.tz).date() + timedelta(1))
        return datetime.combine(day, sessions[0].end, self.tz)

    def same_day_deadline(self, legal_received: datetime) -> datetime:
        """Return the midnight that ends the calendar day of *legal_received*.

        What arrived is acknowledged on the same day; midnight itself is too late.

        Source: NĐ 30/2020/NĐ-CP, art. 21.2c.
        """
        day = legal_received.astimezone(self.tz).date()
        return datetime.combine(day + timedelta(1), time.min, self.tz)

    def _next_open(self, local: datetime) -> datetime:
        """Return *local* if it is inside, else the first opening after it."""
        for session in self._stretches(self.sessions_of(local.date())):
            if local.time() < session.start:
                return datetime.combine(local.date(), session.start, self.tz)
            if local.time() < session.end:
                return local
        day, sessions = self._next_sessions(local.date() + timedelta(1))
        return datetime.combine(day, sessions[0].start, self.tz)

    def _stretches(self, sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        """Return what counts as inside: the sessions, or one stretch over the break."""
        if self.break_is_outside or not sessions:
            return sessions
        return (Session(start=sessions[0].start, end=sessions[-1].end),)

    def _next_sessions(self, first: date) -> tuple[date, tuple[Session, ...]]:
        """Return the first day from *first* on that has office hours, and these."""
        for ahead in range(LOOK_AHEAD_DAYS):
            day = first + timedelta(ahead)
            if sessions := self.sessions_of(day):
                return day, sessions
        raise Misconfigured(
            f"the office calendar has no office hours in the {LOOK_AHEAD_DAYS} days from {first}: "
            "check workdays, sessions and days off"
        )


_Entry = TypeVar("_Entry", DayOff, WorkedDay)


def _from_general_to_special(period: SessionsPeriod) -> tuple[bool, date]:
    """Order the periods of one layer so that the later and narrower one wins."""
    return period.weekdays is not None, period.start


def _without(days: Mapping[date, _Entry], gone: Mapping[date, object]) -> dict[date, _Entry]:
    return {day: entry for day, entry in days.items() if day not in gone}
