"""Kinship: which earlier documents a document changes or answers, and which later ones change it.

Clerks read it on both: what is new says what it updates, replaces, recalls or answers, and what is
old says what followed it. A document that is not for the caller is named, never shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from gateway.domain import history
from gateway.domain.document import BusinessKind
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Caller, Document
from gateway.pipeline.lookup import visible
from gateway.pipeline.tying import earlier_document, recalled_by
from gateway.ports import Store, Transaction


class Tie(StrEnum):
    """What the later of two documents does to the earlier one."""

    UPDATE = "update"
    REPLACE = "replace"
    RECALL = "recall"
    REPLY = "reply"


_TIES = {history.UPDATED: Tie.UPDATE, history.REPLACED: Tie.REPLACE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another document, and what ties it."""

    tie: Tie
    named: str  #: code or identifier by which the tie names it
    reason: str | None
    document: Document | None  #: None: it is not here, or not for the caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """The relatives of one document."""

    earlier: tuple[Relative, ...] = ()  #: what it updates, replaces, recalls or answers
    later: tuple[Relative, ...] = ()  #: what updates or replaces it, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """The room; equipped once by the wiring."""

    store: Store

    async def of(self, documents: Sequence[Document], caller: Caller) -> dict[str, Kin]:
        """Return the relatives of each of *documents*, which *caller* may see, by their ids."""
        tied = [each for each in documents if _is_tied(each)]
        found = await self.store.read(partial(_kin, documents=tied, caller=caller)) if tied else {}
        return {each.id: found.get(each.id, Kin()) for each in documents}


def _is_tied(document: Document) -> bool:
    changes = document.business is not BusinessKind.NEW
    return changes or document.replaced_by is not None or bool(document.metadata.reply_to)


def _kin(tx: Transaction, *, documents: Iterable[Document], caller: Caller) -> dict[str, Kin]:
    return {
        each.id: Kin(
            earlier=tuple(_earlier(tx, each, caller)), later=tuple(_later(tx, each, caller))
        )
        for each in documents
    }


def _earlier(tx: Transaction, document: Document, caller: Caller) -> Iterator[Relative]:
    """Yield what *document* changes, as it names it, and then what it answers."""
    business, answered = document.metadata.business, document.metadata.reply_to
    if business.kind is not BusinessKind.NEW:
        for named in dict.fromkeys(filter(None, (business.of, *business.also))):
            found = _changed(tx, document, named)
            yield Relative(
                tie=Tie(business.kind.value),
                named=named,
                reason=business.reason,
                document=_for(tx, found, caller),
            )
    if answered and business.kind is not BusinessKind.RECALL:
        found = _answered(tx, document, answered)
        yield Relative(
            tie=Tie.REPLY, named=answered, reason=None, document=_for(tx, found, caller)
        )


def _changed(tx: Transaction, document: Document, named: str) -> Document | None:
    if document.business is BusinessKind.RECALL:
        return next(iter(recalled_by(tx, document)), None)
    return earlier_document(tx, document.sender, named)


def _answered(tx: Transaction, document: Document, named: str) -> Document | None:
    """Return the document that *document* answers: by code, or as its first recipient names it."""
    first = next((each.agency for each in document.deliveries), "")
    return tx.documents.by_code(named) or tx.documents.by_identifier(first, named)


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
        business, seen = each.metadata.business, _for(tx, each, caller)
        yield Relative(
            tie=Tie(business.kind.value),
            named=each.code or each.document_id or "",
            reason=None if seen is None else business.reason,
            document=seen,
        )
    if last is None:
        yield Relative(
            tie=_told(tx, document), named=document.replaced_by, reason=None, document=None
        )


def _told(tx: Transaction, document: Document) -> Tie:
    """Return what the history of *document* says that was done to it last."""
    events = (each for each in reversed(tx.audit.history(document.id)) if each.to is None)
    ties = (_TIES.get(each.event) for each in events)
    return next(filter(None, ties), Tie.REPLACE)


def _for(tx: Transaction, document: Document | None, caller: Caller) -> Document | None:
    """Return *document* where *caller* may see it."""
    if document is None:
        return None
    try:
        return visible(tx, document.id, caller)
    except NotFound:
        return None
