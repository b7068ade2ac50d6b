"""Following: what waits for an axis goes by another way once its agency is reached by another.

Agencies move from one axis to another, or to this node, while documents and receipts for them
wait. When the directory changed, and at the start, what is queued for an axis is looked at again: a
document goes the way that its recipient now has. A receipt goes home the way its document came,
and another one only when that failed or is there no more. Whoever gets a thing by both ways
knows it by sender and identifier, and takes it once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from gateway.domain.directory import Directory
from gateway.domain.exchange import Caller, Job
from gateway.domain.lifecycle import DeliveryState
from gateway.domain.routing import AXIS, DESK, Way, lane_of_axis
from gateway.pipeline.movement import Change, Movement
from gateway.ports import Clock, Run, Store, Transaction

log = structlog.get_logger()

_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    directory: Callable[[], Directory]
    run: Run
    node: Caller
    _seen: set[int] = field(default_factory=set)  #: the version of the directory at the last look

    async def look(self) -> None:
        """Move what waits for an axis by which its agency is reached no more."""
        version, after, moved = self.store.version("directory"), 0, 0
        find = partial(
            self._strays,
            directory=await self.run(self.directory),
            documents=version not in self._seen,
        )
        while page := await self.store.read(partial(_toward_axes, after=after)):
            after = page[-1].id
            strays = await self.store.read(partial(find, jobs=page))
            if strays:
                moved += await self.store.write(partial(self._move, strays=strays))
        self._seen.clear()
        self._seen.add(version)
        if moved:
            log.info("moved to another way", jobs=moved)

    def _strays(
        self, tx: Transaction, *, jobs: list[Job], directory: Directory, documents: bool
    ) -> list[tuple[Job, Way]]:
        """Return which of *jobs* have another way; a receipt keeps one that works."""
        known = {lane_of_axis(each.name) for each in self.movement.routes.axes}
        found = []
        for job in jobs:
            if job.kind == "document":
                delivery = tx.deliveries.find(job.item) if documents else None
                code = None if delivery is None else delivery.to
            else:
                failing = job.attempts > 0 or job.lane not in known
                receipt = tx.feed.receipt(job.item) if failing else None
                code = None if receipt is None else receipt.owner
            way = None if code is None else self.movement.routes.way_to(code, directory)
            if way is not None and (way.route, way.lane) != (AXIS, job.lane):
                found.append((job, way))
        return found

    def _move(self, tx: Transaction, *, strays: list[tuple[Job, Way]]) -> int:
        moved = 0
        for job, way in strays:
            if job.kind != "document" or self._move_document(tx, job, way):
                self._requeue(tx, job, way)
                moved += 1
        return moved

    def _move_document(self, tx: Transaction, job: Job, way: Way) -> bool:
        """Give a delivery that waits its other *way*; return whether it waited."""
        delivery = tx.deliveries.find(job.item)
        document = None if delivery is None else tx.documents.find(delivery.document)
        if delivery is None or document is None or delivery.state is not DeliveryState.WAITING:
            return False
        now = self.clock.now()
        rerouted = tx.deliveries.save(
            replace(delivery, agency=way.agency, route=way.route, lane=way.lane, updated_at=now)
        )
        if way.route == DESK:
            change = Change(to=DeliveryState.ARRIVED, at=now, caller=self.node)
            self.movement.advance(tx, document, rerouted, change)
        return True

    def _requeue(self, tx: Transaction, job: Job, way: Way) -> None:
        """Queue *job* anew for the lane of *way*; who fetches needs none."""
        tx.jobs.finish(job.id)
        if way.lane is not None:
            now = self.clock.now()
            kind = job.kind if job.kind == "document" or way.route == AXIS else "receipt"
            again = replace(job, kind=kind, lane=way.lane, due_at=now, created_at=now, attempts=0)
            tx.jobs.put(replace(again, last_error=None))


def _toward_axes(tx: Transaction, *, after: int) -> list[Job]:
    return tx.jobs.toward_axes(after, _AT_ONCE)
