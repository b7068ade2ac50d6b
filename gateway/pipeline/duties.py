"""Duties: who missed one is reminded, and is not any more once it is done.

Looked after on a schedule. What arrived is accepted the same day; what is signed is sent by the
next working morning; what is to be answered by a day is done by then. Each reminder is given once,
goes into the event stream of its agency, the log and the metrics, and is listed until it is
settled: by what the office does, or by time where nothing can be made good.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial

import structlog

from gateway.domain.exchange import Caller, Delivery, Document
from gateway.domain.lifecycle import FINAL_DELIVERY, DeliveryState, DocumentState, Recall
from gateway.domain.reminders import SHOWN, Reminder, ReminderKind
from gateway.domain.routing import AXIS
from gateway.pipeline.lookup import OVERSEERS
from gateway.pipeline.movement import Movement
from gateway.pipeline.reminders import remind
from gateway.ports import Clock, Selection, Store, Transaction

log = structlog.get_logger()

#: Reminders, or deliveries, of one look at the database.
_AT_ONCE = 200
#: Jobs and held documents that are looked at.
_MOST = 1000
_NOT_SENT = frozenset({DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A duty that was missed: by whom, for which recipient."""

    document: Document
    kind: ReminderKind
    agency: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    in_time: Callable[[Document, datetime], bool | None]  #: whether sending then keeps the duty

    async def open(self, caller: Caller, *, after: int = 0, limit: int = 500) -> list[Reminder]:
        """Return what the caller's agency is reminded of, oldest first; overseers see all."""
        agency = None if caller.role in OVERSEERS else caller.agency
        return await self.store.read(lambda tx: tx.reminders.open(agency, after, limit))

    async def look(self) -> None:
        """Remind of what was missed since the last look, and settle what is done."""
        now = self.clock.now()
        for find in (self._late_acknowledgements, self._unanswered_recalls, self._late_sendings):
            while missed := await self.store.read(partial(find, now=now)):
                if not await self._tell(missed, now):
                    break
        today = self._midnight(now).date()
        while over := await self.store.read(lambda tx: tx.reminders.overdue(today, _AT_ONCE)):
            await self._tell(await self.store.read(partial(_overdue, documents=over)), now)
            await self.store.write(partial(_forget, documents=over))
        await self._settle(now)

    async def _tell(self, missed: list[Missed], now: datetime) -> int:
        """Remind of what was *missed*; return how many reminders are new."""
        told = await self.store.write(partial(_remind, missed=missed, at=now)) if missed else 0
        if told:
            first = missed[0]
            log.warning(
                "duty missed",
                kind=first.kind.value,
                reminders=told,
                agency=first.agency,
                document=first.document.code or first.document.id,
            )
        return told

    def _late_acknowledgements(self, tx: Transaction, *, now: datetime) -> list[Missed]:
        """Find what offices had a whole day and did not accept (NĐ 30/2020 art. 21.2c)."""
        late = tx.reminders.unaccepted(self._midnight(now), _AT_ONCE)
        return _of(tx, ReminderKind.LATE_ACKNOWLEDGEMENT, late)

    def _unanswered_recalls(self, tx: Transaction, *, now: datetime) -> list[Missed]:
        """Find what offices were asked back and did not answer (QĐ 28/2018 art. 9.2)."""
        late = tx.reminders.unanswered(self._midnight(now), _AT_ONCE)
        return _of(tx, ReminderKind.RECALL_UNANSWERED, late)

    def _late_sendings(self, tx: Transaction, *, now: datetime) -> list[Missed]:
        """Find what should have gone out by now (QĐ 28/2018 art. 6.2): held, or in the queue."""
        held = Selection(state=DocumentState.HELD.value, limit=_MOST)
        waiting = [(each, "") for each in tx.documents.select(held)]
        waiting += _queued(tx, before=self._midnight(now))
        return [
            Missed(document=document, kind=_LATE_SENDING, agency=document.sender, to=to)
            for document, to in waiting
            if document.local
            and self.in_time(document, now) is False
            and not tx.reminders.is_known(document.id, _LATE_SENDING, document.sender, to)
        ]

    async def _settle(self, now: datetime) -> None:
        """Settle the reminders of what is done by now."""
        after = 0
        while page := await self.store.read(partial(_open_after, after=after)):
            after = page[-1][0].seq
            done = [
                reminder.seq for reminder, document in page if _is_done(reminder, document, now)
            ]
            if done:
                await self.store.write(partial(_settle, reminders=done, at=now))

    def _midnight(self, now: datetime) -> datetime:
        local = now.astimezone(self.movement.zone)
        return datetime.combine(local, time.min, self.movement.zone)


_LATE_SENDING = ReminderKind.LATE_SENDING


def _of(tx: Transaction, kind: ReminderKind, deliveries: list[Delivery]) -> list[Missed]:
    found = {each.document: tx.documents.find(each.document) for each in deliveries}
    return [
        _missed(document, kind, each)
        for each in deliveries
        if (document := found[each.document]) is not None
    ]


def _missed(document: Document, kind: ReminderKind, delivery: Delivery) -> Missed:
    return Missed(document=document, kind=kind, agency=delivery.agency, to=delivery.to)


def _queued(tx: Transaction, *, before: datetime) -> Iterator[tuple[Document, str]]:
    """Go through what has waited to be sent since *before*, or failed."""
    for job, _ in tx.jobs.listing(_MOST):
        late = job.kind == "document" and job.created_at < before
        delivery = tx.deliveries.find(job.item) if late else None
        if delivery is not None and delivery.state in _NOT_SENT:
            document = tx.documents.find(delivery.document)
            if document is not None:
                yield document, delivery.to


def _overdue(tx: Transaction, *, documents: list[str]) -> list[Missed]:
    """Return what offices of ours still work on of *documents* whose day is over."""
    return [
        _missed(document, ReminderKind.OVERDUE, each)
        for document in tx.documents.find_many(documents)
        for each in document.deliveries
        if each.route != AXIS and each.state not in FINAL_DELIVERY
    ]


def _remind(tx: Transaction, *, missed: list[Missed], at: datetime) -> int:
    return sum(
        remind(tx, each.document, each.kind, agency=each.agency, at=at, to=each.to)
        for each in missed
    )


def _forget(tx: Transaction, *, documents: list[str]) -> None:
    for each in documents:
        tx.reminders.met(each)


def _open_after(tx: Transaction, *, after: int) -> list[tuple[Reminder, Document | None]]:
    return [
        (each, tx.documents.find(each.document))
        for each in tx.reminders.open(None, after, _AT_ONCE)
    ]


def _settle(tx: Transaction, *, reminders: list[int], at: datetime) -> None:
    for each in reminders:
        tx.reminders.settle(each, at)


def _is_done(reminder: Reminder, document: Document | None, now: datetime) -> bool:
    """Whether there is nothing left to do about *reminder*."""
    if document is None or now - reminder.at > SHOWN:
        return True
    delivery = next((each for each in document.deliveries if each.to == reminder.to), None)
    if reminder.kind is ReminderKind.RECALL_UNANSWERED:
        return delivery is None or delivery.recall is not Recall.REQUESTED
    if delivery is None:  # of the document as a whole: it is, or was, sent late
        return not reminder.to and document.state is DocumentState.REFUSED
    return delivery.state not in _OPEN[reminder.kind]


_UNFINISHED = frozenset(DeliveryState) - FINAL_DELIVERY
#: In which states of a delivery a reminder of it still says something.
_OPEN: dict[ReminderKind, frozenset[DeliveryState]] = {
    ReminderKind.LATE_ACKNOWLEDGEMENT: frozenset({DeliveryState.ARRIVED}),
    ReminderKind.LATE_SENDING: _NOT_SENT,
    ReminderKind.OVERDUE: _UNFINISHED,
    ReminderKind.RECALL_REFUSED: _UNFINISHED,
    ReminderKind.DUPLICATE: _NOT_SENT | {DeliveryState.HANDED_OVER, DeliveryState.ARRIVED},
}
