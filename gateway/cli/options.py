"""Options that many commands share."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click

from gateway.cli.output import CSV, FORMAT, JSON, TABLE

F = TypeVar("F", bound=Callable[..., object])

CONFIG_FILE = Path("gateway.toml")


def _remember(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    ctx.meta[FORMAT] = value
    return value


def format_option(*kinds: str) -> Callable[[F], F]:
    """Add `--format` with *kinds*, the first by default; without any, all three."""
    choices = kinds or (TABLE, JSON, CSV)
    return click.option(
        "--format",
        "how",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        is_eager=True,
        callback=_remember,
        help="How to print.",
    )


config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=CONFIG_FILE,
    show_default=True,
    help="The node's configuration.",
)

day = click.DateTime(formats=["%Y-%m-%d"])


def read_instant(text: str) -> datetime:
    """Read an instant of ISO 8601 with its offset; raise ValueError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no instant; write it as 2026-04-30T16:59:00+07:00"
        ) from None
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write +07:00 or Z after the time")
    return instant


def rest_options(command: F) -> F:
    """Add `--url` and `--token`, which the environment may give."""
    url = click.option(
        "--url",
        envvar="GATEWAY_URL",
        show_envvar=True,
        help="Root of the node, such as https://node.example.gov.vn.",
    )
    token = click.option(
        "--token", envvar="GATEWAY_TOKEN", show_envvar=True, help="Token of the credential."
    )
    return url(token(command))
