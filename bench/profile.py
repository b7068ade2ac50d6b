"""Where the milliseconds go: `python -m bench.profile [KIND]`.

A node of one process takes documents for some seconds; its processor time is summed by stage
(`bench/staged.py`), with that of its workers, and printed for one document.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.load import WARM_UP_S, Kind
from bench.prepared import many, trusting
from bench.processes import free_port, running
from bench.sides import SENDER, SETTLE_S, Side
from bench.sites import AGENCIES, make_site

_TOLD_S = 0.5
_WARM_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is posted while it is counted."""

    signed: str = ""  #: size of the prepared files; empty: unsigned ones of *size* bytes
    size: int = 102_400
    kind: Kind = "form"
    clients: int = 32
    recipients: Sequence[str] = ("H13.02",)

    def files(self) -> list[Path]:
        """Return the files that are posted."""
        return many(self.signed) if self.signed else []


CROWD = tuple(f"H13.{n}" for n in range(100, 300))
LOADS = {
    "signed": Load(signed="100 kB"),
    "unsigned": Load(),
    "large": Load(signed="5 MB", clients=8),
    "message": Load(size=26_214_400, kind="message", clients=1),
    "recipients": Load(signed="100 kB", clients=1, recipients=CROWD),
}


async def profile(load: Load, seconds: float, folder: Path) -> dict[str, float]:
    """Return the milliseconds of processor time of one document of *load*, by stage."""
    files, settings = await asyncio.to_thread(lambda: (load.files(), trusting()))
    agencies = (*AGENCIES, *CROWD)
    site = await asyncio.to_thread(make_site, folder, settings=settings, agencies=agencies)
    port, told = free_port(), folder / "figures"
    arguments = ["-m", "bench.staged", str(site.config_file), str(port), str(told)]
    async with running(arguments, port=port, log=folder / "node.log") as program:
        node = Side(programs=[program], token=site.tokens[SENDER])

        async def press(seconds: float) -> float:
            turn = await node.take(
                files,
                seconds=seconds,
                clients=load.clients,
                size=load.size,
                kind=load.kind,
                recipients=load.recipients,
            )
            await asyncio.sleep(_TOLD_S)
            return turn.per_second * seconds

        await asyncio.sleep(SETTLE_S)
        await press(_WARM_S)
        before = await asyncio.to_thread(_figures, told)
        taken = await press(seconds)
        after = await asyncio.to_thread(_figures, told)
    share = seconds / (seconds + WARM_UP_S)
    return {
        stage: (spent - before.get(stage, 0.0)) * 1000 * share / taken
        for stage, spent in after.items()
    }


def _figures(file: Path) -> dict[str, float]:
    return msgspec.json.decode(file.read_bytes(), type=dict[str, float])


def show(stages: dict[str, float], name: str) -> None:
    """Print the *stages* of the load of that *name*, the dearest first."""
    whole = sum(stages.values())
    table = Table(title=f"Processor time of a document: {name}")
    for heading in ("stage", "ms", "share"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage, spent_ms in sorted(stages.items(), key=lambda each: -each[1]):
        table.add_row(stage, f"{spent_ms:.2f}", f"{spent_ms / whole:.0%}")
    table.add_row("all", f"{whole:.2f}", "")
    Console(width=None if sys.stdout.isatty() else 100).print(table)


@click.command()
@click.argument("name", type=click.Choice(list(LOADS)), default="signed")
@click.option("--seconds", default=6.0, help="How long the load lasts.")
def main(*, name: str, seconds: float) -> None:
    """Sum the processor time of a node by the stages of a document."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        stages = asyncio.run(profile(LOADS[name], seconds, Path(folder)))
    show(stages, name)


if __name__ == "__main__":
    main()
