"""Documents of 100 kB from 32 clients, unsigned and signed: the node beside the floor.

Turn by turn in one run: the floor, the node, and the node on a disk whose every fsync takes two
milliseconds more. The same signed files are verified by plain pyHanko in two processes.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.prepared import many, signed
from bench.press import Turn, median
from bench.results import Result
from bench.sides import SETTLE_S, Side, floor_in, in_turns, node_in
from bench.signatures import by_processes
from bench.slow_disk import slow_disk

SIZE = "100 kB"
_TURNS, _TURN_S, _ALONE_S = 3, 4.0, 3.0


async def measure(folder: Path) -> list[Result]:
    """Run floor and nodes in *folder*; return the lines of the table."""
    files = await asyncio.to_thread(many, SIZE)
    slowness = await slow_disk(folder)
    async with AsyncExitStack() as stack:
        floor = await floor_in(folder / "floor", stack)
        node = await node_in(folder / "node", stack)
        sides = [floor, node]
        if slowness is not None:
            sides.append(await node_in(folder / "slow", stack, environment=slowness))
        await asyncio.sleep(SETTLE_S)
        unsigned = await _middles(sides[:2], [])
        crowd = await _middles(sides, files)
        alone = [await side.take(files, clients=1, seconds=_ALONE_S) for side in sides[:2]]
        resident_mb = sum(program.memory_mb("VmHWM") for program in node.programs)
    plain = await by_processes("plain", SIZE, signed())
    return [
        *_rates(unsigned, crowd, plain),
        *_costs(crowd, resident_mb),
        *_waits(alone, crowd),
        *_slow_disk(crowd),
    ]


async def _middles(sides: list[Side], files: list[Path]) -> list[Turn]:
    taken = await in_turns(sides, files, turns=_TURNS, seconds=_TURN_S)
    return [median(turns) for turns in taken]


def _rates(unsigned: list[Turn], crowd: list[Turn], plain: float) -> list[Result]:
    return [
        Result(
            name="100 kB unsigned, 32 clients: share of the floor",
            value=unsigned[1].per_second / unsigned[0].per_second,
            unit="x",
            least=0.5,
            detail=f"floor {unsigned[0]} · node {unsigned[1]}",
        ),
        Result(
            name="100 kB signed, 32 clients: share of the floor",
            value=crowd[1].per_second / crowd[0].per_second,
            unit="x",
            least=0.25,
            stretch=0.5,
            detail=f"floor {crowd[0]} · node {crowd[1]}",
        ),
        Result(
            name="100 kB signed: against plain pyHanko in a pool of two",
            value=crowd[1].per_second / plain,
            unit="x",
            least=2.5,
            stretch=4,
            detail=f"{plain:.0f} files/s, which it only verifies",
        ),
    ]


def _costs(crowd: list[Turn], resident_mb: float) -> list[Result]:
    return [
        Result(
            name="100 kB signed: CPU a document, multiple of the floor's",
            value=crowd[1].cpu_ms / crowd[0].cpu_ms,
            unit="x",
            most=5,
            stretch=3,
            detail=f"{crowd[0].cpu_ms:.2f} ms → {crowd[1].cpu_ms:.2f} ms",
        ),
        Result(
            name="100 kB signed: peak memory of all processes",
            value=crowd[1].memory_mb,
            unit="MB",
            most=300,
            stretch=250,
            detail=f"shared pages counted once; for each process that has them {resident_mb:.0f} MB",
        ),
    ]


def _waits(alone: list[Turn], crowd: list[Turn]) -> list[Result]:
    return [
        Result(
            name="100 kB signed: p50 with one client, multiple of the floor's",
            value=alone[1].p50_ms / alone[0].p50_ms,
            unit="x",
            most=5,
            stretch=3,
            detail=f"{alone[0].p50_ms:.1f} ms → {alone[1].p50_ms:.1f} ms",
        ),
        Result(
            name="100 kB signed: p99 with 32 clients, multiple of the floor's",
            value=crowd[1].p99_ms / crowd[0].p99_ms,
            unit="x",
            most=6,
            stretch=3,
            detail=f"{crowd[0].p99_ms:.0f} ms → {crowd[1].p99_ms:.0f} ms",
        ),
    ]


def _slow_disk(crowd: list[Turn]) -> list[Result]:
    name = "100 kB signed, 2 ms more for each fsync: share of the speed without"
    if len(crowd) < 3:  # noqa: PLR2004 - floor and node alone
        return [Result.skipped(name, "no C compiler (cc) here to build bench/slow_fsync.c")]
    return [
        Result(
            name=name,
            value=crowd[2].per_second / crowd[1].per_second,
            unit="x",
            least=0.7,
            stretch=0.9,
            detail=str(crowd[2]),
        )
    ]
