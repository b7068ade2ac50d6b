"""Ways between network namespaces: every node in its own, packets carried by the test itself.

Each namespace has one TUN device, a network card whose other end is a file of the test. A thread
reads every packet, lets it wait, lets it queue at a slow line, or loses it, and writes it into
the namespace that it is for. The nodes speak real TCP over real loss, without any help of the
kernel but the device, so that this runs wherever namespaces may be made.
"""

import asyncio
import ctypes
import fcntl
import heapq
import itertools
import os
import random
import socket
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import Any, Self

import aiohttp

from tests.long.weather import FAIR, Weather

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_PACKET = 65536
#: A slow line keeps no more than this waiting; what comes then is lost, as routers do it.
_LONGEST_QUEUE_S = 4.0
_PORT, _PEER_PORT = 8080, 8443


@dataclass(slots=True, kw_only=True)
class _Place:
    name: str
    namespace: str
    address: str
    tun: int = -1
    weather: Weather = FAIR
    busy_until: dict[str, float] = field(default_factory=lambda: {"out": 0.0, "in": 0.0})


class Tunnels:
    """See :class:`tests.long.weather.Ways`."""

    kind = "network namespaces, packets carried over TUN devices"
    loses_packets = True

    def __init__(self, names: Sequence[str]) -> None:
        """Name the places; nothing is made yet."""
        self._places = {
            name: _Place(
                name=name, namespace=f"gw{os.getpid()}-{name.lower()}", address=f"10.213.{n}.2"
            )
            for n, name in enumerate(names, start=1)
        }
        self._counts: Counter[str] = Counter()
        self._chance = random.Random(7)  # noqa: S311 - no secret
        self._stopping = threading.Event()
        self._carrier = threading.Thread(target=self._carry, name="carrier", daemon=True)

    def __enter__(self) -> Self:
        """Make the namespaces and begin to carry; raise OSError where that is not allowed."""
        try:
            for place in self._places.values():
                _run("ip", "netns", "add", place.namespace)
                with _inside(place.namespace):
                    place.tun = _open_tun()
                inside = ("ip", "-n", place.namespace)
                _run(*inside, "link", "set", "lo", "up")
                _run(*inside, "addr", "add", f"{place.address}/16", "dev", "tun0")
                _run(*inside, "link", "set", "tun0", "up", "mtu", "1400")
        except (OSError, subprocess.SubprocessError) as error:
            self._clear()
            raise OSError(str(error)) from error
        self._carrier.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Carry nothing more and remove the namespaces."""
        self._stopping.set()
        self._carrier.join()
        self._clear()

    def endpoint(self, of: str, seen_by: str) -> tuple[str, int]:
        """See Ways."""
        return self._places[of].address, _PEER_PORT

    def listening(self, of: str) -> tuple[str, int, int]:
        """See Ways."""
        return "0.0.0.0", _PORT, _PEER_PORT  # noqa: S104 - of a namespace of the test's own

    def hosts(self, of: str) -> Sequence[str]:
        """See Ways."""
        return self._places[of].address, "127.0.0.1"

    def set(self, of: str, weather: Weather) -> None:
        """See Ways."""
        self._places[of].weather = weather

    async def start(
        self, of: str, arguments: Sequence[str], log: Path
    ) -> asyncio.subprocess.Process:
        """See Ways."""
        with log.open("ab") as told:
            return await asyncio.create_subprocess_exec(
                *("ip", "netns", "exec", self._places[of].namespace, *arguments),
                stdout=told,
                stderr=told,
            )

    def connector(self, of: str) -> aiohttp.TCPConnector:
        """See Ways."""
        namespace = self._places[of].namespace

        def made(address: Any) -> socket.socket:  # noqa: ANN401 - as aiohttp's type
            with _inside(namespace):
                return socket.socket(*address[:3])

        return aiohttp.TCPConnector(limit=0, force_close=True, ssl=False, socket_factory=made)

    def counts(self) -> Mapping[str, int]:
        """See Ways."""
        return dict(self._counts)

    def _clear(self) -> None:
        for place in self._places.values():
            with suppress(OSError):
                os.close(place.tun)
            with suppress(OSError, subprocess.SubprocessError):
                _run("ip", "netns", "del", place.namespace)

    def _carry(self) -> None:
        """Carry packets until told to stop; each waits in a heap until its time has come."""
        by_file = {place.tun: place for place in self._places.values()}
        by_address = {socket.inet_aton(each.address): each for each in self._places.values()}
        waiting: list[tuple[float, int, _Place, bytes]] = []
        order = itertools.count()
        while not self._stopping.is_set():
            until = waiting[0][0] - time.monotonic() if waiting else 0.2
            ready, _, _ = select(list(by_file), [], [], max(0.0, min(until, 0.2)))
            for file in ready:
                packet = os.read(file, _PACKET)
                target = by_address.get(packet[16:20]) if packet[0] >> 4 == 4 else None
                if target is not None:
                    due = self._due(by_file[file], target, len(packet))
                    if due is not None:
                        heapq.heappush(waiting, (due, next(order), target, packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, target, packet = heapq.heappop(waiting)
                with suppress(OSError):  # the queue of the card is full: lost
                    os.write(target.tun, packet)

    def _due(self, source: _Place, target: _Place, size: int) -> float | None:
        """Return when a packet arrives, None when it never does."""
        due = time.monotonic()
        for place, direction in ((source, "out"), (target, "in")):
            weather = place.weather
            if weather.is_cut:
                self._counts["packets on a cut way"] += 1
                return None
            if weather.loss and self._chance.random() < weather.loss:
                self._counts["packets lost"] += 1
                return None
            if weather.bytes_s is not None:
                begin = max(due, place.busy_until[direction])
                if begin - due > _LONGEST_QUEUE_S:
                    self._counts["packets dropped by a slow line"] += 1
                    return None
                due = place.busy_until[direction] = begin + size / weather.bytes_s
            due += weather.delay_s
        self._counts["packets carried"] += 1
        return due


@contextmanager
def _inside(namespace: str) -> Iterator[None]:
    """Let this thread be in *namespace*; what it opens meanwhile stays there."""
    with (
        Path("/proc/thread-self/ns/net").open("rb") as own,
        Path(f"/run/netns/{namespace}").open("rb") as other,
    ):
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "this process may not enter a namespace")


def _open_tun() -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH22s", b"tun0", _IFF_TUN | _IFF_NO_PI, b"")
    fcntl.ioctl(descriptor, _TUNSETIFF, request)
    return descriptor


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a command of this file
