"""The facts that statistics count, the sums of those that lie back, and tallies of both."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from gateway.domain.figures import LEGAL, Question, Tally, Value
from gateway.domain.statistics import Fact
from gateway.domain.stretches import DAY, MONTH, YEAR, Stretch, stretches
from gateway.storage.rows import Connection, Row

#: A group, and the columns from which it is read.
_PERIODS = {
    "day": "on_day",
    "month": "SUBSTR(on_day, 1, 7)",
    "quarter": "SUBSTR(on_day, 1, 4) || '-Q' || ((CAST(SUBSTR(on_day, 6, 2) AS INTEGER) + 2) / 3)",
    "half": "SUBSTR(on_day, 1, 4) || '-H' || ((CAST(SUBSTR(on_day, 6, 2) AS INTEGER) + 5) / 6)",
    "year": "SUBSTR(on_day, 1, 4)",
}
_MEASURED = 6  #: columns behind those of the groups
#: What a view must tell apart for a group.
_NEEDED = {
    "counterpart": "parties",
    "type": "types",
    "priority": "forms",
    "business": "forms",
    "paper": "forms",
    "signed": "forms",
    "way": "course",
    "state": "course",
    "reason": "course",
    "hour": "hours",
}
#: No view tells these apart.
_UNSUMMED = frozenset({"account"})
#: Periods that are told from days, or from months.
_OF_DAYS, _OF_MONTHS = frozenset({"day"}), frozenset({"month", "quarter", "half"})


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
        """Let *facts* be what is known of *document*; what was summed up leaves the sums."""
        if self._db.run("statistics_in_sums", {"document": document}):
            self._db.run("add_to_sums", {"sign": -1})
        self._db.run("drop_statistics_of", {"document": document})
        for fact in facts:
            self._db.put_off("add_statistic", _parameters(fact))

    def sum_up(self, *, keep: int, most: int) -> bool:
        """Sum up *most* of the oldest facts when over *keep* more are loose; whether it was so."""
        row = self._db.one("count_loose_statistics", {})
        if row is None or row[0] < keep + most:
            return False
        self._db.run("oldest_loose_statistics", {"limit": most})
        self._db.run("add_to_sums", {"sign": 1})
        self._db.run("statistics_moved", {})
        return True

    def forget(self) -> None:
        """Throw every fact away, to tell them anew."""
        for statement in ("drop_statistic_sums", "drop_statistics", "drop_statistic_marks"):
            self._db.run(statement, {})

    def last_legal_day(self) -> date | None:
        """Return the newest legal day of any fact."""
        row = self._db.one("last_legal_day", {})
        return None if row is None or not row[0] else date.fromisoformat(row[0])

    def tallies(self, question: Question) -> list[Tally]:
        """Return how many facts are alike in what *question* groups by.

        Whole periods are read from the sums, with what is not in them yet; what is left at the
        ends, and what no view tells apart, from the facts themselves.
        """
        views = self._views(question)
        found: list[Row] = []
        for stretch in stretches(question.first, question.last, list(views)):
            if stretch.span is None:
                found += self._facts(question, stretch, "")
            else:
                found += self._facts(question, stretch, "summed = 0 AND")
                found += self._sums(question, stretch, views[stretch.span])
        return [_tally(question.group, row) for row in found]

    def _views(self, question: Question) -> dict[int, str]:
        """Return the views that tell apart what *question* asks for, by their span."""
        if _UNSUMMED.intersection(question.group):
            return {}
        needed = {_NEEDED[name] for name in question.group if name in _NEEDED}
        parameters = {name: int(name in needed) for name in set(_NEEDED.values())}
        parameters |= {
            "sided": int(question.is_of_both_sides),
            "timed": int(question.timed),
            "legal": int(question.timed and "legal_value" in question.group),
        }
        rows = self._db.all("statistic_views", parameters)
        finest = _finest(question)
        return {span: name for name, span in reversed(rows) if span >= finest}

    def _sums(self, question: Question, stretch: Stretch, view: str) -> list[Row]:
        span = {
            "first": stretch.first.isoformat()[: stretch.span],
            "last": stretch.last.isoformat()[: stretch.span],
        }
        words, parameters = _asked(question, stretch)
        words |= {"times": "1 = 1" if question.timed else "seconds < 0"}
        return self._db.filled("tally_of_sums", words, parameters | span | {"view": view})

    def _facts(self, question: Question, stretch: Stretch, which: str) -> list[Row]:
        words, parameters = _asked(question, stretch)
        words |= {"which": which}
        sides = ["tally_of_senders"]
        sides += ["tally_of_receivers"] if question.is_of_both_sides else []
        return [row for side in sides for row in self._db.filled(side, words, parameters)]


def _finest(question: Question) -> int:
    """Return how long a day must be written to tell the periods of *question* apart."""
    if _OF_DAYS.intersection(question.group):
        return DAY
    return MONTH if _OF_MONTHS.intersection(question.group) else YEAR


def _asked(question: Question, stretch: Stretch) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the words and the values of a statement about the days of *stretch*."""
    keys = "".join(f"{_PERIODS.get(name, name)}, " for name in question.group)
    words = {
        "keys": keys,
        "day": "legal_day" if question.by == LEGAL else "day",
        "seconds": "seconds" if question.timed else "NULL",
    }
    return words, {
        "first": stretch.first.isoformat(),
        "last": stretch.last.isoformat(),
        "agency": question.agency or "",
        "apart": int("direction" in question.group),
    }


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
        "signed": fact.signed,
        "account": fact.account,
        "number": fact.number,
        "way": fact.way,
        "state": fact.state,
        "reason": fact.reason,
        "seconds": fact.seconds,
        "in_time": None if fact.in_time is None else int(fact.in_time),
    }


def _tally(group: tuple[str, ...], row: Row) -> Tally:
    event, legal_value, in_time, seconds, times_only, count = row[-_MEASURED:]
    return Tally(
        keys=tuple(map(_value, group, row[:-_MEASURED])),
        event=event,
        legal_value=legal_value,
        in_time=None if in_time < 0 else bool(in_time),
        seconds=None if seconds < 0 else seconds,
        times_only=bool(times_only),
        count=count,
    )


def _value(name: str, value: str | int) -> Value:
    if name == "paper":
        return bool(value)
    return None if value == "" else str(value)
