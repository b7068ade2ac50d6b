"""The lives of a node: begun from a server of forks, ended by SIGKILL from within or without."""

import asyncio
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from bench.sites import Site
from tests.long.crashing_node import CHECKPOINTS, live, live_together

_START_S = 20.0
#: A life that does not reach its checkpoint is ended from outside.
_LONGEST_S = 3.0
_STOP_S = 15.0
#: Of the random deaths, so many may come while the node still starts.
_DIES_YOUNG = 0.2
#: A way to die: processes of the node one after the other, then the one that started them.
TOGETHER = "together"


def a_forkserver() -> ForkServerContext:
    """Return the server of forks, with the node imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.long.crashing_node"])
    return context


@dataclass(slots=True, kw_only=True)
class Lives:
    """Starts and ends the node of a site, again and again."""

    site: Site
    port: int
    chance: random.Random
    context: ForkServerContext = field(default_factory=a_forkserver)
    deaths: Counter[str] = field(default_factory=Counter)

    async def live_and_die(self, checkpoint: str) -> None:
        """Live until the *checkpoint* was passed some times, or for a moment when it is empty."""
        if checkpoint == TOGETHER:
            await self._die_together()
            return
        passing = self.chance.randint(1, 25) if checkpoint else 0
        process = self._begin(checkpoint, passing)
        try:
            if checkpoint:
                await _until_dead(process, _LONGEST_S)
            else:
                if self.chance.random() > _DIES_YOUNG:
                    await _until_up(process, self.port)
                await _until_dead(process, self.chance.uniform(0.0, 0.5))
        finally:
            by_itself = not process.is_alive()
            process.kill()
            await asyncio.to_thread(process.join)
        assert process.exitcode == -signal.SIGKILL, f"the node ended with {process.exitcode}"
        self.deaths[checkpoint if by_itself else "at a random instant"] += 1

    async def _die_together(self) -> None:
        """Live as two processes; they die one after the other and come back, then all at once."""
        process = self.context.Process(
            target=live_together,
            args=(str(self.site.config_file), self.port, str(self.site.folder / "node.log")),
        )
        process.start()
        try:
            await _until_up(process, self.port)
            for _ in range(3):
                await asyncio.sleep(self.chance.uniform(0.0, 0.5))
                child = self.chance.choice(_children(process.pid) or [0])
                if child:
                    os.kill(child, signal.SIGKILL)
                    self.deaths["at a random instant, one of two processes"] += 1
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
            await _until_down(self.port)
        assert process.exitcode == -signal.SIGKILL, f"the node ended with {process.exitcode}"
        self.deaths["at a random instant, two processes with the first"] += 1

    @asynccontextmanager
    async def well(self) -> AsyncIterator[None]:
        """Live without dying; stopped with grace in the end."""
        process = self._begin("", 0)
        try:
            await _until_up(process, self.port)
            yield
        finally:
            if process.pid is not None:
                os.kill(process.pid, signal.SIGTERM)
            await asyncio.to_thread(process.join, _STOP_S)
            process.kill()

    def _begin(self, checkpoint: str, passing: int) -> ForkServerProcess:
        log = str(self.site.folder / "node.log")
        process = self.context.Process(
            target=live,
            args=(str(self.site.config_file), self.port, checkpoint, passing, log),
            daemon=True,
        )
        process.start()
        return process


def ways_to_die(count: int, chance: random.Random) -> list[str]:
    """Return *count* ways in random order: half of them checkpoints, each as often."""
    named = [CHECKPOINTS[n % len(CHECKPOINTS)] for n in range(count // 2)]
    together = [TOGETHER] * (count // 10)
    ways = named + together + [""] * (count - len(named) - len(together))
    chance.shuffle(ways)
    return ways


def _children(process: int | None) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text("utf-8")
    return [int(each) for each in listed.split()]


async def _until_down(port: int) -> None:
    """Wait until the last process has followed the first: before, it still listens."""
    async with asyncio.timeout(_START_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            writer.close()
            await asyncio.sleep(0.02)


async def _until_up(process: ForkServerProcess, port: int) -> None:
    async with asyncio.timeout(_START_S):
        while process.is_alive():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def _until_dead(process: ForkServerProcess, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until and process.is_alive():  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.005)
