"""The VXP lists: what waits for a system, what it sent, and how each hand-over stands.

An item stays in the list of its receiver until the receiver settles it (`done` or `fail`), however
often it is fetched. To fetch is to have: the document has arrived, unless the system is a node,
which reports the arrival itself once its own office has the document. Transport states move
nothing but the list.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from gateway.domain.document import StatusMessage
from gateway.domain.errors import IllegalMove, NotFound
from gateway.domain.exchange import Caller, Delivery, Document
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall, has_arrived
from gateway.domain.retention import is_removed
from gateway.domain.wire import (
    SETTLED,
    System,
    TransportState,
    WireStatus,
    hops,
    sender_id,
    span_of,
)
from gateway.pipeline.movement import WIRE_STATUS, Change, Movement, recalled
from gateway.pipeline.resting import NOTHING, key_of
from gateway.pipeline.status_message import status_of
from gateway.ports import Clock, Store, Transaction

#: Rows of one list; what is settled leaves it, so that the next poll shows the rest.
MOST_ROWS = 1000

OpenBytes = Callable[[], AbstractContextManager[Iterator[bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An item in the list of a receiver; codes as they were registered, and as listed."""

    id: str
    sender: str
    sender_code: str
    to: str
    to_code: str
    created_at: datetime
    updated_at: datetime
    state: TransportState
    note: str | None
    code: str | None = None  #: document code, of documents
    trace: tuple[str, ...] = ()
    sha256: str | None = None  #: of a document: one for several receivers is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One receiver of something that a system sent."""

    sender_id: str
    receiver_id: str
    sender: str
    to: str
    title: str = ""
    notation: str = ""
    sent_at: datetime
    received_at: datetime | None = None
    send_state: str
    send_note: str
    receive_state: TransportState
    receive_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of one item."""

    open: OpenBytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VxpBox:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    envelope: Callable[[Document], OpenBytes]
    compose_status: Callable[[StatusMessage], bytes]
    seal: Callable[[], Awaitable[None]]  #: signs what waits to be signed

    async def documents(self, system: System) -> list[Waiting]:
        """Return the documents that wait for *system*, urgent first, then oldest."""

        def query(tx: Transaction) -> list[Waiting]:
            ids = [each for code in system.codes for each in tx.vxp.received(code, MOST_ROWS)][
                :MOST_ROWS
            ]
            return [row for id_ in ids for row in self._waiting(tx, id_, system)]

        return await self.store.read(query)

    async def statuses(self, system: System) -> list[Waiting]:
        """Return the status messages that wait for *system*, oldest first."""

        def query(tx: Transaction) -> list[Waiting]:
            found = [each for code in system.codes for each in tx.vxp.statuses(code, MOST_ROWS)][
                :MOST_ROWS
            ]
            return [_status_row(each, system) for each in found]

        return await self.store.read(query)

    async def fetch(self, item: str, system: System, caller: Caller, *, is_node: bool) -> Content:
        """Return the bytes of *item*; raise NotFound when it is not for *system*."""
        delivery, status = await self.store.read(lambda tx: self._find(tx, item, system))
        if status is not None:
            return await self._status_content(status)
        document = await self.store.write(
            lambda tx: self._fetched(tx, delivery, caller, is_node=is_node),
            rests_on=_resting(delivery),
        )
        if document is None:
            raise recalled()
        if document.removal is not None:
            raise is_removed(document.removal)
        return Content(open=self.envelope(document), size=document.size or 0)

    async def settle(
        self,
        item: str,
        state: TransportState,
        note: str | None,
        *,
        system: System,
        caller: Caller,
        is_node: bool,
    ) -> None:
        """Set the transport state of *item*; raise NotFound when it is not for *system*."""
        now = self.clock.now()

        def unit(tx: Transaction) -> None:
            delivery, status = self._find(tx, item, system)
            if status is not None:
                tx.vxp.put_status(status.id, state, note, now)
            if delivery is None:
                return
            known = tx.vxp.transport(delivery.id)
            if known is not None and known[0] in SETTLED and state not in SETTLED:
                return  # a late `processing` brings nothing back into the list
            if state is TransportState.DONE:
                self._had(tx, delivery, caller, is_node=is_node)
            tx.vxp.put_transport(delivery.id, delivery.agency, state, note, now)

        seen, _ = await self.store.read(lambda tx: self._find(tx, item, system))
        await self.store.write(unit, rests_on=_resting(seen))

    async def sent_documents(self, system: System, only: str | None) -> list[Sent]:
        """Return a row for each receiver of what *system* sent, newest first, or of one item."""

        def query(tx: Transaction) -> list[Sent]:
            if only is not None:
                span = span_of(only)
                found = None if span is None else tx.vxp.document_between(*span)
                ids = [] if found is None else [found]
            else:
                ids = [each for code in system.codes for each in tx.vxp.sent(code, MOST_ROWS)]
            documents = [
                each for each in tx.documents.find_many(ids) if each.sender in system.codes
            ]
            documents.sort(key=lambda each: -each.position)
            rows = (row for each in documents for row in _sent_rows(tx, each, system))
            return [row for row, _ in zip(rows, range(MOST_ROWS), strict=False)]

        return await self.store.read(query)

    async def sent_statuses(self, system: System, only: str | None) -> list[Sent]:
        """Return the status messages that *system* sent, newest first, or one of them."""

        def query(tx: Transaction) -> list[Sent]:
            found = [
                each for code in system.codes for each in tx.vxp.statuses_sent(code, MOST_ROWS)
            ]
            return [
                _sent_status(each, system)
                for each in found
                if only is None or _sender_id(each) == only.lower()
            ][:MOST_ROWS]

        return await self.store.read(query)

    def _find(
        self, tx: Transaction, item: str, system: System
    ) -> tuple[Delivery | None, WireStatus | None]:
        """Return the delivery or the status message *item* of *system*."""
        delivery = tx.deliveries.find(item)
        if delivery is not None and delivery.agency in system.codes:
            document = tx.documents.find(delivery.document)
            if document is not None and document.was_sent:
                return delivery, None
        status = tx.vxp.status(item)
        if status is not None and status.owner in system.codes:
            return None, status
        raise NotFound(
            f"Không có {item[:60]} gửi cho hệ thống này / there is no such item for this system"
        )

    def _fetched(
        self, tx: Transaction, delivery: Delivery | None, caller: Caller, *, is_node: bool
    ) -> Document | None:
        """Note that *delivery* is fetched; None when its sender took it back before."""
        current = None if delivery is None else tx.deliveries.find(delivery.id)
        document = None if current is None else tx.documents.find(current.document)
        if current is None or document is None or current.state is DeliveryState.RECALLED:
            return None
        if current.recall is Recall.REQUESTED and not _was_had(current):
            change = Change(
                to=DeliveryState.RECALLED,
                at=self.clock.now(),
                caller=replace(caller, agency=current.agency),
            )
            self.movement.advance(tx, document, current, change)
            return None
        self._had(tx, current, caller, is_node=is_node)
        tx.vxp.keep(current.id, current.agency, self.clock.now())
        return document

    def _had(self, tx: Transaction, delivery: Delivery, caller: Caller, *, is_node: bool) -> None:
        """Note that the receiver has the document: it arrived, or a node took it over."""
        to = DeliveryState.HANDED_OVER if is_node else DeliveryState.ARRIVED
        if delivery.state is to or has_arrived(delivery.state):
            return
        document = tx.documents.find(delivery.document)
        if document is None:
            return
        change = Change(to=to, at=self.clock.now(), caller=replace(caller, agency=delivery.agency))
        try:
            self.movement.advance(tx, document, delivery, change)
        except IllegalMove:
            return  # it was recalled or dropped meanwhile; the transport state says the rest

    async def _status_content(self, status: WireStatus) -> Content:
        body = status.body
        if body is None:
            await self.seal()
            message = await self.store.read(lambda tx: self._composed(tx, status))
            body = self.compose_status(message)
        return Content(open=_from_memory(body), size=len(body))

    def _composed(self, tx: Transaction, status: WireStatus) -> StatusMessage:
        document = tx.documents.find(status.document or "")
        receipt = tx.feed.receipt(status.receipt or "")
        if document is None or receipt is None or receipt.event not in WIRE_STATUS:
            raise NotFound("there is no such status any more")
        return status_of(tx, document, receipt)

    def _waiting(self, tx: Transaction, delivery: str, system: System) -> Iterable[Waiting]:
        found = tx.deliveries.find(delivery)
        document = None if found is None else tx.documents.find(found.document)
        if found is None or document is None:
            return
        touched = tx.vxp.transport(delivery)
        state, note, at = touched or (TransportState.INBOX, None, found.updated_at)
        yield Waiting(
            id=found.id,
            sender=_written(tx, document.sender),
            sender_code=document.sender,
            to=system.codes[found.agency].written,
            to_code=found.agency,
            created_at=document.sent_at or document.submitted_at,
            updated_at=at,
            state=state,
            note=note,
            code=document.code,
            trace=(*hops(tx.vxp.trace(document.id)), self.movement.node),
            sha256=document.sha256,
        )


def _resting(delivery: Delivery | None) -> Collection[str]:
    """Return what is done about *delivery* rests on; a status message is a row of its own."""
    return NOTHING if delivery is None else (key_of(delivery.document),)


def _was_had(delivery: Delivery) -> bool:
    """Whether its receiver, or the node on the way to it, has the document."""
    return delivery.state is DeliveryState.HANDED_OVER or has_arrived(delivery.state)


def _written(tx: Transaction, code: str) -> str:
    """Return *code* as its holder registered it."""
    holders = tx.vxp.holders(code)
    registered = [each for each in holders if each.registered and not each.deleted]
    return next((each.written for each in registered or holders), code)


def _status_row(status: WireStatus, system: System) -> Waiting:
    return Waiting(
        id=status.id,
        sender=status.written,
        sender_code=status.sender,
        to=system.codes[status.owner].written,
        to_code=status.owner,
        created_at=status.created_at,
        updated_at=status.updated_at,
        state=status.state,
        note=status.note,
    )


def _sent_rows(tx: Transaction, document: Document, system: System) -> Iterator[Sent]:
    state, note = _sending(document)
    metadata = document.metadata
    for delivery in document.deliveries:
        touched = tx.vxp.transport(delivery.id)
        received, description = (
            touched[:2] if touched is not None else (_transport_of(delivery.state), delivery.note)
        )
        yield Sent(
            sender_id=sender_id(document.id),
            receiver_id=delivery.id,
            sender=system.codes[document.sender].written,
            to=delivery.to,
            title=metadata.subject,
            notation=f"{metadata.number or ''}/{metadata.notation}",
            sent_at=document.sent_at or document.submitted_at,
            received_at=delivery.received_at,
            send_state="fail" if delivery.state is DeliveryState.FAILED else state,
            send_note=note,
            receive_state=received,
            receive_note=description,
        )


def _sending(document: Document) -> tuple[str, str]:
    """Return `sendStatus` and its words; a held document says so."""
    if document.state is DocumentState.HELD:
        return "held", "Đang chờ xem xét"
    if document.state is DocumentState.REFUSED:
        return "fail", "Bị từ chối sau khi xem xét"
    return "done", "Đã gửi đi thành công"


def _transport_of(state: DeliveryState) -> TransportState:
    """Return the transport state of a delivery that went another way than through this door."""
    return TransportState.DONE if has_arrived(state) else TransportState.INBOX


def _sent_status(status: WireStatus, system: System) -> Sent:
    return Sent(
        sender_id=_sender_id(status),
        receiver_id=status.id,
        sender=system.codes[status.sender].written,
        to=status.owner,
        sent_at=status.created_at,
        send_state="done",
        send_note="Đã gửi đi thành công",
        receive_state=status.state,
        receive_note=status.note,
    )


def status_sender_id(body: bytes) -> str:
    """Return the id by which the protocol tells a sender its status message."""
    return sha256(body).hexdigest()[:24]


def _sender_id(status: WireStatus) -> str:
    return sender_id(status.id) if status.body is None else status_sender_id(status.body)


def _from_memory(body: bytes) -> OpenBytes:
    @contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        yield iter((body,))

    return opened
