"""How values lie in columns: instants as sortable UTC text, structures as JSON text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import msgspec

Row = Sequence[Any]
Parameters = Mapping[str, Any]
#: Makes the rows of an insert that was put off from what was handed over, when its turn has come.
Completion = Callable[[Sequence[Parameters]], Sequence[Parameters]]


class Connection(Protocol):
    """One connection of an engine; statements go by their names in `sql/queries.sql`."""

    dialect: str  #: of its SQL: sqlite or postgres

    def one(self, name: str, parameters: Parameters) -> Row | None:
        """Run a statement; return its first row."""

    def all(self, name: str, parameters: Parameters) -> list[Row]:
        """Run a statement; return every row."""

    def untouched(self, name: str, parameters: Parameters) -> list[Row]:
        """The same, of rows that somebody may have damaged: a text that is none is its bytes."""

    def together(self, names: Sequence[str], parameters: Parameters) -> list[list[Row]]:
        """Run several statements that ask with the same *parameters*; return the rows of each."""

    def run(self, name: str, parameters: Parameters) -> int:
        """Run a statement; return the number of rows that it changed."""

    def put_off(self, name: str, parameters: Parameters, *, key: str | None = None) -> None:
        """Run an insert later in this transaction, before anything could miss it.

        One with a *key* takes the place of the earlier one of that name and key.
        """

    def completed(self, name: str, completion: Completion) -> None:
        """Let *completion* finish the rows of the put-off insert *name* just before they are run."""

    def rising(self, name: str) -> int | None:
        """Return a number of *name* above those before; None where a counter has to give it."""

    def filled(self, name: str, words: Mapping[str, str], parameters: Parameters) -> list[Row]:
        """Run a statement with *words*, columns that the code names, in its braces."""

    def define(self, statement: str) -> None:
        """Run a *statement* of the schema, as migrations write it."""

    def note_change(self, table: str) -> None:
        """Note that *table* was changed: who keeps a copy of it is told with the commit."""


@lru_cache(maxsize=256)  # a document writes few instants, each into many rows
def instant(at: datetime | None) -> str | None:
    """Return *at* as UTC text of fixed width, so that text order is time order."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """Return the instant that :func:`instant` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def moment_of(text: str) -> datetime:
    """Return the instant in a column that is never null."""
    return datetime.fromisoformat(text)


def legible_text(value: Any) -> str:  # noqa: ANN401 - whatever lies in a column
    """Return a text as it lies there, or something that shows that it is none."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def json_text(value: object) -> str:
    """Return *value* as compact JSON."""
    return msgspec.json.encode(value).decode()
