"""Whose turn it is to write, and what was written: what the processes at one database share.

SQLite lets one process write at a time, and makes the others look again after pauses that grow.
Between processes that write all the time this is neither quick nor just. A lock of the system on a
file beside the database hands over at once, and goes with the process that held it, however that
process ended. SQLite's own lock stays what correctness rests on.

The same file, mapped into memory, counts commits, so that a process that keeps a copy of something
knows without a question to the database, which would cost a request more than all the rest,
whether the copy still holds.
"""

import fcntl
import mmap
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from gateway.domain.errors import Misconfigured

#: Tables of which copies are kept, or that somebody waits for, each with a counter of its own after
#: that of all commits.
COUNTED = ("clients", "directory", "attestation", "job", "calendar", "mail")
_BYTES = mmap.PAGESIZE
#: Of a server's database: the lock that writers hold from begin to commit; those that said what they
#: rest on share it.
WRITING = 0x4C47_5752


class Turn:
    """The turn of one writer, used by its thread alone, and the counters, used by all threads."""

    def __init__(self, file: Path) -> None:
        """Name the *file* that all writers of a database share."""
        self._file = file
        self._descriptor = -1
        self._counters = memoryview(bytes(_BYTES)).cast("Q")  #: until it is open: nothing known
        self._places = {None: 0} | {table: n for n, table in enumerate(COUNTED, start=1)}

    def open(self) -> None:
        """Open the file; raise Misconfigured when that cannot be."""
        try:
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            # The space is taken now: a mapped page that a full disk cannot take ends the process.
            os.posix_fallocate(self._descriptor, 0, _BYTES)
            self._map = mmap.mmap(self._descriptor, _BYTES)
        except OSError as error:
            raise Misconfigured(f"{self._file}: {error.strerror}") from error
        self._counters = memoryview(self._map).cast("Q")

    def close(self) -> None:
        """Close the file."""
        self._counters.release()
        self._map.close()
        os.close(self._descriptor)

    def count(self, table: str | None = None) -> int:
        """Return how many commits there were, or how many that changed *table*."""
        return int(self._counters[self._places[table]])

    def tell(self, tables: Iterable[str]) -> None:
        """Count a commit that changed *tables*; within the turn."""
        for table in (None, *tables):
            self._counters[self._places[table]] += 1

    def __enter__(self) -> None:
        """Wait for the turn."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give it up."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
