"""The mails that tell of incidents and maintenance, and what the node watches of itself."""

from datetime import datetime, timedelta

import msgspec

from gateway.domain.mail import Mail, MailCounts
from gateway.domain.trouble import Trouble
from gateway.storage.rows import Connection, Row, instant, json_text, moment, moment_of

_TROUBLE = msgspec.json.Decoder(Trouble)
#: Nothing waits or is claimed for longer: a time further off was written by another clock.
_HORIZON = timedelta(days=1)


class Mails:
    """See :class:`gateway.ports.Mails`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def put(self, telling: str, recipient: str, at: datetime, *, announcement: int = 0) -> None:
        """Let *recipient* be written to of a *telling*, once however often it is asked for."""
        self._db.put_off(
            "put_mail",
            {
                "announcement": announcement,
                "telling": telling,
                "recipient": recipient,
                "at": instant(at),
            },
        )
        self._db.note_change("mail")

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to claim; cheaper than to claim nothing."""
        times = {"now": instant(now), "beyond": instant(now + _HORIZON)}
        return self._db.one("due_mail", times) is not None

    def claim(self, now: datetime, until: datetime) -> Mail | None:
        """Take the message that has been due for the longest, until *until*."""
        row = self._db.one("due_mail", {"now": instant(now), "beyond": instant(now + _HORIZON)})
        if row is None:
            return None
        self._db.run("claim_mail", {"id": row[0], "until": instant(until)})
        return _mail(row)

    def settle(
        self,
        mail: int,
        *,
        error: str | None,
        due_at: datetime,
        sent_at: datetime | None = None,
        failed_at: datetime | None = None,
    ) -> None:
        """Write down what became of an attempt."""
        self._db.run(
            "settle_mail",
            {
                "id": mail,
                "error": error,
                "due_at": instant(due_at),
                "sent_at": instant(sent_at),
                "failed_at": instant(failed_at),
            },
        )

    def free(self, mail: int) -> None:
        """Give a message back that was not tried."""
        self._db.run("free_mail", {"id": mail})

    def free_all(self) -> None:
        """Give every message back: whoever had claimed one is gone."""
        self._db.run("free_mails", {})

    def of(self, announcement: int, limit: int) -> list[Mail]:
        """Return the messages about a notice, oldest first."""
        wanted = {"announcement": announcement, "limit": limit}
        return [_mail(row) for row in self._db.all("mails_of", wanted)]

    def counts(self, announcement: int) -> MailCounts:
        """Return what became of the messages about a notice."""
        row = self._db.one("mail_counts", {"announcement": announcement})
        if row is None:
            return MailCounts()
        return MailCounts(total=int(row[0]), sent=int(row[1]), failed=int(row[2]))

    def waiting(self) -> int:
        """Return how many wait."""
        row = self._db.one("waiting_mails", {})
        return 0 if row is None else int(row[0])


class Troubles:
    """See :class:`gateway.ports.Troubles`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def find(self, cause: str) -> Trouble | None:
        """Return what is known of one thing; None: it is well."""
        row = self._db.one("trouble", {"cause": cause})
        return None if row is None else _TROUBLE.decode(row[0])

    def all(self) -> list[Trouble]:
        """Return what is known of everything that is not well."""
        return [_TROUBLE.decode(row[0]) for row in self._db.all("troubles", {})]

    def put(self, trouble: Trouble) -> None:
        """Insert or overwrite."""
        self._db.run("put_trouble", {"cause": trouble.cause, "body": json_text(trouble)})

    def drop(self, cause: str) -> None:
        """Forget it: it is well."""
        self._db.run("drop_trouble", {"cause": cause})


def _mail(row: Row) -> Mail:
    return Mail(
        id=row[0],
        telling=row[1],
        recipient=row[2],
        created_at=moment_of(row[3]),
        attempts=row[4],
        sent_at=moment(row[5]),
        failed_at=moment(row[6]),
        last_error=row[7],
    )
