"""Kinship: which earlier documents a document changes, and which later ones change it.

Clerks read it on both: what is new says what it updates, replaces or recalls, and what is old says
what followed it. A document that is not for the caller is named, never shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.domain import history
from gateway.domain.document import BusinessKind
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Caller, Document
from gateway.pipeline.lookup import visible
from gateway.pipeline.tying import earlier_document, recalled_by
from gateway.ports import Store, Transaction

_KINDS = {history.UPDATED: BusinessKind.UPDATE, history.REPLACED: BusinessKind.REPLACE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another document, and what ties it."""

    kind: BusinessKind  #: what the later of the two does to the earlier one
    named: str  #: code or identifier by which the tie names it
    reason: str | None
    document: Document | None  #: None: it is not here, or not for the caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """The relatives of one document."""

    earlier: tuple[Relative, ...] = ()  #: what it updates, replaces or recalls
    later: tuple[Relative, ...] = ()  #: what updates or replaces it, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """The room; equipped once by the wiring."""

    store: Store

    async def of(self, documents: Sequence[Document], caller: Caller) -> dict[str, Kin]:
        """Return the relatives of each of *documents*, which *caller* may see, by their ids."""
        tied = [
            each
            for each in documents
            if each.business is not BusinessKind.NEW or each.replaced_by is not None
        ]
        found = await self.store.read(partial(_kin, documents=tied, caller=caller)) if tied else {}
        return {each.id: found.get(each.id, Kin()) for each in documents}


def _kin(tx: Transaction, *, documents: Iterable[Document], caller: Caller) -> dict[str, Kin]:
    return {
        each.id: Kin(
            earlier=tuple(_earlier(tx, each, caller)), later=tuple(_later(tx, each, caller))
        )
        for each in documents
    }


def _earlier(tx: Transaction, document: Document, caller: Caller) -> Iterator[Relative]:
    """Yield what *document* changes, as it names it."""
    business = document.metadata.business
    if business.kind is BusinessKind.NEW:
        return
    for named in dict.fromkeys(filter(None, (business.of, *business.also))):
        if business.kind is BusinessKind.RECALL:
            found = next(iter(recalled_by(tx, document)), None)
        else:
            found = earlier_document(tx, document.sender, named)
        yield Relative(
            kind=business.kind,
            named=named,
            reason=business.reason,
            document=_for(tx, found, caller),
        )


def _later(tx: Transaction, document: Document, caller: Caller) -> Iterator[Relative]:
    """Yield what changed *document*; what only the history knows of is named by its code."""
    if document.replaced_by is None:
        return
    named = document.code or document.id
    found = {each.id: each for each in tx.documents.following(document.sender, named)}
    last = tx.documents.by_code(document.replaced_by) or tx.documents.find(document.replaced_by)
    if last is not None:
        found[last.id] = last
    for each in sorted(found.values(), key=lambda one: one.position):
        business = each.metadata.business
        yield Relative(
            kind=business.kind,
            named=each.code or each.document_id or "",
            reason=business.reason,
            document=_for(tx, each, caller),
        )
    if last is None:
        yield Relative(
            kind=_told(tx, document), named=document.replaced_by, reason=None, document=None
        )


def _told(tx: Transaction, document: Document) -> BusinessKind:
    """Return what the history of *document* says that was done to it last."""
    events = (each for each in reversed(tx.audit.history(document.id)) if each.to is None)
    kinds = (_KINDS.get(each.event) for each in events)
    return next(filter(None, kinds), BusinessKind.REPLACE)


def _for(tx: Transaction, document: Document | None, caller: Caller) -> Document | None:
    """Return *document* where *caller* may see it."""
    if document is None:
        return None
    try:
        return visible(tx, document.id, caller)
    except NotFound:
        return None
