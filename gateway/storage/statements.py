"""Every SQL statement by its name, read once from `sql/queries.sql`."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_HEADING = re.compile(r"^-- name: (?P<name>\w+)(?: \[(?P<engine>\w+)\])?$", re.MULTILINE)


@cache
def load_statements(engine: str) -> Mapping[str, str]:
    """Return the statements for *engine* (``sqlite`` or ``postgres``), its variants preferred."""
    text = files("gateway.storage").joinpath("sql/queries.sql").read_text("utf-8")
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    statements: dict[str, str] = {}
    for heading, end in zip(headings, ends, strict=True):
        variant = heading["engine"]
        if variant not in {None, engine}:
            continue
        lines = text[heading.end() : end].splitlines()
        body = "\n".join(line for line in lines if not line.startswith("--"))
        if variant is not None or heading["name"] not in statements:
            statements[heading["name"]] = body.strip().removesuffix(";")
    return statements
