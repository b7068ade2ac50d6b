"""Receipts and notices in the order of their commits."""

from gateway.domain.exchange import Notice, Receipt
from gateway.storage.rows import Connection, Row, instant, moment_of


class Feed:
    """See :class:`gateway.ports.Feed`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add_receipt(self, receipt: Receipt) -> int:
        """Store a receipt; return its place in the feed."""
        row = self._db.one(
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
        return 0 if row is None else int(row[0])

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
