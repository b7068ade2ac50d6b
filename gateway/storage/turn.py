"""Whose turn it is to write: the writers of several processes, one after the other, without haste.

SQLite lets one process write at a time, and makes the others look again after pauses that grow.
Between processes that write all the time this is neither quick nor just. A lock of the system on a
file beside the database hands over at once, and goes with the process that held it, however that
process ended. SQLite's own lock stays what correctness rests on: a process that does not ask for
its turn here is merely slower.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from gateway.domain.errors import Misconfigured


class Turn:
    """The turn of one writer; used by its thread alone."""

    def __init__(self, file: Path) -> None:
        """Name the *file* that all writers of a database share."""
        self._file = file
        self._descriptor = -1

    def open(self) -> None:
        """Open the file; raise Misconfigured when that cannot be."""
        try:
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise Misconfigured(f"{self._file}: {error.strerror}") from error

    def close(self) -> None:
        """Close the file, when it was opened."""
        if self._descriptor >= 0:
            os.close(self._descriptor)

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
