"""Documents, their deliveries and numbers, as a unit sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.exchange import (
    Delivery,
    Document,
    Removal,
)
from gateway.domain.lifecycle import DeliveryState
from gateway.domain.signatures import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a list of documents shows; None asks for anything."""

    agency: str | None = None  #: of this agency's documents; None: of all (administrators)
    box: str | None = None  #: ``in`` or ``out``
    code: str | None = None
    state: str | None = None  #: of the document
    type: str | None = None
    counterpart: str | None = None
    since: datetime | None = None  #: submitted at or after
    until: datetime | None = None  #: submitted before
    words: tuple[str, ...] | None = (
        None  #: beginnings of words of the subject, folded; (): none fit
    )
    anywhere: bool = False  #: the words may stand in number, notation and code, too
    partners: tuple[str, ...] = ()  #: one of these in the place of *counterpart*
    named: tuple[str, ...] = ()  #: or the document went to, or came from, one of these agencies
    arrival_number: int | None = None  #: or the recipient entered it under this number
    at: tuple[str, ...] = ()  #: states of the own delivery, or of some delivery of what was sent
    before: int | None = None  #: position under which the page starts
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Which part of what an agency follows up is asked for; what has no day comes last."""

    after_day: date | None = (
        None  #: the day of the line before the first one, None: from the start
    )
    after: int = -1  #: and its position
    before: date | None = None  #: due before this day; None: whenever
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A delivery that is to be answered, or was assigned, and is not done."""

    document: str
    position: int
    due_on: date | None  #: by which the recipient, or its unit, is to be done


class Documents(Protocol):
    """Documents with their attachments and deliveries."""

    def add(self, document: Document) -> int:
        """Store *document* with attachments and deliveries; return its position."""

    def extend(self, document: Document, deliveries: Sequence[Delivery]) -> None:
        """Store *deliveries* of a stored *document*."""

    def find(self, document: str) -> Document | None:
        """Return a document by id, whole."""

    def find_many(self, documents: Sequence[str]) -> list[Document]:
        """Return documents by id, whole, in the order asked for; unknown ones are left out."""

    def by_code(self, code: str) -> Document | None:
        """Return a document by its document code."""

    def by_identifier(self, sender: str, document_id: str) -> Document | None:
        """Return the new (type 0) document that *sender* identified so and that stands."""

    def by_notation(self, sender: str, number: str, notation: str) -> list[Document]:
        """Return the documents of *sender* with that number and notation, newest first."""

    def received(self, agency: str, number: str, notation: str) -> list[Document]:
        """Return what *agency* received with that number and notation, newest first."""

    def identified(self, sender: str, document_id: str) -> list[Document]:
        """Return whatever *sender* sent under an identifier, newest first."""

    def following(self, sender: str, named: str) -> list[Document]:
        """Return what *sender* sent to update or replace a document, oldest first.

        *named* is its code, or its id where it has none.
        """

    def recall_early(
        self, sender: str, document_id: str, recipient: str, note: str | None, at: datetime
    ) -> None:
        """Keep the recall of a document that is not here yet."""

    def recalled_early(self, sender: str, document_id: str) -> list[tuple[str, str | None]]:
        """Return recipients and reasons of the recalls that came before a document."""

    def recalled_at_last(self, sender: str, document_id: str, recipient: str) -> None:
        """Forget a recall that was obeyed when its document came."""

    def purge_early_recalls(self, before: datetime) -> int:
        """Forget recalls of documents that never came."""

    def forget_content(self, document: str, removal: Removal) -> None:
        """Let go of the message and the files of a document; they are removed soon."""

    def regain_content(self, document: Document) -> None:
        """Store message and files of a document that let go of them before."""

    def with_content(
        self, after: int, before: datetime, limit: int
    ) -> list[tuple[int, str, str, str, datetime]]:
        """Return what was submitted before an instant and has content, behind a position.

        Position, id, state, type, and when something last happened to it.
        """

    def to_erase(self, limit: int) -> list[str]:
        """Return files that no document has any more."""

    def erased(self, keys: Sequence[str]) -> None:
        """Note that files were removed."""

    def delivery_states(self, document: str) -> set[DeliveryState]:
        """Return the states that the deliveries of a document are in."""

    def select(self, selection: Selection) -> list[Document]:
        """Return a page of documents, newest first."""

    def register_in(
        self,
        agency: str,
        year: int,
        *,
        after: int,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Document]:
        """Return what *agency* entered in *year* above an arrival number, by these numbers."""

    def register_out(
        self, agency: str, *, since: datetime, until: datetime, after: datetime | None, limit: int
    ) -> list[Document]:
        """Return what *agency* sent in a period and after an instant, in the order of sending."""

    def owns(self, document: str, blob: str) -> bool:
        """Whether the document refers to a blob."""

    def save(self, document: Document) -> Document:
        """Write the columns that change, by compare-and-set on ``version``; raise Conflict."""

    def keep_evidence(self, document: str, evidence: Sequence[Evidence]) -> None:
        """Store what the signatures of a new document were judged by; the same bytes once."""

    def evidence(self, document: str) -> list[Evidence]:
        """Return what the signatures of a document were judged by."""

    def recent_certificates(self, *, documents: int, limit: int) -> list[bytes]:
        """Return certificates (DER) that the newest *documents* were judged by, newest first."""


class Deliveries(Protocol):
    """Deliveries, changed by compare-and-set on ``version``."""

    def find(self, delivery: str) -> Delivery | None:
        """Return a delivery by id."""

    def documents(self, deliveries: Sequence[str]) -> list[str]:
        """Return of which documents *deliveries* are."""

    def save(self, delivery: Delivery) -> Delivery:
        """Write a changed delivery and return it with its new version; raise Conflict."""

    def to_lease(self, agency: str, now: datetime, limit: int) -> list[Delivery]:
        """Return what waits in the pull box of *agency*, urgent first, then oldest."""

    def lease(self, agency: str, now: datetime, until: datetime, limit: int) -> list[str]:
        """Lease what waits in the box of *agency*; return its documents, urgent first, then oldest.

        What others change, or lease, at this moment is passed over, and so is what is asked back.
        """

    def number_taken(self, agency: str, year: int, number: int) -> bool:
        """Whether *agency* has given that arrival number in *year*."""

    def count(self, agency: str, box: str, states: Sequence[str], most: int) -> int:
        """Return how many documents to (``in``) or from *agency* are in *states*, up to *most*."""

    def answer_by(self, delivery: str, day: date) -> None:
        """Note until when whoever got the document at its recipient is to be done."""

    def followed(self, agency: str, wanted: FollowUp) -> list[Followed]:
        """Return what *agency* follows up, the most urgent first."""

    def count_followed(self, agency: str, before: date, most: int) -> int:
        """Return how much of it is due before a day, up to *most*."""

    def overdue(self, before: datetime, limit: int) -> list[Delivery]:
        """Return deliveries handed over before an instant and not heard of since."""


class Numbers(Protocol):
    """Gapless counters: what rolls back gives its number back."""

    def take(self, series: str) -> int:
        """Return the next number of *series*, from 1."""

    def raise_to(self, series: str, value: int) -> None:
        """Make sure that the next number of *series* is above *value*."""

    def listing(self) -> dict[str, int]:
        """Return the newest number of every series of documents and arrivals."""

    def is_blocked(self) -> bool:
        """Whether the node was restored and gives no numbers yet."""

    def resume(self, year: int, floor: int) -> None:
        """Give numbers again; series of *year* of which nothing is known begin above *floor*."""
