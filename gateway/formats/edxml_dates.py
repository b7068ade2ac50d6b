"""Dates and times of edXML: wall clock of Việt Nam, no zone.

``yyyy/MM/dd`` and ``yyyy/MM/dd HH:mm:ss`` are written. ``yyyy-MM-dd``, ``dd/MM/yyyy`` and ISO 8601
with or without an offset are read as well, a day also where a time stands behind it, because
office systems send them. A day that does not exist is none: it is never moved to the next month.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_LONGEST_DAY = len("yyyy/MM/dd")
#: edXML carries local times of Việt Nam, whatever the zone of a node.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_TIME = re.compile(
    r"([0-9/-]{8,10})[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def read_date(text: str) -> date | None:
    """Return the day that *text* names, whatever time of it, None when it names none."""
    if len(text) > _LONGEST_DAY:
        instant = read_time(text)
        return None if instant is None else instant.date()
    found = _YEAR_FIRST.fullmatch(text)
    if found is not None:
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    else:
        found = _DAY_FIRST.fullmatch(text)
        if found is None:
            return None
        year, month, day = int(found[3]), int(found[2]), int(found[1])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> datetime | None:
    """Return the instant that *text* names, aware, None when it names none; a day is its start."""
    found = _TIME.fullmatch(text)
    if found is None:
        day = read_date(text) if len(text) <= _LONGEST_DAY else None
        return None if day is None else datetime(day.year, day.month, day.day, tzinfo=ZONE)
    day = read_date(found[1])
    if day is None:
        return None
    try:
        return datetime(
            day.year,
            day.month,
            day.day,
            int(found[2]),
            int(found[3]),
            int(found[4] or 0),
            tzinfo=_zone(found[5]),
        )
    except ValueError:
        return None


def _zone(offset: str | None) -> tzinfo:
    """Return the zone of an ISO 8601 *offset*, that of Việt Nam without one; raise ValueError."""
    if offset is None:
        return ZONE
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    behind = -1 if offset[0] == "-" else 1
    return timezone(behind * timedelta(hours=hours, minutes=minutes))


def write_date(day: date) -> str:
    """Return ``yyyy/MM/dd``."""
    return f"{day.year:04}/{day.month:02}/{day.day:02}"


def write_time(instant: datetime) -> str:
    """Return ``yyyy/MM/dd HH:mm:ss`` in Việt Nam; *instant* is aware, parts of a second go."""
    local = instant.astimezone(ZONE)
    return f"{write_date(local)} {local.hour:02}:{local.minute:02}:{local.second:02}"
