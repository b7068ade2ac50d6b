"""Asking back: what a recall does to each delivery, inside the unit of whoever brings it.

A recall comes through the API, as a status message 13, as a recall message (business type 1), or
from an update that leaves a recipient out. It is obeyed alike: what a recipient cannot have yet is
recalled at once and never goes out; what it has, or may have, it is asked for, and the next node on
the way does the same there; what is final stays, and whoever asked on the wire is told so. The
arrival number stays used, and the recall itself stays in the history of the document.
Source: QĐ 28/2018/QĐ-TTg art. 8.2, 9.2; NĐ 30/2020/NĐ-CP art. 18.4b and Annex VI Part I III.8.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain import history
from gateway.domain.exchange import Caller, Delivery, Document, Role
from gateway.domain.lifecycle import DeliveryState, Recall, move_recall, recall_outcome
from gateway.pipeline.movement import Change, Movement
from gateway.ports import Transaction

TOO_LATE = (
    "Quá muộn để lấy lại: văn bản đã xử lý xong hoặc đã bị từ chối / "
    "too late: it was done or refused before"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a document is asked back: by whom and why, and how the asker is answered."""

    change: Change  #: when, by whom, with the reason as its note
    of: Collection[str] | None = None  #: recipients that it concerns, None: all
    answers: bool = False  #: the asker hears on the wire what came too late
    travels: bool = True  #: False: the recall message itself goes to the recipients


def is_open(document: Document, of: Collection[str] | None = None) -> bool:
    """Whether something of *document* can be taken or asked back from the recipients *of*."""
    return any(_outcome(each) is not Recall.TOO_LATE for each in _concerned(document, of))


def ask_back(tx: Transaction, movement: Movement, document: Document, asking: Asking) -> None:
    """Ask *document* back; what was said before is not said again."""
    outcomes = [
        (each, outcome)
        for each in _concerned(document, asking.of)
        if not _is_settled(each, outcome := _outcome(each))
    ]
    if not outcomes:
        return
    change = replace(asking.change, to=DeliveryState.RECALLED, staff=None, settles=False)
    legal = movement.legal_sending_time(document.sender, change.at)
    to = None if asking.of is None or len(outcomes) > 1 else outcomes[0][0].to
    movement.record(tx, document, history.RECALL_REQUESTED, change, to=to, legal_at=legal)
    for delivery, outcome in outcomes:
        if isinstance(outcome, DeliveryState):
            movement.advance(tx, document, delivery, change)
            continue
        now = move_recall(delivery.recall, outcome)
        tx.deliveries.save(replace(delivery, recall=now, updated_at=change.at))
        if outcome is Recall.REQUESTED:
            _tell_recipient(tx, movement, document, delivery, asking, legal)
        elif asking.answers:
            _tell_too_late(tx, movement, document, delivery, change)
    movement.settle(tx, document.id, change.at)


def _concerned(document: Document, of: Collection[str] | None) -> list[Delivery]:
    return [each for each in document.deliveries if of is None or each.agency in of]


def _outcome(delivery: Delivery) -> DeliveryState | Recall:
    return recall_outcome(delivery.state, attempts=delivery.attempts)


def _is_settled(delivery: Delivery, outcome: DeliveryState | Recall) -> bool:
    """Whether nothing new can be said: it was recalled, or the recipient is asked already."""
    if delivery.state is DeliveryState.RECALLED or delivery.recall is Recall.REQUESTED:
        return True
    return delivery.recall is outcome is Recall.TOO_LATE


def _tell_recipient(
    tx: Transaction,
    movement: Movement,
    document: Document,
    delivery: Delivery,
    asking: Asking,
    legal: datetime,
) -> None:
    movement.give_receipt(
        tx,
        document,
        owner=delivery.agency,
        event=history.RECALL_REQUESTED,
        to=delivery.to,
        note=asking.change.note,
        at=asking.change.at,
        legal_at=legal,
        kind="recall",
        travels=asking.travels,
    )


def _tell_too_late(
    tx: Transaction, movement: Movement, document: Document, delivery: Delivery, change: Change
) -> None:
    """Answer in the name of the recipient, as it would itself (status 16)."""
    legal = movement.calendar(delivery.agency).legal_time(change.at).legal
    caller = Caller(actor="node", agency=delivery.agency, role=Role.OFFICE)
    said = replace(change, caller=caller, note=TOO_LATE)
    movement.record(tx, document, history.RECALL_REFUSED, said, to=delivery.to, legal_at=legal)
    movement.give_receipt(
        tx,
        document,
        owner=document.sender,
        event=history.RECALL_REFUSED,
        to=delivery.to,
        note=said.note,
        at=change.at,
        legal_at=legal,
    )
