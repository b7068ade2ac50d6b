"""Answering: 15 and 16 of a recipient to a recall that waits for it, or to an update.

Source: QCVN 102:2016/BTTTT: both answer a request to take back or to update.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain import history
from gateway.domain.document import BusinessKind
from gateway.domain.errors import IllegalMove
from gateway.domain.exchange import Caller, Delivery, Document
from gateway.domain.lifecycle import (
    RECALL_ANSWERS,
    DeliveryState,
    Recall,
    has_arrived,
    move_recall,
)
from gateway.domain.reminders import ReminderKind
from gateway.pipeline.movement import Change, Movement
from gateway.pipeline.reminders import remind
from gateway.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a recipient answers: 15 or 16, with its words."""

    code: str
    note: str | None
    at: datetime
    caller: Caller

    @property
    def outcome(self) -> Recall:
        """Return what the code means for a recall."""
        return RECALL_ANSWERS[self.code]

    def change(self, to: DeliveryState) -> Change:
        """Return the change of a delivery that the answer brings."""
        return Change(to=to, at=self.at, caller=self.caller, note=self.note)


def answer(
    tx: Transaction, movement: Movement, document: Document, delivery: Delivery, given: Answer
) -> None:
    """Apply an answer; a repeat leaves no second trace.

    Raises:
        IllegalMove: nobody asked, or the answer comes too late.
    """
    if delivery.recall is given.outcome:
        return
    if delivery.recall is None and document.business is BusinessKind.UPDATE:
        _of_update(tx, movement, document, delivery, given)
        return
    move_recall(delivery.recall, given.outcome)
    agreed = given.outcome is Recall.AGREED
    event = history.RECALL_AGREED if agreed else history.RECALL_REFUSED
    if agreed:
        _note(tx, movement, document, delivery, given, event)
        movement.advance(tx, document, delivery, given.change(DeliveryState.RECALLED))
        return
    _say(tx, movement, document, delivery, given, event)
    tx.deliveries.save(replace(delivery, recall=given.outcome, updated_at=given.at))
    if document.local:
        remind(
            tx,
            document,
            ReminderKind.RECALL_REFUSED,
            agency=document.sender,
            at=given.at,
            to=delivery.to,
            note=given.note,
        )


def _of_update(
    tx: Transaction, movement: Movement, document: Document, delivery: Delivery, given: Answer
) -> None:
    """Apply 15 (taken over) or 16 (not taken over) to an update."""
    refused = delivery.state is DeliveryState.REFUSED
    if given.outcome is Recall.REFUSED:
        if not refused:
            movement.advance(tx, document, delivery, given.change(DeliveryState.REFUSED))
        return
    if refused:
        raise IllegalMove("the update was refused before")
    if _has_agreed(tx, document, delivery):
        return
    if not has_arrived(delivery.state):
        arrived = replace(given.change(DeliveryState.ARRIVED), note=None)
        delivery = movement.advance(tx, document, delivery, arrived)
    _say(tx, movement, document, delivery, given, history.UPDATED)


def _has_agreed(tx: Transaction, document: Document, delivery: Delivery) -> bool:
    """Whether the recipient said before that it took the update over."""
    return any(
        event.event == history.UPDATED and event.to == delivery.to
        for event in tx.audit.history(document.id)
    )


def _note(
    tx: Transaction,
    movement: Movement,
    document: Document,
    delivery: Delivery,
    given: Answer,
    event: str,
) -> datetime:
    """Record *event*; return its legal time."""
    legal = movement.calendar(delivery.agency).legal_time(given.at).legal
    change = given.change(delivery.state)
    movement.record(tx, document, event, change, to=delivery.to, legal_at=legal)
    return legal


def _say(
    tx: Transaction,
    movement: Movement,
    document: Document,
    delivery: Delivery,
    given: Answer,
    event: str,
) -> None:
    """Record *event* and tell the sender."""
    legal = _note(tx, movement, document, delivery, given, event)
    movement.give_receipt(
        tx,
        document,
        owner=document.sender,
        event=event,
        to=delivery.to,
        note=given.note,
        at=given.at,
        legal_at=legal,
    )
