"""A node that kills itself: the real one, ended by SIGKILL at a chosen instant.

    python tests/long/crashing_node.py CONFIG PORT [CHECKPOINT PASSING]

It dies as it passes the checkpoint of that name for the PASSING-th time, or lives until it is
killed from outside. The suite starts it from a server of forks, where everything is imported
already, so that a life begins within milliseconds.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import uvloop

from gateway.bootstrap.gateway import open_gateway
from gateway.config import load
from gateway.logs import configure_logs
from gateway.web.server import run

#: Every instant at which a crash may bite, as the store and the blobs tell it.
CHECKPOINTS = ("before-keep", "files-kept", "names-kept", "before-commit", "after-commit")


def live(config_file: str, port: int, checkpoint: str, passing: int, log: str) -> None:
    """Run the node of *config_file*; with a *checkpoint*, until it was passed *passing* times."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    configure_logs()
    uvloop.run(_serve(Path(config_file), port, _bomb(checkpoint, passing)))


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


async def _serve(config_file: Path, port: int, checkpoint: Callable[[str], None]) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with open_gateway(load(config_file), checkpoint=checkpoint) as gateway:
        await run(gateway, stopping, host="127.0.0.1", port=port)


if __name__ == "__main__":
    _name, _passing = (sys.argv[3], int(sys.argv[4])) if sys.argv[3:] else ("", 0)
    live(sys.argv[1], int(sys.argv[2]), _name, _passing, os.devnull)
