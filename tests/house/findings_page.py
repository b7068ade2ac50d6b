"""Writes the tables of docs/findings.md from the code: `make findings`.

A table stands between ``<!-- table: … -->`` and ``<!-- end -->``; the words around it, and the
table of problems, are written by hand. Every statement of every module gets its row, so that a new
one only has to be written down where it is used.
"""

import pkgutil
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import gateway
from gateway.domain.rules.mechanism import Rule, Statement

PAGE = Path(__file__).resolve().parents[2] / "docs" / "findings.md"
#: Tables and the modules whose statements they hold; what is in none belongs to the first.
TABLES = {
    "rules": ("gateway.domain.rules", "gateway.domain.sender_findings"),
    "metadata": ("gateway.formats.json_fields", "gateway.formats.metadata"),
    "xml": ("gateway.formats.xml",),
    "messages": ("gateway.formats.edxml", "gateway.web.submit"),
    "intake": ("gateway.pipeline.intake",),
    "check": ("gateway.pipeline.check",),
    "receipts": ("gateway.domain.receipts",),
    "directory": (
        "gateway.domain.directory",
        "gateway.pipeline.agency_import",
        "gateway.web.agencies",
    ),
    "accounts": (
        "gateway.domain.account_findings",
        "gateway.domain.passwords",
        "gateway.pipeline.own_account",
    ),
    "statistics": ("gateway.domain.figures",),
    "audit": ("gateway.domain.audit_findings", "gateway.pipeline.auditing"),
    "archives": ("gateway.domain.archive_findings", "gateway.domain.retention"),
    "credentials": ("gateway.pipeline.clients",),
    "administration": (
        "gateway.domain.announcements",
        "gateway.domain.calendar_changes",
        "gateway.pipeline.downtime",
        "gateway.web.console.board",
    ),
    "status": (
        "gateway.pipeline.acknowledge",
        "gateway.pipeline.recall",
        "gateway.pipeline.held",
        "gateway.web.texts",
    ),
}
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = (
    "| code | severity | English | tiếng Việt | what to do | cách xử lý | source |",
    "|---|---|---|---|---|---|---|",
)


def statements() -> Iterator[tuple[str, Statement]]:
    """Yield every statement of the house with the table in which it stands."""
    known: dict[int, tuple[Statement, list[str]]] = {}
    for found in pkgutil.walk_packages(gateway.__path__, "gateway."):
        if found.name != "gateway.__main__":
            for each in _stated(vars(import_module(found.name)).values()):
                known.setdefault(id(each), (each, []))[1].append(found.name)
    for each, modules in known.values():
        yield _table_of(modules), each


def _table_of(modules: list[str]) -> str:
    """Return the table of a statement that these *modules* know: that of the one that defines it."""
    for name, prefixes in TABLES.items():
        if any(module.startswith(prefixes) for module in modules):
            return name
    return next(iter(TABLES))


def _stated(values: Iterable[object]) -> Iterator[Statement]:
    """Yield statements, those of rules, and those that lie in tuples and mappings."""
    for value in tuple(values):
        if isinstance(value, Statement):
            yield value
        elif isinstance(value, Rule):
            yield value.statement
        elif isinstance(value, dict):
            yield from _stated(value.values())
        elif isinstance(value, (tuple, list)):
            yield from _stated(value)


def tables() -> dict[str, str]:
    """Return every table, in Markdown."""
    rows: dict[str, dict[str, list[Statement]]] = {name: {} for name in TABLES}
    for name, each in statements():
        rows[name].setdefault(each.code, []).append(each)
    return {
        name: "\n".join([*_HEAD, *(_row(code, said[code]) for code in sorted(said))])
        for name, said in rows.items()
    }


def _row(code: str, said: list[Statement]) -> str:
    """Return the row of *code*; where it is said in several ways, all of them."""
    cells = (
        [_weight(each) for each in said],
        [each.en for each in said],
        [each.vi for each in said],
        [each.remedy_en for each in said],
        [each.remedy for each in said],
        [each.source for each in said],
    )
    shown = (_cell(texts) for texts in cells)
    return f"| `{code}` | {' | '.join(shown)} |"


def _cell(texts: list[str]) -> str:
    joined = "<br>".join(dict.fromkeys(texts))
    return joined.replace("|", "\\|").replace("{{", "{").replace("}}", "}").replace("!r}", "}")


def _weight(statement: Statement) -> str:
    if statement.from_axis in {None, statement.severity}:
        return statement.severity.value
    return f"{statement.severity.value} ({statement.from_axis} from an axis)"


def page() -> str:
    """Return the page as it should be."""
    made = tables()
    return _TABLE.sub(
        lambda found: f"{found[1]}{made[found[2]]}\n{found[3]}", PAGE.read_text("utf-8")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
