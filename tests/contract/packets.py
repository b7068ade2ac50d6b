"""Packets and clocks for the suites of the adapters."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.ports import Destined, Packet

CHUNK = 64 * 1024


@dataclass(slots=True)
class StandingClock:
    """A clock that stands at the real start of the test until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self.at

    def move(self, seconds: float) -> None:
        """Move it, back or forth."""
        self.at += timedelta(seconds=seconds)


def a_clock() -> StandingClock:
    """Return a clock that stands at the file system's time."""
    return StandingClock(datetime.fromtimestamp(time.time(), UTC))


def an_office(
    *, url: str = "", folder: str = "", timeout_s: float = 5.0, is_axis: bool = False
) -> Destined:
    """Return the settings of the office H13.01, or of an axis."""
    return Destined(
        name="H13.01",
        is_axis=is_axis,
        url=url,
        folder=folder,
        secret="a shared secret",
        timeout_s=timeout_s,
    )


def a_packet(
    body: bytes = b"<edXML/>",
    *,
    id: str = "d-1",  # noqa: A002 - the field's name
    event: str = "document",
    media_type: str = "application/xml",
    code: str | None = "H13.02/2026/1",
) -> Packet:
    """Return a packet with *body*."""
    return Packet(
        id=id,
        event=event,
        document="doc-1",
        to="H13.01",
        media_type=media_type,
        size=len(body),
        open=_opener(lambda: iter((body,))),
        code=code,
        sender="H13.02",
        trace=("H13",),
    )


def a_large_packet(size: int) -> tuple[Packet, str]:
    """Return a packet of *size* bytes that nobody holds whole, and its SHA-256."""

    def chunks() -> Iterator[bytes]:
        for start in range(0, size, CHUNK):
            length = min(CHUNK, size - start)
            yield (start // CHUNK).to_bytes(4, "big") * (length // 4) + b"." * (length % 4)

    digest = hashlib.sha256()
    for chunk in chunks():
        digest.update(chunk)
    packet = Packet(
        id="d-large",
        event="document",
        document="doc-1",
        to="H13.01",
        media_type="application/xml",
        size=size,
        open=_opener(chunks),
    )
    return packet, digest.hexdigest()


def a_stalling_packet(stall_s: float) -> Packet:
    """Return a packet whose bytes come only after *stall_s*."""

    def chunks() -> Iterator[bytes]:
        yield b"<edXML>"
        time.sleep(stall_s)
        yield b"</edXML>"

    return Packet(
        id="d-stalling",
        event="document",
        document="doc-1",
        to="H13.01",
        media_type="application/xml",
        size=15,
        open=_opener(chunks),
    )


def a_torn_packet() -> Packet:
    """Return a packet whose stored bytes are fewer than its size says."""
    return Packet(
        id="d-torn",
        event="document",
        document="doc-1",
        to="H13.01",
        media_type="application/xml",
        size=100,
        open=_opener(lambda: iter((b"<edXML>",))),
    )


def _opener(
    chunks: Callable[[], Iterator[bytes]],
) -> Callable[[], AbstractContextManager[Iterator[bytes]]]:
    @contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        yield chunks()

    return opened
