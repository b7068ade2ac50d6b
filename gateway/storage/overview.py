"""What the board and the figures count, straight from the tables."""

from datetime import datetime

from gateway.domain.exchange import Delivery, Job
from gateway.ports import LaneLoad
from gateway.storage.deliveries import delivery_of
from gateway.storage.jobs import job_of
from gateway.storage.rows import Connection, instant, moment_of


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
