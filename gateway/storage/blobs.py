"""Files of documents in a folder, named by ids of ours, never by names from outside.

A file is written under its final name at once: only the database's commit makes it part of a
document, and what no commit refers to is swept away at the next start. So there is no rename and
no second name, one fsync of the file and one of its folder before the commit.
"""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from gateway.domain.errors import Misconfigured, NotFound
from gateway.storage.file_spool import FileSpool, unavailable, write_all

#: Threads that hash and write what arrives: as many as a small machine has processors.
_HANDS = 2
#: Small files that are received and not yet kept or refused, all together.
HELD_BYTES = 64 << 20

#: How long a file that no document refers to is set aside before it is removed.
ORPHAN_LIFE = timedelta(days=7)

_ZEROS = memoryview(bytes(1 << 20))
IDENTITY = ".store-id"
_ORPHANS = ".orphans"
_KEY = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9A-Za-z-]{1,60}")


class FolderBlobs:
    """See :class:`gateway.ports.DocumentFiles`.

    A small file is held in memory until it is kept, so that what is refused never meets the disk;
    all that is held is bounded, beyond that small files are written at once like large ones.
    """

    def __init__(self, root: Path, *, checkpoint: Callable[[str], None]) -> None:
        """Keep files below *root*; *checkpoint* is told each instant at which a crash may bite."""
        self.hands: Executor = ThreadPoolExecutor(_HANDS, thread_name_prefix="files")
        self._root = root
        self._checkpoint = checkpoint
        self._held: dict[str, list[bytes]] = {}
        self._held_bytes = 0
        self._lock = Lock()
        self._folders: dict[str, int] = {}  #: days whose names are durable, and their descriptors

    def check(self) -> None:
        """Raise nothing: whether a disk takes more is told by its free space."""

    def create(self, key: str) -> FileSpool:
        """Start the file *key*; raise Unavailable on a full disk."""
        self._name(key)
        return FileSpool(self, key)

    def hold(self, key: str, chunks: list[bytes]) -> bool:
        """Hold *chunks* in memory as the file *key*; False when too much is held already."""
        size = sum(map(len, chunks))
        with self._lock:
            if self._held_bytes + size > HELD_BYTES:
                return False
            self._held[key] = chunks
            self._held_bytes += size
            return True

    def make(self, key: str) -> int:
        """Make the file *key*, which must not exist; return its descriptor."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            return os.open(self._name(key), flags, 0o640)
        except FileNotFoundError:
            self._file(key).parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._name(key), flags, 0o640)

    def keep(self, keys: Sequence[str]) -> None:
        """Make finished files durable, names included; the commit that follows refers to them."""
        self._checkpoint("before-keep")
        try:
            for key in keys:
                self._keep_file(key)
            self._checkpoint("files-kept")
            for day in {key.rpartition("/")[0] for key in keys}:
                self._keep_names(day)
        except OSError as error:
            raise unavailable(error) from error
        self._checkpoint("names-kept")

    def _keep_file(self, key: str) -> None:
        content = self._held.get(key)
        descriptor = os.open(self._name(key), os.O_RDONLY) if content is None else self.make(key)
        try:
            if content is not None:
                write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._let_go(key)

    def _let_go(self, key: str) -> None:
        with self._lock:
            content = self._held.pop(key, None)
            self._held_bytes -= sum(map(len, content or ()))

    def discard(self, keys: Sequence[str]) -> None:
        """Remove files that no commit refers to."""
        for key in keys:
            self._let_go(key)
            self._file(key).unlink(missing_ok=True)

    def wipe(self, keys: Sequence[str]) -> None:
        """Overwrite files that no commit refers to, then remove them: nothing is left to read.

        What a medium keeps of overwritten blocks by itself (journals, flash) is for its operator.
        """
        try:
            for key in keys:
                _overwrite(self._file(key))
        finally:
            self.discard(keys)

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading, kept or not."""
        content = self._held.get(key)
        if content is not None:
            return BytesIO(content[0] if len(content) == 1 else b"".join(content))
        try:
            return self._file(key).open("rb")
        except FileNotFoundError:
            raise NotFound(f"the file {key} is not in the store") from None

    def path(self, key: str) -> str:
        """Return the path of a kept file."""
        return str(self._file(key))

    def free_bytes(self) -> int:
        """Return the free space."""
        self._root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def identity(self) -> str | None:
        """Return the id that these files were given, None when they have none."""
        file = self._root / IDENTITY
        return file.read_text("utf-8").strip() if file.exists() else None

    def identify(self, identity: str) -> None:
        """Give these files an *identity*, the same as their database's."""
        self._root.mkdir(parents=True, exist_ok=True)
        file = self._root / IDENTITY
        file.write_text(identity, "utf-8")
        _sync(file)
        _sync(self._root)

    def is_empty(self) -> bool:
        """Whether there is no file of any document."""
        return next(self._root.glob("[0-9]*/[0-9]*/[0-9]*/*"), None) is None

    def sweep(self, *, is_known: Callable[[str], bool], today: date) -> int:
        """Set files aside to which no commit refers; return how many. Only while nobody submits.

        Looks at the days since the last sweep: what was kept before was looked at then. What was
        set aside longer than a week ago is removed.
        """
        mark, latest = self._root / ".swept", f"{today:%Y/%m/%d}"
        since = min(mark.read_text("utf-8") if mark.exists() else "", latest)
        swept = 0
        for folder in sorted(self._root.glob("[0-9]*/[0-9]*/[0-9]*")):
            if folder.relative_to(self._root).as_posix() >= since:
                swept += self._sweep_day(folder, is_known)
        if self._root.exists():
            mark.write_text(latest, "utf-8")
        self._forget_orphans(today)
        return swept

    def _sweep_day(self, folder: Path, is_known: Callable[[str], bool]) -> int:
        swept = 0
        for path in folder.iterdir():
            key = path.relative_to(self._root).as_posix()
            if _KEY.fullmatch(key) and path.is_file() and not is_known(key):
                aside = self._root / _ORPHANS
                aside.mkdir(mode=0o700, exist_ok=True)
                path.rename(aside / key.replace("/", "-"))
                os.utime(aside / key.replace("/", "-"))
                swept += 1
        return swept

    def _forget_orphans(self, today: date) -> None:
        oldest = datetime.combine(today, time(), UTC) - ORPHAN_LIFE
        for path in (self._root / _ORPHANS).glob("*"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest:
                path.unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return Path(self._name(key))

    def _name(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise Misconfigured(f"{key!r} is no key of the store")
        return f"{self._root}/{key}"

    def _keep_names(self, day: str) -> None:
        """Sync the folder of *day*, and once in the life of the process the names leading to it."""
        descriptor = self._folders.get(day)
        if descriptor is not None:
            os.fsync(descriptor)
            return
        folder = self._root / day
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(descriptor)
        for above in folder.parents:
            _sync(above)
            if above == self._root.parent:
                break
        with self._lock:
            kept = self._folders.setdefault(day, descriptor)
        if kept != descriptor:
            os.close(descriptor)


def _overwrite(file: Path) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, _ZEROS[:left])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
