"""Who does what a schedule asks for: one row for each schedule and period."""

from datetime import datetime, timedelta

from gateway.storage.rows import Connection, instant

#: No claim lasts nearly as long: a time further off was written by another clock, far ahead, and
#: whoever wrote it may have died over it.
_HORIZON = timedelta(minutes=15)
#: Periods that are remembered, so that none is done twice by a node whose clock is behind.
_KEPT = 24


class Schedule:
    """See :class:`gateway.ports.Schedule`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def is_open(self, name: str, period: int, now: datetime) -> bool:
        """Whether somebody is to do it: it is not done, and nobody is at it."""
        wanted = {"name": name, "period": period} | _times(now)
        return self._db.one("schedule_taken", wanted) is None

    def claim(self, name: str, period: int, owner: str, *, now: datetime, until: datetime) -> bool:
        """Claim *period*; False when it is done, or somebody is at it or at another period."""
        if not self.is_open(name, period, now):
            return False
        row = {"name": name, "period": period, "owner": owner, "until": instant(until)}
        return self._db.run("claim_schedule", row | _times(now)) == 1

    def renew(self, name: str, period: int, owner: str, until: datetime) -> bool:
        """Let a claim last longer; False when somebody else has it by now."""
        row = {"name": name, "period": period, "owner": owner, "until": instant(until)}
        return self._db.run("renew_schedule", row) == 1

    def finish(self, name: str, period: int, owner: str, at: datetime) -> None:
        """Note that *period* is done; those long before it are forgotten."""
        row = {"name": name, "period": period, "owner": owner, "at": instant(at)}
        self._db.run("finish_schedule", row)
        before = {"name": name, "period": period - _KEPT, "now": instant(at)}
        self._db.run("forget_schedules", before)

    def give_back(self, name: str, period: int, owner: str) -> None:
        """Let another do it, or the same one later: it could not be done now."""
        self._db.run("free_schedule", {"name": name, "period": period, "owner": owner})


def _times(now: datetime) -> dict[str, object]:
    return {"now": instant(now), "beyond": instant(now + _HORIZON)}
