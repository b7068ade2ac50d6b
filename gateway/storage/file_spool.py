"""A file of a document while it arrives, hashed and written beside the thread that brings it.

What a file collects is handed on in pieces, one at a time: while a piece is hashed and written,
whoever brings the bytes reads, parses or decodes the next ones. Both work without the lock of the
interpreter, so that they use a processor of their own.
"""

import errno
import hashlib
import os
from concurrent.futures import Executor, Future
from io import FileIO
from typing import BinaryIO, Protocol

from gateway.domain.errors import Unavailable

#: Bytes that a file collects in memory before they are written in one go; as many are under way.
BUFFER_BYTES = 1 << 19

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Folder(Protocol):
    """Where files come to lie."""

    #: Hashes and writes what files have collected.
    hands: Executor

    def hold(self, key: str, chunks: list[bytes]) -> bool:
        """Hold *chunks* in memory as the file *key*; False when too much is held already."""

    def make(self, key: str) -> int:
        """Make the file *key*, which must not exist; return its descriptor."""

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading, kept or not."""


class FileSpool:
    """See :class:`gateway.ports.Spool`."""

    def __init__(self, folder: Folder, key: str) -> None:
        """Name the file; it is made with the first bytes that do not fit the buffer."""
        self._folder = folder
        self._key = key
        self._hash = hashlib.sha256()
        self._chunks: list[bytes] = []
        self._waiting = 0  #: bytes in the chunks
        self._under_way: Future[None] | None = None
        self._file: BinaryIO | None = None
        self._size = 0

    @property
    def key(self) -> str:
        """Its key in the blob store."""
        return self._key

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._size

    def write(self, chunk: bytes) -> None:
        """Append. Blocks while the piece before is written: never on the event loop."""
        self._size += len(chunk)
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting >= BUFFER_BYTES:
            self._settle()
            chunks, self._chunks, self._waiting = self._chunks, [], 0
            self._under_way = self._folder.hands.submit(self._put, chunks)

    def finish(self) -> str:
        """Complete the file and return its SHA-256, hex. The bytes may still be in caches."""
        self._settle()
        if self._file is None and self._folder.hold(self._key, self._chunks):
            for chunk in self._chunks:
                self._hash.update(chunk)
        else:
            self._put(self._chunks)
        if self._file is not None:
            self._file.close()
        return self._hash.hexdigest()

    def open(self) -> BinaryIO:
        """Open the finished file for reading."""
        return self._folder.open(self._key)

    def abandon(self) -> None:
        """Stop without completing; the caller discards the key."""
        self._chunks = []
        if self._under_way is not None:
            self._under_way.exception()  # nothing may be written to a file that is closed
        if self._file is not None:
            self._file.close()

    def _settle(self) -> None:
        """Wait for the piece under way.

        Raises:
            Unavailable: it could not be written.
        """
        if self._under_way is not None:
            self._under_way.result()

    def _put(self, chunks: list[bytes]) -> None:
        """Hash and write *chunks*."""
        for chunk in chunks:
            self._hash.update(chunk)
        try:
            if self._file is None:
                self._file = FileIO(self._folder.make(self._key), "wb")
            write_all(self._file.fileno(), chunks)
        except OSError as error:
            raise unavailable(error) from error


def write_all(descriptor: int, chunks: list[bytes]) -> None:
    """Write all of *chunks*; the system may take them in parts."""
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]


def unavailable(error: OSError) -> Unavailable:
    """Return what is told when a file cannot be written."""
    full = error.errno in _FULL
    text = "the disk is full" if full else "the file store cannot be written"
    return Unavailable(text, retry_after_s=30.0 if full else 5.0)
