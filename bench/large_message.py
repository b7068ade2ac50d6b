"""An attachment of 25 MB in an edXML message: what the node needs more than to read and hash it.

The same bytes come over the same road to a bare server that hashes them and keeps nothing. One
message after another, to a node of one process: then the most that the kernel ever counted is what a
message takes.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.press import Turn, median
from bench.processes import free_port, running
from bench.results import Result
from bench.sides import SETTLE_S, Side, node_in

ATTACHMENT_BYTES = 26_214_400
_TURNS, _TURN_S = 3, 3.0
#: Of a message that makes the node load what it needs for any.
_SMALL_BYTES = 100_000


async def measure(folder: Path) -> list[Result]:
    """Run a bare server and a node in *folder*; return the lines of the table."""
    hashed: list[Turn] = []
    stored: list[Turn] = []
    async with AsyncExitStack() as stack:
        bare, node = await _bare_in(stack), await node_in(folder, stack, processes=1)
        (program,) = node.programs
        await asyncio.sleep(SETTLE_S)
        await _one_by_one(node, _SMALL_BYTES)
        idle_mb = program.memory_mb("VmRSS")
        for _ in range(_TURNS):
            hashed.append(await _one_by_one(bare, ATTACHMENT_BYTES))
            stored.append(await _one_by_one(node, ATTACHMENT_BYTES))
        peak_mb = program.memory_mb("VmHWM")
    return _results(median(hashed), median(stored), idle_mb, peak_mb)


async def _bare_in(stack: AsyncExitStack) -> Side:
    port = free_port()
    arguments = ["-m", "bench.bare", str(port), "100"]
    return Side(programs=[await stack.enter_async_context(running(arguments, port=port))])


async def _one_by_one(side: Side, size: int) -> Turn:
    return await side.take([], seconds=_TURN_S, clients=1, size=size, kind="message")


def _results(hashed: Turn, stored: Turn, idle_mb: float, peak_mb: float) -> list[Result]:
    return [
        Result(
            name="25 MB in an edXML message: memory over idle",
            value=peak_mb - idle_mb,
            unit="MB",
            most=16,
            stretch=4,
            detail=f"idle {idle_mb:.0f} MB, peak {peak_mb:.0f} MB, of the process that takes it",
        ),
        Result(
            name="25 MB in an edXML message: time against reading and hashing",
            value=stored.p50_ms / hashed.p50_ms,
            unit="x",
            most=3,
            stretch=2,
            detail=f"{hashed.p50_ms:.0f} ms → {stored.p50_ms:.0f} ms, "
            f"CPU {hashed.cpu_ms:.0f} ms → {stored.cpu_ms:.0f} ms",
        ),
    ]
