"""The facts that statistics count, the sums of those that lie back, and tallies of both."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from gateway.domain.figures import LEGAL, Question, Tally, Value
from gateway.domain.statistics import Fact
from gateway.domain.stretches import DAY, MONTH, YEAR, Stretch, stretches
from gateway.storage.figure_sums import (
    COLUMNS,
    Key,
    Sum,
    cell_text,
    spent_of,
    spent_text,
    sums_of,
    views_for,
)
from gateway.storage.rows import Connection, Row, json_text

#: A group, and the columns from which it is read.
_PERIODS = {
    "day": "on_day",
    "month": "SUBSTR(on_day, 1, 7)",
    "quarter": "SUBSTR(on_day, 1, 4) || '-Q' || ((CAST(SUBSTR(on_day, 6, 2) AS INTEGER) + 2) / 3)",
    "half": "SUBSTR(on_day, 1, 4) || '-H' || ((CAST(SUBSTR(on_day, 6, 2) AS INTEGER) + 5) / 6)",
    "year": "SUBSTR(on_day, 1, 4)",
}
#: Columns behind those of the groups.
_MEASURED = 5
#: Periods that are told from days, or from months.
_OF_DAYS, _OF_MONTHS = frozenset({"day"}), frozenset({"month", "quarter", "half"})
#: What a fact is summed up by.
_SUMMED = (
    "recipient",
    "event",
    "day",
    "legal_day",
    "hour",
    "sender",
    "account",
    "type",
    "priority",
    "business",
    "legal_value",
    "signed",
    "paper",
    "way",
    "state",
    "reason",
    "seconds",
    "in_time",
)
#: What a sum is stored with.
_OF_SUM = (*COLUMNS, "view", "cell", "amount", "spent")


class Statistics:
    """See :class:`gateway.ports.Statistics`."""

    def __init__(self, connection: Connection) -> None:
        """Keep facts over *connection*."""
        self._db = connection

    def mark(self, chain: str) -> int:
        """Return the number of the last record of *chain* that was read."""
        row = self._db.one("fact_mark", {"chain": chain})
        return 0 if row is None else int(row[0])

    def set_mark(self, chain: str, seq: int) -> None:
        """Note that *chain* was read up to *seq*."""
        self._db.run("set_fact_mark", {"chain": chain, "seq": seq})

    def replace(self, document: str, facts: Sequence[Fact]) -> None:
        """Let *facts* be what is known of *document*; what was summed up leaves the sums."""
        summed = self._db.all("summed_facts_of", {"document": document})
        if summed:
            self._add(summed, sign=-1)
        self._db.run("drop_facts_of", {"document": document})
        for fact in facts:
            self._db.put_off("add_fact", _parameters(fact))

    def sum_up(self, *, today: date, keep: int, most: int) -> bool:
        """Sum up *most* of the oldest facts when over *keep* more are loose; whether it was so."""
        row = self._db.one("count_loose_facts", {"limit": keep + most})
        if row is None or row[0] < keep + most:
            return False
        values = {"today": today.isoformat(), "limit": most}
        if not self._db.run("oldest_loose_facts", values):
            return False
        self._add(self._db.all("facts_on_the_move", {"limit": most}), sign=1)
        self._db.run("facts_moved", {})
        return True

    def forget(self) -> None:
        """Throw every fact away, to tell them anew."""
        for statement in ("drop_fact_sums", "drop_facts", "drop_fact_marks"):
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
        groups = [each for each in question.group if each not in _PERIODS]
        views = views_for(groups, is_sided=question.is_of_both_sides, finest=_finest(question))
        found: list[Tally] = []
        for stretch in stretches(question.first, question.last, list(views)):
            if stretch.span is None:
                found += self._facts(question, stretch, "")
            else:
                found += self._facts(question, stretch, "summed = 0 AND")
                found += self._sums(question, stretch, views[stretch.span])
        return found

    def _add(self, facts: Iterable[Row], *, sign: int) -> None:
        """Add *facts* to every sum, or with a *sign* of -1 take them away."""
        by_view: dict[str, dict[str, tuple[Key, Sum]]] = {}
        told = (dict(zip(_SUMMED, fact, strict=True)) for fact in facts)
        for (view, key), more in sums_of(told, sign=sign).items():
            by_view.setdefault(view, {})[cell_text(key)] = (key, more)
        for view, cells in by_view.items():
            known = self._spent(view, [cell for cell, (_, more) in cells.items() if more.spent])
            for cell, (key, more) in cells.items():
                more.add(known.get(cell, {}))
                values = (*key, view, cell, more.amount, spent_text(more.spent))
                self._db.put_off("add_to_fact_sum", dict(zip(_OF_SUM, values, strict=True)))

    def _spent(self, view: str, cells: list[str]) -> dict[str, dict[int, int]]:
        """Return the histograms that are known of *cells*."""
        rows = self._db.all("fact_sums_of", {"view": view, "cells": json_text(cells)})
        return {cell: spent_of(text) for cell, text in rows}

    def _sums(self, question: Question, stretch: Stretch, view: str) -> list[Tally]:
        span = {
            "first": stretch.first.isoformat()[: stretch.span],
            "last": stretch.last.isoformat()[: stretch.span],
        }
        words, parameters = _asked(question, stretch)
        words |= {
            "spent": "spent" if question.timed else "''",
            "who": "agency = :agency AND" if question.agency else "",
        }
        rows = self._db.filled("tally_of_sums", words, parameters | span | {"view": view})
        group = question.group
        return [_tally(group, row, row[-2], spent_of(row[-1])) for row in rows]

    def _facts(self, question: Question, stretch: Stretch, which: str) -> list[Tally]:
        words, parameters = _asked(question, stretch)
        words |= {"which": which, "seconds": "seconds" if question.timed else "NULL"}
        parameters |= {"today": question.today.isoformat()}
        sides = ["tally_of_senders"]
        sides += ["tally_of_receivers"] if question.is_of_both_sides else []
        return [
            _tally(question.group, row, row[-1], {row[-2]: row[-1]} if row[-2] >= 0 else {})
            for side in sides
            for row in self._db.filled(side, words, parameters)
        ]


def _finest(question: Question) -> int:
    """Return how long a day must be written to tell the periods of *question* apart."""
    if _OF_DAYS.intersection(question.group):
        return DAY
    return MONTH if _OF_MONTHS.intersection(question.group) else YEAR


def _asked(question: Question, stretch: Stretch) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the words and the values of a statement about the days of *stretch*."""
    keys = "".join(f"{_PERIODS.get(name, name)}, " for name in question.group)
    words = {"keys": keys, "day": "legal_day" if question.by == LEGAL else "day"}
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


def _tally(group: tuple[str, ...], row: Row, count: int, spent: Mapping[int, int]) -> Tally:
    event, legal_value, in_time = row[-_MEASURED : -_MEASURED + 3]
    return Tally(
        keys=tuple(map(_value, group, row[:-_MEASURED])),
        event=event,
        legal_value=legal_value,
        in_time=None if in_time < 0 else bool(in_time),
        count=count,
        spent=spent,
    )


def _value(name: str, value: str | int) -> Value:
    if name == "paper":
        return bool(int(value))
    return None if value == "" else str(value)
