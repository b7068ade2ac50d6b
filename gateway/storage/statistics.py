"""The facts that statistics count, and the tallies of those that are alike."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from gateway.domain.figures import LEGAL, Question, Tally, Value
from gateway.domain.statistics import Fact
from gateway.storage.rows import Connection, Row

#: A group, and the columns from which it is read.
_PERIODS = {
    "day": "on_day",
    "month": "SUBSTR(on_day, 1, 7)",
    "quarter": "SUBSTR(on_day, 1, 4) || '-Q' || ((CAST(SUBSTR(on_day, 6, 2) AS INTEGER) + 2) / 3)",
    "half": "SUBSTR(on_day, 1, 4) || '-H' || ((CAST(SUBSTR(on_day, 6, 2) AS INTEGER) + 5) / 6)",
    "year": "SUBSTR(on_day, 1, 4)",
}
_MEASURED = 5  #: columns behind those of the groups


class Statistics:
    """See :class:`gateway.ports.Statistics`."""

    def __init__(self, connection: Connection) -> None:
        """Keep facts over *connection*."""
        self._db = connection

    def mark(self, chain: str) -> int:
        """Return the number of the last record of *chain* that was read."""
        row = self._db.one("statistic_mark", {"chain": chain})
        return 0 if row is None else int(row[0])

    def set_mark(self, chain: str, seq: int) -> None:
        """Note that *chain* was read up to *seq*."""
        self._db.run("set_statistic_mark", {"chain": chain, "seq": seq})

    def replace(self, document: str, facts: Sequence[Fact]) -> None:
        """Let *facts* be what is known of *document*."""
        self._db.run("drop_statistics_of", {"document": document})
        for fact in facts:
            self._db.put_off("add_statistic", _parameters(fact))

    def forget(self) -> None:
        """Throw every fact away, to tell them anew."""
        self._db.run("drop_statistics", {})
        self._db.run("drop_statistic_marks", {})

    def last_legal_day(self) -> date | None:
        """Return the newest legal day of any fact."""
        row = self._db.one("last_legal_day", {})
        return None if row is None or not row[0] else date.fromisoformat(row[0])

    def tallies(self, question: Question) -> list[Tally]:
        """Return how many facts are alike in what *question* groups by."""
        keys = "".join(f"{_PERIODS.get(name, name)}, " for name in question.group)
        words = {"keys": keys, "day": "legal_day" if question.by == LEGAL else "day"}
        parameters = {
            "first": question.first.isoformat(),
            "last": question.last.isoformat(),
            "agency": question.agency or "",
            "apart": int("direction" in question.group),
        }
        sides = ["tally_of_senders"]
        sides += ["tally_of_receivers"] if question.is_of_both_sides else []
        return [
            _tally(question.group, row)
            for side in sides
            for row in self._db.filled(side, words, parameters)
        ]


def _parameters(fact: Fact) -> dict[str, Any]:
    return {
        "document": fact.document,
        "recipient": fact.recipient,
        "event": fact.event,
        "day": fact.day,
        "legal_day": fact.legal_day,
        "hour": fact.hour,
        "sender": fact.sender,
        "type": fact.type,
        "priority": fact.priority,
        "business": fact.business,
        "legal_value": fact.legal_value,
        "paper": int(fact.paper),
        "state": fact.state,
        "reason": fact.reason,
        "seconds": fact.seconds,
        "in_time": None if fact.in_time is None else int(fact.in_time),
    }


def _tally(group: tuple[str, ...], row: Row) -> Tally:
    event, legal_value, in_time, seconds, count = row[-_MEASURED:]
    return Tally(
        keys=tuple(map(_value, group, row[:-_MEASURED])),
        event=event,
        legal_value=legal_value,
        in_time=None if in_time is None else bool(in_time),
        seconds=seconds,
        count=count,
    )


def _value(name: str, value: str | int) -> Value:
    if name == "paper":
        return bool(value)
    return None if value == "" else str(value)
