"""Alert rules, dashboard and handbook speak of meters that a real node has."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

import gateway as package
from tests.nodes import Node, serving

DOCS = Path(package.__file__).parent.parent / "docs"
#: What Prometheus itself knows of every target.
_ITS_OWN = {"up"}
_WORDS = frozenset(
    {"and", "or", "min", "max", "sum", "rate", "increase", "month", "histogram_quantile"}
)


def rules() -> list[dict[str, Any]]:
    """Return every alert rule."""
    groups = yaml.safe_load((DOCS / "monitoring" / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Return every panel of the dashboard."""
    found = json.loads((DOCS / "monitoring" / "dashboard.json").read_text("utf-8"))["panels"]
    return list(found)


def names_in(expression: str) -> set[str]:
    """Return the meters that a PromQL *expression* names: all words but labels and functions."""
    bare = re.sub(r"\{[^}]*\}|\b(?:by|on)\s*\([^)]*\)|\[[^\]]*\]|\"[^\"]*\"", " ", expression)
    words = set(re.findall(r"(?<![0-9.])[a-zA-Z_][a-zA-Z0-9_]*", bare))
    return words - _WORDS - _ITS_OWN


def labels_in(expression: str) -> Iterator[tuple[str, str]]:
    """Yield each meter with each label that is asked of it in braces."""
    for name, inside in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
        for label in re.findall(r"([a-z_]+)\s*=", inside):
            yield name, label


def expressions() -> list[str]:
    """Return every expression of rules and panels."""
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + asked


@pytest.fixture(name="meters")
async def _meters(node_folder: Path) -> dict[str, set[str]]:
    """What a node that stamps its receipts answers at /metrics: labels by name."""
    stamped = {"tsa_url": "http://127.0.0.1:9/", "tsa_trust": ["config/node.crt"]}
    async with serving(node_folder, keys=stamped) as node:
        await node.submit()
        return await labelled(node)


async def labelled(node: Node) -> dict[str, set[str]]:
    """Return the labels of every meter of *node*, those without a sample included."""
    text = (await node.get("/metrics")).body.decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        found.setdefault(family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


async def test_every_meter_that_is_watched_exists(meters: dict[str, set[str]]) -> None:
    """In a real answer, under this very name."""
    unknown = {name for each in expressions() for name in names_in(each)} - set(meters)

    assert unknown == set()


async def test_every_label_that_is_asked_for_exists(meters: dict[str, set[str]]) -> None:
    """Beside those that Prometheus adds; a meter without a sample shows none."""
    asked = {pair for each in expressions() for pair in labels_in(each)}
    wrong = {
        (name, label)
        for name, label in asked
        if name not in _ITS_OWN and meters[name] and label not in {*meters[name], "instance"}
    }

    assert wrong == set()


async def test_meters_are_named_as_prometheus_wants(meters: dict[str, set[str]]) -> None:
    """Our prefix, small letters, and the base unit at the end where there is one."""
    units = ("_seconds", "_bytes", "_total", "_count", "_sum", "_bucket", "_created")
    ours = [name for name in meters if not name.endswith(units)]

    assert [name for name in meters if not re.fullmatch("gateway_[a-z_]+", name)] == []
    assert [name for name in ours if re.search(r"_(ms|minutes|kb|mb)$", name)] == []


async def test_every_meter_says_what_it_is(node: Node) -> None:
    """A sentence as help."""
    text = (await node.get("/metrics")).body.decode()

    short = [
        each.name for each in text_string_to_metric_families(text) if len(each.documentation) < 10
    ]
    assert short == []


def test_every_alert_is_told_in_the_handbook() -> None:
    """Under its name, and each section is of an alert."""
    handbook = (DOCS / "handbook.md").read_text("utf-8")
    told = set(re.findall(r"^### (Gateway\w+)$", handbook, re.MULTILINE))

    assert told == {rule["alert"] for rule in rules()}


def test_every_alert_points_to_its_section() -> None:
    """The anchor is its name in small letters."""
    wrong = [
        rule["alert"]
        for rule in rules()
        if rule["annotations"]["runbook"] != f"docs/handbook.md#{rule['alert'].lower()}"
    ]

    assert wrong == []


def test_every_alert_has_a_severity_and_a_summary_in_both_languages() -> None:
    """Whoever is woken at night reads one line."""
    assert {rule["labels"]["severity"] for rule in rules()} == {"warning", "critical"}
    assert [each["alert"] for each in rules() if " / " not in each["annotations"]["summary"]] == []


def test_panels_do_not_lie_over_each_other() -> None:
    """Each has a place of its own on a grid of 24 columns."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
