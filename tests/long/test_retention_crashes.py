"""Retention and the audit archive killed at every commit and at random: done once, in the end, and whole."""

import random
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from gateway.bootstrap.auditing import verify_node
from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.packages import package_faults
from gateway.bootstrap.receipts import node_anchors
from gateway.domain.figures import Question
from gateway.pipeline.statistics import Rows
from tests.cli.commands import REPOSITORY
from tests.pipeline.rooms import AUDITOR, Rooms, reopened, rooms

pytestmark = pytest.mark.long

DOCUMENTS, DAYS, RANDOM_DEATHS = 7, 40, 12
RULES = """
[node]
code = "H13"
[retention]
batch = 2
[[removal]]
name = "tat-ca"
days = 30
decision = "15/QĐ-SNV"
"""


def life(folder: Path, passing: int, *, after_s: float | None = None) -> bool:
    """Let the node run once; return whether it came to the end."""
    module = "tests.long.dying_retention"
    program = [sys.executable, "-m", module, str(folder), str(DAYS), str(passing)]
    with subprocess.Popen(program, cwd=REPOSITORY) as process:  # noqa: S603 - it is ours
        try:
            return process.wait(timeout=after_s or 60) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            return False


async def figures(node: Rooms) -> Rows:
    """Return the figures of all time."""
    today = SystemClock().now().date()
    first, last = today.replace(month=1, day=1), today.replace(month=12, day=31)
    question = Question(first=first, last=last, group=("agency", "direction", "month"))
    return await node.gateway.statistics.report(question, AUDITOR)


async def test_whatever_is_killed_content_goes_once_and_the_record_is_whole(
    tmp_path: Path,
) -> None:
    """One removal and one whole package a document, no file left, figures as before."""
    folder = tmp_path / "node"
    async with rooms(folder, at=SystemClock().now()) as node:
        documents = [await node.sent() for _ in range(DOCUMENTS)]
        for document in documents:
            await node.report(document, "06")
        before = await figures(node)
    (folder / "gateway.toml").write_text(RULES, "utf-8")
    chance, passing = random.Random(7), 1  # noqa: S311 - no secret

    for _ in range(RANDOM_DEATHS):
        life(folder, 0, after_s=0.9 + chance.random())
    while not life(folder, passing):
        passing += 1
    assert life(folder, 0)

    async with reopened(folder, at=SystemClock().now()) as node:
        await check_documents(node, [each.id for each in documents])
        await check_record(node)
        assert await figures(node) == before


async def check_documents(node: Rooms, documents: list[str]) -> None:
    """Every document was removed once, and has one whole package; nothing else is there."""
    records = [each for each in await node.audit() if each.action == "content-removed"]
    found = [(await node.find(each)).removal for each in documents]
    root = node.folder / "data" / "archive"
    packages = [root / each.package for each in found if each and each.package]
    anchors = node_anchors(node.gateway.config)

    assert Counter(each.about for each in records) == Counter(documents)
    assert node.files() == []
    assert len(set(packages)) == len(documents)
    assert [fault for each in packages for fault in package_faults(each, anchors)] == []
    assert sorted(root.rglob("*.zip")) == sorted(packages)


async def check_record(node: Rooms) -> None:
    """The chain is whole, over what was archived."""
    look = partial(verify_node, node.gateway, anchors=(), trust=(), progress=lambda _: None)
    verified = await node.gateway.run(look)

    assert verified.findings == ()
    assert verified.segments >= 1
