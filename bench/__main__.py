"""`python -m bench [--long] [--write]`: measures, prints one table, exits 1 when a target is missed."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from time import monotonic

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench import (
    axis,
    cost,
    figures,
    large,
    large_message,
    memory,
    overload,
    polls,
    postgres,
    recipients,
    scale,
    signatures,
    stores,
    throughput,
)
from bench.history import draw
from bench.performance_page import write
from bench.record import begun, keep, kept
from bench.results import Result

Part = Callable[[Path], Awaitable[list[Result]]]

#: Parts that need longer than a usual run may take, unless they are asked for.
ONLY_LONG = frozenset({"cost", "scale"})
#: What a whole run of the usual size may take once the prepared data are there.
MOST_MINUTES = 10.0


async def measure(
    parts: dict[str, Part], folder: Path, console: Console
) -> tuple[list[Result], dict[str, float]]:
    """Run *parts* one after another; return all that they found, and how long each took, seconds."""
    results, took = [], {}
    for name, part in parts.items():
        begun = monotonic()
        with console.status(f"measuring: {name} …"):
            try:
                results += await part(folder / name)
            except RuntimeError as error:  # what was measured was another thing, or did not start
                results.append(Result.broken(name, str(error)[:300]))
        took[name] = monotonic() - begun
    return results, took


def whole(took: dict[str, float]) -> Result:
    """Return the line that says how long a whole run of the usual size *took*, seconds by part."""
    return Result(
        name="the whole of this run",
        value=sum(took.values()) / 60,
        unit="min",
        most=MOST_MINUTES,
        detail=", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items()),
    )


def show(results: list[Result], console: Console) -> None:
    """Print the table."""
    table = Table(title="Ratios and bounds")
    for heading in ("measured", "value", "reach", "stretch", "", "detail"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for result in results:
        table.add_row(*result.cells())
    console.print(table)


def parts_of(*, is_long: bool) -> dict[str, Part]:
    """Return what can be measured, in order."""
    return {
        "throughput": throughput.measure,
        "large": large.measure,
        "message": large_message.measure,
        "recipients": recipients.measure,
        "polls": polls.measure,
        "overload": overload.measure,
        "postgres": postgres.measure,
        "axis": axis.measure,
        "memory": memory.measure,
        "signatures": signatures.measure,
        "stores": partial(stores.measure, is_long=is_long),
        "figures": partial(figures.measure, is_long=is_long),
        "cost": cost.measure,
        "scale": partial(scale.measure, is_long=is_long),
    }


@click.command()
@click.option("--long", "is_long", is_flag=True, help="Bigger stores: 1,000,000 documents.")
@click.option("--only", help="Parts, separated by commas; such a run is not kept.")
@click.option("--write", "writes", is_flag=True, help="Put the table into docs/performance.md.")
def main(*, is_long: bool, only: str | None, writes: bool) -> None:
    """Measure the node against the floor and against itself.

    A whole run of the usual size is kept in bench/results, where the history is drawn anew.
    """
    parts = parts_of(is_long=is_long)
    usual = [name for name in parts if is_long or name not in ONLY_LONG]
    chosen = usual if only is None else only.split(",")
    if not set(chosen) <= set(parts):
        raise click.UsageError(f"the parts are {', '.join(parts)}")
    console, run = Console(width=None if sys.stdout.isatty() else 180), begun()
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        found, took = asyncio.run(
            measure({name: parts[name] for name in chosen}, Path(folder), console)
        )
    if only is None and not is_long:
        found.append(whole(took))
    run = msgspec.structs.replace(run, results=found)
    show(found, console)
    if only is None and not is_long:
        keep(run)
        draw(kept())
    if writes:
        write(run)
    sys.exit(0 if all(result.is_met for result in found) else 1)


if __name__ == "__main__":
    main()
