"""How commands work on a node's data: directly on its store, also while the node runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from click.core import ParameterSource

import gateway as package
from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config, load, parse
from gateway.domain.exchange import Caller, Role

T = TypeVar("T")


def on_node(config_file: Path, work: Callable[[Gateway, Caller], Awaitable[T]]) -> T:
    """Open the node of *config_file*, run *work* on it as its operator, and close it.

    Raises:
        Misconfigured: the configuration, a key or the store is not as it must be.
    """
    config = load(config_file)

    async def session() -> T:
        async with open_rooms(config) as gateway:
            return await work(gateway, operator(config))

    return asyncio.run(session())


def operator(config: Config) -> Caller:
    """Return who acts by the command line: whoever may read the node's keys is its operator."""
    return Caller(actor="cli", agency=config.node.code, role=Role.ADMIN)


def config_here(ctx: click.Context, config_file: Path) -> Config | None:
    """Return the configuration that `--config` names or that lies here; None without either.

    Raises:
        Misconfigured: it is named and is not there, or cannot be read.
    """
    is_given = ctx.get_parameter_source("config_file") is not ParameterSource.DEFAULT
    return load(config_file) if is_given or config_file.exists() else None


def default_config() -> Config:
    """Return the configuration of no node in particular, with the calendar that is shipped."""
    file = Path(package.__file__).parent.parent / "defaults"
    return parse({"node": {"code": "H00"}}, file=file)
