"""Accounts of people, the sessions of their browsers, and what they must be told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from gateway.domain.accounts import Account
from gateway.domain.errors import Conflict
from gateway.domain.sessions import AccountNotice, Session, Stage
from gateway.storage.rows import Connection, Row, instant, json_text, moment, moment_of

_ACCOUNT = msgspec.json.Decoder(Account)
_BODY = msgspec.json.Decoder(dict[str, str])


class AccountsTable:
    """See :class:`gateway.ports.AccountsTable`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add(self, account: Account) -> None:
        """Store a new account."""
        self._db.run("add_account", _account_row(account))

    def save(self, account: Account) -> Account:
        """Overwrite an account and return it with its new version; raise Conflict."""
        changed = self._db.run("save_account", _account_row(account))
        if not changed:
            raise Conflict(f"the account {account.user_name} was changed by somebody else")
        return replace(account, version=account.version + 1)

    def find(self, user_name: str) -> Account | None:
        """Return an account by its user name."""
        row = self._db.one("account", {"user_name": user_name})
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        """Return every account, by user name."""
        return [_account(row) for row in self._db.all("accounts", {})]

    def notify(self, notice: AccountNotice) -> None:
        """Keep a notice to a person until it was read."""
        self._db.run(
            "add_account_notice",
            {
                "user_name": notice.user_name,
                "at": instant(notice.at),
                "kind": notice.kind,
                "body": json_text(notice.data),
            },
        )

    def notices(self, user_name: str, limit: int) -> list[AccountNotice]:
        """Return the newest notices to a person that were not read."""
        rows = self._db.all("account_notices", {"user_name": user_name, "limit": limit})
        return [_notice(row) for row in rows]

    def read_notices(self, user_name: str, upto: int, at: datetime) -> int:
        """Mark a person's notices up to a number as read."""
        return self._db.run(
            "read_account_notices", {"user_name": user_name, "upto": upto, "at": instant(at)}
        )


class Sessions:
    """See :class:`gateway.ports.Sessions`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add(self, session: Session) -> None:
        """Store a new session."""
        self._db.run("add_session", _session_row(session))

    def save(self, session: Session) -> None:
        """Overwrite the stage and the last sight of a session."""
        self._db.run("save_session", _session_row(session))

    def find(self, session: str) -> Session | None:
        """Return a session by id."""
        row = self._db.one("session", {"id": session})
        return None if row is None else _session(row)

    def of(self, user_name: str) -> Sequence[Session]:
        """Return the sessions of a person, newest first."""
        return [_session(row) for row in self._db.all("sessions_of", {"user_name": user_name})]

    def end(self, session: str) -> int:
        """Remove a session."""
        return self._db.run("end_session", {"id": session})

    def end_all(self, user_name: str, but: str = "") -> int:
        """Remove every session of a person, *but* one."""
        return self._db.run("end_sessions", {"user_name": user_name, "but": but})

    def purge(self, seen_before: datetime, created_before: datetime) -> int:
        """Remove sessions that ran out."""
        return self._db.run(
            "purge_sessions",
            {"seen": instant(seen_before), "created": instant(created_before)},
        )


class Attempts:
    """See :class:`gateway.ports.Attempts`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add(self, address: str, at: datetime) -> None:
        """Count an attempt."""
        self._db.run("add_attempt", {"address": address, "at": instant(at)})

    def since(self, address: str, at: datetime) -> tuple[int, datetime | None]:
        """Return how often *address* tried after an instant, and when first."""
        row = self._db.one("attempts_of", {"address": address, "since": instant(at)})
        return (0, None) if row is None else (int(row[0]), moment(row[1]))

    def purge(self, before: datetime) -> None:
        """Forget the attempts up to an instant."""
        self._db.run("purge_attempts", {"before": instant(before)})


def _account_row(account: Account) -> Mapping[str, object]:
    return {
        "user_name": account.user_name,
        "agency": account.agency,
        "state": account.state.value,
        "body": json_text(account),
        "version": account.version,
    }


def _account(row: Row) -> Account:
    return replace(_ACCOUNT.decode(row[0]), version=int(row[1]))


def _session_row(session: Session) -> Mapping[str, object]:
    return {
        "id": session.id,
        "user_name": session.user_name,
        "stage": session.stage.value,
        "created_at": instant(session.created_at),
        "seen_at": instant(session.seen_at),
        "address": session.address,
        "agent": session.agent,
    }


def _session(row: Row) -> Session:
    return Session(
        id=row[0],
        user_name=row[1],
        stage=Stage(row[2]),
        created_at=moment_of(row[3]),
        seen_at=moment_of(row[4]),
        address=row[5],
        agent=row[6],
    )


def _notice(row: Row) -> AccountNotice:
    return AccountNotice(
        seq=int(row[0]),
        user_name=row[1],
        at=moment_of(row[2]),
        kind=row[3],
        data=_BODY.decode(row[4]),
        read_at=moment(row[5]),
    )
