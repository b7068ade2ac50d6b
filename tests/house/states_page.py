"""Writes the tables of docs/states.md from the state model: `make states`.

A table stands between ``<!-- table: … -->`` and ``<!-- end -->``; the words around it are written
by hand. The tables are what `GET /api/v1/states` tells.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.web.states import state_model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = (
    "| {what} | tiếng Việt | English | what may follow | who may cause it |",
    "|---|---|---|---|---|",
)


def tables() -> dict[str, str]:
    """Return every table, in Markdown."""
    model: Mapping[str, Any] = state_model()
    found = {
        name: "\n".join(
            [line.format(what=what) for line in _HEAD] + [_row(each, what) for each in model[name]]
        )
        for name, what in (("documents", "state"), ("deliveries", "state"), ("recalls", "recall"))
    }
    return found | {"status_codes": _codes(model)}


def _row(each: Mapping[str, Any], what: str) -> str:
    follows = ", ".join(f"`{to}`" for to in each["moves_to"]) or "final"
    causes = ", ".join(each["caused_by"])
    return f"| `{each[what]}` | {each['label']} | {each['label_en']} | {follows} | {causes} |"


def _codes(model: Mapping[str, Any]) -> str:
    head = ("| code | tiếng Việt | English | what it does |", "|---|---|---|---|")
    reports = [
        f"| {each['code']} | {each['label']} | {each['label_en']} | the delivery is "
        f"`{each['state']}`{'; needs a note' if each['note_required'] else ''} |"
        for each in model["status_codes"]
    ]
    answers = [
        f"| {each['code']} | {each['label']} | {each['label_en']} | the recall is "
        f"`{each['recall']}` |"
        for each in model["recall_answers"]
    ]
    return "\n".join([*head, *reports, *answers])


def page() -> str:
    """Return the page as it should be."""
    made = tables()
    return _TABLE.sub(
        lambda found: f"{found[1]}{made[found[2]]}\n{found[3]}", PAGE.read_text("utf-8")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
