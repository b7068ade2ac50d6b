"""Dates and times of edXML: wall clock of Việt Nam, no zone.

``yyyy/MM/dd`` and ``yyyy/MM/dd HH:mm:ss`` are written; ``yyyy-MM-dd`` and ``dd/MM/yyyy`` are read
as well, because office systems send them.
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

#: edXML carries local times of Việt Nam, whatever the zone of a node.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_TIME = re.compile(r"(\S+)[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?")


def read_date(text: str) -> date | None:
    """Return the day that *text* names, None when it names none."""
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
    day = read_date(found[1] if found is not None else text)
    if day is None:
        return None
    hour, minute, second = (
        (int(found[2]), int(found[3]), int(found[4] or 0)) if found is not None else (0, 0, 0)
    )
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZONE)
    except ValueError:
        return None


def write_date(day: date) -> str:
    """Return ``yyyy/MM/dd``."""
    return f"{day.year:04}/{day.month:02}/{day.day:02}"


def write_time(instant: datetime) -> str:
    """Return ``yyyy/MM/dd HH:mm:ss`` in Việt Nam; *instant* is aware, parts of a second go."""
    local = instant.astimezone(ZONE)
    return f"{write_date(local)} {local.hour:02}:{local.minute:02}:{local.second:02}"
