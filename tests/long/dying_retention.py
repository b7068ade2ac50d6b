"""A run of retention and of the audit archive that kills itself, or is killed from outside.

    python -m tests.long.dying_retention FOLDER DAYS PASSING

The node of FOLDER removes what is old, by a clock that is ahead by so many DAYS, and archives its audit record.
It dies by SIGKILL as it passes an instant at which a crash may bite for the n-th time; 0: it does not.
"""

import asyncio
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path

from gateway.bootstrap.equipment import StandingClock, SystemClock
from gateway.bootstrap.gateway import open_gateway
from gateway.bootstrap.retention import retention_of
from gateway.config import load
from gateway.domain.exchange import Caller, Role
from gateway.web.representation import Representation

_ME = Caller(actor="cli", agency="H13", role=Role.ADMIN)


async def _work(folder: Path, days: float, passing: int) -> None:
    lock, left = threading.Lock(), [passing]

    def pass_by(_: str) -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    now = SystemClock().now() + timedelta(days=days)
    config = load(folder / "gateway.toml")
    async with open_gateway(config, clock=StandingClock(now), checkpoint=pass_by) as gateway:
        await gateway.erasing.erase()  # as at every start
        room = retention_of(gateway, Representation(gateway.zone))
        await room.carry_out(_ME, now=now)
        await gateway.auditing.checkpoint()
        await gateway.audit_archive.archive(now - timedelta(days=1), _ME, lambda _: None)


if __name__ == "__main__":
    asyncio.run(_work(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
