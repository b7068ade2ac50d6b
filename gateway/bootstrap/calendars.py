"""The office calendar of each agency: settings, calendar files, and what was changed since."""

import asyncio
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from gateway.config import Config
from gateway.domain.calendar import OfficeCalendar
from gateway.domain.calendar_changes import CalendarChange
from gateway.domain.calendar_file import CalendarData, build_calendar, parse_calendar
from gateway.domain.errors import Misconfigured
from gateway.ports import Store
from gateway.storage import is_founded, open_store


class Calendars:
    """The office calendar of each agency, from the settings and the calendar files."""

    def __init__(self, config: Config, data: tuple[CalendarData, ...] | None = None) -> None:
        """Read the files unless *data* are given; raise Misconfigured for one that cannot be."""
        if data is None:
            data = tuple(_calendar_file(config.path(name)) for name in config.hours.calendar)
        self._config = config
        self._data = data
        self._special = frozenset(code for each in data for code in each.agencies)
        self._of = cache(self._build)
        self.zone = self._of(None).tz

    def __call__(self, agency: str) -> OfficeCalendar:
        """Return the calendar of *agency*: its own entries, else the node's."""
        return self._of(agency if agency in self._special else None)

    def changed_by(self, changes: Sequence[CalendarChange]) -> "Calendars":
        """Return these calendars with *changes*, oldest first, laid over them."""
        return Calendars(self._config, (*self._data, *(_as_data(each) for each in changes)))

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


class KeptCalendars:
    """The calendars in force: what administrators change holds in every process at once."""

    def __init__(self, files: Calendars, store: Store) -> None:
        """Lay what *store* keeps over *files*; the first call reads it."""
        self._files = files
        self._store = store
        self._known: tuple[int, Calendars] = (-1, files)

    def __call__(self, agency: str) -> OfficeCalendar:
        """Return the calendar of *agency*. Blocks when one changed: never on the event loop."""
        known, version = self._known, self._store.version("calendar")
        if version != known[0]:
            known = self._known = (version, self._files.changed_by(self._standing()))
        return known[1](agency)

    def proposed(self, change: CalendarChange) -> Callable[[str], OfficeCalendar]:
        """Return the calendars as *change* would make them. Blocks."""
        return self._files.changed_by([*self._standing(), change])

    def _standing(self) -> list[CalendarChange]:
        return self._store.read_here(lambda tx: tx.calendar_changes.standing())


def calendars_of(config: Config) -> Calendars:
    """Return the calendars in force at the node of *config*, as they are now. Blocks.

    Where there is no database yet, or no node at all, those of the files.
    """
    files = Calendars(config)
    if not is_founded(config.storage.database, folder=config.folder):
        return files

    async def standing() -> list[CalendarChange]:
        async with open_store(
            config.storage.database,
            folder=config.folder,
            chain="main",
            zone=files.zone,
            checkpoint=lambda _: None,
        ) as store:
            return await store.read(lambda tx: tx.calendar_changes.standing())

    return files.changed_by(asyncio.run(standing()))


def _as_data(change: CalendarChange) -> CalendarData:
    if change.agency is None:
        return CalendarData(node=change.entries)
    return CalendarData(agencies={change.agency: change.entries})


def _calendar_file(path: Path) -> CalendarData:
    try:
        return parse_calendar(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, Misconfigured) as error:
        raise Misconfigured(f"{path}: {error}") from error
