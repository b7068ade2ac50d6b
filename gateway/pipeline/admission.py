"""Admission: what cannot be served well now is asked to come again, before it is taken.

What was accepted is never dropped, so that the only place to bound a queue is before it. Looked at
are the threads that judge what is submitted, the writer of the store, for both of which everybody
waits, and the queue of each destination: while one has more waiting than the settings allow, what
would add to it is told when to come again. So under any load those who are let in do not wait for
long, and the others hear so at once.
Receipts and status messages are never turned away; each belongs to something that was accepted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Delivery
from gateway.ports import Store

#: How long a look at the queues counts.
_LOOK_S = 1.0
_AGAIN_S = 60.0


@dataclass(slots=True, kw_only=True)
class Admission:
    """The gate before intake; equipped once by the wiring."""

    store: Store
    monotonic: Callable[[], float]
    behind_s: float  #: the writer may be behind by so much
    work_behind_s: Callable[[], float]  #: for how long the oldest work waits for a thread
    longest_wait_s: float  #: it may wait for so long
    most_waiting: int  #: for one destination
    _looked_at: float = float("-inf")
    _waiting: dict[str, int] = field(default_factory=dict)  #: by lane

    def check_store(self) -> None:
        """Raise Unavailable while what is written waits for too long."""
        behind_s = self.store.behind_s()
        if behind_s > self.behind_s:
            raise Unavailable(
                "the store is behind with what it has to write",
                code="store-behind",
                retry_after_s=max(1.0, behind_s),
            )

    def check_work(self) -> None:
        """Raise Unavailable while what was let in waits for too long to be judged."""
        behind_s = self.work_behind_s()
        if behind_s > self.longest_wait_s:
            raise Unavailable(
                "the node is behind with what was submitted",
                code="node-behind",
                retry_after_s=max(1.0, behind_s),
            )

    def check_queues(self, deliveries: Iterable[Delivery]) -> None:
        """Raise Unavailable when a destination of *deliveries* has too much waiting. Blocks."""
        lanes = {each.lane for each in deliveries if each.lane is not None}
        if not lanes:
            return
        now = self.monotonic()
        if now - self._looked_at >= _LOOK_S:
            self._waiting = self.store.read_here(lambda tx: tx.jobs.depths())
            self._looked_at = now
        full = sorted(lane for lane in lanes if self._waiting.get(lane, 0) >= self.most_waiting)
        if full:
            raise Unavailable(
                f"the queue to {full[0]} is full", code="queue-full", retry_after_s=_AGAIN_S
            )
