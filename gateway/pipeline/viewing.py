"""Viewing: who looked at which document and took which file (NĐ 30/2020 Annex VI III.5a, III.6l)."""

from dataclasses import dataclass

from gateway.domain.exchange import AuditEntry, Caller
from gateway.pipeline.resting import NOTHING
from gateway.ports import Clock, Store

VIEWED, DOWNLOADED = "viewed", "downloaded"
#: A program took content; people's downloads are counted, those of programs are not.
TAKEN = "content-taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """The room; equipped once by the wiring. It records, and decides nothing."""

    store: Store
    clock: Clock

    async def viewed(self, document: str, caller: Caller) -> None:
        """Record that a person opened *document*."""
        await self._note(VIEWED, document, caller, {"agency": caller.agency})

    async def downloaded(self, document: str, n: int, caller: Caller) -> None:
        """Record that a person took the *n*-th file of *document*."""
        await self._note(DOWNLOADED, document, caller, {"agency": caller.agency, "n": n})

    async def taken(self, document: str, part: str, caller: Caller) -> None:
        """Record that a program took *part* of *document*: its message, or the n-th file."""
        await self._note(TAKEN, document, caller, {"agency": caller.agency, "part": part})

    async def _note(
        self, action: str, document: str, caller: Caller, data: dict[str, object]
    ) -> None:
        entry = AuditEntry(
            at=self.clock.now(),
            actor=caller.actor,
            address=caller.address,
            action=action,
            about=document,
            data=data,
        )
        await self.store.write(lambda tx: tx.audit.append(entry), rests_on=NOTHING)
