"""Two nodes over one PostgreSQL server, against one node over SQLite, turn by turn in one run.

The server commits durably, as it comes; the nodes have a process each, and one folder of documents.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.prepared import many, trusting
from bench.press import median
from bench.processes import serving
from bench.results import Result
from bench.sides import SENDER, SETTLE_S, Side, in_turns, node_in
from bench.sites import make_site
from tests.postgres import programs, server

NAME = "100 kB signed, PostgreSQL with two nodes: share of SQLite's speed"
_NODES = 2
_TURNS, _TURN_S = 3, 4.0
_SETTINGS = "-c max_connections=100"


async def measure(folder: Path) -> list[Result]:
    """Run the server and the nodes in *folder*; return the line of the table."""
    if programs() is None:
        return [Result.skipped(NAME, "no PostgreSQL server program here (initdb)")]
    files = await asyncio.to_thread(many, "100 kB")
    async with AsyncExitStack() as stack:
        sides = [await node_in(folder / "sqlite", stack), await _pair_in(folder / "pair", stack)]
        await asyncio.sleep(SETTLE_S)
        taken = await in_turns(sides, files, turns=_TURNS, seconds=_TURN_S)
    sqlite, postgres = (median(turns) for turns in taken)
    return [
        Result(
            name=NAME,
            value=postgres.per_second / sqlite.per_second,
            unit="x",
            least=0.8,
            stretch=1.2,
            detail=f"SQLite {sqlite} · PostgreSQL {postgres}, without the server's",
        )
    ]


async def _pair_in(folder: Path, stack: AsyncExitStack) -> Side:
    """Start a server, and nodes over a database of it in *folder*."""
    running = await asyncio.to_thread(stack.enter_context, server(_SETTINGS))
    settings = await asyncio.to_thread(trusting)
    settings += f'[storage]\ndatabase = "{await asyncio.to_thread(running.database)}"\n'
    site = await asyncio.to_thread(make_site, folder, settings=settings)
    nodes = [
        await stack.enter_async_context(serving(site.config_file, processes=1))
        for _ in range(_NODES)
    ]
    return Side(programs=nodes, token=site.tokens[SENDER])
