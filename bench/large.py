"""Signed documents of 5 MB: the node beside the floor, turn by turn in one run."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.prepared import many
from bench.press import median
from bench.results import Result
from bench.sides import SETTLE_S, floor_in, in_turns, node_in

SIZE = "5 MB"
_CLIENTS, _TURNS, _TURN_S = 16, 2, 5.0


async def measure(folder: Path) -> list[Result]:
    """Run floor and node in *folder*; return the line of the table."""
    files = await asyncio.to_thread(many, SIZE)
    async with AsyncExitStack() as stack:
        sides = [await floor_in(folder / "floor", stack), await node_in(folder / "node", stack)]
        await asyncio.sleep(SETTLE_S)
        taken = await in_turns(sides, files, turns=_TURNS, seconds=_TURN_S, clients=_CLIENTS)
    floor, node = (median(turns) for turns in taken)
    return [
        Result(
            name="5 MB signed, 16 clients: share of the floor",
            value=node.per_second / floor.per_second,
            unit="x",
            least=0.6,
            stretch=0.8,
            detail=f"floor {floor} · node {node}",
        )
    ]
