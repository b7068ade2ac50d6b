"""An open-loop generator: requests come at their time, whether earlier ones were answered or not.

    python -m bench.torrent FLOOD        FLOOD is a :class:`Flood`, JSON

Each comes on a connection of its own, as from many offices, and its wait counts from when it was
due. It answers one :class:`Outcome`, JSON.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter, time_ns

import msgspec
import uvloop

from bench.load import Task, places
from gateway.web.connections import raise_file_limit

_PATIENCE_S = 30.0
_TAKEN = 201
_LATER = frozenset({429, 503})


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """What comes, and how fast."""

    task: Task  #: what is posted, to its first port; its clients do not count
    per_second: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the requests."""

    statuses: dict[str, int]  #: how many were answered so; ``none``: not answered
    taken: list[str]  #: ids of the documents that were answered 201
    taken_p99_ms: float
    later_p99_ms: float  #: of those that were told to come again
    seconds: float  #: from the first request to the last answer 201


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was seen so far."""

    statuses: Counter[str] = field(default_factory=Counter)
    taken: list[str] = field(default_factory=list)
    waits: dict[int, list[float]] = field(default_factory=dict)  #: seconds, by status
    last_at: float = 0.0


async def flood(task: Flood) -> Outcome:
    """Post as *task* says; wait for every answer."""
    raise_file_limit()
    requests, tally = [bytearray(each) for each in task.task.requests()], Tally()
    marks = [list(places(each)) for each in requests]
    numbers = count(time_ns() % 10**16)
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(round(task.per_second * task.task.seconds)):
            due = began + n / task.per_second
            await asyncio.sleep(due - perf_counter())
            content = requests[n % len(requests)]
            number = b"%016d" % next(numbers)
            for place in marks[n % len(requests)]:
                content[place : place + len(number)] = number
            group.create_task(_post(task.task.ports[0], bytes(content), due, tally))
    return Outcome(
        statuses=dict(tally.statuses),
        taken=tally.taken,
        taken_p99_ms=_p99_ms(tally.waits.get(_TAKEN, [])),
        later_p99_ms=_p99_ms([wait for each in _LATER for wait in tally.waits.get(each, [])]),
        seconds=tally.last_at - began,
    )


def _p99_ms(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)] * 1000 if waits else 0.0


async def _post(port: int, content: bytes, due: float, tally: Tally) -> None:
    """Post one request that was *due* at an instant, and note what became of it."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            status, body = await _answer(port, content)
    except (OSError, EOFError, TimeoutError):
        tally.statuses["none"] += 1
        return
    now = perf_counter()
    tally.statuses[str(status)] += 1
    tally.waits.setdefault(status, []).append(now - due)
    if status == _TAKEN:
        tally.taken.append(msgspec.json.decode(body)["id"])
        tally.last_at = now


async def _answer(port: int, content: bytes) -> tuple[int, bytes]:
    """Return status and body of the answer; it may come before all was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(content)
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        return int(head[9:12]), await reader.readexactly(size)
    finally:
        writer.close()


def main() -> None:
    """Post as the command line says and print what became of it."""
    outcome = uvloop.run(flood(msgspec.json.decode(sys.argv[1], type=Flood)))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
