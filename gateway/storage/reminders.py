"""What agencies are reminded of, and where the duty pass looks for it."""

from datetime import date, datetime

from gateway.domain.exchange import Delivery
from gateway.domain.reminders import Reminder, ReminderKind
from gateway.storage.deliveries import delivery_of
from gateway.storage.rows import Connection, Row, instant, moment_of


class Reminders:
    """See :class:`gateway.ports.Reminders`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add(self, reminder: Reminder) -> bool:
        """Store *reminder*; return False when it was given before."""
        row = {
            "agency": reminder.agency,
            "kind": reminder.kind.value,
            "document": reminder.document,
            "code": reminder.code,
            "recipient": reminder.to,
            "note": reminder.note,
            "at": instant(reminder.at),
        }
        return self._db.run("add_reminder", row) > 0

    def is_known(self, document: str, kind: ReminderKind, agency: str, to: str) -> bool:
        """Whether such a reminder was given before."""
        wanted = {"document": document, "kind": kind.value, "agency": agency, "recipient": to}
        return self._db.one("reminder_known", wanted) is not None

    def open(self, agency: str | None, after: int, limit: int) -> list[Reminder]:
        """Return what *agency* (None: any) is reminded of after a place, oldest first."""
        name = "open_reminders_after" if agency is None else "agency_reminders_after"
        page = {"seq": after, "limit": limit} | ({} if agency is None else {"agency": agency})
        return [_reminder(row) for row in self._db.all(name, page)]

    def settle(self, seq: int, at: datetime) -> None:
        """Note that nothing is left to do about a reminder."""
        self._db.run("settle_reminder", {"seq": seq, "at": instant(at)})

    def counts(self) -> dict[str, int]:
        """Return how many reminders are open, by kind."""
        return {row[0]: int(row[1]) for row in self._db.all("reminder_counts", {})}

    def expect(self, document: str, due_on: date) -> None:
        """Look at *document* when *due_on* is over."""
        self._db.put_off("add_deadline", {"document": document, "due_on": due_on.isoformat()})

    def overdue(self, today: date, limit: int) -> list[str]:
        """Return documents whose day is over, and that were not looked at since."""
        rows = self._db.all("deadlines", {"today": today.isoformat(), "limit": limit})
        return [str(row[0]) for row in rows]

    def met(self, document: str) -> None:
        """Look at *document* no more."""
        self._db.run("drop_deadline", {"document": document})

    def unaccepted(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what arrived at offices before an instant, was not accepted, nor told of."""
        rows = self._db.all("deliveries_unaccepted", {"before": instant(before), "limit": limit})
        return [delivery_of(row) for row in rows]

    def unanswered(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what offices were asked back before an instant, not answered, nor told of."""
        rows = self._db.all("deliveries_unanswered", {"before": instant(before), "limit": limit})
        return [delivery_of(row) for row in rows]


def _reminder(row: Row) -> Reminder:
    return Reminder(
        seq=row[0],
        agency=row[1],
        kind=ReminderKind(row[2]),
        document=row[3],
        code=row[4],
        to=row[5],
        note=row[6],
        at=moment_of(row[7]),
    )
