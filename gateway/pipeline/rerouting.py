"""Rerouting: what waits in the pull box of an office that does not fetch any more goes its new way.

Run once before the queue is worked off, because only then may `[[office]]` have changed. The other
direction, an office that fetches now, is seen by the relay when it takes a job up.
"""

from dataclasses import dataclass, replace

from gateway.domain.exchange import Caller, Delivery, Job
from gateway.domain.lifecycle import DeliveryState
from gateway.domain.routing import DESK, PULL, lane_of_office
from gateway.pipeline.movement import Change, Movement
from gateway.ports import Clock, Store, Transaction

#: Deliveries of one commit.
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouting:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    node: Caller

    async def run(self) -> int:
        """Send on what waits in boxes that nobody empties any more; return how many deliveries."""
        moved = 0
        for agency, route in self.movement.routes.offices.items():
            if route == PULL:
                continue
            while batch := await self._some(agency, route):
                moved += batch
        return moved

    async def _some(self, agency: str, route: str) -> int:
        def unit(tx: Transaction) -> int:
            waiting = tx.deliveries.to_lease(agency, self.clock.now(), _BATCH)
            for delivery in waiting:
                self._reroute(tx, delivery, route)
            return len(waiting)

        if not await self.store.read(
            lambda tx: tx.deliveries.to_lease(agency, self.clock.now(), 1)
        ):
            return 0
        return await self.store.write(unit)

    def _reroute(self, tx: Transaction, delivery: Delivery, route: str) -> None:
        now, document = self.clock.now(), tx.documents.find(delivery.document)
        if document is None:
            return
        lane = None if route == DESK else lane_of_office(delivery.agency)
        rerouted = tx.deliveries.save(
            replace(
                delivery,
                state=DeliveryState.WAITING,
                route=route,
                lane=lane,
                leased_until=None,
                updated_at=now,
            )
        )
        if lane is None:
            change = Change(to=DeliveryState.ARRIVED, at=now, caller=self.node)
            self.movement.advance(tx, document, rerouted, change)
            return
        tx.jobs.put(
            Job(
                kind="document",
                lane=lane,
                item=rerouted.id,
                priority=document.metadata.priority.rank,
                due_at=now,
                created_at=now,
            )
        )
