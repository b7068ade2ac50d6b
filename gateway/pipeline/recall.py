"""Recall (thu hồi): the sender asks a document back.

What no recipient has yet is taken back at once. A recipient that has it is asked, through its
receipts and events, and answers 15 (agreed) or 16 (refused); what is final stays as it is.
Source: QĐ 28/2018/QĐ-TTg art. 8.2, 9.2; NĐ 30/2020/NĐ-CP art. 18.4b.
"""

from dataclasses import dataclass, replace

from gateway.domain import history
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import Caller, Document
from gateway.domain.lifecycle import DeliveryState, DocumentState, move_document
from gateway.domain.rules.mechanism import Statement
from gateway.pipeline.asking_back import Asking, ask_back, is_open
from gateway.pipeline.movement import Change, Movement
from gateway.pipeline.resting import key_of
from gateway.pipeline.tying import nothing_to_recall
from gateway.ports import Clock, Store, Transaction
from gateway.traces import about, traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalling:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement

    @traced("recall")
    async def recall(self, document: str, reason: str, caller: Caller) -> Document:
        """Ask *document* of the caller's agency back; return it as it then is.

        Raises:
            NotFound: it is no document of this agency.
            Refused: no reason is given.
            Conflict: nothing can be recalled any more.
        """
        about(document=document)
        if not reason.strip():
            raise Refused("a recall needs a reason", findings=[_REASON_MISSING.finding("/reason")])
        change = Change(to=DeliveryState.RECALLED, at=self.clock.now(), caller=caller, note=reason)

        def unit(tx: Transaction) -> Document:
            found = tx.documents.find(document)
            if found is None or found.sender != caller.agency:
                raise NotFound(f"there is no document {document} of {caller.agency}")
            if found.state is DocumentState.HELD:
                self._withdraw(tx, found, change)
            else:
                self._ask(tx, found, change)
            return tx.documents.find(document) or found

        return await self.store.write(unit, rests_on=(key_of(document),))

    def _withdraw(self, tx: Transaction, document: Document, change: Change) -> None:
        """Take back a document that is still held: nobody has seen it."""
        legal = self.movement.legal_sending_time(document.sender, change.at)
        self.movement.record(
            tx, document, history.RECALL_REQUESTED, change, to=None, legal_at=legal
        )
        state = move_document(document.state, DocumentState.RECALLED)
        withdrawn = tx.documents.save(replace(document, state=state))
        for delivery in document.deliveries:
            self.movement.advance(tx, withdrawn, delivery, replace(change, settles=False))

    def _ask(self, tx: Transaction, document: Document, change: Change) -> None:
        if not is_open(document):
            raise nothing_to_recall()
        ask_back(tx, self.movement, document, Asking(change=change))


_REASON_MISSING = Statement(
    code="recall-reason",
    vi="Thu hồi văn bản phải nêu lý do.",
    en="A recall must give its reason.",
    remedy="Ghi lý do thu hồi vào trường reason.",
    remedy_en="Put the reason into `reason`.",
    source="QĐ 28/2018/QĐ-TTg art. 8.2",
)
