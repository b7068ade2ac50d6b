"""A submission: what was received, on disk and hashed, nothing judged yet."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.domain.canonical import canonical
from gateway.domain.directory import Directory
from gateway.domain.document import Metadata, SpooledFile
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Caller, Document, HistoryEvent
from gateway.domain.findings import Finding
from gateway.domain.mending import mend
from gateway.domain.metadata import metadata_to_json
from gateway.ports import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The way a submission came."""

    origin: str  #: ``client:<id>``, ``office:<agency>`` or ``axis:<name>``
    caller: Caller
    key: str | None = None  #: Idempotency-Key
    code: str | None = None  #: document code that the home node gave, over an axis
    trace: tuple[str, ...] = ()  #: nodes that it passed before, oldest first
    senders: frozenset[str] = frozenset()  #: codes that the caller sends for, beside its agency
    only: frozenset[str] | None = None  #: recipients that are meant; None: all of the message

    @property
    def is_axis(self) -> bool:
        """Whether a receiver of ours fetched it from another node."""
        return self.origin.startswith("axis:")

    @property
    def is_local(self) -> bool:
        """Whether this node is the home of the sender; otherwise another node numbers."""
        return not self.is_axis and not self.trace

    @property
    def was_left(self) -> bool:
        """Whether a receiver found it: it is offered again until we let go of it."""
        return self.origin.startswith(("axis:", "office:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was received; ``keys`` are its blobs, to keep or to discard."""

    channel: Channel
    id: str
    submitted_at: datetime  #: when the body was complete
    started_at: datetime  #: names the folder of the blobs
    digest: str  #: of the content, for repeats
    sender: str  #: agency code as written
    metadata: Metadata
    files: tuple[SpooledFile, ...]
    keys: tuple[str, ...]
    document_id: str | None = None
    sender_name: str | None = None  #: as a message gives it
    is_part: bool = False  #: one file of a document whose others are not at hand
    envelope: str | None = None  #: blob of the message as posted
    envelope_sha256: str | None = None
    envelope_size: int | None = None
    is_signed: bool = False  #: an XML signature stands in the message
    findings: tuple[Finding, ...] = ()  #: of reading
    refusal: GatewayError | None = None  #: found while receiving: it is not judged at all

    @property
    def may_repeat(self) -> bool:
        """Whether there is anything by which an earlier one could be known."""
        channel = self.channel
        return channel.was_left or channel.key is not None or self.document_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Stored durably: numbered, or held. *repeated*: it was so already, the first time."""

    document: Document
    repeated: bool = False
    history: tuple[HistoryEvent, ...] | None = None  #: of a new document, to answer with


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """The message was no document but a status; another room applies it."""

    reading: Reading


def blob_key(started_at: datetime, submission: str, n: int) -> str:
    """Return the key of blob *n* of a submission (0: the message itself), by day of UTC."""
    day = started_at.astimezone(UTC)
    return f"{day.year:04}/{day.month:02}/{day.day:02}/{submission}-{n}"


def form_digest(metadata: Metadata, files: Iterable[SpooledFile]) -> str:
    """Return the digest of a submission of data and files: the data, names and file digests."""
    content = metadata_to_json(mend(metadata)) | {
        "attachments": [[file.name, file.sha256, str(file.size)] for file in files]
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def meant(submission: Submission, directory: Directory) -> tuple[str, ...]:
    """Return the recipients that this hop is for; the others are reached by hops of their own.

    A hop that names nobody of the message is for all of them.
    """
    to, only = submission.metadata.to, submission.channel.only
    if not only:
        return to
    wanted = {canonical_code(code, directory) for code in only}
    return tuple(code for code in to if canonical_code(code, directory) in wanted) or to


def canonical_code(code: str, directory: Directory) -> str:
    """Return the code under which the directory lists *code*, or *code* when it is foreign."""
    agency = directory.find(code)
    return code if agency is None else agency.code
