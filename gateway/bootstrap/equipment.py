"""The machine's part of the equipment: clock, threads, the lock of the data."""

import asyncio
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from gateway.config import Config
from gateway.domain.errors import Misconfigured, Unavailable
from gateway.ports import Blobs
from gateway.storage import is_shared

T = TypeVar("T")
WORK_THREADS = 3
#: More, where some of them wait for a bucket.
WAITING_THREADS = 9
#: How often it is looked whether another process has let go of the data.
_LOOK_S = 0.05
#: In the mean of what work takes.
_NEWEST_COUNTS = 0.05

#: The file whose lock says that the node is served.
_LOCK = "gateway.lock"


class SystemClock:
    """The clock of the machine; see :class:`gateway.ports.Clock`."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock


class StandingClock:
    """A clock that stands, for a judgement as of another moment."""

    def __init__(self, instant: datetime) -> None:
        """Stand at *instant*, which is aware."""
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        return self._instant


class Executor:
    """The one bounded pool of threads for blocking work; see :class:`gateway.ports.Run`."""

    def __init__(self, threads: int = WORK_THREADS) -> None:
        """Start without threads; they come as work does."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._waiting: dict[object, float] = {}  #: since when, in order, what waits for a thread
        self._threads = threads
        self._mean_s = 0.0  #: of what work takes, the latest counting most
        self._lock = threading.Lock()

    @classmethod
    def of(cls, config: Config) -> "Executor":
        """Return one for the node of *config*."""
        return cls(WORK_THREADS + WAITING_THREADS if is_bucket(config) else WORK_THREADS)

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what *work* returns; raise what it raises."""
        place = object()

        def begin() -> T:
            self._leave(place)
            begun = time.monotonic()
            try:
                return work()
            finally:
                self._learn(time.monotonic() - begun)

        with self._lock:
            self._waiting[place] = time.monotonic()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, begin)
        finally:
            self._leave(place)  # what was cancelled before it began

    def behind_s(self) -> float:
        """Return for how long what comes now will wait for a thread.

        As long as the oldest has waited, or as long as all before it look to take: the queue of a
        sudden rush is long before anything in it is old.
        """
        with self._lock:
            since = next(iter(self._waiting.values()), None)
            ahead_s = len(self._waiting) * self._mean_s / self._threads
        return 0.0 if since is None else max(time.monotonic() - since, ahead_s)

    def _learn(self, took_s: float) -> None:
        with self._lock:
            self._mean_s += (took_s - self._mean_s) * _NEWEST_COUNTS

    def _leave(self, place: object) -> None:
        with self._lock:
            self._waiting.pop(place, None)

    def close(self) -> None:
        """Wait for the work that is under way."""
        self._pool.shutdown()


class Space:
    """Watches the free space of the documents, looking at most once a second."""

    def __init__(self, blobs: Blobs, run: Executor, *, least_bytes: int) -> None:
        """Want *least_bytes* free; 0 watches nothing."""
        self._blobs = blobs
        self._run = run
        self._least_bytes = least_bytes
        self._looked_at = float("-inf")
        self._free = least_bytes  #: until the first look has answered

    async def check(self) -> None:
        """Raise Unavailable when less than the least is free."""
        if not self._least_bytes:
            return
        now = asyncio.get_running_loop().time()
        if now - self._looked_at > 1.0:
            self._looked_at = now
            self._free = await self._run(self._blobs.free_bytes)
        if self._free < self._least_bytes:
            raise Unavailable("the disk of the node is nearly full", retry_after_s=60.0)


def is_bucket(config: Config) -> bool:
    """Whether the documents are in a bucket."""
    return config.storage.documents.startswith("s3://")


def data_folder(config: Config) -> Path:
    """Return the folder of what this machine has for itself: lock, checkpoints, meters."""
    if is_bucket(config):
        return config.path(config.storage.spool).parent
    return documents_folder(config).parent


def documents_folder(config: Config) -> Path:
    """Return the folder of the documents; raise Misconfigured for another kind of store."""
    kind, _, rest = config.storage.documents.partition(":")
    if kind != "file" or not rest:
        raise Misconfigured(f"storage.documents: `{config.storage.documents}` is no file:path")
    return config.path(rest)


def is_alone(config: Config) -> bool:
    """Whether the database is a file of this machine, not one that nodes share."""
    return not is_shared(config.storage.database)


def database_file(config: Config) -> Path:
    """Return the file of the SQLite database; raise Misconfigured for another kind."""
    scheme, _, rest = config.storage.database.partition(":///")
    if scheme != "sqlite":
        raise Misconfigured("backups of this kind are of SQLite; use the tools of the database")
    return config.path(rest)


@contextmanager
def only_one(config: Config, *, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of the node's data; raise Misconfigured when another process serves it.

    Another is given *patience_s* to end: of a node of several processes that was killed the last
    goes a moment after the first. Over a database of several nodes there is nothing to hold.
    """
    if is_shared(config.storage.database):
        yield
        return
    file = data_folder(config) / _LOCK
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, until=time.monotonic() + patience_s)
    except OSError:
        os.close(descriptor)
        raise Misconfigured(f"{file}: another process serves this data already") from None
    try:
        os.ftruncate(descriptor, 0)
        yield
    finally:
        os.close(descriptor)


def note_address(config: Config, address: str) -> None:
    """Write down where the node is served, in the lock that is held while it is."""
    if not is_shared(config.storage.database):
        (data_folder(config) / _LOCK).write_text(address, "utf-8")


def noted_address(config: Config) -> str:
    """Return where a node that is served was said to be, empty when nobody said it."""
    return (data_folder(config) / _LOCK).read_text("utf-8", "replace").strip()


def _lock(descriptor: int, *, until: float) -> None:
    """Lock the file of *descriptor*; raise OSError when it is not to be had *until* then."""
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                raise
            time.sleep(_LOOK_S)
        else:
            return


def is_served(config: Config) -> bool | None:
    """Whether a process serves the node's data now; None where many nodes share a database.

    Raises:
        Misconfigured: the place of the documents is named wrongly.
    """
    if is_shared(config.storage.database):
        return None
    data_folder(config)
    try:
        with only_one(config):
            return False
    except Misconfigured:
        return True
