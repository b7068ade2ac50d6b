"""The generators of load, against a real node."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.load import Kind, Task
from bench.load import press as press_closed
from bench.torrent import Flood, flood
from tests.nodes import OFFICE, OTHER, Node, make, serving


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The folder of a node that does not run."""
    await make(tmp_path / "node")
    return tmp_path / "node"


def a_task(node: Node, kind: Kind = "form") -> Task:
    """Return a second of load on *node*."""
    port = urlsplit(node.url).port or 0
    token = node.tokens[OFFICE]
    return Task(
        ports=[port],
        clients=2,
        seconds=0.5,
        token=token,
        size=2000,
        kind=kind,
        recipients=(OTHER,),
    )


@pytest.mark.parametrize("kind", ["form", "message"])
async def test_no_document_of_a_load_is_a_repeat(folder: Path, kind: Kind) -> None:
    """Each is answered 201: whether data and files, or a message."""
    async with serving(folder) as node:
        tally = await press_closed(a_task(node, kind))

    assert tally.refused == 0
    assert tally.latencies


async def test_an_open_loop_sends_what_is_due_and_notes_every_document(folder: Path) -> None:
    """Answered or not, the next request goes out at its time."""
    async with serving(folder) as node:
        outcome = await flood(Flood(task=a_task(node), per_second=20))
        found = [await node.get(f"/api/v1/documents/{each}", who=OFFICE) for each in outcome.taken]

    assert outcome.statuses == {"201": 10}
    assert [each.status for each in found] == [200] * 10


async def test_an_open_loop_tells_who_was_asked_to_come_again(folder: Path) -> None:
    """Every request is accounted for."""
    async with serving(folder, http={"max_requests": 1}) as node:
        outcome = await flood(Flood(task=a_task(node), per_second=200))

    assert sum(outcome.statuses.values()) == 100
    assert set(outcome.statuses) == {"201", "503"}
    assert outcome.statuses["201"] == len(set(outcome.taken))
