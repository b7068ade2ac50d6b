"""What the node keeps of a document: the record, its deliveries, its history, its receipts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gateway.domain.document import Attachment, BusinessKind, Metadata
from gateway.domain.findings import Finding
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.domain.signatures import Signature


class Role(StrEnum):
    """What a caller may do."""

    OFFICE = "office"  #: an office system, for its agency alone
    ADMIN = "admin"
    AUDITOR = "auditor"
    CLERK = "clerk"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: every effect is attributable to one."""

    actor: str  #: ``client:<id>``, ``account:<user name>``, ``node``, ``axis:<name>``, ``cli``
    agency: str
    role: Role
    address: str | None = None
    client: str = ""  #: id of the credential, "" when there is none


class LegalValue(StrEnum):
    """What a document is worth (QĐ 28/2018 art. 4): original, or for reference only."""

    ORIGINAL = "original"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One document on its way to one recipient."""

    id: str
    document: str
    n: int  #: position among the recipients, from 0
    to: str  #: agency code as the sender wrote it
    agency: str  #: code in the directory, or *to* when it is foreign
    state: DeliveryState = DeliveryState.WAITING
    route: str = "pull"  #: ``pull``, ``desk``, ``webhook``, ``folder``, or ``axis``
    lane: str | None = None  #: destination whose jobs run one after another; None: fetched
    arrival_number: int | None = None  #: số đến
    arrival_year: int | None = None  #: of the actual reception, in the node's zone
    received_at: datetime | None = None
    legal_received_at: datetime | None = None
    updated_at: datetime
    attempts: int = 0
    note: str | None = None
    staff: Mapping[str, str] | None = None
    due_on: date | None = None  #: until when it is to be done, as the store keeps it
    recall: Recall | None = None
    leased_until: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What stands in the place of message and files that were removed."""

    at: datetime  #: in the node's zone
    rule: str  #: that asked for it
    decision: str  #: who ordered it: number of a decision, or article of a regulation
    package: str | None = None  #: archive package that holds them, below the archive's folder
    package_sha256: str | None = None  #: None: of a release that did not keep it here


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An official document as the node keeps it."""

    id: str
    position: int = 0  #: order of storing, given by the store
    code: str | None = None  #: ``agency/year/sequence``, None while held or from elsewhere
    document_id: str | None = None  #: the sender's identifier as given
    sender: str  #: agency code, as in the directory
    state: DocumentState
    origin: str  #: ``client:<id>``, ``office:<agency>`` or ``axis:<name>``
    local: bool  #: this node is the home of the sender and numbers
    metadata: Metadata
    legal_value: LegalValue = LegalValue.REFERENCE
    submitted_at: datetime
    sent_at: datetime | None = None
    legal_sent_at: datetime | None = None
    sha256: str | None = None  #: of the envelope
    size: int | None = None  #: bytes of the envelope
    envelope: str | None = None  #: blob key of a message that was posted
    frame: bytes | None = None  #: or the text around the attachments of one that we composed
    digest: str  #: of the content as submitted, for repeats
    findings: tuple[Finding, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    message_signatures: tuple[Signature, ...] = ()  #: of a posted message itself, beside its files
    deliveries: tuple[Delivery, ...] = ()
    replaces: str | None = None
    replaced_by: str | None = None
    removal: Removal | None = None  #: None: message and files are here
    version: int = 0

    @property
    def was_sent(self) -> bool:
        """Whether it went out, so that its recipients may know of it.

        A document that is held, was refused then, or was taken back by its sender then, did not.
        """
        if self.state in {DocumentState.HELD, DocumentState.REFUSED}:
            return False
        return self.code is not None or not self.local

    @property
    def business(self) -> BusinessKind:
        """Return what the document does to an earlier one."""
        return self.metadata.business.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that happened, before it is chained."""

    at: datetime
    actor: str
    action: str
    about: str  #: id of the thing that it happened to
    address: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """A link of the chain; ``hash`` is SHA-256 of the RFC 8785 form of the rest."""

    chain: str
    seq: int
    at: str  #: ISO 8601
    actor: str
    address: str | None
    action: str
    about: str  #: the column ``object``
    data: Mapping[str, object]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One line of a document's history."""

    event: str
    at: datetime
    legal_at: datetime | None
    by: str
    to: str | None = None
    note: str | None = None
    actor: str = ""  #: who did it, as records name them; for the node's own pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What a receipt is to say: stored with what it tells of, signed after that commit."""

    id: str  #: of the receipt to be
    seq: int = 0
    document: str
    code: str | None
    owner: str  #: agency that it is for
    to: str | None  #: recipient that it speaks of
    event: str
    at: datetime
    legal_at: datetime
    kind: str  #: how its owner hears of it: ``receipt`` or ``recall``
    push: tuple[str, str] | None  #: kind and lane of the job that sends it; None: it is fetched
    payload: str  #: RFC 8785, all but ``previous``, which is known when it is signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A signed statement of the node about a document, or a notice of a recall."""

    id: str
    seq: int = 0
    document: str
    code: str | None
    owner: str  #: agency that it is for
    to: str | None  #: recipient that it speaks of
    event: str
    at: datetime
    legal_at: datetime
    jws: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A receipt as it lies in the database, to be compared with what its signature covers."""

    seq: int
    id: str
    document: str
    event: str
    to: str | None
    at: str  #: UTC text
    jws: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time stamp over the receipts from *first* to *last* of the feed, as the leaves of a tree."""

    first: int
    last: int
    root: str  #: hex
    token: bytes  #: RFC 3161, DER
    at: datetime  #: what the authority says


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A line of the stream of events of one agency."""

    seq: int = 0
    agency: str
    kind: str  #: ``document``, ``receipt``, ``recall``, ``incident`` or ``maintenance``
    document: str  #: or the number of a notice to everybody
    code: str | None
    state: str
    at: datetime


#: The agency of what stands in the stream of every agency.
EVERYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Queued work: hand over a document, a receipt or a status to a destination."""

    id: int = 0
    kind: str  #: ``document``, ``receipt``, ``status`` or ``announcement``
    lane: str
    item: str  #: delivery id, receipt id, or what is told of a notice
    priority: int = 0
    due_at: datetime
    attempts: int = 0
    created_at: datetime
    last_error: str | None = None
    lone: bool = False  #: it has trouble of its own: sent alone, and by a pause of its own


class Circuit(StrEnum):
    """Whether a destination is tried at all."""

    CLOSED = "closed"  #: it is well
    OPEN = "open"  #: it failed and is left alone until its pause ends
    HALF_OPEN = "half-open"  #: its pause ended: one thing is tried, and decides for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """How a lane's destination is doing; its back-off is shared by all that waits for it."""

    lane: str
    failures: int = 0
    retry_at: datetime | None = None
    last_error: str | None = None
    last_ok_at: datetime | None = None
    unreachable: bool = False  #: nobody answered there the last time

    def circuit(self, now: datetime) -> Circuit:
        """Return whether it is tried at *now*."""
        if not self.failures:
            return Circuit.CLOSED
        waits = self.retry_at is not None and self.retry_at > now
        return Circuit.OPEN if waits else Circuit.HALF_OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A credential of an office system, or of an administrator's or auditor's program."""

    id: str
    agency: str
    name: str
    role: Role
    token_hash: str
    systemid: str
    secret: bytes  #: encrypted at rest
    created_at: datetime
    revoked_at: datetime | None = None
    decision: str | None = None
