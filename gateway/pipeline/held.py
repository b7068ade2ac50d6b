"""Held documents: a person releases them, then they are numbered and sent, or refuses them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.domain import history
from gateway.domain.errors import Conflict, NotFound, Refused
from gateway.domain.exchange import Caller, Document
from gateway.domain.lifecycle import DeliveryState, DocumentState, move_document
from gateway.domain.rules.mechanism import Reference, Statement
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.movement import Change
from gateway.pipeline.tying import tie
from gateway.ports import Clock, Run, Selection, Store, Transaction
from gateway.traces import about, traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    dispatch: Dispatch
    reference: Callable[[], Reference]
    run: Run

    async def listing(self, *, limit: int = 500) -> list[Document]:
        """Return the held documents, newest first."""
        selection = Selection(state=DocumentState.HELD.value, limit=limit)
        return await self.store.read(lambda tx: tx.documents.select(selection))

    @traced("release")
    async def release(self, document: str, caller: Caller, *, note: str | None) -> Document:
        """Number *document* and send it; return it as it then is.

        Raises:
            NotFound: there is no such document.
            Conflict: it is not held.
        """
        about(document=document)
        directory = (await self.run(self.reference)).directory

        def unit(tx: Transaction) -> Document:
            held, now = _held(tx, document), self.clock.now()
            change = Change(to=DeliveryState.WAITING, at=now, caller=caller, note=note)
            legal = self.dispatch.movement.legal_sending_time(held.sender, now)
            self.dispatch.movement.record(
                tx, held, history.RELEASED, change, to=None, legal_at=legal
            )
            numbered = self.dispatch.number(tx, held, at=now)
            numbered = tie(tx, self.dispatch.movement, numbered, at=now, caller=caller)
            numbered = tx.documents.save(self.dispatch.flag_late(numbered, now))
            self.dispatch.movement.give_receipt(
                tx,
                numbered,
                owner=numbered.sender,
                event=history.RELEASED,
                to=None,
                note=note,
                at=now,
                legal_at=legal,
            )
            self.dispatch.send(tx, numbered, directory=directory, at=now, caller=caller)
            return tx.documents.find(document) or numbered

        return await self.store.write(unit)

    @traced("refuse")
    async def refuse(self, document: str, reason: str, caller: Caller) -> Document:
        """Refuse *document* and tell its sender why; it never takes a number.

        Raises:
            NotFound: there is no such document.
            Conflict: it is not held.
            Refused: no reason is given.
        """
        about(document=document)
        if not reason.strip():
            raise Refused(
                "a refusal needs its reason", findings=[_REASON_MISSING.finding("/reason")]
            )

        def unit(tx: Transaction) -> Document:
            held, now = _held(tx, document), self.clock.now()
            change = Change(to=DeliveryState.REFUSED, at=now, caller=caller, note=reason)
            movement = self.dispatch.movement
            legal = movement.legal_sending_time(held.sender, now)
            state = move_document(held.state, DocumentState.REFUSED)
            tx.documents.save(replace(held, state=state))
            for delivery in held.deliveries:
                cancelled = replace(delivery, state=DeliveryState.CANCELLED, updated_at=now)
                tx.deliveries.save(cancelled)
            movement.record(tx, held, DocumentState.REFUSED.value, change, to=None, legal_at=legal)
            movement.give_receipt(
                tx,
                held,
                owner=held.sender,
                event=DocumentState.REFUSED.value,
                to=None,
                note=reason,
                at=now,
                legal_at=legal,
            )
            return tx.documents.find(document) or held

        return await self.store.write(unit)


_REASON_MISSING = Statement(
    code="held-reason",
    vi="Từ chối văn bản đang chờ xem xét phải nêu lý do.",
    en="Refusing a held document needs a reason.",
    remedy="Ghi lý do từ chối; đơn vị gửi sẽ đọc được lý do này.",
    remedy_en="Give the reason; the sender will read it.",
    source="QĐ 28/2018/QĐ-TTg art. 8.2",
)


def _held(tx: Transaction, document: str) -> Document:
    found = tx.documents.find(document)
    if found is None:
        raise NotFound(f"there is no document {document}")
    if found.state is not DocumentState.HELD:
        raise Conflict(f"the document is not held, it is {found.state}")
    return found
