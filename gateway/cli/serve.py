"""`gateway serve`: runs the node until it is told to stop."""

import asyncio
from pathlib import Path

import click

from gateway.bootstrap.administration import found, has_keys, make_keys, open_rooms
from gateway.cli.init import make_node
from gateway.cli.node import operator
from gateway.cli.options import config_option
from gateway.config import Config, load
from gateway.logs import configure_logs
from gateway.pipeline.initialise import Founded
from gateway.web.processes import available_processors, run_node

#: The node that `--develop` makes where there is none: an example, no code that was allotted.
_EXAMPLE_CODE, _EXAMPLE_NAME = "H99", "Tỉnh Ví Dụ (nút phát triển)"


@click.command()
@click.option("--host", help="Address to listen on.  [default: http.host]")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port.  [default: http.port]")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="Processes that serve.  [default: one for each processor]",
)
@click.option("--develop", is_flag=True, help="Make what a development node lacks, then run it.")
@config_option
def serve(
    *, host: str | None, port: int | None, processes: int | None, develop: bool, config_file: Path
) -> None:
    """Run the node; SIGTERM drains and stops it."""
    configure_logs()
    if develop:
        founded = _complete(config_file)
        if founded is not None:
            click.echo(f"administrator: {founded.user_name}")
            click.echo(f"one-time password (shown once): {founded.one_time_password}")
    config = load(config_file)
    code = run_node(config, host=host, port=port, processes=processes or available_processors())
    if code:
        click.get_current_context().exit(code)


def _complete(config_file: Path) -> Founded | None:
    """Make node, keys and root agency where they are missing; None when nothing was."""
    if not config_file.exists():
        return make_node(config_file.absolute().parent, code=_EXAMPLE_CODE, name=_EXAMPLE_NAME)
    config = load(config_file)
    if not has_keys(config):
        make_keys(config)
    return asyncio.run(_found_if_empty(config))


async def _found_if_empty(config: Config) -> Founded | None:
    async with open_rooms(config) as gateway:
        if await gateway.agencies.listing():
            return None
        return await found(gateway, operator(config))
