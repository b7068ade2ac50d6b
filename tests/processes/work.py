"""Work for the processes: a module of its own, for a worker imports what it is to do."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_KEPT: list[bytes] = []


def size_of(path: str) -> int:
    """Return the size of a file."""
    return Path(path).stat().st_size


def who() -> int:
    """Return the process that answers."""
    return os.getpid()


def parent() -> int:
    """Return the process that forked this one."""
    return os.getppid()


def name() -> str:
    """Return what this process shows itself by."""
    return Path("/proc/self/comm").read_text("utf-8").strip()


def open_files() -> set[str]:
    """Return what this process has open, each as the system calls it."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing itself
            found.add(f"{each.name}: {each.readlink()}")
    return found


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


class Unreadable:
    """What nobody can read who is not this process."""

    def __reduce__(self) -> tuple[object, ...]:
        return _only_in, (os.getpid(),)


def _only_in(process: int) -> int:
    if process != os.getpid():
        raise ValueError("this is another process")
    return process


def unreadable() -> Unreadable:
    """Return what the caller cannot read."""
    return Unreadable()
