"""What a database looks like from outside: its tables, their columns, how much they hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its columns and the number of its rows."""

    columns: tuple[str, ...]
    rows: int


Shape = Mapping[str, Table]


def changes(before: Shape, after: Shape) -> Iterator[str]:
    """Yield what differs between two shapes, each a sentence."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"table {name}: new"
        elif new is None:
            yield f"table {name}: gone, with {old.rows} rows"
        elif old != new:
            more = [f"column {each} new" for each in new.columns if each not in old.columns]
            more += [f"column {each} gone" for each in old.columns if each not in new.columns]
            more += [f"{old.rows} rows become {new.rows}"] if old.rows != new.rows else []
            yield f"table {name}: {', '.join(more) or 'columns in another order'}"
