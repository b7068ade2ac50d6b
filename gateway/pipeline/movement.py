"""The one way a delivery moves: its state, audit row, receipt, notice and next job, together.

Every room that learns something about a delivery (the pull box, a report, the relay, a recall)
calls :meth:`Movement.advance` inside its own unit, so that a delivery cannot move without its
evidence, nor evidence appear without the move.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from uuid import uuid4

from gateway.domain import history
from gateway.domain.calendar import OfficeCalendar
from gateway.domain.canonical import canonical
from gateway.domain.errors import NotFound
from gateway.domain.exchange import (
    Attestation,
    AuditEntry,
    Caller,
    Delivery,
    Document,
    HistoryEvent,
    Job,
    Notice,
    Removal,
)
from gateway.domain.lifecycle import (
    FINAL_DELIVERY,
    FINAL_DOCUMENT,
    RECALL_REQUEST,
    STATUS_OF,
    DeliveryState,
    DocumentState,
    Recall,
    document_state,
    has_arrived,
    move,
    move_document,
    move_recall,
)
from gateway.domain.retention import RECALL_DECISION, RECALL_RULE
from gateway.domain.routing import AXIS, DESK, PULL, Routes, lane_of_office
from gateway.domain.wire import WireStatus
from gateway.pipeline.erasing import remove_content
from gateway.pipeline.resting import key_of
from gateway.ports import Transaction

#: States of which nobody needs a receipt: they say what the node is doing, not what became of it.
_SILENT = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})
#: Notes in these states say why an attempt failed; they end with the next move.
_ATTEMPTED = _SILENT | {DeliveryState.FAILED}
#: Status codes of what a receipt tells: 13 goes to a recipient, the others to the sender.
WIRE_STATUS = {state.value: code for state, code in STATUS_OF.items()} | {
    history.RECALL_REQUESTED: RECALL_REQUEST,
    DeliveryState.RECALLED.value: "15",
    history.UPDATED: "15",
    history.RECALL_REFUSED: "16",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is learnt about a delivery, beside its new state."""

    to: DeliveryState
    at: datetime
    caller: Caller
    note: str | None = None
    staff: Mapping[str, str] | None = None
    entered: bool = True  #: False: the peer turned it away before the recipient had it
    settles: bool = True  #: False: whoever moves many deliveries calls `settle` after the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Moves deliveries; equipped once by the wiring."""

    node: str
    zone: tzinfo
    routes: Routes
    calendar: Callable[[str], OfficeCalendar]
    normalise_sending: bool
    sent_when_acknowledged: bool

    def advance(
        self, tx: Transaction, document: Document, delivery: Delivery, change: Change
    ) -> Delivery:
        """Move *delivery* of *document* as *change* says, with all that belongs to it.

        Raises:
            IllegalMove: the state machine does not allow it.
            Conflict: somebody moved it meanwhile, or the unit did not say that it rests on it.
        """
        tx.must_rest_on(key_of(document.id))
        moved = replace(
            delivery,
            state=move(delivery.state, change.to),
            updated_at=change.at,
            note=delivery.note
            if change.note is None and delivery.state not in _ATTEMPTED
            else change.note,
            staff=change.staff if change.staff is not None else delivery.staff,
            leased_until=None,
        )
        if has_arrived(change.to) and change.entered and delivery.received_at is None:
            legal = self.calendar(delivery.agency).legal_time(change.at).legal
            moved = replace(moved, received_at=change.at, legal_received_at=legal)
            self._acknowledged(tx, document, change.at)
        if change.to in FINAL_DELIVERY and delivery.recall is Recall.REQUESTED:
            agreed = change.to is DeliveryState.RECALLED
            answer = Recall.AGREED if agreed else Recall.TOO_LATE
            moved = replace(moved, recall=move_recall(delivery.recall, answer))
        moved = tx.deliveries.save(moved)
        if moved.lane is not None and change.to is not DeliveryState.SENDING:
            self._settle_queue(tx, moved)
        self.witness(tx, document, moved, change)
        return moved

    def fail(
        self, tx: Transaction, document: Document, delivery: Delivery, change: Change
    ) -> None:
        """Fail a *delivery* that has no job, and leave a dead letter to retry or to drop."""
        failed = self.advance(tx, document, delivery, replace(change, to=DeliveryState.FAILED))
        letter = Job(
            kind="document",
            lane=failed.lane or lane_of_office(failed.agency),
            item=failed.id,
            priority=document.metadata.priority.rank,
            due_at=change.at,
            created_at=change.at,
            last_error=change.note,
        )
        tx.jobs.put(letter, buried_at=change.at)

    def witness(
        self, tx: Transaction, document: Document, delivery: Delivery, change: Change
    ) -> None:
        """Leave the evidence of a move: audit row, receipt and notice, state of the document."""
        legal_at = self.calendar(delivery.agency).legal_time(change.at).legal
        self.record(
            tx,
            document,
            change.to.value,
            change,
            to=delivery.to,
            legal_at=legal_at,
            agency=delivery.agency,
            **self._duties(delivery, change),
        )
        if change.to in _SILENT:
            return
        self.give_receipt(
            tx,
            document,
            owner=document.sender,
            event=change.to.value,
            to=delivery.to,
            note=change.note,
            at=change.at,
            legal_at=legal_at,
        )
        if change.settles:
            self.settle(tx, document.id, change.at)

    def record(
        self,
        tx: Transaction,
        document: Document,
        event: str,
        change: Change,
        *,
        to: str | None,
        legal_at: datetime,
        **more: object,
    ) -> HistoryEvent:
        """Append *event* of *document* to the audit chain, with what statistics group by."""
        data: dict[str, object] = {
            "by": change.caller.agency,
            "code": document.code,
            "from": document.sender,
            "legal_at": legal_at.astimezone(self.zone).isoformat(),
            "type": document.metadata.type,
            "priority": document.metadata.priority.value,
            "business": document.business.value,
            "legal_value": document.legal_value.value,
            "paper": document.metadata.paper_copy,
        }
        data |= {} if to is None else {"to": to}
        data |= {} if change.note is None else {"note": change.note}
        tx.audit.append(
            AuditEntry(
                at=change.at,
                actor=change.caller.actor,
                address=change.caller.address,
                action=event,
                about=document.id,
                data=data | more,
            )
        )
        return HistoryEvent(
            event=event,
            at=change.at,
            legal_at=legal_at,
            by=change.caller.agency,
            to=to,
            note=change.note,
            actor=change.caller.actor,
        )

    def give_receipt(
        self,
        tx: Transaction,
        document: Document,
        *,
        owner: str,
        event: str,
        to: str | None,
        note: str | None,
        at: datetime,
        legal_at: datetime,
        kind: str = "receipt",
        travels: bool = True,
    ) -> None:
        """State what happened for *owner*; it is told of it once that is signed (see sealing).

        What does not travel as a status message goes to the owner in a message of its own.
        """
        receipt_id = str(uuid4())
        heir = self._heir(tx, document, owner, at)
        payload = canonical(
            {
                "id": receipt_id,
                "issuer": self.node,
                "code": document.code,
                "document_id": document.document_id,
                "from": document.sender,
                "to": to,
                "event": event,
                "note": note,
                "at": at.astimezone(self.zone).isoformat(),
                "legal_at": legal_at.astimezone(self.zone).isoformat(),
                "attachments": [
                    {"n": each.n, "name": each.name, "sha256": each.sha256}
                    for each in document.attachments
                ],
            }
        )
        tx.feed.add_attestation(
            Attestation(
                id=receipt_id,
                document=document.id,
                code=document.code,
                owner=heir,
                to=to,
                event=event,
                at=at,
                legal_at=legal_at,
                kind=kind,
                push=self._push(document, owner=owner, heir=heir, event=event, travels=travels),
                payload=payload.decode(),
            )
        )
        if travels and to is not None and event in WIRE_STATUS:
            self._lay_out(tx, document, receipt_id, owner=heir, to=to, event=event, at=at)

    def notify(
        self,
        tx: Transaction,
        document: Document,
        *,
        agency: str,
        kind: str,
        state: str,
        at: datetime,
    ) -> None:
        """Put a line into the event stream of *agency*."""
        tx.feed.add_notice(
            Notice(
                agency=agency,
                kind=kind,
                document=document.id,
                code=document.code,
                state=state,
                at=at,
            )
        )

    def legal_sending_time(self, sender: str, at: datetime) -> datetime:
        """Return the legal time of sending at *at* (S1 art. 7.3; S2 art. 10 leaves it alone)."""
        if not self.normalise_sending:
            return at
        return self.calendar(sender).legal_time(at).legal

    def _acknowledged(self, tx: Transaction, document: Document, at: datetime) -> None:
        """Where sending counts from the first acknowledgement (S2 art. 10.1), note it."""
        if not self.sent_when_acknowledged:
            return
        current = tx.documents.find(document.id)
        if current is not None and current.sent_at is None and current.local:
            legal = self.legal_sending_time(current.sender, at)
            tx.documents.save(replace(current, sent_at=at, legal_sent_at=legal))

    def _duties(self, delivery: Delivery, change: Change) -> dict[str, object]:
        """Say whether acceptance came the same day (NĐ 30/2020 art. 21.2c)."""
        arrived = delivery.legal_received_at
        if change.to is not DeliveryState.ACCEPTED or arrived is None:
            return {}
        deadline = self.calendar(delivery.agency).same_day_deadline(arrived)
        return {
            "accepted_same_day": change.at < deadline,
            "arrival_number": delivery.arrival_number,
        }

    def _settle_queue(self, tx: Transaction, delivery: Delivery) -> None:
        """Nothing is left to send once the delivery went past sending; a failed one may go again."""
        if delivery.state not in {DeliveryState.WAITING, DeliveryState.FAILED}:
            tx.jobs.drop_item("document", delivery.id)

    def _lay_out(
        self,
        tx: Transaction,
        document: Document,
        receipt: str,
        *,
        owner: str,
        to: str,
        event: str,
        at: datetime,
    ) -> None:
        """Lay what a receipt says into the owner's list of status messages, if it fetches such."""
        asked = event == history.RECALL_REQUESTED
        tx.vxp.add_status(
            WireStatus(
                id=receipt,
                owner=owner,
                sender=document.sender if asked else to,
                written=document.sender if asked else to,
                document=document.id,
                receipt=receipt,
                body=None,
                created_at=at,
                updated_at=at,
            )
        )

    def _heir(self, tx: Transaction, document: Document, owner: str, at: datetime) -> str:
        """Return who hears what *owner* would: itself, or its successor once it was closed.

        What belongs to an agency of another node is told to that one by its own name.
        """
        if owner == document.sender and not document.local:
            return owner
        day, seen = at.astimezone(self.zone).date(), {owner}
        agency = tx.directory.find(owner)
        while (
            agency is not None and agency.is_closed(day) and agency.successor not in {None, *seen}
        ):
            owner = agency.successor or owner
            seen.add(owner)
            agency = tx.directory.find(owner)
        return owner

    def _push(
        self, document: Document, *, owner: str, heir: str, event: str, travels: bool
    ) -> tuple[str, str] | None:
        """Say how a receipt goes to whoever does not fetch: an office that is sent to, an axis."""
        if event == history.RECALL_REQUESTED:
            asked = delivery_of(document, owner)
            if asked is not None and asked.route == AXIS and asked.lane is not None:
                return ("status", asked.lane) if travels else None
        elif owner == document.sender and document.origin.startswith("axis:"):
            return ("status", document.origin) if event in WIRE_STATUS else None
        if self.routes.offices.get(heir, PULL) not in {PULL, DESK}:
            return "receipt", lane_of_office(heir)
        return None

    def settle(self, tx: Transaction, document: str, at: datetime) -> None:
        """Let the state of *document* follow from those of its deliveries, moved *at* an instant."""
        tx.must_rest_on(key_of(document))
        state = document_state(tx.documents.delivery_states(document))
        if state is DocumentState.ACCEPTED:
            return
        current = tx.documents.find(document)
        if current is None or current.state in FINAL_DOCUMENT:
            return
        tx.documents.save(replace(current, state=move_document(current.state, state)))
        if state is DocumentState.RECALLED and not current.local:
            when = at.astimezone(self.zone)
            removal = Removal(at=when, rule=RECALL_RULE, decision=RECALL_DECISION)
            remove_content(tx, current, removal, actor="node")


def recalled() -> NotFound:
    """Return the error of content that the sender took back."""
    return NotFound("Văn bản đã được thu hồi / the document was recalled", code="recalled")


def delivery_of(document: Document, agency: str) -> Delivery | None:
    """Return the delivery of *document* to *agency*, None when it is no recipient."""
    return next((each for each in document.deliveries if each.agency == agency), None)
