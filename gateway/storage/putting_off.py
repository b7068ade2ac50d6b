"""Inserts that are put off to the end of a transaction, many rows with one call."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gateway.storage.rows import Completion, Parameters

#: Rows of one insert; few sizes, so that the statements stay prepared.
_SIZES = (64, 16, 4, 1)
#: Inserts whose rows others read on from a place: they come last, in the order of the commits.
_IN_ORDER = frozenset({"append_audit", "add_attestation", "add_receipt", "add_notice"})
_ORDERED = frozenset({"audit_record", "attestation", "receipt", "notice"})
_VALUES = re.compile(r"VALUES (\([^()]*\))")
_PARAMETER = re.compile(r":(\w+)")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+(\w+)")


@cache
def _tables(statement: str) -> frozenset[str]:
    """Return the tables that *statement* touches."""
    return frozenset(_TABLE.findall(statement))


@cache
def _of_rows(statement: str, size: int, place: str) -> tuple[str, list[str]]:
    """Return the insert *statement* for *size* rows, and the names of one row's values in order."""
    head, values, tail = _VALUES.split(statement, maxsplit=1)
    row = _PARAMETER.sub(place, values)
    return f"{head}VALUES {', '.join([row] * size)}{tail}", _PARAMETER.findall(values)


class PuttingOff:
    """The part of a connection that may put inserts off.

    What is put off goes to the engine in one call per statement, before anything that touches the
    same table is run and at the latest before the commit: a group of many units then costs few
    calls. What a unit has put off is dropped when the unit is undone.

    Rows that others read on from a place (records, receipts, notices) come last, once nobody else
    can commit any between: whoever has read up to a place has then seen all before it.
    """

    place = "?"  #: how the engine writes a value by its position

    def __init__(self, statements: Mapping[str, str]) -> None:
        """Know the *statements* by name, values written as ``:name``."""
        self._statements = statements
        self._late: list[tuple[str, Parameters]] = []  #: what is put off, oldest first
        self._touched: set[str] = set()  #: tables of what is put off
        self._latest: dict[tuple[str, str], Parameters] = {}  #: the newest of each key
        self._completions: dict[str, Completion] = {}
        self.changes: set[str] = set()  #: tables of which copies are kept, changed since it began

    @abstractmethod
    def insert(self, statement: str, values: Sequence[Any]) -> None:
        """Run an insert whose values go by their position."""

    def keep_order(self) -> None:
        """Let nobody else commit rows that are read in order until this transaction ends."""

    def rising(self, name: str) -> int | None:
        """Return None: a counter gives every number."""
        return None

    def completed(self, name: str, completion: Completion) -> None:
        """Let *completion* finish the rows of the insert *name*; see the protocol."""
        self._completions[name] = completion

    def put_off(self, name: str, parameters: Parameters, *, key: str | None = None) -> None:
        """Run an insert later in this transaction; see the class and the protocol."""
        if key is None:
            self._late.append((name, parameters))
        else:
            self._latest[name, key] = parameters
        self._touched |= _tables(self._statements[name])

    def note_change(self, table: str) -> None:
        """Note that *table* was changed, of which copies are kept; see the protocol."""
        self.changes.add(table)

    def put_down(self, *, in_order: bool = True) -> None:
        """Run what was put off; rows that are read in order wait on unless *in_order*."""
        late, latest = self._late, self._latest
        self.forget()
        by_name: dict[str, list[Parameters]] = {}
        for name, parameters in late:
            if in_order or name not in _IN_ORDER:
                by_name.setdefault(name, []).append(parameters)
            else:
                PuttingOff.put_off(self, name, parameters)
        for (name, _), parameters in latest.items():
            by_name.setdefault(name, []).append(parameters)
        for name in sorted(by_name, key=_IN_ORDER.__contains__):
            if name in _IN_ORDER:
                self.keep_order()
            complete = self._completions.get(name, list)
            self._insert(self._statements[name], complete(by_name[name]))

    def forget(self) -> None:
        """Drop what was put off: a transaction begins."""
        self._late, self._latest, self._touched = [], {}, set()

    def ready(self, name: str) -> str:
        """Return the statement *name*, once nothing is put off that it could miss."""
        statement = self._statements[name]
        touched = self._touched & _tables(statement)
        if touched:
            self.put_down(in_order=not touched.isdisjoint(_ORDERED))
        return statement

    def _insert(self, statement: str, rows: Sequence[Parameters]) -> None:
        """Run an insert for all *rows*, many with one call.

        The engine then leaves the interpreter's lock once, not once for each row.
        """
        done = 0
        while done < len(rows):
            size = next(size for size in _SIZES if size <= len(rows) - done)
            text, names = _of_rows(statement, size, self.place)
            some = rows[done : done + size]
            self.insert(text, [row[name] for row in some for name in names])
            done += size
