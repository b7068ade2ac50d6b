"""The queue and how its destinations are doing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.domain.exchange import Destination, Job
from gateway.storage.rows import (
    Connection,
    Parameters,
    Row,
    instant,
    json_text,
    moment,
    moment_of,
)

#: Nothing is postponed or claimed for longer, unless the caller knows a nearer bound: a time
#: further off was written by another clock.
HORIZON = timedelta(days=1)
#: How exactly it is kept when a destination answered last.
_HEARD = timedelta(minutes=1)


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
        self._db.note_change("job")

    def ready(self, now: datetime, limit: int, *, horizon: timedelta = HORIZON) -> list[Job]:
        """Return the first due job of up to *limit* free lanes, urgent first."""
        if self._db.one("any_job", {}) is None:  # cheaper than to look for one that is due
            return []
        wanted = _times(now, horizon) | {"limit": limit}
        return [job_of(row) for row in self._db.all("ready_jobs", wanted)]

    def claim(
        self,
        owner: str,
        jobs: Sequence[Job],
        now: datetime,
        until: datetime,
        *,
        horizon: timedelta = HORIZON,
    ) -> list[Job]:
        """Claim those of *jobs* that are ready still; see the protocol."""
        claim = {"owner": owner, "until": instant(until), "ids": json_text([j.id for j in jobs])}
        rows = self._db.all("claim_jobs", claim | _times(now, horizon))
        return sorted(map(job_of, rows), key=lambda job: (-job.priority, job.id))

    def is_any_expired(self, now: datetime, *, horizon: timedelta = HORIZON) -> bool:
        """Whether a claim has run out."""
        return self._db.one("expired_claim", _times(now, horizon)) is not None

    def expire(self, now: datetime, *, horizon: timedelta = HORIZON) -> None:
        """Free the claims that have run out."""
        self._db.run("expire_claims", _times(now, horizon))

    def beside(self, job: Job, document: str, limit: int) -> list[Job]:
        """Return what waits in the lane of *job* for further recipients of its *document*."""
        wanted = {"document": document, "lane": job.lane, "id": job.id, "limit": limit}
        return [job_of(row) for row in self._db.all("jobs_beside", wanted)]

    def hold(self, job: int, until: datetime) -> None:
        """Let the claim of *job* last until its work must have ended."""
        self._db.run("hold_claim", {"id": job, "until": instant(until)})

    def finish(self, job: int) -> None:
        """Remove a job that is done."""
        self._change("finish_job", {"id": job})

    def postpone(self, job: int, due_at: datetime, error: str, *, lone: bool = False) -> None:
        """Free the lane and try again at *due_at*; one with trouble of its own from now on *lone*."""
        values = {"id": job, "due_at": instant(due_at), "error": error, "lone": int(lone)}
        self._change("postpone_job", values)

    def bury(self, job: int, at: datetime, error: str) -> None:
        """Keep a job that failed for good, out of the way."""
        self._change("bury_job", {"id": job, "at": instant(at), "error": error})

    def release(self, owner: str | None) -> int:
        """Free every claim of *owner* (None: of anybody); return how many."""
        return self._change("release_claims", {"owner": owner})

    def drop_item(self, kind: str, item: str) -> int:
        """Remove the jobs of *kind* about *item*; return how many."""
        return self._change("drop_item", {"kind": kind, "item": item})

    def find(self, job: int) -> Job | None:
        """Return a job by id, buried or not."""
        row = self._db.one("job", {"id": job})
        return None if row is None else job_of(row)

    def is_buried(self, job: int) -> bool:
        """Whether a job failed for good."""
        return self._db.one("buried_job", {"id": job}) is not None

    def listing(self, limit: int, *, after: int = 0) -> list[tuple[Job, bool]]:
        """Return jobs *after* one, buried ones marked True, oldest first."""
        rows = self._db.all("jobs", {"limit": limit, "after": after})
        return [(job_of(row), row[10] is not None) for row in rows]

    def revive_lane(self, lane: str, now: datetime) -> int:
        """Make all that waits for a destination due now; return how many."""
        return self._change("revive_lane", {"lane": lane, "now": instant(now)})

    def toward_axes(self, after: int, limit: int) -> list[Job]:
        """Return jobs for any axis that are not under way, from a place on, buried ones too."""
        rows = self._db.all("axis_jobs_after", {"after": after, "limit": limit})
        return [job_of(row) for row in rows]

    def revive(self, job: int, now: datetime) -> None:
        """Make a job due now; one that was buried starts over."""
        self._change("revive_job", {"id": job, "now": instant(now)})

    def depth(self) -> int:
        """Return how many jobs wait."""
        row = self._db.one("queue_depth", {})
        return 0 if row is None else int(row[0])

    def depths(self) -> dict[str, int]:
        """Return how many jobs wait for each destination, by lane."""
        return {row[0]: int(row[1]) for row in self._db.all("lane_depths", {})}

    def _change(self, name: str, parameters: Parameters) -> int:
        """Run a statement that may make something due; return the number of rows it changed."""
        self._db.note_change("job")
        return self._db.run(name, parameters)


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
        self._put(destination)
        self._db.note_change("job")  # of this lane one may be due now

    def _put(self, destination: Destination) -> None:
        self._db.run(
            "put_destination",
            {
                "lane": destination.lane,
                "failures": destination.failures,
                "retry_at": instant(destination.retry_at),
                "last_error": destination.last_error,
                "last_ok_at": instant(destination.last_ok_at),
                "unreachable": int(destination.unreachable),
            },
        )

    def heard(self, lane: str, now: datetime) -> bool:
        """Clear the back-off and make all that waits due; return whether there was one.

        When it was heard of last is kept to the minute, so that not every success is written.
        """
        known = self.find(lane)
        if known.failures or known.last_ok_at is None or now - known.last_ok_at >= _HEARD:
            self._put(Destination(lane=lane, last_ok_at=now))
        return self._wake(known, now)

    def try_now(self, lane: str, now: datetime) -> bool:
        """Clear the back-off because a person asks for it; nothing was heard from there."""
        known = self.find(lane)
        if known.failures:
            self._put(Destination(lane=lane, last_ok_at=known.last_ok_at))
        return self._wake(known, now)

    def _wake(self, known: Destination, now: datetime) -> bool:
        """Make what waits due where there was a back-off; return whether there was one."""
        if known.failures:
            self._db.note_change("job")
            self._db.run("wake_lane", {"lane": known.lane, "now": instant(now)})
        return bool(known.failures)

    def listing(self) -> list[Destination]:
        """Return all of them."""
        return [_destination(row) for row in self._db.all("destinations", {})]


def _times(now: datetime, horizon: timedelta) -> dict[str, object]:
    """Return the instants by which due times and claims are judged."""
    return {"now": instant(now), "beyond": instant(now + horizon)}


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
        lone=bool(row[9]),
    )


def _destination(row: Row) -> Destination:
    return Destination(
        lane=row[0],
        failures=row[1],
        retry_at=moment(row[2]),
        last_error=row[3],
        last_ok_at=moment(row[4]),
        unreachable=bool(row[5]),
    )
