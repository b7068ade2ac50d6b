"""Files of documents in a bucket; see :class:`gateway.ports.DocumentFiles`.

While a file arrives and is looked at it lies in a folder of this process; keeping it puts it into
the bucket, and only then does the commit refer to it. So several nodes work over one bucket
without knowing of each other: a key is never given twice, an object never changes. What no commit
came to refer to is set aside a day later by `object_sweep.py`.

Files that were just kept stay in the folder for a while, so that whoever fetches a document at
once need not ask the bucket.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from io import SEEK_END, BufferedReader
from threading import Lock
from typing import BinaryIO

from gateway.domain.errors import NotFound, Unavailable
from gateway.storage.blobs import IDENTITY, FolderBlobs
from gateway.storage.bucket import Bucket
from gateway.storage.file_spool import FileSpool
from gateway.storage.object_file import BLOCK_BYTES, ObjectFile
from gateway.storage.object_sweep import is_due, sweep

#: Of so many files it is known that this process put them, so that they can be taken back.
_KNOWN = 4096


class ObjectBlobs:
    """The store."""

    def __init__(
        self,
        bucket: Bucket,
        spool: FolderBlobs,
        *,
        cache_bytes: int,
        checkpoint: Callable[[str], None],
    ) -> None:
        """Put files of *spool*, a folder of this process alone, into *bucket*.

        *cache_bytes* of them stay there; *checkpoint* as in FolderBlobs.
        """
        self._bucket = bucket
        self._spool = spool
        self._cache_bytes = cache_bytes
        self._checkpoint = checkpoint
        self._lock = Lock()
        self._put: OrderedDict[str, None] = OrderedDict()
        self._local: OrderedDict[str, int] = OrderedDict()  #: sizes of what is still here
        self._local_bytes = 0

    def check(self) -> None:
        """Raise Unavailable while the bucket is known to take nothing."""
        self._bucket.check()

    def create(self, key: str) -> FileSpool:
        """Start the file *key* in the folder; raise Unavailable on a full disk."""
        return self._spool.create(key)

    def keep(self, keys: Sequence[str]) -> None:
        """Put finished files into the bucket; return once it has them all."""
        self._checkpoint("before-keep")
        for key in keys:
            self._keep_one(key)
        self._checkpoint("files-kept")
        self._checkpoint("names-kept")

    def _keep_one(self, key: str) -> None:
        try:
            with self._spool.open(key) as file:
                size = file.seek(0, SEEK_END)
                file.seek(0)
                self._bucket.put(key, file, size)
        except OSError as error:
            raise Unavailable("the file store cannot be read", retry_after_s=5.0) from error
        self._remember(key, size)

    def discard(self, keys: Sequence[str]) -> None:
        """Remove files that no commit refers to; what the bucket does not let go is swept."""
        self._spool.discard(keys)
        for key in keys:
            if self._forget(key):
                with suppress(Unavailable):
                    self._bucket.check()
                    self._bucket.delete(key)

    def wipe(self, keys: Sequence[str]) -> None:
        """Overwrite files here, and remove those that were kept: a bucket cannot overwrite.

        Raises:
            Unavailable: a kept one may be there still.
        """
        kept = [key for key in keys if self._is_kept(key)]
        self._spool.wipe(keys)
        for key in kept:
            self._bucket.delete(key)
            self._forget(key)

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading, kept or not."""
        try:
            return self._spool.open(key)
        except NotFound:
            return BufferedReader(ObjectFile(self._bucket, key), BLOCK_BYTES)

    def path(self, key: str) -> None:
        """Return None: files that lie here do so for a while only."""
        return

    def free_bytes(self) -> int:
        """Return the free space for files on their way."""
        return self._spool.free_bytes()

    def identity(self) -> str | None:
        """Return the id that these files were given, None when they have none."""
        try:
            size = self._bucket.size(IDENTITY)
        except NotFound:
            return None
        return self._bucket.read(IDENTITY, 0, size).decode().strip() if size else None

    def identify(self, identity: str) -> None:
        """Give these files an *identity*, the same as their database's."""
        self._bucket.write(IDENTITY, identity.encode())

    def is_empty(self) -> bool:
        """Whether there is no file of any document."""
        years = (each for each in self._bucket.listing() if each.key[:1].isdigit())
        return next(years, None) is None

    def sweep(self, *, is_known: Callable[[str], bool], today: date) -> int:
        """Set old files aside to which no commit refers, unless a node did lately; count them.

        Nodes may submit meanwhile. The days are those of the server.
        """
        return sweep(self._bucket, is_known) if is_due(self._bucket) else 0

    def _remember(self, key: str, size: int) -> None:
        with self._lock:
            self._put[key] = None
            if len(self._put) > _KNOWN:
                self._put.popitem(last=False)
            self._local[key] = size
            self._local_bytes += size
            gone = self._superfluous()
        self._spool.discard(gone)

    def _superfluous(self) -> list[str]:
        """Take the oldest files that need not stay off the list; return their keys."""
        gone: list[str] = []
        while self._local_bytes > self._cache_bytes:
            key, size = self._local.popitem(last=False)
            self._local_bytes -= size
            gone.append(key)
        return gone

    def _is_kept(self, key: str) -> bool:
        """Whether *key* may be in the bucket: it was put there, or never arrived here."""
        with self._lock:
            if key in self._put or key in self._local:
                return True
        try:
            self._spool.open(key).close()
        except NotFound:
            return True
        return False

    def _forget(self, key: str) -> bool:
        """Strike *key* off the lists; return whether this process had put it."""
        with self._lock:
            self._local_bytes -= self._local.pop(key, 0)
            known = key in self._put
            self._put.pop(key, None)
            return known
