"""Erasing: the content of a document is removed, because it was recalled or its period is over.

One commit lets go of message and files, notes their names, and records what was removed, by which
rule and whose decision; then the files are overwritten and removed, and only then their names
forgotten, so that a crash between leaves nothing. Data, receipts, records and arrival numbers stay,
and so does the outgoing document of an office of ours that was recalled, frozen.
Source: NĐ 30/2020/NĐ-CP Annex VI Part I III.8; QĐ 28/2018/QĐ-TTg art. 9.2.
"""

from dataclasses import dataclass
from functools import partial

import structlog

from gateway.domain.exchange import AuditEntry, Document, Removal
from gateway.domain.retention import digests
from gateway.pipeline.resting import NOTHING
from gateway.ports import Blobs, Run, Store, Transaction

log = structlog.get_logger()

_AT_ONCE = 100
#: What a removal is called in the record.
CONTENT_REMOVED = "content-removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """The room; equipped once by the wiring."""

    store: Store
    blobs: Blobs
    run: Run

    async def erase(self) -> None:
        """Remove the files that no document has any more."""
        removed = 0
        while keys := await self.store.read(lambda tx: tx.documents.to_erase(_AT_ONCE)):
            await self.run(partial(self.blobs.wipe, tuple(keys)))
            await self.store.write(partial(_forget, keys=keys), rests_on=NOTHING)
            removed += len(keys)
        if removed:
            log.info("content removed", files=removed)


def _forget(tx: Transaction, *, keys: list[str]) -> None:
    tx.documents.erased(keys)


def remove_content(
    tx: Transaction,
    document: Document,
    removal: Removal,
    *,
    actor: str,
    address: str | None = None,
) -> None:
    """Let go of the content of *document*, and record it with the digests of what it was."""
    tx.documents.forget_content(document.id, removal)
    data: dict[str, object] = {
        "code": document.code,
        "from": document.sender,
        "type": document.metadata.type,
        "state": document.state.value,
        "rule": removal.rule,
        "decision": removal.decision,
        "package": None
        if removal.package is None
        else {"file": removal.package, "sha256": removal.package_sha256},
        "removed": digests(document),
    }
    entry = AuditEntry(
        at=removal.at,
        actor=actor,
        address=address,
        action=CONTENT_REMOVED,
        about=document.id,
        data=data,
    )
    tx.audit.append(entry)
