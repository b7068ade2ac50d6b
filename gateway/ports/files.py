"""The files of documents."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import BinaryIO, Protocol


class Spool(Protocol):
    """One file being received; its bytes are no document's until the store commits."""

    @property
    def key(self) -> str:
        """Its key in the blob store."""

    @property
    def size(self) -> int:
        """Bytes so far."""

    def write(self, chunk: bytes) -> None:
        """Append; hashes on the way. Blocks: never on the event loop."""

    def finish(self) -> str:
        """Complete the file and return its SHA-256, hex. The bytes may still be in caches."""

    def open(self) -> BinaryIO:
        """Open the finished file for reading, kept or not."""

    def abandon(self) -> None:
        """Stop without completing; the caller discards the key."""


class Blobs(Protocol):
    """Files of documents. All calls block: never on the event loop."""

    def create(self, key: str) -> Spool:
        """Start the file *key*; raise Unavailable on a full disk."""

    def keep(self, keys: Sequence[str]) -> None:
        """Make finished files durable, names included; the commit that follows refers to them."""

    def discard(self, keys: Sequence[str]) -> None:
        """Remove files that no commit refers to."""

    def wipe(self, keys: Sequence[str]) -> None:
        """Overwrite such files before they are removed: they hold what must not be kept."""

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading."""

    def path(self, key: str) -> str | None:
        """Return the path of a kept file, None where it has none: it is read by ``open`` then."""

    def free_bytes(self) -> int:
        """Return the free space, where files arrive."""


class DocumentFiles(Blobs, Protocol):
    """The files of a node's documents, as the wiring looks after them. All calls block."""

    def check(self) -> None:
        """Raise Unavailable while it is known that nothing can be kept. Does not block."""

    def identity(self) -> str | None:
        """Return the id that these files were given, None when they have none."""

    def identify(self, identity: str) -> None:
        """Give these files an *identity*, the same as their database's."""

    def is_empty(self) -> bool:
        """Whether there is no file of any document."""

    def sweep(self, *, is_known: Callable[[str], bool], today: date) -> int:
        """Set files aside to which no commit refers; return how many."""
