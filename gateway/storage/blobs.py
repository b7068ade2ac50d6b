"""Files of documents in a folder, named by ids of ours, never by names from outside.

A file is written under its final name at once: only the database's commit makes it part of a
document, and what no commit refers to is swept away at the next start. So there is no rename and
no second name, one fsync of the file and one of its folder before the commit.
"""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from gateway.domain.errors import Misconfigured, NotFound, Unavailable

#: Bytes that a file collects in memory before it is written in one go.
BUFFER_BYTES = 1 << 20

_KEY = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9A-Za-z-]{1,60}")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FileSpool:
    """See :class:`gateway.ports.Spool`. Small files stay in memory until they are finished."""

    def __init__(self, path: Path, key: str) -> None:
        """Name the file; it is made with the first bytes that do not fit the buffer."""
        self._path = path
        self._key = key
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
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
        """Append; hashes on the way. Blocks: never on the event loop."""
        self._size += len(chunk)
        self._buffer += chunk
        if len(self._buffer) >= BUFFER_BYTES:
            self._flush()

    def finish(self) -> str:
        """Complete the file and return its SHA-256, hex. The bytes may still be in caches."""
        self._flush()
        if self._file is not None:
            self._file.close()
        return self._hash.hexdigest()

    def abandon(self) -> None:
        """Stop without completing; the caller discards the key."""
        self._buffer = bytearray()
        if self._file is not None:
            self._file.close()

    def _flush(self) -> None:
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("xb", buffering=0)
            view = memoryview(self._buffer)
            self._hash.update(view)
            while view:
                view = view[self._file.write(view) :]
            view.release()
        except OSError as error:
            raise _unavailable(error) from error
        self._buffer = bytearray()


class FolderBlobs:
    """See :class:`gateway.ports.Blobs`."""

    def __init__(self, root: Path, *, checkpoint: Callable[[str], None]) -> None:
        """Keep files below *root*; *checkpoint* is told each instant at which a crash may bite."""
        self._root = root
        self._checkpoint = checkpoint
        self._durable: set[Path] = set()

    def create(self, key: str) -> FileSpool:
        """Start the file *key*; raise Unavailable on a full disk."""
        return FileSpool(self._file(key), key)

    def keep(self, keys: Sequence[str]) -> None:
        """Make finished files durable, names included; the commit that follows refers to them."""
        self._checkpoint("before-keep")
        try:
            for key in keys:
                _sync(self._file(key))
            self._checkpoint("files-kept")
            for folder in {self._file(key).parent for key in keys}:
                self._keep_names(folder)
        except OSError as error:
            raise _unavailable(error) from error
        self._checkpoint("names-kept")

    def discard(self, keys: Sequence[str]) -> None:
        """Remove files that no commit refers to."""
        for key in keys:
            self._file(key).unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading."""
        try:
            return self._file(key).open("rb")
        except FileNotFoundError:
            raise NotFound(f"the file {key} is not in the store") from None

    def path(self, key: str) -> str:
        """Return a path at which the bytes of *key* can be read, or written by a decoder."""
        path = self._file(key)
        if path.parent not in self._durable:
            path.parent.mkdir(parents=True, exist_ok=True)
        return str(path)

    def free_bytes(self) -> int:
        """Return the free space."""
        self._root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def sweep(self, *, is_known: Callable[[str], bool]) -> int:
        """Remove files that no commit refers to; return how many. Only while nobody submits.

        Looks at the days since the last sweep: what was kept before was looked at then.
        """
        mark = self._root / ".swept"
        since = mark.read_text("utf-8") if mark.exists() else ""
        newest, removed = since, 0
        for path in sorted(self._root.glob("[0-9]*/[0-9]*/[0-9]*")):
            day = path.relative_to(self._root).as_posix()
            if day < since:
                continue
            newest = max(newest, day)
            removed += self._sweep_day(path, is_known)
        if newest != since:
            mark.write_text(newest, "utf-8")
        return removed

    def _sweep_day(self, folder: Path, is_known: Callable[[str], bool]) -> int:
        removed = 0
        for path in folder.iterdir():
            key = path.relative_to(self._root).as_posix()
            if _KEY.fullmatch(key) and path.is_file() and not is_known(key):
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _file(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise Misconfigured(f"{key!r} is no key of the store")
        return self._root / key

    def _keep_names(self, folder: Path) -> None:
        """Sync *folder*, and once in the life of the process the names that lead to it."""
        _sync(folder)
        for above in folder.parents if folder not in self._durable else ():
            _sync(above)
            if above == self._root.parent:
                break
        self._durable.add(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(error: OSError) -> Unavailable:
    full = error.errno in _FULL
    text = "the disk is full" if full else "the file store cannot be written"
    return Unavailable(text, retry_after_s=30.0 if full else 5.0)
