"""What the board and the figures count, straight from the tables."""

from datetime import UTC, datetime

from gateway.domain.exchange import Delivery, Job
from gateway.ports import LaneLoad, Tally
from gateway.storage.deliveries import delivery_of
from gateway.storage.jobs import job_of
from gateway.storage.rows import Connection, instant, moment_of

#: Groups of one answer: a year of a province's agencies by hours fits.
_MOST_GROUPS = 500_000


class Overview:
    """See :class:`gateway.ports.Overview`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def lanes(self) -> list[LaneLoad]:
        """Return the destinations at which jobs wait."""
        return [
            LaneLoad(lane=row[0], waiting=row[1], oldest=moment_of(row[2]))
            for row in self._db.all("lane_loads", {})
        ]

    def boxes(self, limit: int) -> list[LaneLoad]:
        """Return the pull boxes in which documents wait, the fullest first; lanes are codes."""
        return [
            LaneLoad(lane=row[0], waiting=row[1], oldest=moment_of(row[2]))
            for row in self._db.all("box_loads", {"limit": limit})
        ]

    def failed(self, limit: int) -> list[Job]:
        """Return the jobs that failed for good, urgent first, then oldest."""
        return [job_of(row) for row in self._db.all("failed_jobs", {"limit": limit})]

    def queued(self, lane: str | None, after: int, limit: int) -> list[Job]:
        """Return the jobs that wait (at one lane, or all) after a number, oldest first."""
        wanted = {"lane": lane, "after": after, "limit": limit}
        return [job_of(row) for row in self._db.all("queued_jobs", wanted)]

    def held(self, limit: int) -> list[str]:
        """Return the documents that are held, oldest first."""
        return [row[0] for row in self._db.all("held_documents", {"limit": limit})]

    def unaccepted(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what arrived legally *before* an instant and was not accepted, oldest first."""
        rows = self._db.all("unaccepted", {"before": instant(before), "limit": limit})
        return [delivery_of(row) for row in rows]

    def received(self, since: datetime, limit: int) -> int:
        """Return how many deliveries arrived *since*, at most *limit*."""
        row = self._db.one("received_since", {"since": instant(since), "limit": limit})
        return 0 if row is None else int(row[0])

    def sent_by_hour(self, since: datetime, until: datetime) -> list[Tally]:
        """Return the documents sent in a legal period, by sender; kinds are legal values."""
        return self._tallies("sent_by_hour", since, until)

    def received_by_hour(self, since: datetime, until: datetime) -> list[Tally]:
        """Return the deliveries received in a legal period, by recipient; kinds are states."""
        return self._tallies("received_by_hour", since, until)

    def arrivals(self, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
        """Return how many deliveries of a legal period arrived in each actual hour."""
        rows = self._db.all("arrivals_by_hour", _period(since, until))
        return [(_hour(row[0]), int(row[1])) for row in rows if row[0] is not None]

    def refusals(self, since: datetime, until: datetime, limit: int) -> list[tuple[str, int]]:
        """Return the reasons of refusals in a period, the most frequent first."""
        rows = self._db.all("refusal_reasons", _period(since, until) | {"limit": limit})
        return [(str(row[0]), int(row[1])) for row in rows]

    def _tallies(self, name: str, since: datetime, until: datetime) -> list[Tally]:
        return [
            Tally(agency=row[0], hour=_hour(row[1]), kind=row[2], count=int(row[3]))
            for row in self._db.all(name, _period(since, until))
        ]


def _period(since: datetime, until: datetime) -> dict[str, object]:
    return {"since": instant(since), "until": instant(until), "limit": _MOST_GROUPS}


def _hour(text: str) -> datetime:
    """Return the hour whose beginning is written as UTC text, such as ``2026-11-20T02``."""
    return datetime.fromisoformat(f"{text}:00:00").replace(tzinfo=UTC)
