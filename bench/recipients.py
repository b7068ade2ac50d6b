"""A signed document of 100 kB for 200 recipients, against the same for one."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.prepared import many, trusting
from bench.press import Turn, median
from bench.results import Result
from bench.sides import SENDER, SETTLE_S, node_in
from bench.sites import make_site

RECIPIENTS = tuple(f"H13.{n}" for n in range(100, 300))
_TURNS, _TURN_S = 3, 2.0


async def measure(folder: Path) -> list[Result]:
    """Run a node in *folder* and send to one and to many in turns; return the line of the table."""
    files = await asyncio.to_thread(many, "100 kB")
    settings = await asyncio.to_thread(trusting)
    agencies = (SENDER, *RECIPIENTS)
    site = await asyncio.to_thread(make_site, folder, settings=settings, agencies=agencies)
    async with AsyncExitStack() as stack:
        node = await node_in(folder, stack, site=site)
        await asyncio.sleep(SETTLE_S)
        one: list[Turn] = []
        all_: list[Turn] = []
        for _ in range(_TURNS):
            for to, turns in ((RECIPIENTS[:1], one), (RECIPIENTS, all_)):
                turns.append(await node.take(files, clients=1, seconds=_TURN_S, recipients=to))
    few, many_ = median(one), median(all_)
    return [
        Result(
            name="200 recipients: time to accept against one recipient",
            value=many_.p50_ms / few.p50_ms,
            unit="x",
            most=3,
            stretch=1.5,
            detail=f"p50 {few.p50_ms:.1f} ms → {many_.p50_ms:.1f} ms, "
            f"CPU {few.cpu_ms:.1f} ms → {many_.cpu_ms:.1f} ms",
        )
    ]
