"""Documents of 100 kB from 32 clients: the node beside the floor, turn by turn in one run."""

import asyncio
import json
import statistics
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Program, free_port, running
from bench.results import Result
from bench.sites import make_site

CLIENTS = 32
ATTACHMENT_BYTES = 102_400
TURNS = 3
TURN_S = 5
LEAST_RATIO = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of load on one program."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float  #: of the server, per document


async def measure(folder: Path) -> list[Result]:
    """Run floor and node in *folder*; return the lines of the table."""
    site = await asyncio.to_thread(make_site, folder / "node")
    ports = free_port(), free_port()
    floor_arguments = ["-m", "bench.floor", str(ports[0]), str(folder / "floor")]
    node_arguments = ["-m", "gateway", "serve", "--config", str(site.config_file)]
    async with (
        running(floor_arguments, port=ports[0]) as floor,
        running(
            [*node_arguments, "--port", str(ports[1])], port=ports[1], log=folder / "node.log"
        ) as node,
    ):
        floor_turns, node_turns = [], []
        for _ in range(TURNS):
            floor_turns.append(await press(floor, token="none"))  # noqa: S106 - it asks for none
            node_turns.append(await press(node, token=site.tokens["H13.01"]))
    return _results(floor_turns, node_turns)


async def press(
    program: Program,
    *,
    token: str,
    clients: int = CLIENTS,
    seconds: int = TURN_S,
    size: int = ATTACHMENT_BYTES,
    kind: str = "form",
) -> Turn:
    """Put load on *program* for a turn.

    Raises:
        RuntimeError: something was not answered 201: what was measured was another thing.
    """
    before = program.cpu_s()
    arguments = (str(program.port), str(clients), str(seconds), str(size), token, kind)
    generator = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", *arguments, stdout=PIPE
    )
    output, _ = await generator.communicate()
    figures = json.loads(output)
    if figures["refused"] or not figures["taken"]:
        raise RuntimeError(f"{figures['refused']} not taken: {figures['first_refusal']}")
    # The generator warms up for a tenth of a turn before it counts; its processor time is counted.
    cpu_s = (program.cpu_s() - before) * seconds / (seconds + 0.5)
    return Turn(
        per_second=figures["per_second"],
        p50_ms=figures["p50_ms"],
        p99_ms=figures["p99_ms"],
        cpu_ms=cpu_s * 1000 / figures["taken"],
    )


def _results(floor: list[Turn], node: list[Turn]) -> list[Result]:
    rates = [statistics.median(turn.per_second for turn in turns) for turns in (floor, node)]
    return [
        Result(
            name="100 kB unsigned, 32 clients: node / floor",
            value=rates[1] / rates[0],
            unit="x",
            least=LEAST_RATIO,
            detail=f"floor {_words(floor)} · node {_words(node)}",
        )
    ]


def _words(turns: list[Turn]) -> str:
    rate, p50_ms, p99_ms, cpu_ms = (
        statistics.median(values)
        for values in zip(
            *((turn.per_second, turn.p50_ms, turn.p99_ms, turn.cpu_ms) for turn in turns),
            strict=True,
        )
    )
    return (
        f"{rate:.0f}/s, p50 {p50_ms:.0f} ms, p99 {p99_ms:.0f} ms, CPU {cpu_ms:.2f} ms a document"
    )
