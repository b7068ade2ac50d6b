"""Drafting: what intake would say of the data of a document while it is still being written."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gateway.domain.exchange import Caller
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Reference
from gateway.pipeline.examination import Examination
from gateway.pipeline.reception import NOTHING
from gateway.pipeline.submission import Channel, Submission
from gateway.ports import Clock, ReadMetadata, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """The room; equipped once by the wiring. It stores nothing and records nothing."""

    clock: Clock
    reference: Callable[[], Reference]
    examination: Examination
    read_metadata: ReadMetadata
    run: Run

    async def look(self, raw: bytes, caller: Caller) -> tuple[Finding, ...]:
        """Return every finding of intake about the data *raw* (JSON); its files are not there."""
        return await self.run(partial(self._look, raw, caller))

    def _look(self, raw: bytes, caller: Caller) -> tuple[Finding, ...]:
        metadata, findings = self.read_metadata(raw)
        now = self.clock.now()
        draft = Submission(
            channel=Channel(origin=caller.actor, caller=caller),
            id="draft",
            submitted_at=now,
            started_at=now,
            digest="",
            sender=caller.agency,
            metadata=metadata or NOTHING,
            files=(),
            keys=(),
            findings=findings,
        )
        return self.examination(draft, self.reference()).findings
