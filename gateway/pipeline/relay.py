"""Relay: hand one thing over to its destination: done, later, or never.

What waits for a destination waits in its lane: urgent first, then oldest, one in flight, so that
a slow peer is not buried. Each hand-over is two commits, because the network lies between:

    begin    the job is claimed and its delivery becomes *sending*            (one commit)
    send     the adapter speaks with the peer, under a deadline               (no transaction)
    settle   the outcome: handed over or arrived, later, or never             (one commit)

A document for several recipients behind one axis goes there once, for all of them.

A crash between send and settle means that the same packet goes out again, under the same id: the
peer can tell. A failure makes the *destination* pause, for longer each time, and all that waits
for it with it (`settling.py`); the pause is stored, and ends when the peer is heard from,
whichever way. What the peer refuses is final. What fails past its deadline is *failed*: it rests in the dead letters until
an administrator retries or drops it, or the recipient reports on it after all.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.domain import history
from gateway.domain.document import StatusMessage
from gateway.domain.errors import GatewayError, Refused, Unavailable
from gateway.domain.exchange import Caller, Delivery, Document, Job, Receipt, Role
from gateway.domain.lifecycle import DeliveryState, Recall
from gateway.domain.routing import DESK, PULL
from gateway.domain.wire import hops
from gateway.pipeline.movement import Change, Movement
from gateway.pipeline.resting import key_of, key_of_lane
from gateway.pipeline.settling import Errand, Part, Settling, reason_of
from gateway.pipeline.status_message import status_of
from gateway.pipeline.telling import ANNOUNCEMENT, packet_of
from gateway.ports import Clock, Handover, Packet, Sender, Store, Transaction
from gateway.traces import about, span

log = structlog.get_logger()

DOCUMENT = "document"
RECEIPT = "receipt"
STATUS = "status"

#: What a claim outlives the longest send, so that its owner can still settle it.
GRACE = timedelta(seconds=60)
#: Recipients of one upload: their codes stand in one line of a header, their moves in one commit.
_MOST_TOGETHER = 500

OpenBytes = Callable[[], AbstractContextManager[Iterator[bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    senders: Mapping[str, Sender]  #: by lane
    envelope: Callable[[Document], OpenBytes]
    compose_status: Callable[[StatusMessage], bytes]
    settling: Settling
    node: Caller

    def rests_on(self, tx: Transaction, jobs: Iterable[Job]) -> list[str]:
        """Return what to begin *jobs* rests on: the documents that they are to carry."""
        items = [each.item for each in jobs if each.kind == DOCUMENT]
        return [*map(key_of, tx.deliveries.documents(items))]

    def begin(self, tx: Transaction, job: Job, now: datetime) -> Errand | None:
        """Prepare claimed *job* inside the claiming unit; None: there is nothing left to do."""
        errand = self._errand(tx, job, now)
        if errand is None:
            tx.jobs.finish(job.id)
            return None
        if not isinstance(errand, Errand):
            errand = self._evidence(tx, job, errand)
        if errand is not None:
            allowed = timedelta(seconds=self._allowed_s(errand)) + GRACE
            tx.jobs.hold(job.id, now + allowed)
        return errand

    def _errand(self, tx: Transaction, job: Job, now: datetime) -> Errand | Receipt | None:
        if job.kind == DOCUMENT:
            return self._of_document(tx, job, now)
        if job.kind != ANNOUNCEMENT:
            return _of_receipt(tx, job)
        known = job.lane in self.senders  # else the office no longer has a webhook
        movement = self.movement
        packet = packet_of(tx, job, node=movement.node, zone=movement.zone) if known else None
        return None if packet is None else Errand(job=job, packet=packet, parts=(Part(job=job),))

    def _allowed_s(self, errand: Errand) -> float:
        """Return what the attempt may take: the way to an axis may be slow."""
        patience = self.settling.patience
        if not errand.job.lane.startswith("axis:"):
            return patience.send_timeout_s
        return patience.allowed_s(errand.packet.size)

    def set_aside(self, tx: Transaction, job: Job, error: Exception, now: datetime) -> None:
        """Let claimed *job*, which cannot be begun, stand in the way of no other.

        It is tried again after its own pause, and is a dead letter past its deadline.
        """
        attempts, settling = job.attempts + 1, self.settling
        if settling.is_overdue(job, attempts, now):
            tx.jobs.bury(job.id, now, reason_of(error))
        else:
            own = settling.patience.pause(attempts, jitter=settling.jitter())
            tx.jobs.postpone(job.id, now + own, reason_of(error), lone=True)

    async def run(self, errand: Errand) -> None:
        """Send *errand* and commit what became of it."""
        job, packet = errand.job, errand.packet
        ids = {"delivery": packet.id, "document": packet.document, "what": packet.event}
        with span("delivery", lane=job.lane, job=job.id, **ids):
            about(outcome=await self._run(errand))

    async def _run(self, errand: Errand) -> str:
        became = "handed-over"
        try:
            handover = await self._send(errand)
        except Refused as error:
            became = "refused"
            outcome = partial(self.settling.refused, errand=errand, error=error)
        except Exception as error:
            became = "later"
            if not isinstance(error, GatewayError | OSError | TimeoutError):
                log.exception("an adapter failed", lane=errand.job.lane, job=errand.job.id)
            outcome = partial(self.settling.later, errand=errand, error=error)
        else:
            outcome = partial(self.settling.done, errand=errand, handover=handover)
        await asyncio.shield(self.store.write(outcome, rests_on=_resting(errand)))
        log.info(
            "delivery tried",
            lane=errand.job.lane,
            job=errand.job.id,
            delivery=errand.packet.id,
            document=errand.packet.document,
            what=errand.packet.event,
            outcome=became,
        )
        return became

    async def _send(self, errand: Errand) -> Handover:
        sender = self.senders.get(errand.job.lane)
        if sender is None:
            raise Unavailable(f"{errand.job.lane}: chưa được cấu hình / is not configured")
        try:
            async with asyncio.timeout(self._allowed_s(errand)):
                return await sender.send(errand.packet)
        except TimeoutError:
            raise Unavailable("không trả lời kịp thời / no answer in time") from None

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
        part = Part(job=job, delivery=_sending(tx, delivery, now))
        parts = (part, *self._beside(tx, job, document, now))
        packet = Packet(
            id=delivery.id,
            event=DOCUMENT,
            document=document.id,
            to=delivery.to,
            also_to=tuple(each.delivery.to for each in parts[1:] if each.delivery is not None),
            media_type="application/xml",
            size=document.size or 0,
            open=self.envelope(document),
            code=document.code,
            sender=document.sender,
            trace=(*hops(tx.vxp.trace(document.id)), self.movement.node),
            priority=job.priority,
        )
        return Errand(job=job, packet=packet, parts=parts)

    def _beside(self, tx: Transaction, job: Job, document: Document, now: datetime) -> list[Part]:
        """Return what goes to the same axis with the same upload: further recipients there."""
        sender = self.senders.get(job.lane)
        if sender is None or not sender.takes_several or job.lone:
            return []
        parts = []
        for each in tx.jobs.beside(job, document.id, _MOST_TOGETHER):
            delivery = tx.deliveries.find(each.item)
            if delivery is None or delivery.recall is Recall.REQUESTED:
                continue
            if delivery.state in {DeliveryState.WAITING, DeliveryState.SENDING}:
                parts.append(Part(job=each, delivery=_sending(tx, delivery, now)))
        return parts

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
        return Errand(job=job, packet=packet, parts=(Part(job=job),))


def _resting(errand: Errand) -> list[str]:
    """Return what the outcome of *errand* rests on: its destination, and what it carried."""
    moved = {each.delivery.document for each in errand.parts if each.delivery is not None}
    return [key_of_lane(errand.job.lane), *map(key_of, sorted(moved))]


def _sending(tx: Transaction, delivery: Delivery, now: datetime) -> Delivery:
    """Let *delivery* be under way; return it as it now is."""
    attempts = delivery.attempts + 1
    return tx.deliveries.save(
        replace(delivery, state=DeliveryState.SENDING, attempts=attempts, updated_at=now)
    )


def _of_receipt(tx: Transaction, job: Job) -> Receipt | None:
    return tx.feed.receipt(job.item)


def _from_memory(content: bytes) -> OpenBytes:
    @contextmanager
    def open_bytes() -> Iterator[Iterator[bytes]]:
        yield iter((content,))

    return open_bytes


def node_caller(code: str) -> Caller:
    """Return the node itself as the one who acts."""
    return Caller(actor="node", agency=code, role=Role.ADMIN)
