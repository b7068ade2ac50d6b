"""`python -m bench [--long]`: measures, prints one table, exits 1 when a target is missed."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench import axis, cost, memory, scale, signatures, stores, throughput
from bench.results import Result

#: What fills a database server takes long: measured when asked for.
SERVER_PARTS = frozenset({"cost", "scale"})

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
    for heading in ("measured", "value", "target", "", "detail"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for result in results:
        verdict = "" if not result.target else "met" if result.is_met else "MISSED"
        value = f"{result.value:.2f} {result.unit}"
        table.add_row(result.name, value, result.target, verdict, result.detail)
    console.print(table)


@click.command()
@click.option("--long", "is_long", is_flag=True, help="Bigger stores: 1,000,000 documents.")
@click.option(
    "--only", help="One part: throughput, axis, memory, signatures, stores, cost or scale."
)
def main(*, is_long: bool, only: str | None) -> None:
    """Measure the node against the floor and against itself."""
    parts: dict[str, Part] = {
        "throughput": throughput.measure,
        "axis": axis.measure,
        "memory": memory.measure,
        "signatures": signatures.measure,
        "stores": partial(stores.measure, is_long=is_long),
        "cost": cost.measure,
        "scale": partial(scale.measure, is_long=is_long),
    }
    if only is not None and only not in parts:
        raise click.UsageError(f"the parts are {', '.join(parts)}")
    usual = {name: part for name, part in parts.items() if is_long or name not in SERVER_PARTS}
    chosen = usual if only is None else {only: parts[only]}
    console = Console(width=None if sys.stdout.isatty() else 160)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        results = asyncio.run(measure(chosen, Path(folder), console))
    show(results, console)
    sys.exit(0 if all(result.is_met for result in results) else 1)


if __name__ == "__main__":
    main()
