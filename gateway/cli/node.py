"""How commands work on a node's data: directly on its store, also while the node runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config, load
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
