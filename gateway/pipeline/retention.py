"""Retention: content whose period is over goes, by rules; what it was stays on record.

Documents are looked through in the order of storing, without their content. For each batch whose
turn has come, packages are written and verified where the rule says so, off the event loop; then
one commit looks at each document again, lets go of its content and records that with the digests.
Files go afterwards (`erasing.py`). A crash between leaves a package that the next run finds whole
and takes, or files that the next start removes: nothing is lost, and nothing recorded twice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

import structlog

from gateway.domain.errors import GatewayError
from gateway.domain.exchange import AuditRecord, Caller, Document, Receipt, Removal
from gateway.domain.retention import Action, Due, Rule, due, is_over, rule_of
from gateway.domain.signatures import Evidence
from gateway.pipeline.erasing import remove_content
from gateway.pipeline.lookup import Shown
from gateway.ports import Clock, Run, Store, Transaction

log = structlog.get_logger()

#: Documents looked through at a time, without their data.
_LOOK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that belongs to a document and is to be found in its package."""

    due: Due
    shown: Shown
    receipts: tuple[Receipt, ...]
    evidence: tuple[Evidence, ...]
    records: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A package that was written and verified."""

    file: str  #: below the folder of the archive
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did."""

    removed: int = 0
    archived: int = 0  #: of these
    failed: tuple[tuple[str, str], ...] = ()  #: document and reason: its content stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    run: Run
    rules: Sequence[Rule]
    batch: int
    archive: Callable[[Dossier], Packed]  #: writes and verifies a package; blocks
    seal: Callable[[], Awaitable[None]]
    erase: Callable[[], Awaitable[None]]

    async def plan(self, now: datetime) -> AsyncIterator[list[Due]]:
        """Yield what would go at *now*, some documents at a time, oldest first."""
        periods = [each.days for each in self.rules if each.days]
        after, waiting = 0, list[str]()
        before = now - timedelta(days=min(periods, default=0))
        while periods and (page := await self._page(after, before)):
            after = page[-1][0]
            waiting += [
                id_
                for _, id_, state, type_, since in page
                if (rule := rule_of(self.rules, state, type_)) and is_over(since, rule, now)
            ]
            while len(waiting) >= self.batch:
                yield await self._due(waiting[: self.batch], now)
                del waiting[: self.batch]
        if waiting:
            yield await self._due(waiting, now)

    async def carry_out(
        self, caller: Caller, *, now: datetime, progress: Callable[[int], None] = lambda _: None
    ) -> Outcome:
        """Remove what the rules ask for at *now*; what cannot be archived stays, and is told."""
        await self.seal()
        outcome = Outcome()
        async for batch in self.plan(now):
            if batch:
                outcome = _sum(outcome, await self._carry_out(batch, caller))
                progress(outcome.removed)
        await self.erase()
        return outcome

    async def _page(
        self, after: int, before: datetime
    ) -> list[tuple[int, str, str, str, datetime]]:
        return await self.store.read(lambda tx: tx.documents.with_content(after, before, _LOOK))

    async def _due(self, ids: Sequence[str], now: datetime) -> list[Due]:
        found = await self.store.read(lambda tx: tx.documents.find_many(ids))
        return [each for document in found if (each := due(document, self.rules, now))]

    async def _carry_out(self, batch: list[Due], caller: Caller) -> Outcome:
        packages, failed = dict[str, Packed](), list[tuple[str, str]]()
        for each in batch:
            if each.rule.action is Action.ARCHIVE:
                try:
                    packages[each.document.id] = await self._archive(each)
                except GatewayError as error:
                    failed.append((each.document.id, error.message))
                    log.error(  # noqa: TRY400 - the reason is told
                        "content stays: it cannot be archived",
                        document=each.document.id,
                        reason=error.message,
                    )
        kept = {id_ for id_, _ in failed}
        going = [each for each in batch if each.document.id not in kept]
        unit = partial(self._remove, going=going, packages=packages, caller=caller)
        removed = await self.store.write(unit)
        archived = sum(each in packages for each in removed)
        return Outcome(removed=len(removed), archived=archived, failed=tuple(failed))

    async def _archive(self, each: Due) -> Packed:
        dossier = await self.store.read(partial(_dossier, due=each))
        return await self.run(partial(self.archive, dossier))

    def _remove(
        self,
        tx: Transaction,
        *,
        going: list[Due],
        packages: dict[str, Packed],
        caller: Caller,
    ) -> list[str]:
        """Let go of the content of those to which nothing happened since; return their ids."""
        removed = []
        for each in going:
            document = tx.documents.find(each.document.id)
            if document is None or not _is_same(document, each.document):
                continue
            packed = packages.get(document.id)
            removal = Removal(
                at=self.clock.now().astimezone(self.zone),
                rule=each.rule.name,
                decision=each.rule.decision,
                package=None if packed is None else packed.file,
                package_sha256=None if packed is None else packed.sha256,
            )
            remove_content(
                tx,
                document,
                removal,
                actor=caller.actor,
                address=caller.address,
            )
            removed.append(document.id)
        return removed


def _is_same(document: Document, planned: Document) -> bool:
    """Whether *document* is as it was when it was *planned* for."""
    return document.removal is None and document == planned


def _dossier(tx: Transaction, *, due: Due) -> Dossier:
    document = due.document
    return Dossier(
        due=due,
        shown=Shown(document=document, history=tuple(tx.audit.history(document.id))),
        receipts=tuple(tx.feed.receipts_of(document.id)),
        evidence=tuple(tx.documents.evidence(document.id)),
        records=tuple(tx.audit.about(document.id)),
    )


def _sum(one: Outcome, other: Outcome) -> Outcome:
    return replace(
        one,
        removed=one.removed + other.removed,
        archived=one.archived + other.archived,
        failed=(*one.failed, *other.failed),
    )
