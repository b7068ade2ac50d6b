"""What is set against each other in one run: the floor, and nodes with everything on."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.load import Kind, Task
from bench.prepared import trusting
from bench.press import Turn, press
from bench.processes import Program, free_port, running, serving
from bench.sites import Site, make_site

CLIENTS = 32
SENDER = "H13.01"
UNSIGNED_BYTES = 102_400
#: Every process of a node has started then, with what it keeps beside it.
SETTLE_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A server under load: one program, or several that serve together."""

    programs: Sequence[Program]
    token: str = "none"  # noqa: S105 - the floor asks for none

    async def take(
        self,
        files: Sequence[Path],
        *,
        seconds: float,
        clients: int = CLIENTS,
        size: int = UNSIGNED_BYTES,
        kind: Kind = "form",
        recipients: Sequence[str] = ("H13.02",),
    ) -> Turn:
        """Take documents with *files* from *clients*; without files unsigned ones of *size*."""
        task = Task(
            ports=[program.port for program in self.programs],
            clients=clients,
            seconds=seconds,
            token=self.token,
            files=tuple(map(str, files)),
            size=size,
            kind=kind,
            recipients=tuple(recipients),
        )
        return await press(task, self.programs)


async def floor_in(folder: Path, stack: AsyncExitStack) -> Side:
    """Start the floor in *folder*."""
    port = free_port()
    arguments = ["-m", "bench.floor", str(port), str(folder)]
    return Side(programs=[await stack.enter_async_context(running(arguments, port=port))])


async def node_in(
    folder: Path,
    stack: AsyncExitStack,
    *,
    site: Site | None = None,
    environment: Mapping[str, str] | None = None,
    processes: int | None = None,
) -> Side:
    """Start a node in *folder* that trusts the signers of the prepared files, or the one of *site*."""
    if site is None:
        settings = await asyncio.to_thread(trusting)
        site = await asyncio.to_thread(make_site, folder, settings=settings)
    program = await stack.enter_async_context(
        serving(site.config_file, environment=environment, processes=processes)
    )
    return Side(programs=[program], token=site.tokens[SENDER])


async def in_turns(
    sides: Sequence[Side],
    files: Sequence[Path],
    *,
    turns: int,
    seconds: float,
    clients: int = CLIENTS,
) -> list[list[Turn]]:
    """Let *sides* take documents one after another, so often; return the turns of each."""
    taken: list[list[Turn]] = [[] for _ in sides]
    for _ in range(turns):
        for side, its in zip(sides, taken, strict=True):
            its.append(await side.take(files, seconds=seconds, clients=clients))
    return taken
