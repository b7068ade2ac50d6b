"""How a recall stands: what the sender asked and who has answered what, or what a recipient lost."""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from gateway.domain import history
from gateway.domain.exchange import Delivery, HistoryEvent, Receipt
from gateway.domain.lifecycle import DeliveryState, Recall
from gateway.domain.receipts import read_payload
from gateway.pipeline.lookup import Shown

#: Events that answer a recall.
_ANSWERS = frozenset({history.RECALL_AGREED, history.RECALL_REFUSED, DeliveryState.RECALLED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How the recall of one delivery stands."""

    to: str
    stands: str  #: a value of :class:`Recall`, or ``taken``: taken back before it arrived
    at: datetime | None  #: since when; None while it waits
    note: str | None  #: what the recipient said


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The recall of a document, as its sender sees it."""

    at: datetime
    reason: str | None
    answers: tuple[Answered, ...]

    @property
    def waits(self) -> int:
        """Return how many recipients have yet to answer."""
        return sum(each.stands == Recall.REQUESTED.value for each in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What became of a document that was taken back from a recipient."""

    at: datetime | None
    reason: str


def standing(shown: Shown) -> Standing | None:
    """Return how the recall of a sent document stands; None: nobody asked it back."""
    asked = [each for each in shown.history if each.event == history.RECALL_REQUESTED]
    if not asked:
        return None
    return Standing(
        at=asked[-1].at,
        reason=asked[-1].note,
        answers=tuple(
            answer
            for each in shown.document.deliveries
            if (answer := _answered(shown, each)) is not None
        ),
    )


def gone(shown: Shown, agency: str, reason: str) -> Gone | None:
    """Return what became of an incoming document of *agency*; None: it is there."""
    if shown.document.sender == agency:
        return None
    own = next((each for each in shown.document.deliveries if each.agency == agency), None)
    if own is None or own.state is not DeliveryState.RECALLED:
        return None
    events = _of(own, shown.history)
    taken = [each for each in events if each.event == DeliveryState.RECALLED.value]
    return Gone(at=taken[-1].at if taken else None, reason=reason)


def why_recalled(receipts: Sequence[Receipt]) -> str:
    """Return the reason with which the sender asks the document back, as its receipt says it."""
    for each in reversed(receipts):
        if each.event == history.RECALL_REQUESTED:
            payload = each.jws.split(".")[1]
            said = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
            return read_payload(msgspec.json.decode(said)).note or ""
    return ""


def _answered(shown: Shown, delivery: Delivery) -> Answered | None:
    taken = delivery.state is DeliveryState.RECALLED
    if delivery.recall is None and not taken:
        return None
    said = [each for each in _of(delivery, shown.history) if each.event in _ANSWERS]
    own = [each.note for each in said if each.note and each.by != shown.document.sender]
    waits = delivery.recall is Recall.REQUESTED or not said
    return Answered(
        to=delivery.to,
        stands="taken" if delivery.recall is None else delivery.recall.value,
        at=None if waits else said[-1].at,
        note=None if waits or not own else own[-1],
    )


def _of(delivery: Delivery, events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    return [each for each in events if each.to == delivery.to]
