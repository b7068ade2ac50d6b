"""Ways on loopback, where no namespace may be made: a proxy of the test's own for each node.

It cuts, delays and slows what TCP carries. Packets it cannot lose: that is said with the figures.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

import aiohttp

from bench.processes import free_port
from tests.long.weather import FAIR, Weather

_CHUNK = 1400


class Proxies:
    """See :class:`tests.long.weather.Ways`; the first of the names is in the middle."""

    kind = "a shaping TCP proxy on loopback: no network namespaces here, so no packets are lost"
    loses_packets = False

    def __init__(self, names: Sequence[str]) -> None:
        """Choose ports; nothing is opened yet."""
        self._middle = names[0]
        self._ports = {name: (free_port(), free_port()) for name in names}
        self._fronts = {name: free_port() for name in names[1:]}
        self._weather = dict.fromkeys(names, FAIR)
        self._counts: Counter[str] = Counter()
        self._servers: dict[str, asyncio.Server] = {}
        self._open: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        """Open nothing before the first node starts."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the proxies."""
        for server in self._servers.values():
            server.close()
        self._cut()

    def endpoint(self, of: str, seen_by: str) -> tuple[str, int]:
        """See Ways."""
        return "127.0.0.1", self._fronts[seen_by]

    def listening(self, of: str) -> tuple[str, int, int]:
        """See Ways."""
        return "127.0.0.1", *self._ports[of]

    def hosts(self, of: str) -> Sequence[str]:
        """See Ways."""
        return ("127.0.0.1",)

    def set(self, of: str, weather: Weather) -> None:
        """See Ways."""
        self._weather[of] = weather
        if weather.is_cut:
            self._cut()

    async def start(
        self, of: str, arguments: Sequence[str], log: Path
    ) -> asyncio.subprocess.Process:
        """See Ways."""
        if of in self._fronts and of not in self._servers:
            self._servers[of] = await asyncio.start_server(
                partial(self._pass_on, of), "127.0.0.1", self._fronts[of]
            )
        with log.open("ab") as told:
            return await asyncio.create_subprocess_exec(*arguments, stdout=told, stderr=told)

    def connector(self, of: str) -> aiohttp.TCPConnector:
        """See Ways."""
        return aiohttp.TCPConnector(limit=0, force_close=True, ssl=False)

    def counts(self) -> Mapping[str, int]:
        """See Ways."""
        return dict(self._counts)

    def _cut(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _pass_on(
        self, of: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection from *of* to the middle, both ways, as the weather is."""
        self._counts["connections"] += 1
        self._open.add(writer)
        try:
            if not any(each.is_cut for each in self._between(of)):
                port = self._ports[self._middle][1]
                there, to_there = await asyncio.open_connection("127.0.0.1", port)
                self._open.add(to_there)
                try:
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._carry(of, reader, to_there))
                        group.create_task(self._carry(of, there, writer))
                finally:
                    self._open.discard(to_there)
                    to_there.transport.abort()
        except* OSError:
            self._counts["connections broken"] += 1
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _carry(
        self, of: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            pause = 0.0
            for weather in self._between(of):
                pause += weather.delay_s
                pause += len(chunk) / weather.bytes_s if weather.bytes_s else 0.0
            await asyncio.sleep(pause)
            writer.write(chunk)
            await writer.drain()
            self._counts["bytes carried"] += len(chunk)
        with suppress(OSError):
            writer.write_eof()

    def _between(self, of: str) -> tuple[Weather, Weather]:
        return self._weather[of], self._weather[self._middle]
