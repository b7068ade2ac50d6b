"""The queue and how its destinations are doing."""

from datetime import datetime, timedelta

from gateway.domain.exchange import Destination, Job
from gateway.storage.rows import Connection, Row, instant, moment, moment_of

#: Nothing is postponed or claimed for longer, unless the caller knows a nearer bound: a time
#: further off was written by another clock.
HORIZON = timedelta(days=1)


class Jobs:
    """See :class:`gateway.ports.Jobs`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def put(self, job: Job, *, buried_at: datetime | None = None) -> None:
        """Queue *job*, or put it aside at once as one that failed for good."""
        self._db.put_off(
            "put_job",
            {
                "kind": job.kind,
                "lane": job.lane,
                "item": job.item,
                "priority": job.priority,
                "due_at": instant(job.due_at),
                "attempts": job.attempts,
                "created_at": instant(job.created_at),
                "last_error": job.last_error,
                "buried_at": instant(buried_at),
            },
        )

    def claim(
        self,
        owner: str,
        now: datetime,
        until: datetime,
        limit: int,
        *,
        horizon: timedelta = HORIZON,
    ) -> list[Job]:
        """Claim the first due job of up to *limit* free lanes, urgent first."""
        times = {"now": instant(now), "beyond": instant(now + horizon)}
        self._db.run("expire_claims", times)
        ready = [job_of(row) for row in self._db.all("ready_jobs", times | {"limit": limit})]
        claim = {"owner": owner, "until": instant(until)}
        return [job for job in ready if self._db.run("claim_job", claim | {"id": job.id}) == 1]

    def is_due(self, now: datetime, *, horizon: timedelta = HORIZON) -> bool:
        """Whether there is something to claim; cheaper than to claim nothing."""
        times = {"now": instant(now), "beyond": instant(now + horizon)}
        if self._db.one("any_job", {}) is None:
            return False
        if self._db.one("expired_claim", times) is not None:
            return True
        return self._db.one("ready_jobs", times | {"limit": 1}) is not None

    def finish(self, job: int) -> None:
        """Remove a job that is done."""
        self._db.run("finish_job", {"id": job})

    def postpone(self, job: int, due_at: datetime, error: str) -> None:
        """Free the lane and try again at *due_at*."""
        self._db.run("postpone_job", {"id": job, "due_at": instant(due_at), "error": error})

    def bury(self, job: int, at: datetime, error: str) -> None:
        """Keep a job that failed for good, out of the way."""
        self._db.run("bury_job", {"id": job, "at": instant(at), "error": error})

    def release(self, owner: str | None) -> int:
        """Free every claim of *owner* (None: of anybody); return how many."""
        return self._db.run("release_claims", {"owner": owner})

    def drop_item(self, kind: str, item: str) -> int:
        """Remove the jobs of *kind* about *item*; return how many."""
        return self._db.run("drop_item", {"kind": kind, "item": item})

    def find(self, job: int) -> Job | None:
        """Return a job by id, buried or not."""
        row = self._db.one("job", {"id": job})
        return None if row is None else job_of(row)

    def is_buried(self, job: int) -> bool:
        """Whether a job failed for good."""
        return self._db.one("buried_job", {"id": job}) is not None

    def listing(self, limit: int) -> list[tuple[Job, bool]]:
        """Return jobs, buried ones marked True, oldest first."""
        rows = self._db.all("jobs", {"limit": limit})
        return [(job_of(row), row[9] is not None) for row in rows]

    def revive(self, job: int, now: datetime) -> None:
        """Make a job due now; one that was buried starts over."""
        self._db.run("revive_job", {"id": job, "now": instant(now)})

    def depth(self) -> int:
        """Return how many jobs wait."""
        row = self._db.one("queue_depth", {})
        return 0 if row is None else int(row[0])


class Destinations:
    """See :class:`gateway.ports.Destinations`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def find(self, lane: str) -> Destination:
        """Return how *lane* is doing; a lane never heard of is fine."""
        row = self._db.one("destination", {"lane": lane})
        return Destination(lane=lane) if row is None else _destination(row)

    def save(self, destination: Destination) -> None:
        """Write it."""
        self._db.run(
            "put_destination",
            {
                "lane": destination.lane,
                "failures": destination.failures,
                "retry_at": instant(destination.retry_at),
                "last_error": destination.last_error,
                "last_ok_at": instant(destination.last_ok_at),
            },
        )

    def heard(self, lane: str, now: datetime) -> bool:
        """Clear the back-off and make all that waits due; return whether there was one."""
        known = self.find(lane)
        if known.failures:
            self.save(Destination(lane=lane, last_ok_at=now))
            self._db.run("wake_lane", {"lane": lane, "now": instant(now)})
        return bool(known.failures)

    def listing(self) -> list[Destination]:
        """Return all of them."""
        return [_destination(row) for row in self._db.all("destinations", {})]


def job_of(row: Row) -> Job:
    """Return the job in a row."""
    return Job(
        id=row[0],
        kind=row[1],
        lane=row[2],
        item=row[3],
        priority=row[4],
        due_at=moment_of(row[5]),
        attempts=row[6],
        created_at=moment_of(row[7]),
        last_error=row[8],
    )


def _destination(row: Row) -> Destination:
    return Destination(
        lane=row[0],
        failures=row[1],
        retry_at=moment(row[2]),
        last_error=row[3],
        last_ok_at=moment(row[4]),
    )
