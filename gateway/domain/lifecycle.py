"""The state machines of documents and deliveries; no other file holds a transition.

A delivery walks forwards only: the recipient's reports (status codes 01 to 06 of QCVN 102:2016)
may skip states, never return. Final means final: nothing leaves ``refused``, ``done``,
``cancelled`` or ``recalled``. ``failed`` rests: a retry makes it ``waiting``, a drop
``cancelled``, and a late report of the recipient moves it as if nothing had been.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.errors import IllegalMove


class DocumentState(StrEnum):
    """Where a document stands."""

    HELD = "held"  #: waits for a person's decision; no number yet
    REFUSED = "refused"  #: refused after being held
    ACCEPTED = "accepted"  #: numbered and on its way
    CLOSED = "closed"  #: every delivery is final
    RECALLED = "recalled"  #: thu hồi: the sender took it back


class DeliveryState(StrEnum):
    """Where one document stands on its way to one recipient."""

    WAITING = "waiting"
    SENDING = "sending"  #: an attempt, or a lease of the pull box, is under way
    HANDED_OVER = "handed-over"  #: the next party took it; not yet with the recipient
    ARRIVED = "arrived"  #: đã đến: it entered the recipient's system
    REFUSED = "refused"  #: từ chối
    ACCEPTED = "accepted"  #: đã tiếp nhận
    ASSIGNED = "assigned"  #: đã chuyển xử lý
    IN_PROGRESS = "in-progress"  #: đang xử lý
    DONE = "done"  #: đã hoàn thành
    FAILED = "failed"  #: attempts or deadline used up
    CANCELLED = "cancelled"  #: dropped by an administrator
    RECALLED = "recalled"  #: thu hồi


class Recall(StrEnum):
    """How a recall of one delivery stands."""

    REQUESTED = "requested"
    AGREED = "agreed"
    REFUSED = "refused"
    TOO_LATE = "too-late"


_D = DeliveryState
_AFTER_ARRIVAL = (_D.ACCEPTED, _D.ASSIGNED, _D.IN_PROGRESS, _D.DONE)
_REPORTED = (_D.ARRIVED, _D.REFUSED, *_AFTER_ARRIVAL)

FINAL_DELIVERY = frozenset({_D.REFUSED, _D.DONE, _D.CANCELLED, _D.RECALLED})
FINAL_DOCUMENT = frozenset({DocumentState.REFUSED, DocumentState.CLOSED, DocumentState.RECALLED})

#: From each state of a delivery, the states that may follow.
DELIVERY_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    # An attempt that was given up on may turn out to have succeeded: waiting -> handed over.
    _D.WAITING: frozenset(
        {_D.SENDING, _D.HANDED_OVER, _D.FAILED, _D.CANCELLED, _D.RECALLED, *_REPORTED}
    ),
    _D.SENDING: frozenset(
        {_D.WAITING, _D.HANDED_OVER, _D.FAILED, _D.CANCELLED, _D.RECALLED, *_REPORTED}
    ),
    _D.HANDED_OVER: frozenset({_D.FAILED, _D.CANCELLED, _D.RECALLED, *_REPORTED}),
    _D.ARRIVED: frozenset({_D.REFUSED, _D.RECALLED, *_AFTER_ARRIVAL}),
    _D.ACCEPTED: frozenset({_D.ASSIGNED, _D.IN_PROGRESS, _D.DONE, _D.RECALLED}),
    _D.ASSIGNED: frozenset({_D.IN_PROGRESS, _D.DONE, _D.RECALLED}),
    _D.IN_PROGRESS: frozenset({_D.DONE, _D.RECALLED}),
    _D.FAILED: frozenset({_D.WAITING, _D.CANCELLED, _D.RECALLED, *_REPORTED}),
    _D.REFUSED: frozenset(),
    _D.DONE: frozenset(),
    _D.CANCELLED: frozenset(),
    _D.RECALLED: frozenset(),
}

DOCUMENT_MOVES: dict[DocumentState, frozenset[DocumentState]] = {
    DocumentState.HELD: frozenset(
        {DocumentState.ACCEPTED, DocumentState.REFUSED, DocumentState.RECALLED}
    ),
    DocumentState.ACCEPTED: frozenset({DocumentState.CLOSED, DocumentState.RECALLED}),
    DocumentState.REFUSED: frozenset(),
    DocumentState.CLOSED: frozenset(),
    DocumentState.RECALLED: frozenset(),
}

#: From how a recall of a delivery stands, what may follow; None: nobody asked it back.
RECALL_MOVES: dict[Recall | None, frozenset[Recall]] = {
    None: frozenset({Recall.REQUESTED, Recall.TOO_LATE}),
    Recall.REQUESTED: frozenset({Recall.AGREED, Recall.REFUSED, Recall.TOO_LATE}),
    Recall.REFUSED: frozenset({Recall.REQUESTED, Recall.TOO_LATE}),  # it may be asked again
    Recall.AGREED: frozenset(),
    Recall.TOO_LATE: frozenset(),
}

#: Who may cause a document to enter a state.
DOCUMENT_CAUSED_BY: dict[DocumentState, tuple[str, ...]] = {
    DocumentState.HELD: ("node",),
    DocumentState.REFUSED: ("administrator",),
    DocumentState.ACCEPTED: ("node", "administrator"),
    DocumentState.CLOSED: ("recipient", "administrator"),
    DocumentState.RECALLED: ("sender", "recipient"),
}

#: Who may cause how a recall stands: the node says that it came too late.
RECALL_CAUSED_BY: dict[Recall, tuple[str, ...]] = {
    Recall.REQUESTED: ("sender",),
    Recall.AGREED: ("recipient", "node"),
    Recall.REFUSED: ("recipient",),
    Recall.TOO_LATE: ("node",),
}

#: Who may cause a delivery to enter a state: the node, the recipient, the sender, an administrator.
CAUSED_BY: dict[DeliveryState, tuple[str, ...]] = {
    _D.WAITING: ("node", "administrator"),
    _D.SENDING: ("node",),
    _D.HANDED_OVER: ("node",),
    _D.ARRIVED: ("node", "recipient"),
    _D.REFUSED: ("recipient", "node"),  # the node: whoever is next would not take it
    _D.ACCEPTED: ("recipient",),
    _D.ASSIGNED: ("recipient",),
    _D.IN_PROGRESS: ("recipient",),
    _D.DONE: ("recipient",),
    _D.FAILED: ("node",),
    _D.CANCELLED: ("administrator",),
    _D.RECALLED: ("sender", "recipient"),
}

#: Status code of a recipient's report -> state (QCVN 102:2016; words of QĐ 28/2018 art. 10.2h).
REPORTS: dict[str, DeliveryState] = {
    "01": _D.ARRIVED,
    "02": _D.REFUSED,
    "03": _D.ACCEPTED,
    "04": _D.ASSIGNED,
    "05": _D.IN_PROGRESS,
    "06": _D.DONE,
}
STATUS_OF = {state: code for code, state in REPORTS.items()}

#: What the sender of a document says on the wire to ask it back.
RECALL_REQUEST = "13"
#: Answers to a recall or an update: 15 agrees, 16 refuses.
RECALL_ANSWERS = {"15": Recall.AGREED, "16": Recall.REFUSED}

_RANK = {state: rank for rank, state in enumerate((_D.ARRIVED, *_AFTER_ARRIVAL))}


@dataclass(frozen=True, slots=True)
class Repeat:
    """The report says what is known already: answer as before, change nothing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The report moves the delivery to *to*."""

    to: DeliveryState


def move(state: DeliveryState, to: DeliveryState) -> DeliveryState:
    """Return *to* when it may follow *state*.

    Raises:
        IllegalMove: it may not.
    """
    if to not in DELIVERY_MOVES[state]:
        raise IllegalMove(f"a delivery that is {state} cannot become {to}")
    return to


def move_document(state: DocumentState, to: DocumentState) -> DocumentState:
    """Return *to* when it may follow *state*; raise IllegalMove when it may not."""
    if to not in DOCUMENT_MOVES[state]:
        raise IllegalMove(f"a document that is {state} cannot become {to}")
    return to


def move_recall(recall: Recall | None, to: Recall) -> Recall:
    """Return *to* when it may follow *recall*; raise IllegalMove when it may not."""
    if to not in RECALL_MOVES[recall]:
        now = "was never asked for" if recall is None else f"is {recall}"
        raise IllegalMove(f"a recall that {now} cannot become {to}")
    return to


def apply_report(state: DeliveryState, code: str) -> Moved | Repeat:
    """Say what the status *code* (01 to 06) of the recipient does to a delivery in *state*.

    Raises:
        IllegalMove: the report would go backwards, or follows a final state.
    """
    target = REPORTS[code]
    if target is state:
        return Repeat()
    if target in DELIVERY_MOVES[state]:
        return Moved(target)
    raise IllegalMove(f"status {code} ({target}) cannot follow {state}")


def recall_outcome(state: DeliveryState, *, attempts: int = 0) -> DeliveryState | Recall:
    """Say what the sender's recall does to a delivery in *state* after *attempts* to send it.

    What the recipient cannot have yet is recalled at once; what it has, or may have, because an
    attempt was made whose outcome nobody knows, must be asked back; what is final stays
    (``Recall.TOO_LATE``).
    """
    if state in FINAL_DELIVERY:
        return Recall.TOO_LATE
    if state in {_D.WAITING, _D.FAILED} and not attempts:
        return _D.RECALLED
    return Recall.REQUESTED


def document_state(deliveries: Collection[DeliveryState]) -> DocumentState:
    """Return the state of a numbered document from the states of its *deliveries*."""
    if not all(state in FINAL_DELIVERY for state in deliveries):
        return DocumentState.ACCEPTED
    taken_back = _D.RECALLED in deliveries and _D.DONE not in deliveries
    return DocumentState.RECALLED if taken_back else DocumentState.CLOSED


def has_arrived(state: DeliveryState) -> bool:
    """Whether a delivery in *state* has entered the recipient's system for all we know."""
    return state in _RANK or state is _D.REFUSED
