"""What a SQLite database looks like from outside: its tables, their columns, how much they hold."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.storage.migrate import migrations


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its columns and the number of its rows."""

    columns: tuple[str, ...]
    rows: int


Shape = Mapping[str, Table]


def shape_of(database: Path) -> Shape:
    """Return every table of the SQLite file *database* by its name."""
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {name: _table(connection, name) for (name,) in sorted(names)}


def pending(database: Path) -> list[int]:
    """Return the numbers of the migrations that *database* still lacks."""
    with closing(sqlite3.connect(database)) as connection:
        done = {row[0] for row in connection.execute("SELECT number FROM migration")}
    return [number for number in migrations("sqlite") if number not in done]


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


def _table(connection: sqlite3.Connection, name: str) -> Table:
    quoted = '"{}"'.format(name.replace('"', '""'))
    columns = connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
    (rows,) = connection.execute(f"SELECT COUNT(*) FROM {quoted}").fetchone()  # noqa: S608 - quoted
    return Table(columns=tuple(each for (each,) in columns), rows=rows)
