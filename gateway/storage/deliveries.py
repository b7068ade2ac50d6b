"""Deliveries, changed by compare-and-set on their version."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec

from gateway.domain.errors import Conflict
from gateway.domain.exchange import Delivery
from gateway.domain.lifecycle import DeliveryState, Recall
from gateway.ports import Followed, FollowUp
from gateway.storage.rows import Connection, Row, instant, json_text, moment, moment_of

#: No lease of the pull box is longer; one that reaches further was written by another clock.
LONGEST_LEASE = timedelta(seconds=3600)
#: Behind every day; what has none counts as due on the last one.
_ALWAYS = "9999-12-32"


class Deliveries:
    """See :class:`gateway.ports.Deliveries`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its transaction."""
        self._db = connection

    def find(self, delivery: str) -> Delivery | None:
        """Return a delivery by id."""
        row = self._db.one("delivery", {"id": delivery})
        return None if row is None else delivery_of(row)

    def documents(self, deliveries: Sequence[str]) -> list[str]:
        """Return of which documents *deliveries* are."""
        rows = self._db.all("documents_of", {"ids": json_text(deliveries)}) if deliveries else []
        return [row[0] for row in rows]

    def save(self, delivery: Delivery) -> Delivery:
        """Write a changed delivery and return it with its new version; raise Conflict."""
        row = delivery_row(delivery)
        row["version"] = delivery.version
        row["arrival_number"] = delivery.arrival_number
        row["arrival_year"] = delivery.arrival_year
        if self._db.run("save_delivery", row) != 1:
            raise Conflict("the delivery changed meanwhile")
        return replace(delivery, version=delivery.version + 1)

    def to_lease(self, agency: str, now: datetime, limit: int) -> list[Delivery]:
        """Return what waits in the pull box of *agency*, urgent first, then oldest."""
        wanted = _box(agency, now, limit)
        return [delivery_of(row) for row in self._db.all("deliveries_to_lease", wanted)]

    def lease(self, agency: str, now: datetime, until: datetime, limit: int) -> list[str]:
        """Lease what waits in the box of *agency*; see the protocol."""
        wanted = _box(agency, now, limit) | {"until": instant(until)}
        rows = self._db.all("lease_deliveries", wanted)
        return [row[0] for row in sorted(rows, key=lambda row: (-row[1], row[2], row[3]))]

    def number_taken(self, agency: str, year: int, number: int) -> bool:
        """Whether *agency* has given that arrival number in *year*."""
        wanted = {"agency": agency, "year": year, "number": number}
        return self._db.one("number_taken", wanted) is not None

    def count(self, agency: str, box: str, states: Sequence[str], most: int) -> int:
        """Return how many documents to (``in``) or from *agency* are in *states*, up to *most*."""
        wanted = {"agency": agency, "states": json_text(states), "most": most}
        row = self._db.one("count_in" if box == "in" else "count_out", wanted)
        return 0 if row is None else int(row[0])

    def answer_by(self, delivery: str, day: date) -> None:
        """Note until when whoever got the document at its recipient is to be done."""
        self._db.run("answer_by", {"id": delivery, "due_on": day.isoformat()})

    def followed(self, agency: str, wanted: FollowUp) -> list[Followed]:
        """Return what *agency* follows up, the most urgent first."""
        asked = {
            "agency": agency,
            "day": (wanted.after_day or date.min).isoformat(),
            "position": wanted.after,
            "until": _ALWAYS if wanted.before is None else wanted.before.isoformat(),
            "limit": wanted.limit,
        }
        return [
            Followed(
                document=row[0],
                position=row[1],
                due_on=None if row[2] is None else date.fromisoformat(row[2]),
            )
            for row in self._db.all("followed", asked)
        ]

    def count_followed(self, agency: str, before: date, most: int) -> int:
        """Return how much of it is due before a day, up to *most*."""
        wanted = {"agency": agency, "until": before.isoformat(), "most": most}
        row = self._db.one("count_followed", wanted)
        return 0 if row is None else int(row[0])

    def overdue(self, before: datetime, limit: int) -> list[Delivery]:
        """Return deliveries handed over before an instant and not heard of since."""
        rows = self._db.all("deliveries_overdue", {"before": instant(before), "limit": limit})
        return [delivery_of(row) for row in rows]


def _box(agency: str, now: datetime, limit: int) -> dict[str, object]:
    """Return what tells which deliveries of a pull box may be leased."""
    beyond = instant(now + LONGEST_LEASE)
    return {"agency": agency, "now": instant(now), "beyond": beyond, "limit": limit}


def delivery_row(delivery: Delivery) -> dict[str, object]:
    """Return the columns of *delivery* by name."""
    return {
        "id": delivery.id,
        "document": delivery.document,
        "n": delivery.n,
        "recipient": delivery.to,
        "agency": delivery.agency,
        "state": delivery.state.value,
        "route": delivery.route,
        "lane": delivery.lane,
        "received_at": instant(delivery.received_at),
        "legal_received_at": instant(delivery.legal_received_at),
        "updated_at": instant(delivery.updated_at),
        "attempts": delivery.attempts,
        "note": delivery.note,
        "staff": None if delivery.staff is None else json_text(delivery.staff),
        "recall": delivery.recall,
        "leased_until": instant(delivery.leased_until),
    }


def delivery_of(row: Row) -> Delivery:
    """Return the delivery in a row of the statements `delivery` and `deliveries`."""
    return Delivery(
        id=row[0],
        document=row[1],
        n=row[2],
        to=row[3],
        agency=row[4],
        state=DeliveryState(row[5]),
        route=row[6],
        lane=row[7],
        arrival_number=row[8],
        received_at=moment(row[9]),
        legal_received_at=moment(row[10]),
        updated_at=moment_of(row[11]),
        attempts=row[12],
        note=row[13],
        staff=None if row[14] is None else msgspec.json.decode(row[14]),
        recall=None if row[15] is None else Recall(row[15]),
        leased_until=moment(row[16]),
        version=row[17],
        arrival_year=row[18],
        due_on=None if row[19] is None else date.fromisoformat(row[19]),
    )
