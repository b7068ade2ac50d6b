"""What the VXP door keeps: codes of systems, transport states, status messages, hops."""

from datetime import datetime

from gateway.domain.wire import HeldCode, TransportState, WireStatus
from gateway.storage.rows import Connection, Row, instant, moment_of


class VxpTables:
    """See :class:`gateway.ports.VxpTables`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def codes(self, client: str) -> list[HeldCode]:
        """Return the codes of a system, given up ones included."""
        return [_held(row) for row in self._db.all("vxp_codes", {"client": client})]

    def holders(self, code: str) -> list[HeldCode]:
        """Return who holds *code*, or gave it up."""
        return [_held(row) for row in self._db.all("vxp_holders", {"code": code})]

    def registrations(self) -> list[HeldCode]:
        """Return every code that some system holds, those that were registered last."""
        return [_held(row) for row in self._db.all("vxp_registrations", {})]

    def put_code(self, held: HeldCode, at: datetime) -> None:
        """Insert or overwrite."""
        self._db.run(
            "put_vxp_code",
            {
                "client": held.client,
                "code": held.code,
                "written": held.written,
                "registered": int(held.registered),
                "deleted": int(held.deleted),
                "at": instant(at),
            },
        )

    def drop_code(self, client: str, code: str) -> bool:
        """Take a code from a system; return whether it held it."""
        return self._db.run("drop_vxp_code", {"client": client, "code": code}) > 0

    def received(self, code: str, limit: int) -> list[str]:
        """Return the deliveries in the list of who holds *code*, urgent first, then oldest."""
        rows = self._db.all("vxp_received", {"code": code, "limit": limit})
        return [str(row[0]) for row in rows]

    def transport(self, delivery: str) -> tuple[TransportState, str | None, datetime] | None:
        """Return state, description and instant of a delivery that was touched."""
        row = self._db.one("vxp_delivery", {"delivery": delivery})
        return None if row is None else (TransportState(row[0]), row[1], moment_of(row[2]))

    def put_transport(
        self, delivery: str, agency: str, state: TransportState, note: str | None, at: datetime
    ) -> None:
        """Set the transport state of a delivery."""
        self._db.run(
            "put_vxp_delivery",
            {
                "delivery": delivery,
                "agency": agency,
                "state": state.value,
                "note": note,
                "at": instant(at),
            },
        )

    def keep(self, delivery: str, agency: str, at: datetime) -> None:
        """Let a delivery stay in the list until its system settles it, whatever it reports."""
        self._db.run(
            "keep_vxp_delivery", {"delivery": delivery, "agency": agency, "at": instant(at)}
        )

    def sent(self, code: str, limit: int) -> list[str]:
        """Return ids of what *code* sent, newest first."""
        rows = self._db.all("vxp_sent", {"code": code, "limit": limit})
        return [str(row[0]) for row in rows]

    def document_between(self, least: str, beyond: str) -> str | None:
        """Return the one document id from *least* up to *beyond*."""
        rows = self._db.all("document_between", {"least": least, "beyond": beyond})
        return str(rows[0][0]) if len(rows) == 1 else None

    def add_status(self, status: WireStatus, *, digest: str | None = None) -> None:
        """Lay a status message into its owner's list, if some system holds the owner's code."""
        self._db.run(
            "add_vxp_status",
            {
                "id": status.id,
                "owner": status.owner,
                "sender": status.sender,
                "written": status.written,
                "document": status.document,
                "receipt": status.receipt,
                "digest": digest,
                "body": status.body,
                "at": instant(status.created_at),
            },
        )

    def give_bytes(
        self, document: str, sender: str, *, agency: str, written: str, body: bytes, digest: str
    ) -> bool:
        """Give the status that the newest receipt of *document* left its bytes as reported."""
        values = {"document": document, "sender": sender, "agency": agency, "written": written}
        return self._db.run("vxp_status_of_receipt", values | {"body": body, "digest": digest}) > 0

    def status_repeat(self, sender: str, digest: str) -> str | None:
        """Return the id of a status message that *sender* sent before."""
        row = self._db.one("vxp_status_repeat", {"sender": sender, "digest": digest})
        return None if row is None else str(row[0])

    def status(self, status: str) -> WireStatus | None:
        """Return a status message by id."""
        row = self._db.one("vxp_status", {"id": status})
        return None if row is None else _status(row)

    def statuses(self, owner: str, limit: int) -> list[WireStatus]:
        """Return what waits for *owner*, oldest first."""
        rows = self._db.all("vxp_statuses", {"owner": owner, "limit": limit})
        return [_status(row) for row in rows]

    def statuses_sent(self, sender: str, limit: int) -> list[WireStatus]:
        """Return what *sender* reported, newest first."""
        rows = self._db.all("vxp_statuses_sent", {"sender": sender, "limit": limit})
        return [_status(row) for row in rows]

    def put_status(
        self, status: str, state: TransportState, note: str | None, at: datetime
    ) -> None:
        """Set the transport state of a status message."""
        values = {"id": status, "state": state.value, "note": note, "at": instant(at)}
        self._db.run("put_vxp_status", values)

    def trace(self, document: str) -> str:
        """Return the hops that a document came by, ``""`` for one of our own."""
        row = self._db.one("trace", {"document": document})
        return "" if row is None else str(row[0])

    def put_trace(self, document: str, trace: str) -> None:
        """Keep the hops that a document came by."""
        self._db.run("put_trace", {"document": document, "trace": trace})

    def announced(self, lane: str) -> dict[str, str]:
        """Return what an axis was told of our agencies: digests by code."""
        return {row[0]: row[1] for row in self._db.all("announced", {"lane": lane})}

    def put_announced(self, lane: str, code: str, digest: str) -> None:
        """Note that an axis was told of an agency."""
        self._db.run("put_announced", {"lane": lane, "code": code, "digest": digest})

    def drop_announced(self, lane: str, code: str) -> None:
        """Note that an axis was told that an agency is closed."""
        self._db.run("drop_announced", {"lane": lane, "code": code})


def _held(row: Row) -> HeldCode:
    return HeldCode(
        client=row[0],
        code=row[1],
        written=row[2],
        registered=bool(row[3]),
        deleted=bool(row[4]),
    )


def _status(row: Row) -> WireStatus:
    return WireStatus(
        id=row[0],
        owner=row[1],
        sender=row[2],
        written=row[3],
        document=row[4],
        receipt=row[5],
        body=None if row[6] is None else bytes(row[6]),
        state=TransportState(row[7]),
        note=row[8],
        created_at=moment_of(row[9]),
        updated_at=moment_of(row[10]),
    )
