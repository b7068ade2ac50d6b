"""One turn of load on programs that serve, and what it cost them."""

import asyncio
import statistics
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from bench.load import WARM_UP_S, Figures, Task
from bench.processes import Program

_LOOK_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of load, or the middle of several."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float  #: of the server, per document
    memory_mb: float  #: the most that all processes had together, what they share counted once

    def __str__(self) -> str:
        """Return the figures as the table tells them."""
        return (
            f"{self.per_second:.0f}/s, p50 {self.p50_ms:.0f} ms, p99 {self.p99_ms:.0f} ms, "
            f"CPU {self.cpu_ms:.2f} ms"
        )


def median(turns: Sequence[Turn]) -> Turn:
    """Return the median of each figure; of memory the most."""
    return Turn(
        per_second=statistics.median(turn.per_second for turn in turns),
        p50_ms=statistics.median(turn.p50_ms for turn in turns),
        p99_ms=statistics.median(turn.p99_ms for turn in turns),
        cpu_ms=statistics.median(turn.cpu_ms for turn in turns),
        memory_mb=max(turn.memory_mb for turn in turns),
    )


async def press(task: Task, programs: Sequence[Program]) -> Turn:
    """Put load on *programs*, which serve the ports of *task*.

    Raises:
        RuntimeError: something was not answered 201: what was measured was another thing.
    """
    before = sum(program.cpu_s() for program in programs)
    generating = asyncio.create_task(_generate(task))
    memory_mb = 0.0
    while not generating.done():
        memory_mb = max(memory_mb, sum(program.proportional_mb() for program in programs))
        await asyncio.wait({generating}, timeout=_LOOK_S)
    figures = generating.result()
    spent = sum(program.cpu_s() for program in programs) - before
    # The generator warms up before it counts; that processor time is counted.
    cpu_s = spent * task.seconds / (task.seconds + WARM_UP_S)
    return Turn(
        per_second=figures.per_second,
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        cpu_ms=cpu_s * 1000 / figures.taken,
        memory_mb=memory_mb,
    )


async def _generate(task: Task) -> Figures:
    generator = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", msgspec.json.encode(task).decode(), stdout=PIPE
    )
    output, _ = await generator.communicate()
    figures = msgspec.json.decode(output, type=Figures)
    if figures.refused:
        raise RuntimeError(f"{figures.refused} not taken: {figures.first_refusal}")
    if not figures.taken:
        raise RuntimeError(f"nothing was answered within {task.seconds:g} s")
    return figures
