"""A status message that came: which documents it speaks of, and where it lies for its addressee."""

from datetime import datetime, tzinfo
from hashlib import sha256
from uuid import uuid4

from gateway.domain.directory import Directory
from gateway.domain.document import BusinessKind, StatusMessage
from gateway.domain.exchange import Delivery, Document
from gateway.domain.lifecycle import (
    DELIVERY_MOVES,
    FINAL_DELIVERY,
    RECALL_ANSWERS,
    RECALL_REQUEST,
    REPORTS,
    Recall,
)
from gateway.domain.routing import Routes
from gateway.domain.wire import WireStatus
from gateway.pipeline.movement import delivery_of
from gateway.pipeline.submission import canonical_code
from gateway.pipeline.tying import standing
from gateway.ports import Transaction


class Wire:
    """One status message, with its codes as the directory lists them."""

    def __init__(
        self, status: StatusMessage, directory: Directory, *, at: datetime, zone: tzinfo
    ) -> None:
        """Read *status*, which came *at* an instant, by the *directory*."""
        self.status = status
        self.reporter = canonical_code(status.sender.code, directory)
        self.addressee = canonical_code(status.to, directory)
        self._directory = directory
        self._at = at
        self._today = at.astimezone(zone).date()

    def of_reporter(self, tx: Transaction) -> list[Document]:
        """Return what the reporter itself sent and speaks of (status 13), newest first."""
        sent = [each for each in self._identified(tx, self.reporter) if not _is_recall(each)]
        return sent or self._noted(tx, self.reporter)[:1]

    def speaks_of(self, tx: Transaction) -> list[Document]:
        """Return the documents that the message can be about."""
        if self.status.code == RECALL_REQUEST:
            return self.of_reporter(tx)
        return [document for document, _ in self.reported_on(tx)]

    def may_come(self, routes: Routes, lane: str | None) -> bool:
        """Whether what the reporter recalls may still be on its way here from another node.

        From an axis, *lane*, that is so only of those for whom it speaks.
        """
        elsewhere = not routes.is_ours(self.reporter, self._directory)
        led = lane is None or self.is_reached_by(routes, lane)
        return elsewhere and led and bool(self.status.document_id)

    def is_reached_by(self, routes: Routes, lane: str) -> bool:
        """Whether the axis *lane* speaks for the reporter."""
        return routes.speaks_for(lane, self.reporter, self._directory)

    def reported_on(self, tx: Transaction) -> list[tuple[Document, Delivery]]:
        """Return the deliveries to the reporter that it may speak of, the likeliest first.

        An update and a recall message may bear the identifier of the document that they change:
        a report is about the newest of them on which it has an effect.
        """
        found = self._delivered(self._identified(tx, self.addressee))
        found.sort(key=lambda each: not _has_effect(each[0], each[1], self.status.code))
        noted = self._noted(tx, self.addressee) or self._misnamed(tx)
        return found or self._delivered(noted)[:1]

    def _misnamed(self, tx: Transaction) -> list[Document]:
        """Return what the reporter received, where it names itself as the addressee.

        One client library is known to fill ResponseFor so.
        """
        number, separator, notation = (self.status.number_notation or "").partition("/")
        if self.addressee != self.reporter or not separator:
            return []
        found = tx.documents.received(self.reporter, number, notation)
        return [each for each in found if not _is_recall(each)]

    def lay_out(self, tx: Transaction, body: bytes, document: Document | None) -> None:
        """Lay the *body* into the list of the addressee, once, byte for byte."""
        misnamed = document is not None and self.addressee == self.reporter
        owner = document.sender if document is not None and misnamed else self.addressee
        digest = sha256(body).hexdigest()
        if tx.vxp.status_repeat(self.reporter, digest) is not None:
            return
        if document is not None:
            delivery = self._delivery(document)
            by = self.reporter if delivery is None else delivery.to
            if tx.vxp.give_bytes(
                document.id,
                by,
                agency=self.reporter,
                written=self.status.sender.code,
                body=body,
                digest=digest,
            ):
                return
        tx.vxp.add_status(
            WireStatus(
                id=str(uuid4()),
                owner=owner,
                sender=self.reporter,
                written=self.status.sender.code,
                document=None if document is None else document.id,
                receipt=None,
                body=body,
                created_at=self._at,
                updated_at=self._at,
            ),
            digest=digest,
        )

    def _identified(self, tx: Transaction, sender: str) -> list[Document]:
        """Return what *sender* sent under the identifier, newest first."""
        named = self.status.document_id
        found = standing(tx, sender, named) if named else []
        return [each for each in found if each.was_sent]

    def _noted(self, tx: Transaction, sender: str) -> list[Document]:
        """Return what *sender* sent under number and notation, of the day named first."""
        number, separator, notation = (self.status.number_notation or "").partition("/")
        found = tx.documents.by_notation(sender, number, notation) if separator else []
        sent = [each for each in found if each.was_sent and not _is_recall(each)]
        day = self.status.promulgated_on
        return sorted(sent, key=lambda each: each.metadata.promulgated_on != day)

    def _delivered(self, documents: list[Document]) -> list[tuple[Document, Delivery]]:
        """Return those of *documents* that went to the reporter, with the delivery."""
        return [
            (document, delivery)
            for document in documents
            if (delivery := self._delivery(document)) is not None
            and not (_is_recall(document) and self.status.code != _ARRIVED)
        ]

    def _delivery(self, document: Document) -> Delivery | None:
        """Return the delivery of the reporter, or the late one of an agency that it succeeded.

        Source: QĐ 09/2025/QĐ-TTg: the code of a merged agency is closed.
        """
        own = delivery_of(document, self.reporter)
        if own is not None:
            return own
        return next((each for each in document.deliveries if self._succeeds(each.agency)), None)

    def _succeeds(self, code: str) -> bool:
        agency = self._directory.find(code)
        if agency is None or not agency.is_closed(self._today):
            return False
        successor = self._directory.successor_of(agency, self._today)
        return successor is not None and successor.code == self.reporter


_ARRIVED = "01"


def _is_recall(document: Document) -> bool:
    return document.business is BusinessKind.RECALL


def _has_effect(document: Document, delivery: Delivery, code: str) -> bool:
    """Whether a report *code* would change the delivery."""
    if code in RECALL_ANSWERS:
        updated = document.business is BusinessKind.UPDATE
        open_update = updated and delivery.state not in FINAL_DELIVERY
        return delivery.recall is Recall.REQUESTED or open_update
    target = REPORTS.get(code)
    return target is not None and target in DELIVERY_MOVES[delivery.state]
