"""`gateway audit`: the audit chain, recomputed."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import show_record, working
from gateway.domain.chain import ChainCheck
from gateway.domain.exchange import Caller


@click.group()
def audit() -> None:
    """Verify the audit trail."""


@audit.command()
@format_option()
@config_option
@click.pass_context
def verify(ctx: click.Context, how: str, config_file: Path) -> None:
    """Recompute every record of the chain; exit status 1 names the first that is broken."""

    async def work(gateway: Gateway, caller: Caller) -> ChainCheck:
        trail = gateway.administration.trail
        return await trail.work_off(await trail.begin_check(caller), caller)

    with working("verify"):
        check = on_node(config_file, work)
    broken = check.broken
    show_record(
        {
            "verdict": "valid" if broken is None else "broken",
            "records": check.checked,
            "broken": None if broken is None else f"{broken.chain}:{broken.seq}",
            "fault": None if broken is None else broken.fault.value,
        },
        how,
    )
    if broken is not None:
        ctx.exit(1)
