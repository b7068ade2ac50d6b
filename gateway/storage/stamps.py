"""Time stamps over runs of receipts."""

from gateway.domain.exchange import Stamp
from gateway.storage.rows import Connection, instant, moment_of


class Stamps:
    """See :class:`gateway.ports.Stamps`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def add(self, stamp: Stamp) -> None:
        """Store a stamp."""
        self._db.run(
            "add_stamp",
            {
                "first": stamp.first,
                "last": stamp.last,
                "root": stamp.root,
                "token": stamp.token,
                "at": instant(stamp.at),
            },
        )

    def tip(self) -> int:
        """Return the place of the last receipt that is stamped, 0 when none is."""
        row = self._db.one("stamp_tip", {})
        return 0 if row is None else int(row[0])

    def covering(self, seq: int) -> Stamp | None:
        """Return the stamp over the receipt at a place."""
        row = self._db.one("stamp_covering", {"seq": seq})
        if row is None or row[0] > seq:
            return None
        return Stamp(
            first=row[0], last=row[1], root=row[2], token=bytes(row[3]), at=moment_of(row[4])
        )

    def receipts(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return place and JWS of the receipts after a place, oldest first."""
        return [
            (row[0], row[1]) for row in self._db.all("jws_after", {"seq": after, "limit": limit})
        ]
