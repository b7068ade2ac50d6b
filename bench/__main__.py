"""`python -m bench [--long] [--write]`: measures, prints one table, exits 1 when a target is missed."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench import (
    axis,
    large,
    large_message,
    memory,
    overload,
    polls,
    postgres,
    recipients,
    signatures,
    stores,
    throughput,
)
from bench.results import Result

Part = Callable[[Path], Awaitable[list[Result]]]


async def measure(parts: dict[str, Part], folder: Path, console: Console) -> list[Result]:
    """Run *parts* one after another; return all that they found."""
    results = []
    for name, part in parts.items():
        with console.status(f"measuring: {name} …"):
            results += await part(folder / name)
    return results


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
    }


@click.command()
@click.option("--long", "is_long", is_flag=True, help="Bigger stores: 1,000,000 documents.")
@click.option("--only", help="Parts, separated by commas.")
def main(*, is_long: bool, only: str | None) -> None:
    """Measure the node against the floor and against itself."""
    parts = parts_of(is_long=is_long)
    chosen = list(parts) if only is None else only.split(",")
    if not set(chosen) <= set(parts):
        raise click.UsageError(f"the parts are {', '.join(parts)}")
    console = Console(width=None if sys.stdout.isatty() else 180)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        found = asyncio.run(measure({name: parts[name] for name in chosen}, Path(folder), console))
    show(found, console)
    sys.exit(0 if all(result.is_met for result in found) else 1)


if __name__ == "__main__":
    main()
