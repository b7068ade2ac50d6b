"""The load generator, a process of its own: raw sockets, requests made before, keep-alive.

    python -m bench.load PORT CLIENTS SECONDS SIZE TOKEN form|message

Each client sends the next request when it has the answer to the last one. Every request bears a
number of its own in its attachment (and in the identifier of a message), so that none is a repeat;
nothing else is made anew. It answers one JSON object: how many were answered 201, how many otherwise, and the latencies.
"""

import asyncio
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import cast

import uvloop

from bench.papers import FORM, XML, a_pdf, form, message, metadata, request

_WARM_UP_S = 0.5
#: Where a request bears its number; digits are base64 too.
_PLACE = b"7" * 16


@dataclass(slots=True, kw_only=True)
class Tally:
    """What all clients saw together."""

    until: float
    counted_from: float
    numbers: "count[int]" = field(default_factory=count)
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    first_refusal: str = ""


class Client(asyncio.Protocol):
    """One connection: sends, waits for the answer, sends again."""

    def __init__(self, content: bytes, tally: Tally) -> None:
        """Send *content*, told apart by a number in its places."""
        self._content = bytearray(content)
        self._places = list(_places(content))
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


def _places(content: bytes) -> Iterator[int]:
    at = content.find(_PLACE)
    while at >= 0:
        yield at
        at = content.find(_PLACE, at + 1)


def _request(kind: str, size: int, token: str) -> bytes:
    """Return a request with an attachment of *size* bytes and places for its number."""
    paper, subject = a_pdf(size, _PLACE), "Về việc đo tốc độ"
    if kind == "form":
        body = form(metadata(to=["H13.02"], subject=subject), [("cong-van.pdf", paper)])
        return request(body, token=token, media_type=FORM)
    body = message(
        sender="H13.01",
        to=["H13.02"],
        document_id=_PLACE.decode(),
        subject=subject,
        files=[paper],
    )
    encoded = body.index(b"AAAAAAAAAAAAAAAA")
    body = body[:encoded] + _PLACE + body[encoded + len(_PLACE) :]
    return request(body, token=token, media_type=XML)


async def press(port: int, clients: int, seconds: float, content: bytes) -> Tally:
    """Post *content* from *clients* connections for *seconds*."""
    began = perf_counter()
    tally = Tally(until=began + _WARM_UP_S + seconds, counted_from=began + _WARM_UP_S)
    loop = asyncio.get_running_loop()
    waits = []
    for _ in range(clients):
        _, client = await loop.create_connection(lambda: Client(content, tally), "127.0.0.1", port)
        waits.append(client.done)
    for wait in waits:
        await wait
    return tally


def report(tally: Tally, seconds: float) -> dict[str, float | int | str]:
    """Return the figures of *tally*."""
    ordered = sorted(tally.latencies) or [0.0]
    return {
        "taken": len(tally.latencies),
        "per_second": len(tally.latencies) / seconds,
        "p50_ms": statistics.median(ordered) * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "refused": tally.refused,
        "first_refusal": tally.first_refusal,
    }


def main() -> None:
    """Press as the command line says and print the figures."""
    port, clients, seconds, size = (int(each) for each in sys.argv[1:5])
    content = _request(sys.argv[6], size, sys.argv[5])
    tally = uvloop.run(press(port, clients, seconds, content))
    sys.stdout.write(json.dumps(report(tally, seconds)) + "\n")


if __name__ == "__main__":
    main()
