"""How bytes are read, composed and judged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, ParamSpec, Protocol, TypeVar

from gateway.domain.document import Message, Metadata, StatusMessage
from gateway.domain.exchange import (
    Document,
)
from gateway.domain.findings import Finding
from gateway.domain.inspection import Inspected, Scanned
from gateway.domain.signatures import SignatureReport
from gateway.ports.files import Spool

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An edXML message of our own around attachments that lie in files."""

    frame: bytes  #: the text around the attachments, for storage
    sha256: str  #: of the whole message
    size: int


class Draft(Protocol):
    """A message of our own that only lacks what the commit decides."""

    def complete(self, *, code: str, number: str) -> Composed:
        """Fill in the document code and the number; cheap, for inside a unit."""


class ComposeEnvelope(Protocol):
    """Writes the message of a document that was submitted as data and files."""

    def __call__(self, document: Document) -> Draft:
        """Draft it. Reads the attachments: never on the event loop."""


class Reading(Protocol):
    """What a message turned out to be; without a message there is an error among the findings."""

    @property
    def message(self) -> Message | StatusMessage | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def is_signed(self) -> bool: ...


class ReadMetadata(Protocol):
    """Reads the JSON of a submission."""

    def __call__(self, raw: bytes) -> tuple[Metadata | None, tuple[Finding, ...]]:
        """Return the data and every finding about their form; raise Refused when unreadable."""


class MessageReader(Protocol):
    """Reads one message that comes in chunks. Blocks: never on the event loop."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""

    def close(self) -> Reading:
        """Say what it was."""

    def abandon(self) -> None:
        """Stop early; the caller discards the files."""


class OpenReader(Protocol):
    """Makes a reader for one message."""

    def __call__(self, spool: Callable[[int], Spool], *, local: bool) -> MessageReader:
        """*spool* opens the file that attachment n (from 1) is decoded to.

        What is taken out of a wrapping gets a file with a number beyond those of attachments;
        files that the message does not name in the end are the caller's to discard.
        """


class Inspect(Protocol):
    """Finds out what a file really is and what it holds."""

    def __call__(self, file: BinaryIO, *, spent_s: float) -> Inspected:
        """Inspect within limits, whatever the bytes. Blocks: never on the event loop.

        *spent_s* went to other files of the same submission; all of them together are bounded.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """Work that did not come to an end."""

    reason: Literal["time", "memory", "crash", "error"]


class Isolated(Protocol):
    """Runs work in a process of its own, cut off by time and memory."""

    def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | CutOff:
        """Return what *work* returns. Blocks: never on the event loop."""


class Verify(Protocol):
    """Finds out what is true about the signatures of a file."""

    def __call__(
        self,
        file: BinaryIO,
        media_type: str,
        *,
        at: datetime,
        content: BinaryIO | None = None,
        spent_s: float,
    ) -> SignatureReport:
        """Verify as of *at*, within limits, whatever the bytes. Blocks: never on the event loop.

        *content* is the file that a detached signature stands beside; *spent_s* as in
        :class:`Inspect`.
        """


class Scan(Protocol):
    """Has a file scanned for malware."""

    def __call__(self, file: BinaryIO, *, spent_s: float) -> Scanned:
        """Scan *file*; *spent_s* as in :class:`Inspect`. Blocks: never on the event loop."""
