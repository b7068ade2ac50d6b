"""Journey: one document followed across nodes, by what this node knows of its way."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.codes import code_meant
from gateway.domain.errors import Forbidden, NotFound
from gateway.domain.exchange import Caller, Document, HistoryEvent, Role
from gateway.ports import Store, Transaction

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A document, the nodes that it passed before this one, and all that happened to it."""

    document: Document
    hops: tuple[str, ...]  #: codes of nodes, oldest first, without this one
    history: tuple[HistoryEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The room; equipped once by the wiring. Data only, never content."""

    store: Store
    node: str

    async def of(self, document: str, caller: Caller) -> Way:
        """Return the way of a document by our id or by its code, however it is typed.

        Raises:
            Forbidden: the caller does not oversee.
            NotFound: there is no such document.
        """
        if caller.role not in {Role.ADMIN, Role.AUDITOR}:
            raise Forbidden("documents of all agencies are shown to auditors and administrators")
        wanted = document.strip()[:_LONGEST]

        def query(tx: Transaction) -> Way | None:
            documents, code = tx.documents, code_meant(wanted)
            found = documents.find(wanted) or documents.by_code(wanted) or documents.by_code(code)
            if found is None:
                return None
            return Way(
                document=found,
                hops=tuple(_hops(tx.vxp.trace(found.id), self.node)),
                history=tuple(tx.audit.history(found.id)),
            )

        way = await self.store.read(query)
        if way is None:
            raise NotFound(f"there is no document {wanted}")
        return way


def _hops(trace: str, node: str) -> Sequence[str]:
    passed = [each.strip() for each in trace.split(";")]
    return [each for each in passed if each and each != node]
