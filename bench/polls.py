"""Inboxes that are polled and have nothing new, against a bare answer of the same size.

Of both is counted what they answer in a second of processor time: a rate per core that holds
whatever the generator takes of the machine.

    python -m bench.polls PORT TOKEN SECONDS        the generator
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import msgspec
import uvloop

from bench.processes import Program, free_port, running
from bench.results import Result
from bench.sides import SETTLE_S, node_in

_CLIENTS, _TURNS, _TURN_S = 16, 3, 2.0
_BODY = b"{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of one turn."""

    answers: int
    size: int  #: bytes of the body of an answer


async def measure(folder: Path) -> list[Result]:
    """Run a node in *folder* beside a bare server; return the line of the table."""
    rates: list[list[float]] = [[], []]
    async with AsyncExitStack() as stack:
        node = await node_in(folder, stack, processes=1)
        (program,) = node.programs
        await asyncio.sleep(SETTLE_S)
        size = (await _poll(program.port, node.token, 0.5)).size
        port = free_port()
        arguments = ["-m", "bench.bare", str(port), str(size)]
        bare = await stack.enter_async_context(running(arguments, port=port))
        for _ in range(_TURNS):
            for each, its in zip((bare, program), rates, strict=True):
                its.append(await _rate(each, node.token))
    least, polls = (max(each) for each in rates)
    return [
        Result(
            name="inbox poll with nothing new: rate per core, share of a bare answer's",
            value=polls / least,
            unit="x",
            least=0.2,
            stretch=0.4,
            detail=f"bare {least:.0f}/s, node {polls:.0f}/s of a core; {size} bytes",
        )
    ]


async def _rate(program: Program, token: str) -> float:
    """Return how many polls *program* answers in a second of processor time."""
    before = program.cpu_s()
    polled = await _poll(program.port, token, _TURN_S)
    return polled.answers / (program.cpu_s() - before)


async def _poll(port: int, token: str, seconds: float) -> Polled:
    generator = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.polls", str(port), token, str(seconds), stdout=PIPE
    )
    output, _ = await generator.communicate()
    return msgspec.json.decode(output, type=Polled)


async def poll(port: int, token: str, seconds: float) -> Polled:
    """Poll from some connections at once for *seconds*; every answer must be 200."""
    head = (
        "POST /api/v1/inbox/lease HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(_BODY)}\r\n\r\n"
    )
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        asking = [
            group.create_task(_ask(port, head.encode() + _BODY, began + seconds))
            for _ in range(_CLIENTS)
        ]
    answers = [each.result() for each in asking]
    return Polled(answers=sum(count for count, _ in answers), size=answers[0][1])


async def _ask(port: int, request: bytes, until: float) -> tuple[int, int]:
    """Ask on one connection *until* an instant; return how often, and the size of a body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = size = 0
    while perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        size = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        await reader.readexactly(size)
        count += 1
    writer.close()
    return count, size


def main() -> None:
    """Poll as the command line says and print what came of it."""
    polled = uvloop.run(poll(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
    sys.stdout.buffer.write(msgspec.json.encode(polled))


if __name__ == "__main__":
    main()
