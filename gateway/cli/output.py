"""How commands print: tables for people, JSON and CSV for programs; errors apart."""

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.domain.characters import legible
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding, Severity

TABLE, JSON, CSV = "table", "json", "csv"
#: Where the chosen format lies in the context of all commands.
FORMAT = "gateway.format"
#: How wide a table is that goes to a file or a program; COLUMNS says otherwise.
_PAGE = "160"
_LONGEST_CELL = 2000
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
#: What is never folded: a word, and an instant with the blank in it.
_WORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*|\S+")
#: The gravest first: what refuses is told before what is only remarked.
_GRAVITY = (Severity.ERROR, Severity.WARNING, Severity.INFO)
#: A column of sentences may be folded to so many cells; a word, an id or a code never is.
_FOLDED = 24

Record = Mapping[str, object]


class Answered(Refused):
    """A node said no; *body* is its answer as it came."""

    def __init__(self, message: str, *, code: str, findings: list[Finding], body: object) -> None:
        """Keep the problem of the answer."""
        super().__init__(message, code=code, findings=findings)
        self.body = body


def show_list(
    records: Sequence[Record], columns: Mapping[str, str], how: str, *, title: str = ""
) -> None:
    """Print *records*: a table or CSV of *columns* (key and heading), or one JSON array of all."""
    if how == JSON:
        show_json(records)
    elif how == CSV:
        write_csv(columns, records)
    else:
        show_table(
            list(columns.values()),
            [[record.get(key) for key in columns] for record in records],
            title=title,
        )


def show_record(record: Record, how: str, *, names: Mapping[str, str] | None = None) -> None:
    """Print one *record*: two columns, one line of CSV, or one JSON object."""
    if how == JSON:
        show_json(record)
    elif how == CSV:
        write_csv({key: key for key in record}, [record])
    else:
        titles = names or {}
        show_table(
            ["", ""], [[titles.get(key, key), value] for key, value in record.items()], head=False
        )


def show_json(value: object) -> None:
    """Print *value* as JSON on one line."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a file name that is no UTF-8: escaped, it comes back unchanged
        text = json.dumps(value)
    click.echo(text)


def write_csv(columns: Mapping[str, str], records: Iterable[Record]) -> None:
    """Print *records* as CSV under the keys of *columns*."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([_plain(record.get(key)) for key in columns])


def show_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    head: bool = True,
) -> None:
    """Print a table; in a window too narrow for it, a record of lines for each row.

    Ids and codes are there to be copied: they are never folded into pieces. Programs that want
    every column on one line ask for CSV or JSON, people for a wider page by COLUMNS.
    """
    out = console(terminal=sys.stdout.isatty())
    texts = [[_cell(value) for value in row] for row in rows]
    least = [_least(column) for column in zip(headings, *texts, strict=True)]
    if head and sum(width + 2 for width in least) + 2 > out.width:
        _show_records(headings, texts, out, title=title)
        return
    table = Table(
        title=Text(title) if title else None,
        title_justify="left",
        show_header=head,
        box=SIMPLE_HEAD,
    )
    for heading, width in zip(headings, least, strict=True):
        table.add_column(Text(heading), overflow="fold", min_width=width if head else None)
    for row in texts:
        table.add_row(*(Text(text) for text in row))
    out.print(table)


def _least(column: Iterable[str]) -> int:
    """Return the cells that a column needs when its texts are folded between words."""
    lines = [line for text in column for line in text.split("\n")]
    words = [word for line in lines for word in _WORD.findall(line)]
    longest = max(map(cell_len, lines), default=0)
    return max(min(longest, _FOLDED), max(map(cell_len, words), default=0))


def _show_records(
    headings: Sequence[str], rows: Sequence[Sequence[str]], out: Console, *, title: str
) -> None:
    if title:
        out.print(Text(title), soft_wrap=True)
    for row in rows:
        out.print()
        for heading, text in zip(headings, row, strict=True):
            if text:
                out.print(Text(f"  {heading}: {text}" if heading else f"  {text}"), soft_wrap=True)


def console(*, terminal: bool = True, stderr: bool = False) -> Console:
    """Return where to print to; *terminal* says that the width of a window counts."""
    page = os.environ.get("COLUMNS", _PAGE)
    width = None if terminal else int(page) if page.isdigit() and int(page) else int(_PAGE)
    return Console(stderr=stderr, width=width, highlight=False)


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show *text* on a terminal while something lasts."""
    if not sys.stderr.isatty():
        yield
        return
    with console(stderr=True).status(Text(text)):
        yield


@contextmanager
def counting(text: str, *, every: int = 50) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far something long has come: call what is given with each count."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with console(stderr=True).status(Text(text)) as status:

        def tell(count: int) -> None:
            if count % every == 0:
                status.update(Text(f"{text}: {count}"))

        yield tell


def tell_error(message: str) -> None:
    """Print one line to standard error."""
    line = legible(" ".join(message.split()), limit=_LONGEST_CELL)
    click.echo(f"error: {line}", err=True)


def show_findings(findings: Sequence[Finding], ctx: click.Context | None = None) -> None:
    """Print *findings* in the format of the command: Vietnamese, and English beneath."""
    how = (ctx or click.get_current_context()).meta.get(FORMAT, TABLE)
    if not findings:
        return
    records: list[Record] = [msgspec.to_builtins(finding) for finding in findings]
    if how != TABLE:
        show_list(records, {key: key for key in records[0]}, how)
        return
    show_table(
        ["", "Mã / code", "Vị trí / place", "Nội dung / message", "Cách xử lý / remedy"],
        [
            (
                each.severity.value,
                each.code,
                each.pointer,
                both(each.message, each.message_en),
                both(each.remedy, each.remedy_en),
            )
            for each in sorted(findings, key=lambda found: _GRAVITY.index(found.severity))
        ],
    )


def show_stated(findings: object) -> None:
    """Print *findings* that came as JSON, in a table."""
    with suppress(msgspec.ValidationError):
        show_findings(msgspec.convert(findings, list[Finding]))


def both(vietnamese: str, english: str) -> str:
    """Return the two languages of a text, one beneath the other."""
    return "\n".join(filter(None, (vietnamese, english)))


def _cell(value: object) -> str:
    """Return *value* for a table: what came from outside cannot steer the terminal.

    An instant is shortened to seconds.
    """
    text = _plain(value)
    if instant := _INSTANT.fullmatch(text):
        return "{} {}{}".format(*instant.groups())
    lines = text.split("\n")
    return "\n".join(legible(line, limit=_LONGEST_CELL) for line in lines)


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "; ".join(f"{key}: {_plain(part)}" for key, part in value.items() if part)
        case list() | tuple():
            return ", ".join(map(_plain, value))
        case _:
            return str(value)
