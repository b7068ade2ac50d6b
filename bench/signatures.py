"""Verification of signed PDF files: the house against plain pyHanko and against the floor."""

import asyncio
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from bench.prepared import signed
from bench.results import Result
from gateway.crypto.glance import PDF
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.workers import Setup, Verification
from gateway.formats.screening import screen_xml
from gateway.processes import Processes

_SECONDS = 1.5
_WORKERS = 2
_AT_ONCE = 8
_WARM_S = 3.0
_PATIENCE_S = 60.0
#: How many times less CPU than plain pyHanko a file of 100 kB must cost.
_LEAST_GAIN = 4.0
#: What is verified by two processes at once, and how many times as fast as by plain pyHanko.
_AT_TWO = {"100 kB": 4.0, "5 MB": None}

Found = dict[str, dict[str, float]]


async def measure(_: Path) -> list[Result]:
    """Verify in the three ways, one after another; then by two processes at once."""
    folder = await asyncio.to_thread(signed)
    floor, plain, house = [await _run(way, folder) for way in ("floor", "plain", "house")]
    results = [each for name in house for each in _compared(name, floor, plain, house)]
    return [*results, *[await _by_two(name, folder) for name in _AT_TWO]]


def _compared(name: str, floor: Found, plain: Found, house: Found) -> list[Result]:
    cost, least = house[name]["cpu_ms"], floor[name]["cpu_ms"]
    detail = (
        f"CPU per file {cost:.2f} ms, plain {plain[name]['cpu_ms']:.2f} ms, floor {least:.2f} ms; "
        f"{house[name]['per_s']:.0f} files/s, plain {plain[name]['per_s']:.0f}, "
        f"floor {floor[name]['per_s']:.0f}"
    )
    gain = plain[name]["cpu_ms"] / cost
    least_gain = _LEAST_GAIN if name == "100 kB" else None
    return [
        Result(
            name=f"verify {name}: gain on plain pyHanko",
            value=gain,
            unit="times",
            least=least_gain,
            detail=detail,
        )
    ]


async def _run(way: str, folder: Path, name: str = "") -> Found:
    """Verify every file of *folder* in one *way*, or the one of that *name*, in one process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.verifying",
        way,
        str(folder),
        str(_SECONDS),
        name,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return msgspec.json.decode(output, type=Found)


async def _by_two(name: str, folder: Path) -> Result:
    """Verify one file by two processes at once: floor, plain, and the pool as the node uses it."""
    floor, plain = [await by_processes(way, name, folder) for way in ("floor", "plain")]
    house = await _pooled(name, folder)
    return Result(
        name=f"verify {name}, pool of {_WORKERS}: gain on plain pyHanko",
        value=house / plain,
        unit="times",
        least=_AT_TWO[name],
        detail=f"{house:.0f} files/s, plain {plain:.0f}, floor {floor:.0f}",
    )


async def by_processes(way: str, name: str, folder: Path) -> float:
    """Verify one file of *folder* in one *way* by two processes at once; files a second."""
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(_run(way, folder, name)) for _ in range(_WORKERS)]
    return sum(each.result()[name]["per_s"] for each in both)


async def _pooled(name: str, folder: Path) -> float:
    """Verify through the pool as the node does, from many requests at once; files a second."""
    at = datetime.fromisoformat((folder / "at").read_text("ascii"))
    setup = Setup(trust=(folder / "trust",), policy=VerificationPolicy(), screen=screen_xml)
    modules = ("gateway.crypto.workers",)
    file = folder / f"{name}.pdf"
    with closing(
        Processes(count=_WORKERS, timeout_s=20.0, memory_mb=768, modules=modules)
    ) as processes:
        verify = Verification(processes, setup, patience_s=_PATIENCE_S)

        def until(end: float) -> int:
            count = 0
            while time.perf_counter() < end:
                with file.open("rb") as opened:
                    verify(opened, PDF, at=at)
                count += 1
            return count

        async def at_once(seconds: float) -> int:
            end = time.perf_counter() + seconds
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(asyncio.to_thread(until, end)) for _ in range(_AT_ONCE)]
            return sum(each.result() for each in tasks)

        await at_once(_WARM_S)
        return await at_once(_SECONDS) / _SECONDS
