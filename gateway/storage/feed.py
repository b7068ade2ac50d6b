"""Receipts and notices in the order of their commits."""

from gateway.domain.exchange import Attestation, Given, Notice, Receipt
from gateway.storage.rows import Connection, Row, instant, legible_text, moment_of


class Feed:
    """See :class:`gateway.ports.Feed`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add_attestation(self, attestation: Attestation) -> None:
        """Store what a receipt is to say."""
        self._db.note_change("attestation")
        job, lane = attestation.push or (None, None)
        self._db.put_off(
            "add_attestation",
            {
                "id": attestation.id,
                "document": attestation.document,
                "code": attestation.code,
                "owner": attestation.owner,
                "recipient": attestation.to,
                "event": attestation.event,
                "at": instant(attestation.at),
                "legal_at": instant(attestation.legal_at),
                "kind": attestation.kind,
                "job": job,
                "lane": lane,
                "payload": attestation.payload,
            },
        )

    def attestations(self, limit: int) -> list[Attestation]:
        """Return what waits to be signed, oldest first."""
        return [_attestation(row) for row in self._db.all("attestations", {"limit": limit})]

    def oldest_attestation(self) -> int | None:
        """Return the place of what has waited longest to be signed, None when nothing waits."""
        row = self._db.one("oldest_attestation", {})
        return None if row is None or row[0] is None else int(row[0])

    def awaits(self, *, document: str | None = None, owner: str | None = None) -> bool:
        """Whether something about *document*, or for *owner* (None: any), waits to be signed."""
        return self._db.one("any_attestation", {"document": document, "owner": owner}) is not None

    def drop_attestations(self, last: int) -> None:
        """Forget what was signed, up to the place *last*."""
        self._db.run("drop_attestations", {"seq": last})

    def add_receipt(self, receipt: Receipt) -> None:
        """Store a signed receipt; its place in the feed follows those before."""
        self._db.put_off(
            "add_receipt",
            {
                "id": receipt.id,
                "document": receipt.document,
                "code": receipt.code,
                "owner": receipt.owner,
                "recipient": receipt.to,
                "event": receipt.event,
                "at": instant(receipt.at),
                "legal_at": instant(receipt.legal_at),
                "jws": receipt.jws,
            },
        )

    def add_notice(self, notice: Notice) -> None:
        """Store a notice for the event stream."""
        self._db.put_off(
            "add_notice",
            {
                "agency": notice.agency,
                "kind": notice.kind,
                "document": notice.document,
                "code": notice.code,
                "state": notice.state,
                "at": instant(notice.at),
            },
        )

    def receipts_after(self, owner: str | None, seq: int, limit: int) -> list[Receipt]:
        """Return receipts for *owner* (None: all) after a place, oldest first."""
        name = "all_receipts_after" if owner is None else "receipts_after"
        page = {"seq": seq, "limit": limit} | ({} if owner is None else {"owner": owner})
        return [_receipt(row) for row in self._db.all(name, page)]

    def receipts_of(self, document: str) -> list[Receipt]:
        """Return the receipts of a document, oldest first."""
        return [_receipt(row) for row in self._db.all("receipts_of", {"document": document})]

    def given_after(self, document: str, seq: int, limit: int) -> list[Given]:
        """Return receipts of all documents as they lie there, those of one together."""
        page = {"document": document, "seq": seq, "limit": limit}
        return [
            Given(
                seq=row[0],
                id=legible_text(row[1]),
                document=row[2],  # as it lies there: the next page begins behind it
                event=legible_text(row[3]),
                to=None if row[4] is None else legible_text(row[4]),
                at=legible_text(row[5]),
                jws=legible_text(row[6]),
            )
            for row in self._db.untouched("given_after", page)
        ]

    def receipt(self, receipt: str) -> Receipt | None:
        """Return one receipt by id."""
        row = self._db.one("receipt", {"id": receipt})
        return None if row is None else _receipt(row)

    def last_jws(self, document: str) -> str | None:
        """Return the newest receipt of a document as JWS text."""
        row = self._db.one("last_receipt", {"document": document})
        return None if row is None else str(row[0])

    def notices_after(self, agency: str | None, seq: int, limit: int) -> list[Notice]:
        """Return notices for *agency* (None: all) after a place, oldest first."""
        name = "all_notices_after" if agency is None else "notices_after"
        page = {"seq": seq, "limit": limit} | ({} if agency is None else {"agency": agency})
        return [
            Notice(
                seq=row[0],
                agency=row[1],
                kind=row[2],
                document=row[3],
                code=row[4],
                state=row[5],
                at=moment_of(row[6]),
            )
            for row in self._db.all(name, page)
        ]

    def tip(self) -> int:
        """Return the place of the newest notice, 0 when there is none."""
        row = self._db.one("notice_tip", {})
        return 0 if row is None else int(row[0])


def _attestation(row: Row) -> Attestation:
    return Attestation(
        seq=row[0],
        id=row[1],
        document=row[2],
        code=row[3],
        owner=row[4],
        to=row[5],
        event=row[6],
        at=moment_of(row[7]),
        legal_at=moment_of(row[8]),
        kind=row[9],
        push=None if row[10] is None else (row[10], row[11]),
        payload=row[12],
    )


def _receipt(row: Row) -> Receipt:
    return Receipt(
        seq=row[0],
        id=row[1],
        document=row[2],
        code=row[3],
        owner=row[4],
        to=row[5],
        event=row[6],
        at=moment_of(row[7]),
        legal_at=moment_of(row[8]),
        jws=row[9],
    )
