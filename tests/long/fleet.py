"""Several nodes over one database and one bucket, behind a balancer that takes them in turn."""

import asyncio
import itertools
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import free_port
from bench.sites import Site, make_site
from tests.buckets import BUCKET, KEY, SECRET
from tests.long.lives import Lives

_SETTINGS = """
[storage]
minimum_free_mb = 0
database = "{database}"
documents = "s3://{bucket}/nut/h13"
cache_mb = 0
s3_endpoint = "{endpoint}"
s3_key_file = "../s3.key"
s3_secret_file = "../s3.secret"
s3_timeout_s = 2.0
[relay]
poll_s = 0.05
first_delay_s = 0.05
longest_delay_s = 0.5
send_timeout_s = 2.0
"""


def make_shared_site(folder: Path, *, database: str, endpoint: str, more: str = "") -> Site:
    """Make a node over a database and a bucket; *more* settings begin with a table of their own."""
    (folder / "s3.key").write_text(KEY, "utf-8")
    (folder / "s3.secret").write_text(SECRET, "utf-8")
    settings = _SETTINGS.format(database=database, bucket=BUCKET, endpoint=endpoint)
    return make_site(folder / "one", settings=settings + more)


@dataclass(slots=True, kw_only=True)
class Balancer:
    """Passes each connection to the next node that takes one, and knows nothing of what it carries."""

    ports: Sequence[int]
    port: int = field(default_factory=free_port)
    counts: Counter[int] = field(default_factory=Counter)  #: connections by node
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(self._turn)
        try:
            for n in range(len(self.ports)):
                port = self.ports[(first + n) % len(self.ports)]
                with suppress(OSError):
                    there, to_there = await asyncio.open_connection("127.0.0.1", port)
                    self.counts[port] += 1
                    await carry_both(reader, writer, there, to_there)
                    return
        finally:
            writer.transport.abort()


async def carry_both(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there: asyncio.StreamReader,
    to_there: asyncio.StreamWriter,
) -> None:
    """Carry bytes both ways until one side ends."""
    ways = {
        asyncio.ensure_future(_carry(reader, to_there)),
        asyncio.ensure_future(_carry(there, writer)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        to_there.close()
        with suppress(OSError):
            await writer.drain()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()


@dataclass(slots=True, kw_only=True)
class Fleet:
    """The nodes of one site, each in a folder of its own, as on a machine of its own."""

    site: Site
    nodes: list[Lives]
    balancer: Balancer

    @property
    def deaths(self) -> Counter[str]:
        """Return how often nodes died, by the way."""
        return sum((each.deaths for each in self.nodes), Counter())

    @asynccontextmanager
    async def well(self, *nodes: int) -> AsyncIterator[None]:
        """Let *nodes* (none named: all) live; stopped with grace in the end."""
        async with self._well(list(nodes) or list(range(len(self.nodes)))):
            yield

    @asynccontextmanager
    async def _well(self, nodes: list[int]) -> AsyncIterator[None]:
        if not nodes:
            yield
            return
        async with self.nodes[nodes[0]].well(), self._well(nodes[1:]):
            yield


def a_fleet(site: Site, size: int, chance: random.Random) -> Fleet:
    """Return a fleet of *size* nodes, none of which lives yet."""
    sites = [site, *(_another(site, f"node-{n}") for n in range(1, size))]
    nodes = [Lives(site=each, port=free_port(), chance=chance) for each in sites]
    return Fleet(site=site, nodes=nodes, balancer=Balancer(ports=[each.port for each in nodes]))


def _another(site: Site, name: str) -> Site:
    """Return the same node on another machine: settings and keys, nothing else."""
    folder = site.folder.with_name(name)
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("data"))
    return Site(folder=folder, tokens=site.tokens, documents=folder / "none")


@dataclass(slots=True, kw_only=True)
class BadWay:
    """A way to a server that can be made to fail, whoever is at fault then."""

    target: int  #: port of the server
    port: int = field(default_factory=free_port)
    mood: str = "well"
    counts: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()

    @contextmanager
    def being(self, mood: str) -> Iterator[None]:
        """Be so for a while: ``error``, ``halted``, ``slow``, ``cut`` or ``away``."""
        self.mood = mood
        try:
            yield
        finally:
            self.mood = "well"

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                if self.mood == "away":
                    self.counts["away"] += 1
                    return
                there, to_there = await asyncio.open_connection("127.0.0.1", self.target)
                ways = {
                    asyncio.ensure_future(self._carry(reader, to_there, writer)),
                    asyncio.ensure_future(self._carry(there, writer, None)),
                }
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                to_there.transport.abort()
                await writer.drain()
        finally:
            writer.close()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        back: asyncio.StreamWriter | None,
    ) -> None:
        """Carry one direction as the mood is; *back* leads to who asked, where this is what it asks."""
        with suppress(OSError):
            while piece := await reader.read(1 << 14):
                if self.mood != "well":
                    self.counts[self.mood] += 1
                while self.mood == "halted":  # noqa: ASYNC110 - set by the test
                    await asyncio.sleep(0.05)
                if self.mood == "slow":
                    await asyncio.sleep(0.2)
                if self.mood == "error" and back is not None:
                    back.write(_ERROR)
                    return
                if self.mood == "cut":
                    to.write(piece[: len(piece) // 2])
                    return
                to.write(piece)
                await to.drain()


_ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
