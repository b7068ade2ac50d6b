"""Four times as much as the node can take: what it takes still, what it tells the rest, what is lost."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

import msgspec

from bench.load import Task
from bench.prepared import many
from bench.results import Result
from bench.sides import SETTLE_S, Side, node_in
from bench.torrent import Flood, Outcome

_TIMES = 4
_TURN_S, _FLOOD_S = 4.0, 6.0
_AT_ONCE_MS = 1000


async def measure(folder: Path) -> list[Result]:
    """Run a node in *folder*, press it, then flood it; return the lines of the table."""
    files = await asyncio.to_thread(many, "100 kB")
    async with AsyncExitStack() as stack:
        node = await node_in(folder, stack)
        await asyncio.sleep(SETTLE_S)
        able = (await node.take(files, seconds=_TURN_S)).per_second
        outcome = await _flood(node, files, able * _TIMES)
        lost = await asyncio.to_thread(_missing, node, outcome.taken)
    return _results(able, outcome, lost)


async def _flood(node: Side, files: list[Path], per_second: float) -> Outcome:
    (program,) = node.programs
    task = Task(
        ports=[program.port],
        clients=0,
        seconds=_FLOOD_S,
        token=node.token,
        files=tuple(map(str, files)),
    )
    wish = msgspec.json.encode(Flood(task=task, per_second=per_second)).decode()
    generator = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.torrent", wish, stdout=PIPE
    )
    output, _ = await generator.communicate()
    return msgspec.json.decode(output, type=Outcome)


def _missing(node: Side, documents: list[str]) -> int:
    """Return how many of *documents*, which were answered 201, cannot be read or have no code."""
    (program,) = node.programs
    headers = {"Authorization": f"Bearer {node.token}"}
    missing, codes = 0, set()
    with closing(HTTPConnection("127.0.0.1", program.port)) as connection:
        for document in documents:
            connection.request("GET", f"/api/v1/documents/{document}", headers=headers)
            answer = connection.getresponse()
            told = msgspec.json.decode(answer.read())
            missing += told.get("id") != document or not told.get("code")
            codes.add(told.get("code"))
    return missing + len(documents) - len(codes)


def _results(able: float, outcome: Outcome, lost: int) -> list[Result]:
    taken = len(outcome.taken) / outcome.seconds
    statuses = ", ".join(f"{name}: {n}" for name, n in sorted(outcome.statuses.items()))
    told = {"201", "429", "503"}
    others = sum(n for name, n in outcome.statuses.items() if name not in told)
    return [
        Result(
            name="overload 4x: accepted rate, share of what it can take",
            value=taken / able,
            unit="x",
            least=0.9,
            stretch=1,
            detail=f"{able:.0f}/s → {taken:.0f}/s, p99 {outcome.taken_p99_ms:.0f} ms · {statuses}",
        ),
        Result(
            name="overload 4x: the rest is told 429 or 503, p99",
            value=outcome.later_p99_ms,
            unit="ms",
            most=_AT_ONCE_MS,
        ),
        Result(
            name="overload 4x: answered otherwise, or not at all",
            value=others,
            unit="requests",
            most=0,
        ),
        Result(
            name="overload 4x: answered 201 and not there",
            value=lost,
            unit="documents",
            most=0,
            detail=f"of {len(outcome.taken)}",
        ),
    ]
