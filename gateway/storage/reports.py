"""Standing reports: the row of each period that lets it be made once."""

from datetime import date, datetime

from gateway.domain.periods import Period, PeriodKind, period_of
from gateway.storage.rows import Connection, instant, moment_of


class Reports:
    """See :class:`gateway.ports.Reports`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def claim(self, period: Period, owner: str, *, at: datetime, stale: datetime) -> bool:
        """Claim *period*; False when it is made, or claimed since *stale*."""
        row = {
            "period": period.name,
            "kind": period.kind.value,
            "last_day": period.last.isoformat(),
            "owner": owner,
            "at": instant(at),
            "stale": instant(stale),
        }
        return self._db.run("claim_report", row) == 1

    def finish(self, period: str, owner: str, *, at: datetime) -> bool:
        """Note that *period* is made; False when it was somebody else's."""
        row = {"period": period, "owner": owner, "at": instant(at)}
        return self._db.run("finish_report", row) == 1

    def known(self, kind: PeriodKind) -> tuple[date | None, set[str]]:
        """Return since when reports of *kind* are made, and the names of those that are."""
        since = self._db.one("first_report", {"kind": kind.value})
        rows = self._db.all("reports_of_kind", {"kind": kind.value})
        day = None if since is None else date.fromisoformat(since[0])
        return day, {row[0] for row in rows}

    def made(self, limit: int) -> list[tuple[Period, datetime]]:
        """Return the newest reports that are made, newest first."""
        rows = self._db.all("newest_reports", {"limit": limit})
        return [(_period(kind, day), moment_of(at)) for kind, day, at in rows]

    def find(self, period: str) -> Period | None:
        """Return the period of that name whose report is made."""
        row = self._db.one("made_report", {"period": period})
        return None if row is None else _period(*row)


def _period(kind: str, last_day: str) -> Period:
    return period_of(PeriodKind(kind), date.fromisoformat(last_day))
