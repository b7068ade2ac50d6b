"""Erasing: what the node still holds of an incoming document that was recalled is removed.

The commit that recalls the last delivery lets go of message and files and notes their names; here
they are overwritten and removed, and only then forgotten, so that a crash between leaves nothing.
The outgoing document of an office of ours stays, frozen, and so do the record of the recall and
the arrival numbers. Source: NĐ 30/2020/NĐ-CP Annex VI Part I III.8; QĐ 28/2018/QĐ-TTg art. 9.2.
"""

from dataclasses import dataclass
from functools import partial

import structlog

from gateway.ports import Blobs, Run, Store, Transaction

log = structlog.get_logger()

_AT_ONCE = 100


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
            await self.store.write(partial(_forget, keys=keys))
            removed += len(keys)
        if removed:
            log.info("recalled content removed", files=removed)


def _forget(tx: Transaction, *, keys: list[str]) -> None:
    tx.documents.erased(keys)
