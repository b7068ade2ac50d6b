"""`gateway store`: a node's data moved from one kind of store to another."""

import asyncio
from pathlib import Path

import click

from gateway.bootstrap.moving import copy_faults, copy_store
from gateway.cli.options import config_option
from gateway.cli.output import counting, tell_error
from gateway.config import load


@click.group()
def store() -> None:
    """Move a node's data from one kind of store to another."""


@store.command()
@click.option("--to", "target", required=True, metavar="URL", help="postgresql://… or sqlite:///…")
@config_option
@click.pass_context
def copy(ctx: click.Context, target: str, config_file: Path) -> None:
    """Copy the database to URL, verify it there, and say how to change over.

    The node must not run meanwhile. URL must hold nothing yet; what is copied stays where it is.
    Afterwards the audit record and the bytes of every document are verified as URL has them.
    """
    config = load(config_file)
    with counting("Đang sao chép / copying") as progress:
        count = copy_store(config, target, progress=progress)
    with counting("Đang kiểm tra / verifying") as progress:
        faults = asyncio.run(copy_faults(config, target, progress=progress))
    for each in faults:
        tell_error(each)
    if not faults:
        click.echo(f"Đã sao chép và kiểm tra / copied and verified: {count} hàng / rows")
        click.echo('Ghi vào gateway.toml / put into gateway.toml: [storage] database = "…"')
    ctx.exit(1 if faults else 0)
