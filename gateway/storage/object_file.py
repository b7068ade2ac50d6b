"""An object of a bucket as a file for reading, of which only one block is in memory."""

from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase
from typing import TYPE_CHECKING

from gateway.storage.bucket import Bucket

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Bytes asked for at a time.
BLOCK_BYTES = 1 << 20


class ObjectFile(RawIOBase):
    """Reads in ranges that lie within the object, and only when bytes are wanted.

    Raises of every read: Unavailable, NotFound.
    """

    def __init__(self, bucket: Bucket, key: str) -> None:
        """Look how large *key* is; raise NotFound without it."""
        super().__init__()
        self._bucket = bucket
        self._key = key
        self._size = bucket.size(key)
        self._at = 0
        self._block = b""
        self._block_at = 0

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def seekable(self) -> bool:
        """Whether reading may go on elsewhere: always, and it costs nothing."""
        return True

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go on reading at *offset*."""
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return where reading goes on."""
        return self._at

    def readinto(self, buffer: "Buffer", /) -> int:
        """Read into *buffer* what the present block has; return how much, 0 at the end."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not view:
            return 0
        if not self._block_at <= self._at < self._block_at + len(self._block):
            length = min(BLOCK_BYTES, self._size - self._at)
            self._block = self._bucket.read(self._key, self._at, length)
            self._block_at = self._at
        begin = self._at - self._block_at
        part = self._block[begin : begin + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
