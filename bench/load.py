"""The load generator, a process of its own: raw sockets, requests made before, keep-alive.

    python -m bench.load TASK        TASK is a :class:`Task`, JSON

Each client sends the next request when it has the answer to the last one. Every request bears a
number of its own in its subject (in an unsigned attachment and the identifier of a message, too), so
that none is a repeat; nothing else is made anew. It answers one :class:`Figures`, JSON.
"""

import asyncio
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter, time_ns
from typing import Literal, cast

import msgspec
import uvloop

from bench.papers import FORM, XML, a_pdf, form, message, metadata, request

WARM_UP_S = 0.5
#: Where a request bears its number; digits are base64 too.
_PLACE = b"7" * 16


Kind = Literal["form", "message"]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be posted, where, and for how long."""

    ports: list[int]  #: the clients spread over them
    clients: int
    seconds: float
    token: str
    files: tuple[
        str, ...
    ] = ()  #: the clients take them in turns; empty: unsigned ones of *size* bytes
    size: int = 0
    kind: Kind = "form"
    recipients: tuple[str, ...] = ("H13.02",)

    def requests(self) -> list[bytes]:
        """Return requests with places for their numbers, each with another file."""
        papers = [Path(file).read_bytes() for file in self.files] or [a_pdf(self.size, _PLACE)]
        return [self._request(paper) for paper in papers]

    def _request(self, paper: bytes) -> bytes:
        subject = f"Về việc đo tốc độ {_PLACE.decode()}"
        if self.kind == "form":
            body = form(metadata(to=self.recipients, subject=subject), [("cong-van.pdf", paper)])
            return request(body, token=self.token, media_type=FORM)
        body = message(
            sender="H13.01",
            to=self.recipients,
            document_id=_PLACE.decode(),
            subject=subject,
            files=[paper],
        )
        encoded = body.find(b"AAAAAAAAAAAAAAAA")  # where an unsigned paper has its place
        if not self.files:
            body = body[:encoded] + _PLACE + body[encoded + len(_PLACE) :]
        return request(body, token=self.token, media_type=XML)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; the time of the first answers is not counted."""

    taken: int  #: answered 201
    per_second: float
    p50_ms: float
    p99_ms: float
    refused: int
    first_refusal: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What all clients saw together."""

    until: float
    counted_from: float
    numbers: "count[int]" = field(default_factory=lambda: count(time_ns() % 10**16))
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    first_refusal: str = ""


class Client(asyncio.Protocol):
    """One connection: sends, waits for the answer, sends again."""

    def __init__(self, content: bytes, tally: Tally) -> None:
        """Send *content*, told apart by a number in its places."""
        self._content = bytearray(content)
        self._places = list(places(content))
        self._tally = tally
        self._answer = bytearray()
        self._began = 0.0
        self._transport: asyncio.Transport | None = None
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Collect an answer; when it is whole, count it and go on."""
        self._answer += data
        head = self._answer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._answer.lower().find(b"content-length:", 0, head)
        length = int(self._answer[at + 15 : self._answer.find(b"\r\n", at)])
        if len(self._answer) < head + 4 + length:
            return
        self._count(self._answer[9:12] == b"201")
        self._answer.clear()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop."""
        if not self.done.done():
            self.done.set_result(None)

    def _count(self, is_taken: bool) -> None:  # noqa: FBT001 - one thing, known or not
        now, tally = perf_counter(), self._tally
        if not is_taken:
            tally.refused += 1
            tally.first_refusal = tally.first_refusal or self._answer[:600].decode(
                errors="replace"
            )
        elif tally.counted_from <= now <= tally.until:
            tally.latencies.append(now - self._began)

    def _send(self) -> None:
        if self._transport is None:
            return
        self._began = perf_counter()
        if self._began > self._tally.until:
            self._transport.close()
            return
        number = b"%016d" % next(self._tally.numbers)
        for place in self._places:
            self._content[place : place + len(number)] = number
        self._transport.write(self._content)


def places(content: bytes | bytearray) -> Iterator[int]:
    """Yield where a request bears its number."""
    at = content.find(_PLACE)
    while at >= 0:
        yield at
        at = content.find(_PLACE, at + 1)


async def press(task: Task) -> Tally:
    """Post as *task* says."""
    requests, began = task.requests(), perf_counter()
    tally = Tally(until=began + WARM_UP_S + task.seconds, counted_from=began + WARM_UP_S)
    loop = asyncio.get_running_loop()
    waits = []
    for n in range(task.clients):
        port, content = task.ports[n % len(task.ports)], requests[n % len(requests)]
        make = partial(Client, content, tally)
        _, client = await loop.create_connection(make, "127.0.0.1", port)
        waits.append(client.done)
    for wait in waits:
        await wait
    return tally


def report(tally: Tally, seconds: float) -> Figures:
    """Return the figures of *tally*."""
    ordered = sorted(tally.latencies) or [0.0]
    return Figures(
        taken=len(tally.latencies),
        per_second=len(tally.latencies) / seconds,
        p50_ms=statistics.median(ordered) * 1000,
        p99_ms=ordered[int(len(ordered) * 0.99)] * 1000,
        refused=tally.refused,
        first_refusal=tally.first_refusal,
    )


def main() -> None:
    """Press as the command line says and print the figures."""
    task = msgspec.json.decode(sys.argv[1], type=Task)
    tally = uvloop.run(press(task))
    sys.stdout.buffer.write(msgspec.json.encode(report(tally, task.seconds)))


if __name__ == "__main__":
    main()
