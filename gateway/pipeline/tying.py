"""Tying: what a later message does to the documents that it speaks of, in the commit that sends it.

An update and a replacement are linked with the earlier document both ways; recipients that an
update leaves out are asked for the document, as by a recall. A recall message (business type 1)
travels to its recipients like any document, byte for byte, and asks them for the document.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.domain import history
from gateway.domain.document import BusinessKind
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.lifecycle import DeliveryState
from gateway.pipeline.asking_back import Asking, ask_back, is_open
from gateway.pipeline.movement import Change, Movement
from gateway.ports import Transaction

_EVENTS = {BusinessKind.UPDATE: history.UPDATED, BusinessKind.REPLACE: history.REPLACED}


def tie(
    tx: Transaction, movement: Movement, document: Document, *, at: datetime, caller: Caller
) -> Document:
    """Tie *document* to the earlier ones; return it tied.

    Raises:
        Conflict: one of our offices recalls what is final everywhere.
    """
    business = document.metadata.business
    if business.kind is BusinessKind.NEW:
        return document
    if business.kind is BusinessKind.RECALL:
        recall(tx, movement, document, [each.agency for each in document.deliveries], at=at)
        return document
    change = Change(to=DeliveryState.WAITING, at=at, caller=caller)
    earlier = _link(tx, movement, document, change)
    if earlier and business.removed:
        reason = replace(change, note=business.reason)
        asking = Asking(change=reason, of=business.removed, answers=not document.local)
        ask_back(tx, movement, earlier[0], asking)
    return replace(document, replaces=earlier[0].code or earlier[0].id) if earlier else document


def recall(
    tx: Transaction,
    movement: Movement,
    document: Document,
    recipients: Collection[str],
    *,
    at: datetime,
) -> None:
    """Ask *recipients* for what the recall message *document* speaks of.

    Raises:
        Conflict: one of our offices recalls what is final everywhere.
    """
    found = recalled_by(tx, document)
    if found and document.local and not any(is_open(each, recipients) for each in found):
        raise nothing_to_recall()
    sender = Caller(actor=document.origin, agency=document.sender, role=Role.OFFICE)
    change = Change(
        to=DeliveryState.RECALLED, at=at, caller=sender, note=document.metadata.business.reason
    )
    for each in found:
        asking = Asking(change=change, of=recipients, answers=True, travels=False)
        ask_back(tx, movement, each, asking)
    of = document.metadata.business.of
    if document.local or of is None:
        return
    for recipient in set(recipients) - {each.agency for one in found for each in one.deliveries}:
        tx.documents.recall_early(document.sender, of, recipient, change.note, at)


def obey_early(tx: Transaction, movement: Movement, document: Document, *, at: datetime) -> bool:
    """Obey recalls that came before *document*, from elsewhere; return whether there were any.

    Each is obeyed once. That of a recipient to whom the document has yet to come waits on.
    """
    if document.local or document.document_id is None or document.business is BusinessKind.RECALL:
        return False
    reached = {each.agency for each in document.deliveries}
    early = [
        each
        for each in tx.documents.recalled_early(document.sender, document.document_id)
        if each[0] in reached
    ]
    sender = Caller(actor=document.origin, agency=document.sender, role=Role.OFFICE)
    for recipient, note in early:
        change = Change(to=DeliveryState.RECALLED, at=at, caller=sender, note=note)
        current = tx.documents.find(document.id) or document
        ask_back(tx, movement, current, Asking(change=change, of={recipient}, answers=True))
        tx.documents.recalled_at_last(document.sender, document.document_id, recipient)
    return bool(early)


def recalled_by(tx: Transaction, document: Document) -> list[Document]:
    """Return the documents that a recall message speaks of: a document and its updates.

    Some recalls name it as what they answer (ResponseFor) and bear an identifier of their own.
    """
    named = (document.metadata.business.of, document.metadata.reply_to)
    found = (standing(tx, document.sender, each) for each in named if each is not None)
    standing_ones = (
        [each for each in some if each.business is not BusinessKind.RECALL and each.was_sent]
        for some in found
    )
    return next(filter(None, standing_ones), [])


def standing(tx: Transaction, sender: str, named: str) -> list[Document]:
    """Return what *sender* sent under the code or the identifier *named*, newest first."""
    by_code = tx.documents.by_code(named)
    found = tx.documents.identified(sender, named)
    if by_code is not None and by_code.sender == sender:
        found = [by_code, *(each for each in found if each.id != by_code.id)]
    return found


def nothing_to_recall() -> Conflict:
    """Return the error of a recall that comes too late for everybody."""
    return Conflict("every delivery is final: nothing can be recalled", code="recall-late")


def _link(
    tx: Transaction, movement: Movement, document: Document, change: Change
) -> list[Document]:
    """Note at the earlier documents what followed them; return them, the first one first."""
    business = document.metadata.business
    legal = movement.legal_sending_time(document.sender, change.at)
    linked: list[Document] = []
    for of in dict.fromkeys((business.of, *business.also)):
        earlier = None if of is None else earlier_document(tx, document.sender, of)
        if earlier is None or earlier.id in {each.id for each in linked}:
            continue
        event = _EVENTS[business.kind]
        movement.record(tx, earlier, event, change, to=None, legal_at=legal, new=document.code)
        successor = document.code or document.id
        linked.append(tx.documents.save(replace(earlier, replaced_by=successor)))
    return linked


def earlier_document(tx: Transaction, sender: str, of: str) -> Document | None:
    """Return the document of *sender* that a later one names *of*, by code or identifier."""
    earlier = tx.documents.by_code(of) or tx.documents.by_identifier(sender, of)
    return earlier if earlier is not None and earlier.sender == sender else None
