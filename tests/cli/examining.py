"""Examining a node with `gateway doctor`, and making it ill."""

import json
from pathlib import Path
from typing import Any

from tests.cli.commands import run


def examine(node: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit status and the worst diagnosis of each check."""
    result = run("doctor", "--format", "json", "--config", str(node / "gateway.toml"))
    order = ["ok", "warning", "error"]
    found: dict[str, dict[str, Any]] = {}
    for each in json.loads(result.stdout):
        known = found.setdefault(each["check"], each)
        if order.index(each["result"]) > order.index(known["result"]):
            found[each["check"]] = each
    return result.exit_code, found


def change(node: Path, before: str, after: str) -> None:
    """Change the configuration of *node*."""
    toml = node / "gateway.toml"
    text = toml.read_text("utf-8")
    assert before in text
    toml.write_text(text.replace(before, after), "utf-8")


def configure(node: Path, text: str) -> None:
    with (node / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(text)
