"""Peak memory of the node while 16 clients post attachments of 25 MB at once."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.load import Kind
from bench.results import Result
from bench.sides import SETTLE_S, node_in

CLIENTS = 16
ATTACHMENT_BYTES = 26_214_400
SECONDS = 6
MOST_MB = 200.0
_KINDS: dict[Kind, str] = {"form": "multipart", "message": "edXML"}


async def measure(folder: Path) -> list[Result]:
    """Post to a fresh node by either form; return its peaks above idle."""
    return [await _peak(folder / kind, kind) for kind in _KINDS]


async def _peak(folder: Path, kind: Kind) -> Result:
    async with AsyncExitStack() as stack:
        node = await node_in(folder, stack)
        (program,) = node.programs
        await asyncio.sleep(SETTLE_S)
        idle_mb = program.memory_mb("VmRSS")
        turn = await node.take(
            [], clients=CLIENTS, seconds=SECONDS, size=ATTACHMENT_BYTES, kind=kind
        )
        # VmHWM is the most the kernel ever counted: no sampling can miss it.
        peak_mb = program.memory_mb("VmHWM")
    return Result(
        name=f"peak memory over idle, 16 x 25 MB, {_KINDS[kind]}",
        value=peak_mb - idle_mb,
        unit="MB",
        most=MOST_MB,
        detail=f"idle {idle_mb:.0f} MB, peak {peak_mb:.0f} MB, {turn.per_second:.1f} documents/s",
    )
