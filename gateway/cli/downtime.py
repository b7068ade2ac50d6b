"""`gateway stats --downtime`: how long outages and maintenance lasted."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.output import CSV, JSON, TABLE, show_list
from gateway.domain.downtime import HEADINGS, Value
from gateway.domain.exchange import Caller


def show_downtime(
    asked: tuple[str, str, str], how: str, output: Path | None, config_file: Path
) -> None:
    """Print the figures that are *asked* for: first day, last day, and by which period."""
    first, last, period = asked
    if output is not None or how not in {TABLE, CSV, JSON}:
        raise click.UsageError("downtime is printed: as table, csv or json")

    async def work(gateway: Gateway, caller: Caller) -> list[dict[str, Value]]:
        return await gateway.administration.downtime.of(first=first, last=last, period=period)

    columns = {name: f"{head} / {name}" for name, head in HEADINGS.items()}
    show_list(on_node(config_file, work), columns, how)
