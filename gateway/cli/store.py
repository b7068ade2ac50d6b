"""`gateway store`: a node's data moved from one kind of store to another."""

import asyncio
from pathlib import Path

import click

from gateway.bootstrap.moving import copy_documents, copy_faults, copy_store, holds_documents
from gateway.cli.options import config_option
from gateway.cli.output import counting, tell_error
from gateway.config import load


@click.group()
def store() -> None:
    """Move a node's data from one kind of store to another."""


@store.command()
@click.option(
    "--to",
    "target",
    required=True,
    metavar="URL",
    help="postgresql://… or sqlite:///… for the database, s3://… or file:… for documents.",
)
@config_option
@click.pass_context
def copy(ctx: click.Context, target: str, config_file: Path) -> None:
    """Copy the database, or the documents, to URL, verify all there, and say how to change over.

    The node must not run meanwhile. A database at URL must hold nothing yet; copying documents goes
    on where it broke off. What is copied stays where it is. Afterwards the audit record and the
    bytes of every document are verified as URL has them. For s3://… the keys s3_… of [storage] say
    where the bucket is.
    """
    config, documents = load(config_file), holds_documents(target)
    with counting("Đang sao chép / copying") as progress:
        if documents:
            count = asyncio.run(copy_documents(config, target, progress=progress))
        else:
            count = copy_store(config, target, progress=progress)
    with counting("Đang kiểm tra / verifying") as progress:
        faults = asyncio.run(copy_faults(config, target, progress=progress))
    for each in faults:
        tell_error(each)
    if not faults:
        what, key = ("tệp / files", "documents") if documents else ("hàng / rows", "database")
        click.echo(f"Đã sao chép và kiểm tra / copied and verified: {count} {what}")
        click.echo(f'Ghi vào gateway.toml / put into gateway.toml: [storage] {key} = "…"')
    ctx.exit(1 if faults else 0)
