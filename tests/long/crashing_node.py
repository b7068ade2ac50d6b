"""A node that kills itself: the real one, ended by SIGKILL at a chosen instant.

    python tests/long/crashing_node.py CONFIG PORT [CLOCK]

It dies as it passes a checkpoint for the n-th time, or lives until it is killed from outside. As a
program it lives on, by the clock of the machine or, with CLOCK, one that is wrong by the seconds
that the file of that name holds. The suite of crashes starts it from a server of forks, where everything is imported
already, so that a life begins within milliseconds.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from gateway.bootstrap.gateway import open_gateway
from gateway.bootstrap.recovery import recover
from gateway.config import load
from gateway.logs import configure_logs
from gateway.web.listening import listen
from gateway.web.processes import run_node
from gateway.web.server import run

#: Every instant at which a crash may bite, as the store and the blobs tell it.
CHECKPOINTS = ("before-keep", "files-kept", "names-kept", "before-commit", "after-commit")


def live(config_file: str, port: int, checkpoint: str, passing: int, log: str) -> None:
    """Run the node of *config_file*; with a *checkpoint*, until it was passed *passing* times."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    configure_logs()
    uvloop.run(_serve(Path(config_file), port, _bomb(checkpoint, passing)))


def live_together(config_file: str, port: int, log: str) -> None:
    """Run the node of *config_file* as two processes and the one that starts them."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    configure_logs()
    run_node(load(Path(config_file)), host="127.0.0.1", port=port, processes=2)


def _bomb(checkpoint: str, passing: int) -> Callable[[str], None]:
    lock, left = threading.Lock(), [passing]

    def pass_by(name: str) -> None:
        if name != checkpoint:
            return
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


class WrongClock:
    """A clock that is wrong by what a file says; see :class:`gateway.ports.Clock`."""

    def __init__(self, file: Path) -> None:
        """Look into *file* at every question."""
        self._file = file

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        offset = timedelta(seconds=float(self._file.read_text("utf-8")))
        return datetime.now(UTC) + offset  # noqa: TID251 - this is a Clock


async def _serve(
    config_file: Path,
    port: int,
    checkpoint: Callable[[str], None],
    clock: WrongClock | None = None,
) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with open_gateway(load(config_file), clock=clock, checkpoint=checkpoint) as gateway:
        await recover(gateway)
        await run(gateway, stopping, listen("127.0.0.1", port))


if __name__ == "__main__":
    configure_logs()
    _clock = WrongClock(Path(sys.argv[3])) if sys.argv[3:] else None
    uvloop.run(_serve(Path(sys.argv[1]), int(sys.argv[2]), lambda name: None, _clock))
