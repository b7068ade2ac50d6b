"""Relay: hand one thing over to its destination: done, later, or never.

What waits for a destination waits in its lane: urgent first, then oldest, one in flight, so that
a slow peer is not buried. Each hand-over is two commits, because the network lies between:

    begin    the job is claimed and its delivery becomes *sending*            (one commit)
    send     the adapter speaks with the peer, under a deadline               (no transaction)
    settle   the outcome: handed over or arrived, later, or never             (one commit)

A crash between send and settle means that the same packet goes out again, under the same id: the
peer can tell. A failure makes the *destination* pause, for longer each time, and all that waits
for it with it; the pause is stored, and ends when the peer is heard from, whichever way. What the
peer refuses is final. What fails past its deadline is *failed*: it rests in the dead letters until
an administrator retries or drops it, or the recipient reports on it after all.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.domain import history
from gateway.domain.document import StatusMessage
from gateway.domain.errors import GatewayError, Refused, Unavailable
from gateway.domain.exchange import Caller, Delivery, Destination, Document, Job, Receipt, Role
from gateway.domain.lifecycle import DeliveryState, Recall, has_arrived
from gateway.domain.routing import DESK, PULL
from gateway.domain.wire import hops
from gateway.pipeline.movement import Change, Movement
from gateway.pipeline.status_message import status_of
from gateway.ports import Clock, Handover, Packet, Sender, Store, Transaction

log = structlog.get_logger()

DOCUMENT = "document"
RECEIPT = "receipt"
STATUS = "status"

OpenBytes = Callable[[], AbstractContextManager[Iterator[bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on trying."""

    first_delay_s: float
    longest_delay_s: float
    deadline_h: float
    least_attempts: int
    send_timeout_s: float

    @property
    def longest_pause(self) -> timedelta:
        """Return what no pause is longer than."""
        return timedelta(seconds=self.longest_delay_s * 1.1)

    def pause(self, failures: int, *, jitter: float) -> timedelta:
        """Return the pause after *failures* in a row; *jitter* in 0..1 spreads it by a fifth."""
        exponent = min(failures - 1, 32)
        seconds = min(self.first_delay_s * 2.0**exponent, self.longest_delay_s)
        return timedelta(seconds=seconds * (0.9 + 0.2 * jitter))


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A claimed job, ready to be sent."""

    job: Job
    packet: Packet
    delivery: Delivery | None = None  #: of a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    senders: Mapping[str, Sender]  #: by lane
    envelope: Callable[[Document], OpenBytes]
    compose_status: Callable[[StatusMessage], bytes]
    patience: Patience
    jitter: Callable[[], float]
    node: Caller

    def begin(self, tx: Transaction, job: Job, now: datetime) -> Errand | None:
        """Prepare claimed *job* inside the claiming unit; None: there is nothing left to do."""
        errand = self._of_document(tx, job, now) if job.kind == DOCUMENT else _of_receipt(tx, job)
        if errand is None:
            tx.jobs.finish(job.id)
            return None
        if not isinstance(errand, Errand):
            errand = self._evidence(tx, job, errand)
        return errand

    def set_aside(self, tx: Transaction, job: Job, error: Exception, now: datetime) -> None:
        """Let claimed *job*, which cannot be begun, stand in the way of no other.

        It is tried again after its own pause, and is a dead letter past its deadline.
        """
        attempts = job.attempts + 1
        if self._is_overdue(job, attempts, now):
            tx.jobs.bury(job.id, now, _reason(error))
        else:
            own = self.patience.pause(attempts, jitter=self.jitter())
            tx.jobs.postpone(job.id, now + own, _reason(error))

    async def run(self, errand: Errand) -> None:
        """Send *errand* and commit what became of it."""
        try:
            handover = await self._send(errand)
        except Refused as error:
            outcome = partial(self._refused, errand=errand, error=error)
        except Exception as error:
            if not isinstance(error, GatewayError | OSError | TimeoutError):
                log.exception("an adapter failed", lane=errand.job.lane, job=errand.job.id)
            outcome = partial(self._later, errand=errand, error=error)
        else:
            outcome = partial(self._done, errand=errand, handover=handover)
        await asyncio.shield(self.store.write(outcome))

    async def _send(self, errand: Errand) -> Handover:
        sender = self.senders.get(errand.job.lane)
        if sender is None:
            raise Unavailable(f"{errand.job.lane} is not configured")
        try:
            async with asyncio.timeout(self.patience.send_timeout_s):
                return await sender.send(errand.packet)
        except TimeoutError:
            raise Unavailable("no answer in time") from None

    def _of_document(self, tx: Transaction, job: Job, now: datetime) -> Errand | None:
        delivery = tx.deliveries.find(job.item)
        document = None if delivery is None else tx.documents.find(delivery.document)
        if delivery is None or document is None:
            return None
        if delivery.state not in {DeliveryState.WAITING, DeliveryState.SENDING}:
            return None
        if delivery.recall is Recall.REQUESTED:
            change = Change(to=DeliveryState.RECALLED, at=now, caller=self.node)
            self.movement.advance(tx, document, delivery, change)
            return None
        if self._fetches_now(tx, document, delivery, now):
            return None
        sending = replace(
            delivery,
            state=DeliveryState.SENDING,
            attempts=delivery.attempts + 1,
            updated_at=now,
        )
        packet = Packet(
            id=delivery.id,
            event=DOCUMENT,
            document=document.id,
            to=delivery.to,
            media_type="application/xml",
            size=document.size or 0,
            open=self.envelope(document),
            code=document.code,
            sender=document.sender,
            trace=(*hops(tx.vxp.trace(document.id)), self.movement.node),
            priority=job.priority,
        )
        return Errand(job=job, packet=packet, delivery=tx.deliveries.save(sending))

    def _fetches_now(
        self, tx: Transaction, document: Document, delivery: Delivery, now: datetime
    ) -> bool:
        """Let *delivery* wait in the pull box, or arrive at the desk, once its office has one."""
        axis = delivery.lane is not None and delivery.lane.startswith("axis:")
        route = self.movement.routes.offices.get(delivery.agency, PULL)
        if axis or route not in {PULL, DESK}:
            return False
        waiting = replace(
            delivery, state=DeliveryState.WAITING, route=route, lane=None, updated_at=now
        )
        waiting = tx.deliveries.save(waiting)
        if route == DESK:
            change = Change(to=DeliveryState.ARRIVED, at=now, caller=self.node)
            self.movement.advance(tx, document, waiting, change)
        return True

    def _evidence(self, tx: Transaction, job: Job, receipt: Receipt) -> Errand | None:
        document = tx.documents.find(receipt.document)
        route = self.movement.routes.offices.get(receipt.owner, PULL)
        if document is None or (job.kind == RECEIPT and route in {PULL, DESK}):
            tx.jobs.finish(job.id)  # an office that fetches now has it in its feed
            return None
        if job.kind == STATUS:
            content = self.compose_status(status_of(tx, document, receipt))
            media_type = "application/xml"
        else:
            content, media_type = receipt.jws.encode(), "application/jose"
        recall = receipt.event == history.RECALL_REQUESTED
        packet = Packet(
            id=receipt.id,
            event=STATUS if job.kind == STATUS else "recall" if recall else RECEIPT,
            document=document.id,
            to=receipt.owner,
            media_type=media_type,
            size=len(content),
            open=_from_memory(content),
            code=receipt.code,
            sender=(document.sender if recall else receipt.to) or self.movement.node,
            trace=(self.movement.node,),
        )
        return Errand(job=job, packet=packet)

    def _done(self, tx: Transaction, errand: Errand, handover: Handover) -> None:
        now = self.clock.now()
        tx.jobs.finish(errand.job.id)
        tx.destinations.heard(errand.job.lane, now)
        if errand.delivery is None:
            return
        current, document = _current(tx, errand.delivery)
        state = DeliveryState.ARRIVED if handover.arrived else DeliveryState.HANDED_OVER
        if current is None or document is None or not _still_under_way(current):
            return
        change = Change(to=state, at=now, caller=self._who(current, handover), note=handover.note)
        self.movement.advance(tx, document, current, change)

    def _who(self, delivery: Delivery, handover: Handover) -> Caller:
        return replace(self.node, agency=delivery.agency) if handover.arrived else self.node

    def _later(self, tx: Transaction, errand: Errand, error: Exception) -> None:
        now, job = self.clock.now(), errand.job
        known = tx.destinations.find(job.lane)
        failures = known.failures + 1
        pause = self.patience.pause(failures, jitter=self.jitter())
        if isinstance(error, Unavailable):
            asked = min(error.retry_after_s, self.patience.longest_delay_s)
            pause = max(pause, timedelta(seconds=asked if asked > 1.0 else 0.0))
        tx.destinations.save(
            Destination(
                lane=job.lane,
                failures=failures,
                retry_at=now + pause,
                last_error=_reason(error),
                last_ok_at=known.last_ok_at,
            )
        )
        attempts = job.attempts + 1
        if self._is_overdue(job, attempts, now):
            self._give_up(tx, errand, error, now)
            return
        own = self.patience.pause(attempts, jitter=self.jitter())
        tx.jobs.postpone(job.id, now + own, _reason(error))
        self._wait_again(tx, errand, error, now)

    def _is_overdue(self, job: Job, attempts: int, now: datetime) -> bool:
        deadline = job.created_at + timedelta(hours=self.patience.deadline_h)
        return now > deadline and attempts >= self.patience.least_attempts

    def _wait_again(
        self, tx: Transaction, errand: Errand, error: Exception, now: datetime
    ) -> None:
        if errand.delivery is None:
            return
        current, _ = _current(tx, errand.delivery)
        if current is not None and current.state is DeliveryState.SENDING:
            waiting = replace(
                current, state=DeliveryState.WAITING, updated_at=now, note=_reason(error)
            )
            tx.deliveries.save(waiting)

    def _give_up(self, tx: Transaction, errand: Errand, error: Exception, now: datetime) -> None:
        tx.jobs.bury(errand.job.id, now, _reason(error))
        self._end(tx, errand, DeliveryState.FAILED, _reason(error), now)

    def _refused(self, tx: Transaction, errand: Errand, error: Refused) -> None:
        now = self.clock.now()
        tx.destinations.heard(errand.job.lane, now)
        tx.jobs.bury(errand.job.id, now, _reason(error))
        self._end(tx, errand, DeliveryState.REFUSED, _reason(error), now)

    def _end(
        self, tx: Transaction, errand: Errand, state: DeliveryState, note: str, now: datetime
    ) -> None:
        if errand.delivery is None:
            return
        current, document = _current(tx, errand.delivery)
        if current is None or document is None or not _still_under_way(current):
            return
        change = Change(to=state, at=now, caller=self.node, note=note, entered=False)
        self.movement.advance(tx, document, current, change)


def _of_receipt(tx: Transaction, job: Job) -> Receipt | None:
    return tx.feed.receipt(job.item)


def _current(tx: Transaction, delivery: Delivery) -> tuple[Delivery | None, Document | None]:
    return tx.deliveries.find(delivery.id), tx.documents.find(delivery.document)


def _still_under_way(delivery: Delivery) -> bool:
    """Whether the outcome of a send still matters: nobody reported or recalled meanwhile."""
    return delivery.state in {DeliveryState.WAITING, DeliveryState.SENDING} and not has_arrived(
        delivery.state
    )


def _reason(error: Exception) -> str:
    text = error.message if isinstance(error, GatewayError) else type(error).__name__
    return text[:300]


def _from_memory(content: bytes) -> OpenBytes:
    @contextmanager
    def open_bytes() -> Iterator[Iterator[bytes]]:
        yield iter((content,))

    return open_bytes


def node_caller(code: str) -> Caller:
    """Return the node itself as the one who acts."""
    return Caller(actor="node", agency=code, role=Role.ADMIN)
