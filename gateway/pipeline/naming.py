"""Whom and what the audit trail speaks of, by name.

A record holds ids, because ids last; people read names. Whatever cannot be named any more (a
sequence that was never an account, a document that was refused) keeps its id.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.codes import code_meant
from gateway.domain.exchange import Document
from gateway.domain.text import fold, words_of
from gateway.ports import Selection, Store, Transaction

DOCUMENT, ACCOUNT, CLIENT, AGENCY, OFFICE = "document", "account", "client", "agency", "office"
#: What a record may be of beside these; each is known by its word and what follows the colon.
KINDS = (
    "announcement",
    "audit",
    "axis",
    "backup",
    "calendar",
    "cli",
    "destination",
    "directory",
    "node",
    "nobody",
    "peer",
    "status",
    "submission",
)
OTHER = "other"
#: So many documents with the words of a number are looked at for the number itself.
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One person, program or thing of the trail."""

    kind: str  #: one of those above
    name: str = ""  #: of a person, a program, an agency; the subject of a document
    code: str = ""  #: what it is known by: user name, agency code, document code
    key: str = ""  #: what its page is found by, empty where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The room; equipped once by the wiring."""

    store: Store

    async def of(self, ids: Iterable[str]) -> dict[str, Named]:
        """Return what each of the *ids* of a page stands for."""
        wanted = sorted(set(ids))
        return await self.store.read(lambda tx: _names(tx, wanted))

    async def actor(self, asked: str) -> str:
        """Return the id under which records name whom *asked* means: by name, user name or id."""
        return await self.store.read(lambda tx: _actor(tx, asked))

    async def thing(self, asked: str) -> str:
        """Return the id under which records name what *asked* means: by code, number or id."""
        return await self.store.read(lambda tx: _thing(tx, asked))


def _names(tx: Transaction, ids: list[str]) -> dict[str, Named]:
    plain = [each for each in ids if ":" not in each and each not in KINDS]
    documents = {each.id: each for each in tx.documents.find_many(plain)}
    return {each: _name(tx, each, documents) for each in ids}


def _name(tx: Transaction, id_: str, documents: dict[str, Document]) -> Named:
    kind, _, rest = id_.partition(":")
    if kind == ACCOUNT:
        account = tx.accounts.find(rest)
        known = account is not None
        name = account.name if account is not None else ""
        return Named(kind=ACCOUNT, name=name, code=rest, key=rest if known else "")
    if kind == CLIENT:
        return _program(tx, rest)
    if kind in {AGENCY, OFFICE}:
        agency = tx.directory.find(rest)
        name, key = (agency.name, agency.code) if agency else ("", "")
        return Named(kind=kind, name=name, code=rest, key=key)
    if kind in KINDS:
        return Named(kind=kind, code=rest)
    return _document(tx, id_, documents)


def _program(tx: Transaction, id_: str) -> Named:
    client = tx.clients.find(id_)
    code = id_ if client is None else client.agency
    agency = tx.directory.find(code)
    whose = f"{agency.name} ({agency.code})" if agency else code
    return Named(kind=CLIENT, name="" if client is None else client.name, code=whose)


def _document(tx: Transaction, id_: str, documents: dict[str, Document]) -> Named:
    """Return the document of an id; a job of the queue is known by its delivery."""
    found = documents.get(id_)
    if found is None:
        delivery = tx.deliveries.find(id_)
        found = tx.documents.find(delivery.document) if delivery else None
    if found is None:
        return Named(kind=OTHER, code=id_)
    code = found.code or found.document_id or ""
    return Named(kind=DOCUMENT, name=found.metadata.subject, code=code, key=found.id)


def _actor(tx: Transaction, asked: str) -> str:
    if ":" in asked or asked in KINDS:
        return asked
    if tx.accounts.find(asked.lower()) is not None:
        return f"{ACCOUNT}:{asked.lower()}"
    words = fold(asked).split()
    called = [(each.actor, each.name) for each in tx.accounts.all()]
    called += [(f"{CLIENT}:{each.id}", each.name) for each in tx.clients.all()]
    fitting = [id_ for id_, name in called if all(word in fold(name).split() for word in words)]
    return fitting[0] if len(fitting) == 1 else asked


def _thing(tx: Transaction, asked: str) -> str:
    if ":" in asked or asked in KINDS:
        return asked
    document = tx.documents.by_code(asked) or tx.documents.by_code(code_meant(asked))
    if document is not None:
        return document.id
    agency = tx.directory.find(asked) or tx.directory.find(code_meant(asked))
    if agency is not None:
        return f"{AGENCY}:{agency.code}"
    account = tx.accounts.find(asked.lower())
    return _numbered(tx, asked) if account is None else account.actor


def _numbered(tx: Transaction, asked: str) -> str:
    """Return the id of the one document with a number, or number and notation, else *asked*."""
    words = words_of(asked)
    if not words:
        return asked
    found = tx.documents.select(Selection(words=words, anywhere=True, limit=_LOOKED_AT))
    fitting = [
        each.id
        for each in found
        if (number := each.metadata.number)
        and words in {words_of(number), words_of(f"{number} {each.metadata.notation}")}
    ]
    return fitting[0] if len(fitting) == 1 else asked
