"""Calendar files: what a loaded TOML mapping says, and the calendar that comes of it.

A file holds ``sessions`` (``from``, ``to``, ``sessions``, ``weekdays``, ``source``), ``day_off``
(``date``, ``name``, ``notice``), ``worked_day`` (``date``, ``for``, ``notice``), ``year``
(``year``, ``notice``), ``workdays`` and ``break_is_outside``, each of the first four a list of
tables. The same keys but ``year`` under ``[agency."H13.01"]``, with ``reason`` and ``decision``,
hold for that agency alone. Reading files is not done here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from functools import partial
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.domain.calendar import (
    CalendarEntries,
    DayOff,
    OfficeCalendar,
    Session,
    SessionsPeriod,
    WorkedDay,
)
from gateway.domain.errors import Misconfigured

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: UTC+7 all year, no summer time; the old offsets of the zone's history are of no use here.
_FIXED_ZONES = {
    name: fixed_zone(timedelta(hours=7)) for name in ("Asia/Ho_Chi_Minh", "Asia/Saigon")
}
_SESSION = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarData:
    """One calendar file: the entries of the node, and of agencies by their codes."""

    node: CalendarEntries = field(default_factory=CalendarEntries)
    agencies: Mapping[str, CalendarEntries] = field(default_factory=dict)


def build_calendar(
    *,
    sessions: Sequence[str],
    workdays: Sequence[str],
    break_is_outside: bool,
    timezone: str,
    data: Sequence[CalendarData] = (),
    agency: str | None = None,
) -> OfficeCalendar:
    """Return the calendar of *agency*, or of the node, from the settings and the files *data*.

    Raises:
        Misconfigured: a setting cannot be read; the message names it.
    """
    calendar = OfficeCalendar(
        tz=_zone(timezone),
        sessions=_sessions(list(sessions), "hours.sessions"),
        workdays=_workdays(list(workdays), "hours.workdays"),
        break_is_outside=break_is_outside,
    )
    for part in data:
        calendar = calendar.overlay(part.node)
    for part in data:
        if agency is not None and agency in part.agencies:
            calendar = calendar.overlay(part.agencies[agency])
    return calendar


def parse_calendar(data: Mapping[str, object]) -> CalendarData:
    """Return what the TOML mapping of a calendar file says.

    Raises:
        Misconfigured: a key is unknown or a value wrong; the message names the key.
    """
    table = _Table(data, "")
    years = dict(table.rows("year", _covered_year))
    node = replace(_entries(table), years=years)
    below = _Table(table.take("agency", _mapping, {}), "agency.")
    agencies = {code: _agency_entries(below, code) for code in below.remaining()}
    table.close()
    return CalendarData(node=node, agencies=agencies)


class _Table:
    """A TOML table that is emptied key by key, so that what remains is unknown."""

    def __init__(self, values: Mapping[str, object], path: str) -> None:
        self._values = dict(values)
        self._path = path

    def remaining(self) -> tuple[str, ...]:
        """Return the keys that were not taken yet."""
        return tuple(self._values)

    def take(self, key: str, read: Callable[[object, str], _T], default: _T | None = None) -> _T:
        """Remove *key* and return its value; without it the *default*, or an error."""
        if key in self._values:
            return read(self._values.pop(key), self._path + key)
        if default is None:
            raise Misconfigured(f"calendar: {self._path}{key} is missing")
        return default

    def take_optional(self, key: str, read: Callable[[object, str], _T]) -> _T | None:
        """Remove *key* and return its value, None without it."""
        return self.take(key, read) if key in self._values else None

    def rows(self, key: str, build: "Callable[[_Table], _T]") -> tuple[_T, ...]:
        """Remove the list of tables *key* and return what *build* makes of each."""
        made = []
        values = self.take_optional(key, _list) or []
        for position, value in enumerate(values):
            path = f"{self._path}{key}[{position}]"
            row = _Table(_mapping(value, path), path + ".")
            made.append(build(row))
            row.close()
        return tuple(made)

    def close(self) -> None:
        """Refuse the keys that nobody took."""
        for key in self._values:
            raise Misconfigured(f"calendar: {self._path}{key} is not a known key")


def _agency_entries(table: _Table, code: str) -> CalendarEntries:
    path = f'agency."{code}"'
    own = _Table(table.take(code, lambda value, _: _mapping(value, path)), path + ".")
    entries = _entries(own)
    own.close()
    return entries


def _entries(table: _Table) -> CalendarEntries:
    entries = CalendarEntries(
        periods=table.rows("sessions", _period),
        days_off=table.rows("day_off", _day_off),
        worked_days=table.rows("worked_day", _worked_day),
        workdays=table.take_optional("workdays", _workdays),
        break_is_outside=table.take_optional("break_is_outside", _bool),
        reason=table.take("reason", _text, ""),
        decision=table.take("decision", _text, ""),
    )
    both = {entry.day for entry in entries.days_off} & {entry.day for entry in entries.worked_days}
    for day in sorted(both):
        raise Misconfigured(f"calendar: {day} is in day_off and in worked_day")
    return entries


def _covered_year(row: _Table) -> tuple[int, str]:
    return row.take("year", _year), row.take("notice", _text)


def _period(row: _Table) -> SessionsPeriod:
    start = row.take("from", _date, date.min)
    return SessionsPeriod(
        start=start,
        end=row.take_optional("to", partial(_date, not_before=start)),
        sessions=row.take("sessions", _sessions),
        weekdays=row.take_optional("weekdays", _workdays),
        source=row.take("source", _text, ""),
    )


def _day_off(row: _Table) -> DayOff:
    return DayOff(
        day=row.take("date", _date),
        name=row.take("name", _text, ""),
        source=row.take("notice", _text, ""),
    )


def _worked_day(row: _Table) -> WorkedDay:
    return WorkedDay(
        day=row.take("date", _date),
        instead_of=row.take_optional("for", _date),
        source=row.take("notice", _text, ""),
    )


def _zone(name: str) -> tzinfo:
    if name in _FIXED_ZONES:
        return _FIXED_ZONES[name]
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Misconfigured(f"calendar: timezone {name!r} is not known") from error


def _sessions(value: object, path: str) -> tuple[Session, ...]:
    """Read ``["07:30-11:30", "13:30-17:30"]``: in order, not overlapping, none empty."""
    sessions = tuple(_session(text, path) for text in _list(value, path))
    if not sessions:
        raise Misconfigured(f"calendar: {path} names no session")
    for earlier, later in pairwise(sessions):
        if later.start < earlier.end:
            raise Misconfigured(f"calendar: {path}: sessions overlap or are out of order")
    return sessions


def _session(value: object, path: str) -> Session:
    match = _SESSION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Misconfigured(f'calendar: {path}: {value!r} is no session, write "07:30-11:30"')
    hours = [int(part) for part in match.groups()]
    start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    if start >= end:
        raise Misconfigured(f"calendar: {path}: {value!r} ends before it begins")
    return Session(start=start, end=end)


def _workdays(value: object, path: str) -> frozenset[int]:
    days = _list(value, path)
    for day in days:
        if day not in _WEEKDAYS:
            known = ", ".join(_WEEKDAYS)
            raise Misconfigured(f"calendar: {path}: {day!r} is no weekday, write {known}")
    return frozenset(_WEEKDAYS.index(str(day)) for day in days)


def _date(value: object, path: str, *, not_before: date = date.min) -> date:
    day = value
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
    if not isinstance(day, date) or isinstance(day, datetime):
        raise Misconfigured(f"calendar: {path}: {value!r} is no date, write 2026-02-16")
    if day < not_before:
        raise Misconfigured(f"calendar: {path}: {day} lies before {not_before}")
    return day


def _year(value: object, path: str) -> int:
    if isinstance(value, int) and MINYEAR <= value <= MAXYEAR:
        return value
    raise Misconfigured(f"calendar: {path}: {value!r} is no year")


def _bool(value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise Misconfigured(f"calendar: {path}: {value!r} is neither true nor false")


def _text(value: object, path: str) -> str:
    if isinstance(value, str):
        return value
    raise Misconfigured(f"calendar: {path}: {value!r} is no text")


def _list(value: object, path: str) -> list[object]:
    if isinstance(value, list):
        return value
    raise Misconfigured(f"calendar: {path} is no list")


def _mapping(value: object, path: str) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise Misconfigured(f"calendar: {path} is no table")
