"""The machine's part of the equipment: clock, threads, the lock of the data."""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from gateway.config import Config
from gateway.domain.errors import Misconfigured

T = TypeVar("T")
WORK_THREADS = 8


class SystemClock:
    """The clock of the machine; see :class:`gateway.ports.Clock`."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock


class Executor:
    """The one bounded pool of threads for blocking work; see :class:`gateway.ports.Run`."""

    def __init__(self) -> None:
        """Start without threads; they come as work does."""
        self._pool = ThreadPoolExecutor(WORK_THREADS, thread_name_prefix="work")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what *work* returns; raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait for the work that is under way."""
        self._pool.shutdown()


def documents_folder(config: Config) -> Path:
    """Return the folder of the documents; raise Misconfigured for another kind of store."""
    kind, _, rest = config.storage.documents.partition(":")
    if kind != "file" or not rest:
        raise Misconfigured(f"storage.documents: `{config.storage.documents}` is no file:path")
    return config.path(rest)


@contextmanager
def only_one(config: Config) -> Iterator[None]:
    """Hold the lock of the node's data; raise Misconfigured when another process serves it."""
    file = documents_folder(config).parent / "gateway.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise Misconfigured(f"{file}: another process serves this data already") from None
    try:
        yield
    finally:
        os.close(descriptor)
