"""The office calendar of each agency, from the settings and the calendar files."""

import tomllib
from functools import cache
from pathlib import Path

from gateway.config import Config
from gateway.domain.calendar import OfficeCalendar
from gateway.domain.calendar_file import CalendarData, build_calendar, parse_calendar
from gateway.domain.errors import Misconfigured


class Calendars:
    """The office calendar of each agency, from the settings and the calendar files."""

    def __init__(self, config: Config) -> None:
        """Read the files; raise Misconfigured for one that cannot be."""
        self._config = config
        self._data = tuple(_calendar_file(config.path(name)) for name in config.hours.calendar)
        self._special = frozenset(code for data in self._data for code in data.agencies)
        self._of = cache(self._build)
        self.zone = self._of(None).tz

    def __call__(self, agency: str) -> OfficeCalendar:
        """Return the calendar of *agency*: its own entries, else the node's."""
        return self._of(agency if agency in self._special else None)

    def _build(self, agency: str | None) -> OfficeCalendar:
        hours = self._config.hours
        return build_calendar(
            sessions=hours.sessions,
            workdays=hours.workdays,
            break_is_outside=hours.break_is_outside,
            timezone=self._config.node.timezone,
            data=self._data,
            agency=agency,
        )


def _calendar_file(path: Path) -> CalendarData:
    try:
        return parse_calendar(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, Misconfigured) as error:
        raise Misconfigured(f"{path}: {error}") from error
