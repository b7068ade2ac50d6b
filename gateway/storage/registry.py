"""Agencies, credentials, counters and idempotency keys."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gateway.domain.directory import Agency
from gateway.domain.errors import Conflict, Unavailable
from gateway.domain.exchange import Client, Role
from gateway.storage.rows import Connection, Row, instant, json_text, moment, moment_of

_AGENCY = msgspec.json.Decoder(Agency)


class DirectoryTable:
    """See :class:`gateway.ports.DirectoryTable`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def all(self) -> list[Agency]:
        """Return every agency, open and closed."""
        return [_AGENCY.decode(row[0]) for row in self._db.all("agencies", {})]

    def find(self, code: str) -> Agency | None:
        """Return the agency listed under exactly *code*."""
        row = self._db.one("agency", {"code": code})
        return None if row is None else _AGENCY.decode(row[0])

    def put(self, agencies: Sequence[Agency]) -> None:
        """Insert or overwrite, and raise the directory's version."""
        for agency in agencies:
            self._db.put_off(
                "put_agency",
                {
                    "code": agency.code,
                    "parent": agency.parent,
                    "successor": agency.successor,
                    "body": json_text(agency),
                },
            )
        version = {"name": "directory", "value": str(self.version() + 1)}
        self._db.run("put_setting", version)
        self._db.note_change("directory")

    def version(self) -> int:
        """Return a number that changes with every change of the directory."""
        row = self._db.one("setting", {"name": "directory"})
        return 0 if row is None else int(row[0])


class Settings:
    """See :class:`gateway.ports.Settings`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def find(self, name: str) -> str | None:
        """Return a value, None when it was never set."""
        row = self._db.one("setting", {"name": name})
        return None if row is None else str(row[0])

    def put(self, name: str, value: str) -> None:
        """Set a value."""
        self._db.run("put_setting", {"name": name, "value": value})


class Clients:
    """See :class:`gateway.ports.Clients`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add(self, client: Client) -> None:
        """Store a new credential."""
        self._db.run("add_client", _client_row(client))
        self._db.note_change("clients")

    def save(self, client: Client) -> None:
        """Overwrite a credential."""
        self._db.run("save_client", _client_row(client))
        self._db.note_change("clients")

    def find(self, client: str) -> Client | None:
        """Return one by id."""
        row = self._db.one("client", {"id": client})
        return None if row is None else _client(row)

    def by_token_hash(self, token_hash: str) -> Client | None:
        """Return one by the SHA-256 of its token, revoked or not."""
        row = self._db.one("client_by_token", {"token_hash": token_hash})
        return None if row is None else _client(row)

    def by_system(self, systemid: str) -> Client | None:
        """Return one by its systemid, revoked or not."""
        row = self._db.one("client_by_system", {"systemid": systemid})
        return None if row is None else _client(row)

    def all(self) -> list[Client]:
        """Return every credential."""
        return [_client(row) for row in self._db.all("clients", {})]


#: The counter that is not 0 while a restored node may give no numbers.
BLOCKED = "blocked"
#: The counter of the places of documents, where no sequence gives them.
_POSITION = "position"


class Numbers:
    """See :class:`gateway.ports.Numbers`. Within a transaction a series is read once."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection
        self._values: dict[str, int] = {}
        self._allowed: frozenset[str] | None = None  #: None: any series

    def foresee(self, series: frozenset[str] | None) -> None:
        """A transaction begins that takes numbers of these *series* alone."""
        self._allowed = None if series is None else series | {_POSITION}

    def position(self) -> int:
        """Return the place of a new document, above those before; between them may be gaps."""
        return self._db.rising("document_position") or self.take(_POSITION)

    def mark(self) -> dict[str, int]:
        """Return the counters as far as they are known, to rewind to."""
        return dict(self._values)

    def rewind(self, values: dict[str, int]) -> None:
        """Go back to *values*: a transaction began, or a unit was undone."""
        self._values = dict(values)

    def take(self, series: str) -> int:
        """Return the next number of *series*, from 1.

        Raises:
            Unavailable: the node was restored, and which numbers were given since is not settled.
        """
        if ":" in series and self._value(BLOCKED):
            raise Unavailable(
                "the node was restored from a backup; it gives numbers again after "
                "`gateway restore --resume`",
                retry_after_s=60.0,
            )
        return self._set(series, self._value(series) + 1)

    def raise_to(self, series: str, value: int) -> None:
        """Make sure that the next number of *series* is above *value*."""
        if value > self._value(series):
            self._set(series, value)

    def listing(self) -> dict[str, int]:
        """Return the newest number of every series of documents and arrivals."""
        return {row[0]: row[1] for row in self._db.all("numbers", {}) if ":" in row[0]}

    def is_blocked(self) -> bool:
        """Whether the node was restored and gives no numbers yet."""
        return self._value(BLOCKED) != 0

    def block(self) -> None:
        """Give no numbers until it is settled which were given."""
        self._set(BLOCKED, 1)

    def resume(self, year: int, floor: int) -> None:
        """Give numbers again; series of *year* of which nothing is known begin above *floor*."""
        self._set(f"floor-{year}", max(floor, self._value(f"floor-{year}")))
        self._set(BLOCKED, 0)

    def _value(self, series: str) -> int:
        if series not in self._values:
            wanted = {series, BLOCKED, *(self._allowed or ())}  # all at once: others come next
            rows = self._db.all("numbers_of", {"series": json_text(sorted(wanted))})
            known = {row[0]: int(row[1]) for row in rows}
            self._values = {BLOCKED: 0} | known | self._values
            if series not in self._values:
                self._values[series] = self._floor(series)
        return self._values[series]

    def _floor(self, series: str) -> int:
        """Return above what a series begins that was never heard of: 0, or what was lost."""
        kind, _, year = series.rpartition(":")
        return self._value(f"floor-{year}") if kind else 0

    def _set(self, series: str, value: int) -> int:
        if self._allowed is not None and series not in self._allowed:
            raise Conflict(f"{series} is not among what the unit said that it rests on")
        self._values[series] = value
        self._db.put_off("put_number", {"series": series, "value": value}, key=series)
        return value


class Repeats:
    """See :class:`gateway.ports.Repeats`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def find(self, client: str, key: str) -> tuple[str, str] | None:
        """Return (digest, document id) of the first use of *key*."""
        row = self._db.one("repeat", {"client": client, "key": key})
        return None if row is None else (str(row[0]), str(row[1]))

    def add(self, client: str, key: str, digest: str, document: str, at: datetime) -> None:
        """Remember the first use."""
        self._db.put_off(
            "add_repeat",
            {
                "client": client,
                "key": key,
                "digest": digest,
                "document": document,
                "at": instant(at),
            },
        )

    def purge(self, before: datetime) -> int:
        """Forget keys older than *before*."""
        return self._db.run("purge_repeats", {"before": instant(before)})


def _client_row(client: Client) -> dict[str, object]:
    return {
        "id": client.id,
        "agency": client.agency,
        "name": client.name,
        "role": client.role.value,
        "token_hash": client.token_hash,
        "systemid": client.systemid,
        "secret": client.secret,
        "created_at": instant(client.created_at),
        "revoked_at": instant(client.revoked_at),
        "decision": client.decision,
    }


def _client(row: Row) -> Client:
    return Client(
        id=row[0],
        agency=row[1],
        name=row[2],
        role=Role(row[3]),
        token_hash=row[4],
        systemid=row[5],
        secret=bytes(row[6]),
        created_at=moment_of(row[7]),
        revoked_at=moment(row[8]),
        decision=row[9],
    )
