"""The queue as an administrator sees it: what waits, what failed for good, retry and drop."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.errors import Conflict, NotFound
from gateway.domain.exchange import AuditEntry, Caller, Delivery, Destination, Document, Job
from gateway.domain.lifecycle import DeliveryState
from gateway.pipeline.movement import Change, Movement
from gateway.ports import Clock, Store, Transaction

_MOST_FAILED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A job, whether it is buried, and what it is about: delivery, document, destination."""

    job: Job
    buried: bool
    delivery: Delivery | None
    document: Document | None
    destination: Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement

    async def listing(self, *, limit: int = 500, after: int = 0) -> list[Queued]:
        """Return what waits and what failed for good, oldest first, *after* an entry."""

        def query(tx: Transaction) -> list[Queued]:
            found = tx.jobs.listing(limit, after=after)
            return [_queued(tx, job, buried=buried) for job, buried in found]

        return await self.store.read(query)

    async def show(self, job: int) -> Queued:
        """Return one entry; raise NotFound."""

        def query(tx: Transaction) -> Queued:
            return _queued(tx, _find(tx, job), buried=tx.jobs.is_buried(job))

        return await self.store.read(query)

    async def page(
        self, *, failed: bool, lane: str | None = None, after: int = 0, limit: int = 50
    ) -> tuple[list[Queued], int | None]:
        """Return what failed for good, or a page of what waits at *lane*, and where it goes on."""

        def query(tx: Transaction) -> tuple[list[Queued], int | None]:
            overview = tx.overview
            jobs = overview.failed(limit) if failed else overview.queued(lane, after, limit + 1)
            shown = [_queued(tx, job, buried=failed) for job in jobs[:limit]]
            return shown, shown[-1].job.id if len(jobs) > limit else None

        return await self.store.read(query)

    async def lanes(self) -> list[str]:
        """Return the destinations at which something waits or failed."""

        def query(tx: Transaction) -> set[str]:
            failed = {each.lane for each in tx.overview.failed(_MOST_FAILED)}
            return failed | {each.lane for each in tx.overview.lanes()}

        return sorted(await self.store.read(query))

    async def try_lane(self, lane: str, caller: Caller) -> None:
        """End the pause of a destination: what waits for it is due now."""

        def unit(tx: Transaction) -> None:
            now, known = self.clock.now(), tx.destinations.find(lane)
            tx.destinations.try_now(lane, now)
            tx.audit.append(
                AuditEntry(
                    at=now,
                    actor=caller.actor,
                    address=caller.address,
                    action="queue-try",
                    about=lane,
                    data={"lane": lane, "failures": known.failures},
                )
            )

        await self.store.write(unit)

    async def retry(self, job: int, caller: Caller) -> None:
        """Try *job* again now: its delivery waits again, its destination's pause ends."""

        def unit(tx: Transaction) -> None:
            found, now = _find(tx, job), self.clock.now()
            delivery, document = _subject(tx, found)
            if delivery is not None and document is not None:
                if delivery.state is DeliveryState.FAILED:
                    change = Change(to=DeliveryState.WAITING, at=now, caller=caller)
                    self.movement.advance(tx, document, delivery, change)
                elif delivery.state is not DeliveryState.WAITING:
                    raise Conflict(f"the delivery is {delivery.state}")
            if delivery is not None and delivery.lane is None:
                tx.jobs.finish(job)  # the office fetches: waiting in its box is all there is
            else:
                tx.jobs.revive(job, now)
            tx.destinations.try_now(found.lane, now)
            _note(tx, self.clock, caller, "queue-retry", found)

        await self.store.write(unit)

    async def retry_lane(self, lane: str, caller: Caller) -> int:
        """Try all that waits for a destination now, as if it had never failed; return how many."""

        def unit(tx: Transaction) -> int:
            now = self.clock.now()
            tx.destinations.try_now(lane, now)
            tried = tx.jobs.revive_lane(lane, now)
            tx.audit.append(
                AuditEntry(
                    at=now,
                    actor=caller.actor,
                    address=caller.address,
                    action="queue-retry",
                    about=f"destination:{lane}",
                    data={"lane": lane, "entries": tried},
                )
            )
            return tried

        return await self.store.write(unit)

    async def drop(self, job: int, caller: Caller, *, note: str | None) -> None:
        """Give *job* up: its delivery is cancelled."""

        def unit(tx: Transaction) -> None:
            found, now = _find(tx, job), self.clock.now()
            delivery, document = _subject(tx, found)
            if delivery is not None and document is not None:
                change = Change(to=DeliveryState.CANCELLED, at=now, caller=caller, note=note)
                self.movement.advance(tx, document, delivery, change)
            tx.jobs.finish(job)
            _note(tx, self.clock, caller, "queue-drop", found)

        await self.store.write(unit)

    async def fail_unheard(self, caller: Caller, *, before: datetime, limit: int = 100) -> int:
        """Mark as failed what was handed over *before* and not heard of; return how many."""
        now = self.clock.now()

        def unit(tx: Transaction) -> int:
            overdue = tx.deliveries.overdue(before, limit)
            for delivery in overdue:
                document = tx.documents.find(delivery.document)
                if document is not None:
                    note = "không có hồi báo trong thời hạn / no receipt in time"
                    change = Change(to=DeliveryState.FAILED, at=now, caller=caller, note=note)
                    self.movement.fail(tx, document, delivery, change)
            return len(overdue)

        return await self.store.write(unit)


def _find(tx: Transaction, job: int) -> Job:
    found = tx.jobs.find(job)
    if found is None:
        raise NotFound(f"there is no entry {job} in the queue")
    return found


def _subject(tx: Transaction, job: Job) -> tuple[Delivery | None, Document | None]:
    delivery = tx.deliveries.find(job.item) if job.kind == "document" else None
    return delivery, None if delivery is None else tx.documents.find(delivery.document)


def _queued(tx: Transaction, job: Job, *, buried: bool) -> Queued:
    delivery, document = _subject(tx, job)
    return Queued(
        job=job,
        buried=buried,
        delivery=delivery,
        document=document,
        destination=tx.destinations.find(job.lane),
    )


def _note(tx: Transaction, clock: Clock, caller: Caller, action: str, job: Job) -> None:
    tx.audit.append(
        AuditEntry(
            at=clock.now(),
            actor=caller.actor,
            address=caller.address,
            action=action,
            about=job.item,
            data={"lane": job.lane, "kind": job.kind, "attempts": job.attempts},
        )
    )
