"""The weather on the way between two nodes, and what the ways of a test can do."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How a way carries what is sent, the same in both directions."""

    is_cut: bool = False
    delay_s: float = 0.0
    bytes_s: float | None = None  #: None: as fast as the machine
    loss: float = 0.0  #: share of the packets


FAIR = Weather()


class Ways(Protocol):
    """The ways between nodes: each node has one, from its place to the middle."""

    kind: str  #: what the ways are made of, told with the figures
    loses_packets: bool

    def endpoint(self, of: str, seen_by: str) -> tuple[str, int]:
        """Return address and port at which *seen_by* reaches the port for nodes of *of*."""

    def listening(self, of: str) -> tuple[str, int, int]:
        """Return where *of* listens: its address, the port of offices, the port for nodes."""

    def hosts(self, of: str) -> Sequence[str]:
        """Return the addresses that the certificate of *of* names."""

    def set(self, of: str, weather: Weather) -> None:
        """Let the way of *of* be so from now on."""

    async def start(
        self, of: str, arguments: Sequence[str], log: Path
    ) -> asyncio.subprocess.Process:
        """Start a process where *of* is; what it says goes to *log*."""

    def connector(self, of: str) -> aiohttp.TCPConnector:
        """Return what connects the test to the office port of *of*, past all weather."""

    def counts(self) -> Mapping[str, int]:
        """Return what was carried, lost and cut."""
