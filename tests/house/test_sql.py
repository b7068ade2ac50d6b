"""The SQL of the house: every statement is used, every name exists, lists are ordered and bounded."""

import ast
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from gateway.storage.migrate import migrate
from gateway.storage.statements import load_statements

STORAGE = Path(__file__).resolve().parents[2] / "gateway" / "storage"
STATEMENTS = load_statements("sqlite")
TEXT = (STORAGE / "sql" / "queries.sql").read_text("utf-8")
#: Lists that are small by nature, or are cut by what they are about: one document, one thing.
UNBOUNDED = {
    "accounts",
    "agencies",
    "calendar_changes",
    "clients",
    "destinations",
    "audit_about",
    "numbers",
    "numbers_of",
    "audit_of",
    "audit_segments",
    "audit_told",
    "receipts_of",
    "documents",
    "attachments",
    "deliveries",
    "delivery_states",
    "documents_of",
    "vxp_codes",
    "vxp_holders",
    "vxp_registrations",
    "announced",
    "lane_depths",
    "summed_facts_of",
    "fact_sums_of",
}
#: No order: they are put into one by who asks, or are a set.
UNORDERED = {"documents", "delivery_states", "documents_of", "numbers_of"}


@cache
def strings() -> set[str]:
    """Return every string that stands in the code of the cellar."""
    found = set()
    for file in STORAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def called() -> set[str]:
    """Return the names of the statements that the code runs by a literal name."""
    found = set()
    for file in STORAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"one", "all", "untouched", "run", "run_many", "_first"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                found.add(node.args[0].value)
    return found


def lists(name: str) -> bool:
    """Whether a statement answers with rows, more than one of them."""
    text = STATEMENTS[name]
    return text.startswith("SELECT") and name in called_all()


@cache
def called_all() -> set[str]:
    """Return the names of the statements whose every row is read."""
    found = {name for name in STATEMENTS if name.startswith("list_") or "_after" in name}
    for file in STORAGE.glob("*.py"):
        found |= set(re.findall(r'\.(?:all|untouched)\(\s*"(\w+)"', file.read_text("utf-8")))
    return found


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_every_statement_is_used(name: str) -> None:
    """Dead SQL is deleted."""
    assert name in strings()


def test_every_name_that_is_run_exists() -> None:
    """No statement is missing."""
    assert called() - set(STATEMENTS) == set()


@pytest.mark.parametrize("name", sorted(name for name in STATEMENTS if lists(name)))
def test_lists_are_ordered_and_bounded(name: str) -> None:
    """Every list has ORDER BY and LIMIT, but for those that are small by nature."""
    text = STATEMENTS[name]

    assert "ORDER BY" in text or name in UNORDERED
    assert "LIMIT" in text or name in UNBOUNDED


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_columns_are_listed(name: str) -> None:
    """Never all of them."""
    assert not re.search(r"SELECT\s+\*|\.\*", STATEMENTS[name])


def test_every_statement_says_what_it_is_for() -> None:
    """A line of purpose follows the name."""
    headings = re.findall(r"^-- name: (\w+).*\n(.*)$", TEXT, re.MULTILINE)

    assert [name for name, line in headings if not line.startswith("-- ")] == []


def test_every_variant_stands_beside_its_twin() -> None:
    """What one engine says differently follows the common form."""
    names = re.findall(r"^-- name: (\w+)", TEXT, re.MULTILINE)
    variants = re.findall(r"^-- name: (\w+) \[", TEXT, re.MULTILINE)

    assert all(names[names.index(each) + 1] == each for each in variants)


def test_both_engines_know_the_same_names() -> None:
    """No engine lacks a statement."""
    assert set(STATEMENTS) == set(load_statements("postgres"))


#: Two streams that are read on side by side are put into one order, a page of each.
_MERGED = {"notices_after"}


@pytest.mark.parametrize(
    "name", sorted(name for name in STATEMENTS if name.endswith("_after") and name not in _MERGED)
)
def test_reading_on_from_a_place_goes_along_an_index(name: str) -> None:
    """What lies before the place is not read, and nothing is sorted: a page costs the same anywhere."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        values = dict.fromkeys(re.findall(r":(\w+)", STATEMENTS[name]), 1)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", values).fetchall()

    assert not [row for row in plan if "TEMP B-TREE" in row[3] or row[3].startswith("SCAN")]
