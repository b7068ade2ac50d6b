"""Work for the processes: a module of its own, for a worker imports what it is to do."""

import os
import signal
import time
from pathlib import Path

_KEPT: list[bytes] = []


def size_of(path: str) -> int:
    """Return the size of a file."""
    return Path(path).stat().st_size


def who() -> int:
    """Return the process that answers."""
    return os.getpid()


def hang() -> None:
    """Never come to an end."""
    while True:
        time.sleep(1)


def take(megabytes: int) -> int:
    """Take memory and touch it."""
    return len(bytearray(megabytes << 20))


def keep(megabytes: int) -> None:
    """Leave so much behind in the process."""
    _KEPT.append(b"x" * (megabytes << 20))


def crash() -> None:
    """Die as a broken library does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """Raise what nobody expects."""
    raise KeyError("unexpected")
