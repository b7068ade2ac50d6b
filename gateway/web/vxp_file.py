"""The body of sendEdoc as it passes: the file, its digest, and the line end behind it.

The SDK writes the file and CRLF; other clients may write the file alone. Which one it is tells
the signed digest, in its usual form or as the SDK writes it, each byte without a leading zero.
"""

import hashlib
from collections.abc import Iterable, Iterator

from gateway.domain.errors import Refused
from gateway.domain.vxp_signing import unpadded

_LINE_END = b"\r\n"


class PassingFile:
    """Hands on the bytes of a file, and keeps the first of them."""

    def __init__(self, digest: str, *, keep: int) -> None:
        """Expect a file of the SHA-256 *digest*; remember up to *keep* bytes of it."""
        self._expected = digest.strip().lower()
        self._digest = hashlib.sha256()
        self._tail = b""
        self._keep = keep
        self._kept = bytearray()
        self._size = 0

    @property
    def whole(self) -> bytes | None:
        """Return the file, None when it is too large to have been kept."""
        return bytes(self._kept) if self._size <= self._keep else None

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes; return what certainly belongs to the file."""
        data = self._tail + chunk
        self._tail = data[-len(_LINE_END) :]
        return self._pass(data[: -len(_LINE_END)])

    def rest(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Take the last *chunks* and yield the rest of the file.

        Raises:
            Refused: it is not the file that was signed.
        """
        for chunk in chunks:
            yield self.feed(chunk)
        if self._tail == _LINE_END and self._fits():
            return
        yield self._pass(self._tail)
        if not self._fits():
            raise Refused(
                "Mã băm hash-file không khớp với tệp nhận được / "
                "hash-file is not the digest of the file that came",
                code="vxp-digest",
            )

    def _pass(self, data: bytes) -> bytes:
        self._digest.update(data)
        self._size += len(data)
        self._kept += data[: max(0, self._keep - len(self._kept))]
        return data

    def _fits(self) -> bool:
        digest = self._digest.copy().digest()
        return self._expected in {digest.hex(), unpadded(digest)}
