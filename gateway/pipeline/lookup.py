"""Lookup: what the doors show, and who may see it.

An office sees the documents of its own agency and nothing of others: what is not its own is not
there. A recipient sees all recipients but only its own delivery and history, no notes that were
written for others, of the findings only that the sender gave the number before, and nothing of a
document that is held. Administrators and auditors see the
data of all, never content.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.domain import history
from gateway.domain.errors import Forbidden, NotFound, Unavailable
from gateway.domain.exchange import (
    AuditRecord,
    Caller,
    Document,
    HistoryEvent,
    Notice,
    Receipt,
    Role,
)
from gateway.domain.lifecycle import DeliveryState
from gateway.domain.retention import is_removed
from gateway.domain.rules.references import DUPLICATE
from gateway.domain.signatures import Evidence
from gateway.pipeline.movement import delivery_of, recalled
from gateway.ports import Blobs, Run, Selection, Store, Transaction

T = TypeVar("T")

OVERSEERS = frozenset({Role.ADMIN, Role.AUDITOR})
#: Between the sender and the administrators: a recipient knows of a document once it was sent.
_BEFORE_SENDING = frozenset({history.HELD, history.RELEASED})

OpenBytes = Callable[[], AbstractContextManager[Iterator[bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A document as one caller may see it."""

    document: Document
    history: tuple[HistoryEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Documents, newest first, and where the next page begins."""

    items: tuple[Shown, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The room; equipped once by the wiring."""

    store: Store
    blobs: Blobs
    run: Run
    envelope: Callable[[Document], OpenBytes]
    seal: Callable[[], Awaitable[None]]  #: signs what waits to be signed

    async def document(self, document: str, caller: Caller) -> Shown:
        """Return one document as *caller* may see it; raise NotFound when it is not for it."""
        return await self.store.read(lambda tx: shown(tx, visible(tx, document, caller), caller))

    async def present(self, document: Document, caller: Caller) -> Shown:
        """Return *document*, just read or written, as *caller* may see it."""
        return await self.store.read(lambda tx: shown(tx, document, caller))

    async def present_all(self, documents: tuple[Document, ...], caller: Caller) -> list[Shown]:
        """The same for many; for none, as most polls bring, nothing is asked of the database."""
        if not documents:
            return []
        return await self.store.read(lambda tx: [shown(tx, each, caller) for each in documents])

    async def documents(self, selection: Selection, caller: Caller) -> Page:
        """Return a page of documents of the caller's agency, or of all for those who oversee."""
        agency = None if caller.role in OVERSEERS else caller.agency
        wanted = replace(selection, agency=agency, limit=selection.limit + 1)

        def query(tx: Transaction) -> Page:
            found = tx.documents.select(wanted)
            page = found[: selection.limit]
            more = len(found) > len(page)
            return Page(
                items=tuple(shown(tx, each, caller) for each in page),
                next=page[-1].position if more else None,
            )

        return await self.store.read(query)

    async def counts(
        self, caller: Caller, box: str, views: Mapping[str, Sequence[str]], *, most: int
    ) -> dict[str, int]:
        """Return how many documents of the caller's agency each view shows, up to *most*.

        A view shows what has a delivery in one of its states.
        """

        def query(tx: Transaction) -> dict[str, int]:
            return {
                key: tx.deliveries.count(caller.agency, box, states, most)
                for key, states in views.items()
            }

        return await self.store.read(query)

    async def content(self, document: str, caller: Caller) -> Document:
        """Return a document whose content *caller* may have.

        Raises:
            Forbidden: the caller oversees, and sees data only.
            NotFound: it is not for this caller, was recalled, or its content was removed.
        """
        if caller.role in OVERSEERS:
            raise Forbidden("administrators and auditors see the data of documents, not content")
        found = await self.store.read(lambda tx: visible(tx, document, caller))
        if _is_recalled(found, caller):
            raise recalled()
        if found.removal is not None:
            raise is_removed(found.removal)
        return found

    async def evidence(self, document: str, caller: Caller) -> tuple[Document, list[Evidence]]:
        """Return a document, and what its signatures were judged by; data, no content.

        Raises:
            NotFound: it is not for this caller.
        """

        def query(tx: Transaction) -> tuple[Document, list[Evidence]]:
            found = visible(tx, document, caller)
            return found, tx.documents.evidence(found.id)

        return await self.store.read(query)

    def open_envelope(self, document: Document) -> OpenBytes:
        """Return what opens the edXML message of *document*, in a worker thread."""
        return self.envelope(document)

    async def receipts_of(self, document: str, caller: Caller) -> list[Receipt]:
        """Return the receipts of one document that concern *caller*, oldest first."""

        def query(tx: Transaction) -> list[Receipt]:
            found = visible(tx, document, caller)
            return [
                each for each in tx.feed.receipts_of(found.id) if _concerns(each, found, caller)
            ]

        return await self._signed(query, lambda tx: tx.feed.awaits(document=document))

    async def receipts(self, caller: Caller, *, after: int, limit: int) -> list[Receipt]:
        """Return the feed of receipts for the caller's agency after a place, oldest first."""
        owner = None if caller.role in OVERSEERS else caller.agency
        return await self._signed(
            lambda tx: tx.feed.receipts_after(owner, after, limit),
            lambda tx: tx.feed.awaits(owner=owner),
        )

    async def notices(self, caller: Caller, *, after: int, limit: int) -> list[Notice]:
        """Return lines of the event stream for the caller's agency, oldest first."""
        agency = None if caller.role in OVERSEERS else caller.agency
        return await self.store.read(lambda tx: tx.feed.notices_after(agency, after, limit))

    async def receipt(
        self, receipt: str, caller: Caller, *, prove: Callable[[Transaction, Receipt], T]
    ) -> tuple[Receipt, T]:
        """Return one receipt that concerns *caller*, and what proves it.

        Raises:
            NotFound: there is none for this caller.
        """

        def query(tx: Transaction) -> tuple[Receipt, T] | None:
            found = tx.feed.receipt(receipt)
            if found is None:
                return None
            if found.owner != caller.agency:  # it may be the late receipt of one that it succeeded
                document = visible(tx, found.document, caller)
                if not _concerns(found, document, caller):
                    return None
            return found, prove(tx, found)

        found = await self._signed(query, lambda tx: tx.feed.awaits())
        if found is None:
            raise NotFound(f"there is no receipt {receipt}")
        return found

    async def _signed(
        self, query: Callable[[Transaction], T], awaits: Callable[[Transaction], bool]
    ) -> T:
        """Return what *query* finds, once nothing that it asks for *awaits* its signature.

        While nothing can be stored, what was signed before is there all the same.
        """
        found, waiting = await self.store.read(lambda tx: (query(tx), awaits(tx)))
        if not waiting:
            return found
        with suppress(Unavailable):
            await self.seal()
        return await self.store.read(query)

    async def tip(self) -> int:
        """Return the newest place of the event stream."""
        return await self.store.read(lambda tx: tx.feed.tip())

    async def audit(
        self, caller: Caller, *, after: tuple[str, int], limit: int
    ) -> list[AuditRecord]:
        """Return audit records after one; raise Forbidden for an office."""
        if caller.role not in OVERSEERS:
            raise Forbidden("audit records are for auditors and administrators")
        chain, seq = after
        return await self.store.read(lambda tx: tx.audit.after(chain, seq, limit))


def shown(tx: Transaction, document: Document, caller: Caller) -> Shown:
    """Return *document* with its history, cut to what *caller* may see."""
    events = tuple(tx.audit.history(document.id))
    if caller.role in OVERSEERS or document.sender == caller.agency:
        return Shown(document=document, history=events)
    own = tuple(each for each in document.deliveries if each.agency == caller.agency)
    mine = {each.to for each in own}
    files = () if _is_recalled(document, caller) else document.attachments
    said = tuple(each for each in document.findings if each.code == DUPLICATE.code)
    return Shown(
        document=replace(document, deliveries=own, findings=said, attachments=files),
        history=tuple(
            event if event.to in mine else replace(event, note=None)
            for event in events
            if event.to in mine or (event.to is None and event.event not in _BEFORE_SENDING)
        ),
    )


def _is_recalled(document: Document, caller: Caller) -> bool:
    """Whether the sender took the document back from the caller's agency."""
    own = delivery_of(document, caller.agency)
    recalled_here = own is not None and own.state is DeliveryState.RECALLED
    return recalled_here and document.sender != caller.agency


def _concerns(receipt: Receipt, document: Document, caller: Caller) -> bool:
    """Whether *receipt*, of a *document* that *caller* may see, is for it to see, too."""
    if caller.role in OVERSEERS or document.sender == caller.agency:
        return True
    own = delivery_of(document, caller.agency)
    return receipt.owner == caller.agency or (own is not None and receipt.to == own.to)


def visible(tx: Transaction, document: str, caller: Caller) -> Document:
    """Return a document that *caller* may know of; raise NotFound when it is not for it."""
    found = tx.documents.find(document)
    if found is not None:
        if caller.role in OVERSEERS or found.sender == caller.agency:
            return found
        if found.was_sent and delivery_of(found, caller.agency) is not None:
            return found
    raise NotFound(f"there is no document {document}")
