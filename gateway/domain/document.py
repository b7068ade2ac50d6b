"""An official document (văn bản) as the house sees it once its bytes were read.

Names follow edXML (QCVN 102:2016/BTTTT) where it has one, and the public contract elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gateway.domain.signatures import Signature


class Priority(StrEnum):
    """Urgency (độ khẩn), NĐ 30/2020 Annex I III.2b; on the wire 0 to 3, 4 reads as express."""

    NORMAL = "normal"
    URGENT = "urgent"  #: khẩn
    VERY_URGENT = "very-urgent"  #: thượng khẩn
    EXPRESS = "express"  #: hỏa tốc

    @property
    def rank(self) -> int:
        """Return 0 for normal up to 3 for express, the edXML value."""
        return _RANKS[self]


_RANKS = {
    Priority.NORMAL: 0,
    Priority.URGENT: 1,
    Priority.VERY_URGENT: 2,
    Priority.EXPRESS: 3,
}


class BusinessKind(StrEnum):
    """What a document message does (BussinessDocType of edXML: 0, 1, 2, 3)."""

    NEW = "new"
    RECALL = "recall"  #: thu hồi
    UPDATE = "update"  #: cập nhật
    REPLACE = "replace"  #: thay thế


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signed (người ký): capacity such as ``TM.``, position, full name."""

    competence: str | None = None
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """What this document does to an earlier one."""

    kind: BusinessKind = BusinessKind.NEW
    of: str | None = None  #: document code or document_id of the earlier document
    reason: str | None = None
    also: tuple[str, ...] = ()  #: further documents that a replacement takes the place of
    added: tuple[str, ...] = ()  #: agencies that an update adds to the recipients
    removed: tuple[str, ...] = ()  #: agencies that an update takes from the recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The document that another one answers (ResponseFor of edXML)."""

    document_id: str
    sender: str | None = None  #: agency that sent it, None when it is not at hand
    number_notation: str | None = None
    promulgated_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The data of a document (QĐ 28/2018 art. 10.2), by the names of the contract.

    ``to`` holds agency codes as the sender wrote them. ``type`` is the official abbreviation of
    NĐ 30/2020 Annex III with its diacritics, ``CV`` for công văn.
    """

    to: tuple[str, ...]
    type: str
    subject: str  #: trích yếu
    notation: str  #: ký hiệu
    number: str | None = None  #: số, the office's own; without it the sequence of the code
    promulgated_on: date | None = None
    place: str = ""
    signer: Signer = field(default_factory=Signer)
    priority: Priority = Priority.NORMAL
    reply_requested: bool = False
    due_on: date | None = None
    reply_to: str | None = None
    paper_copy: bool = False
    pages: int | None = None
    copies: int | None = None
    security: str = "normal"  #: only ``normal`` can be exchanged
    kind: str | None = None  #: declared kind, for local profiles
    business: Business = field(default_factory=Business)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attached file, decoded: its bytes lie in the blob *blob*."""

    n: int  #: position, from 1
    name: str  #: as announced, after NFC
    size: int  #: bytes
    media_type: str  #: what the bytes are, not what was announced
    sha256: str  #: lower-case hex
    blob: str  #: key in the blob store
    announced_type: str | None = None
    signatures: tuple[Signature, ...] = ()  #: in the file, or that the file itself is


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """From and To of edXML; only the code is reliable, the rest is as given."""

    code: str  #: OrganId
    name: str | None = None  #: OrganName
    in_charge: str | None = None  #: OrganizationInCharge, cơ quan chủ quản
    address: str | None = None
    email: str | None = None
    telephone: str | None = None
    fax: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledFile:
    """An attachment decoded from a message to a file on disk, before it is judged."""

    name: str
    path: str  #: key in the blob store
    size: int
    sha256: str
    announced_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A document message as read from edXML: what the sender wrote, nothing judged."""

    sender: Organisation
    recipients: tuple[Organisation, ...]
    document_id: str | None
    metadata: Metadata
    attachments: tuple[SpooledFile, ...] = ()
    trace: tuple[tuple[str, datetime | None], ...] = ()  #: (OrganId, Timestamp), oldest first
    type_name: str | None = None  #: TypeName as given
    extra: Mapping[str, str] = field(default_factory=dict)  #: elements kept as given, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMessage:
    """A status message (gói tin trạng thái): From reports about a document of *to*."""

    sender: Organisation
    to: str  #: ResponseFor/OrganId: who must receive this status
    code: str  #: StatusCode, two digits
    document_id: str | None = None  #: of the original document, as its sender gave it
    number_notation: str | None = None  #: ResponseFor/Code, ``7816/VPCP-TTĐT``
    promulgated_on: date | None = None
    note: str | None = None  #: Description
    at: datetime | None = None  #: Timestamp
    staff: Mapping[str, str] = field(default_factory=dict)
