"""What the VXP protocol knows beside documents: codes of systems, transport states, hops.

Transport states say how the hand-over between two machines stands. They are not the processing
status of a document, which travels as status messages, and never move it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.exchange import Client


class TransportState(StrEnum):
    """How the hand-over of one item stands, by the protocol's own words."""

    INBOX = "inbox"  #: it lies in the list of its receiver
    PROCESSING = "processing"
    DONE = "done"  #: the receiver has it; it leaves the list
    FAIL = "fail"  #: the receiver cannot use it; it leaves the list, too


SETTLED = frozenset({TransportState.DONE, TransportState.FAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCode:
    """A code for which a system sends and receives."""

    client: str  #: id of the credential
    code: str  #: as in the directory
    written: str  #: as the system registered it; lists echo this form
    registered: bool = False  #: by the system itself; otherwise it was granted
    deleted: bool = False  #: the system gave it up by deleteAgency


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A VXP system that proved who it is."""

    client: Client
    codes: Mapping[str, HeldCode]  #: by directory code, without those that it gave up
    deleted: Mapping[str, HeldCode]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireStatus:
    """A status message for the list of *owner*; without *body* it is written from its receipt."""

    id: str
    owner: str  #: agency that it is for
    sender: str  #: agency that reports
    written: str  #: the reporter's code as in the message
    document: str | None  #: our id, when it was matched
    receipt: str | None
    body: bytes | None
    state: TransportState = TransportState.INBOX
    note: str | None = None
    created_at: datetime
    updated_at: datetime


def sender_id(document: str) -> str:
    """Return the id by which the protocol tells a sender its *document*: 24 hex digits."""
    return document.replace("-", "")[:24]


def span_of(sender_id_: str) -> tuple[str, str] | None:
    """Return between which document ids the one of a sender's id lies; None when it is none."""
    text = sender_id_.lower()
    if len(text) != 24 or not set(text) <= set("0123456789abcdef"):  # noqa: PLR2004 - the form of an id of the protocol
        return None
    least = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return least, f"{least}g"


def hops(trace: str) -> tuple[str, ...]:
    """Return the node codes of a trace, oldest first."""
    return tuple(part.strip() for part in trace.split(";") if part.strip())
