"""Settling: what became of an errand is written down, for every delivery that it was about.

    done     handed over, or arrived
    refused  final, unless it was for several: then each goes alone, and the peer says for each
    later    its destination pauses, and all that waits for it; or, where the peer is well and did
             not take this one thing, it waits alone

The pause of a destination is stored and shared, and grows with each failure in a row: a circuit
breaker. While it lasts nothing is tried; when it ends one thing is, and decides for all. What
failed goes first again, so that what waited goes out in its order. Only what is cut off again and
again where others get through has trouble of its own: it steps aside and waits by its own pause.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.domain.errors import (
    GatewayError,
    Refused,
    Unavailable,
    UnavailableItem,
    Unreachable,
)
from gateway.domain.exchange import Caller, Delivery, Destination, Document, Job
from gateway.domain.lifecycle import DeliveryState, has_arrived
from gateway.pipeline.movement import Change, Movement
from gateway.pipeline.telling import ANNOUNCEMENT
from gateway.ports import Clock, Handover, Packet, Transaction

#: No single attempt lasts longer, however much it carries.
LONGEST_SEND_S = 3600.0
#: So many attempts are the destination's trouble; what is cut off after them may be its own.
_STUBBORN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on trying."""

    first_delay_s: float
    longest_delay_s: float
    deadline_h: float
    least_attempts: int
    send_timeout_s: float
    least_bytes_s: float  #: a slow way carries at least so much

    @property
    def longest_pause(self) -> timedelta:
        """Return what no pause is longer than."""
        return timedelta(seconds=self.longest_delay_s * 1.1)

    def pause(self, failures: int, *, jitter: float) -> timedelta:
        """Return the pause after *failures* in a row; *jitter* in 0..1 spreads it by a fifth."""
        exponent = min(failures - 1, 32)
        seconds = min(self.first_delay_s * 2.0**exponent, self.longest_delay_s)
        return timedelta(seconds=seconds * (0.9 + 0.2 * jitter))

    def allowed_s(self, size: int) -> float:
        """Return what an attempt that carries *size* bytes may take."""
        seconds = self.send_timeout_s + size / self.least_bytes_s
        return min(seconds, max(LONGEST_SEND_S, self.send_timeout_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A job and, when it is about a document, its delivery as it was when the errand began."""

    job: Job
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Claimed work, ready to be sent: one packet, for one recipient or for several."""

    job: Job  #: the one that is claimed
    packet: Packet
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """Writes outcomes; equipped once by the wiring."""

    clock: Clock
    movement: Movement
    patience: Patience
    jitter: Callable[[], float]
    node: Caller

    def done(self, tx: Transaction, errand: Errand, handover: Handover) -> None:
        """The next party took it."""
        now = self.clock.now()
        tx.destinations.heard(errand.job.lane, now)
        state = DeliveryState.ARRIVED if handover.arrived else DeliveryState.HANDED_OVER
        for part in errand.parts:
            tx.jobs.finish(part.job.id)
            delivery, document = _current(tx, part)
            if delivery is None or document is None or not _still_under_way(delivery):
                continue
            who = replace(self.node, agency=delivery.agency) if handover.arrived else self.node
            change = Change(to=state, at=now, caller=who, note=handover.note)
            self.movement.advance(tx, document, delivery, change)

    def refused(self, tx: Transaction, errand: Errand, error: Refused) -> None:
        """The next party will never take it; of several recipients each is asked for alone."""
        now = self.clock.now()
        tx.destinations.heard(errand.job.lane, now)
        for part in errand.parts:
            if len(errand.parts) > 1:
                self._wait(tx, part, now, error, lone=True)
                continue
            tx.jobs.bury(part.job.id, now, reason_of(error))
            self._end(tx, part, DeliveryState.REFUSED, error, now)

    def later(self, tx: Transaction, errand: Errand, error: Exception) -> None:
        """It did not work now."""
        now, lane = self.clock.now(), errand.job.lane
        known = tx.destinations.find(lane)
        if errand.job.kind == ANNOUNCEMENT:
            retry_at = now  # an office that knows no such packet still takes documents
        elif isinstance(error, UnavailableItem):
            tx.destinations.heard(lane, now)
            retry_at = now
        else:
            retry_at = now + self._pause_of(known, error)
            tx.destinations.save(
                Destination(
                    lane=lane,
                    failures=known.failures + 1,
                    retry_at=retry_at,
                    last_error=reason_of(error),
                    last_ok_at=known.last_ok_at,
                    unreachable=isinstance(error, Unreachable),
                )
            )
        for part in errand.parts:
            attempts = part.job.attempts + 1
            if self.is_overdue(part.job, attempts, now):
                tx.jobs.bury(part.job.id, now, reason_of(error))
                self._end(tx, part, DeliveryState.FAILED, error, now)
                continue
            own = self.patience.pause(attempts, jitter=self.jitter())
            if _is_its_own_trouble(error, part, known):
                self._wait(tx, part, max(retry_at, now + own), error, lone=True)
            elif _may_step_aside(part, attempts, error):
                first = self.patience.pause(1, jitter=self.jitter())
                self._wait(tx, part, retry_at + first, error)  # another thing is tried before it
            else:
                self._wait(tx, part, retry_at, error)

    def is_overdue(self, job: Job, attempts: int, now: datetime) -> bool:
        """Whether *job* has been tried for long enough."""
        deadline = job.created_at + timedelta(hours=self.patience.deadline_h)
        return now > deadline and attempts >= self.patience.least_attempts

    def _pause_of(self, known: Destination, error: Exception) -> timedelta:
        pause = self.patience.pause(known.failures + 1, jitter=self.jitter())
        if isinstance(error, Unavailable):
            asked = min(error.retry_after_s, self.patience.longest_delay_s)
            pause = max(pause, timedelta(seconds=asked if asked > 1.0 else 0.0))
        return pause

    def _wait(
        self,
        tx: Transaction,
        part: Part,
        due_at: datetime,
        error: Exception,
        *,
        lone: bool = False,
    ) -> None:
        tx.jobs.postpone(part.job.id, due_at, reason_of(error), lone=lone)
        delivery, _ = _current(tx, part)
        if delivery is not None and delivery.state is DeliveryState.SENDING:
            waiting = replace(
                delivery,
                state=DeliveryState.WAITING,
                updated_at=self.clock.now(),
                note=reason_of(error),
            )
            tx.deliveries.save(waiting)

    def _end(
        self,
        tx: Transaction,
        part: Part,
        state: DeliveryState,
        error: Exception,
        now: datetime,
    ) -> None:
        delivery, document = _current(tx, part)
        if delivery is None or document is None or not _still_under_way(delivery):
            return
        change = Change(to=state, at=now, caller=self.node, note=reason_of(error), entered=False)
        self.movement.advance(tx, document, delivery, change)


def reason_of(error: Exception) -> str:
    """Return what people read about *error*."""
    text = error.message if isinstance(error, GatewayError) else type(error).__name__
    return text[:300]


def _is_its_own_trouble(error: Exception, part: Part, known: Destination) -> bool:
    """Whether a job fails where others get through: the peer says so, or all is well but for it."""
    if isinstance(error, UnavailableItem) or part.job.lone or part.job.kind == ANNOUNCEMENT:
        return True
    return known.failures == 0 and _may_step_aside(part, part.job.attempts + 1, error)


def _may_step_aside(part: Part, attempts: int, error: Exception) -> bool:
    """Whether another job is tried first: reports on a document never overtake each other."""
    is_cut_off = not isinstance(error, Unreachable)
    return part.delivery is not None and attempts > _STUBBORN and is_cut_off


def _current(tx: Transaction, part: Part) -> tuple[Delivery | None, Document | None]:
    if part.delivery is None:
        return None, None
    return tx.deliveries.find(part.delivery.id), tx.documents.find(part.delivery.document)


def _still_under_way(delivery: Delivery) -> bool:
    """Whether the outcome of a send still matters: nobody reported or recalled meanwhile."""
    return delivery.state in {DeliveryState.WAITING, DeliveryState.SENDING} and not has_arrived(
        delivery.state
    )
