"""What administrators decide: changes of the calendar, notices; and runs of the chain's check."""

import msgspec

from gateway.domain.announcements import Announcement, Telling
from gateway.domain.calendar_changes import CalendarChange
from gateway.domain.chain import ChainRun
from gateway.storage.rows import Connection, json_text

_CHANGE = msgspec.json.Decoder(CalendarChange)
_ANNOUNCEMENT = msgspec.json.Decoder(Announcement)
_TELLING = msgspec.json.Decoder(Telling)
_CHECK = msgspec.json.Decoder(ChainRun)


class CalendarChanges:
    """See :class:`gateway.ports.CalendarChanges`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def put(self, change: CalendarChange) -> None:
        """Store a change: new, approved or withdrawn."""
        row = {"id": change.id, "standing": int(change.holds), "body": json_text(change)}
        self._db.run("put_calendar_change", row)
        self._db.note_change("calendar")

    def find(self, change: int) -> CalendarChange | None:
        """Return a change by its number."""
        row = self._db.one("calendar_change", {"id": change})
        return None if row is None else _CHANGE.decode(row[0])

    def standing(self) -> list[CalendarChange]:
        """Return the changes that hold, oldest first."""
        return [_CHANGE.decode(row[0]) for row in self._db.all("calendar_changes", {})]

    def newest(self, limit: int) -> list[CalendarChange]:
        """Return the newest changes, withdrawn ones included, newest first."""
        rows = self._db.all("newest_calendar_changes", {"limit": limit})
        return [_CHANGE.decode(row[0]) for row in rows]


class Announcements:
    """See :class:`gateway.ports.Announcements`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def put(self, announcement: Announcement) -> None:
        """Store a new notice, or one that ended."""
        standing = int(announcement.ended_at is None)
        row = {"id": announcement.id, "standing": standing, "body": json_text(announcement)}
        self._db.run("put_announcement", row)

    def find(self, announcement: int) -> Announcement | None:
        """Return a notice by its number."""
        row = self._db.one("announcement", {"id": announcement})
        return None if row is None else _ANNOUNCEMENT.decode(row[0])

    def standing(self) -> list[Announcement]:
        """Return the notices that nobody ended, oldest first."""
        return [_ANNOUNCEMENT.decode(row[0]) for row in self._db.all("announcements", {})]

    def newest(self, limit: int) -> list[Announcement]:
        """Return the newest notices, ended ones included, newest first."""
        rows = self._db.all("newest_announcements", {"limit": limit})
        return [_ANNOUNCEMENT.decode(row[0]) for row in rows]

    def keep(self, telling: Telling) -> None:
        """Keep a notice as it was when something was told of it."""
        self._db.run("put_telling", {"id": telling.id, "body": json_text(telling)})

    def telling(self, telling: str) -> Telling | None:
        """Return what was told, by its id."""
        row = self._db.one("telling", {"id": telling})
        return None if row is None else _TELLING.decode(row[0])

    def before(self, announcement: int, limit: int) -> list[Announcement]:
        """Return the notices older than one, newest first."""
        page = {"before": announcement, "limit": limit}
        rows = self._db.all("announcements_before", page)
        return [_ANNOUNCEMENT.decode(row[0]) for row in rows]


class ChainChecks:
    """See :class:`gateway.ports.ChainChecks`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def put(self, check: ChainRun) -> None:
        """Store a run, new or further on."""
        self._db.run("put_chain_check", {"id": check.id, "body": json_text(check)})

    def find(self, check: int) -> ChainRun | None:
        """Return a run by its number."""
        row = self._db.one("chain_check", {"id": check})
        return None if row is None else _CHECK.decode(row[0])

    def newest(self, limit: int) -> list[ChainRun]:
        """Return the newest runs, newest first."""
        rows = self._db.all("newest_chain_checks", {"limit": limit})
        return [_CHECK.decode(row[0]) for row in rows]
