"""The board: what waits, what is late, what failed and why, how each destination is doing.

It reads and decides nothing. Every list and every count is cut off, so that it is as quick with
a hundred thousand documents as with ten.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from gateway.domain.exchange import Delivery, Destination, Document, Job, Notice
from gateway.domain.routing import lane_of_office
from gateway.ports import Clock, LaneLoad, Store, Transaction

#: Counts stop here; the board then says "more than".
MOST_COUNTED = 10_000
_MOST_SHOWN = 50
_MOST_LATE = 500
_MOST_UNSENT = 100
_MOST_BOXES = 200
_FEED = 12
#: What nobody has collected for longer is pointed at.
_UNCOLLECTED = timedelta(hours=24)


class Trouble(StrEnum):
    """Why something needs a hand."""

    FAILED = "failed"
    UNACCEPTED = "unaccepted"  #: not accepted on the day of its legal arrival
    UNSENT = "unsent"  #: past the morning after its signing, and not sent
    HELD = "held"


class Health(StrEnum):
    """How a destination is doing."""

    WORKING = "working"
    UNSTABLE = "unstable"  #: the last attempt failed, the next is near
    DOWN = "down"
    UNCOLLECTED = "uncollected"  #: the office does not fetch what waits for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that needs a hand."""

    trouble: Trouble
    since: datetime
    document: Document | None  #: None: a receipt or status that could not be handed over
    delivery: Delivery | None = None
    job: Job | None = None

    @property
    def priority(self) -> int:
        """How urgent it is."""
        if self.document is not None:
            return self.document.metadata.priority.rank
        return 0 if self.job is None else self.job.priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A destination and what waits for it."""

    lane: str
    agency: str  #: its code, or the name of the axis
    kind: str  #: ``axis``, ``pull``, or how its office is reached
    health: Health
    waiting: int = 0
    oldest: datetime | None = None
    destination: Destination | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The figures on top; none is above :data:`MOST_COUNTED`."""

    delivered: int
    waiting: int
    late: int
    failed: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """What goes on only when a person decides."""

    failed: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlook:
    """Everything on the board at one instant."""

    counts: Counts
    items: tuple[Item, ...]
    ways: tuple[Way, ...]
    feed: tuple[tuple[Notice, Document | None], ...]  #: what happened last, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    lanes: Mapping[str, str]  #: every configured destination and how it is reached
    #: whether an instant keeps the duty to send, None when that cannot be said
    in_time: Callable[[Document, datetime], bool | None]

    async def look(self) -> Overlook:
        """Return the board of this instant."""
        now = self.clock.now()
        return await self.store.read(lambda tx: self._look(tx, now))

    async def stuck(self, *, most: int) -> Stuck:
        """Return how much waits for a person, each count up to *most*."""
        return await self.store.read(
            lambda tx: Stuck(
                failed=len(tx.overview.failed(most)), held=len(tx.overview.held(most))
            )
        )

    def _look(self, tx: Transaction, now: datetime) -> Overlook:
        today = datetime.combine(now.astimezone(self.zone).date(), time(), self.zone)
        failed = tx.overview.failed(MOST_COUNTED)
        held = tx.overview.held(MOST_COUNTED)
        unaccepted = tx.overview.unaccepted(today, _MOST_LATE)
        loads, boxes = tx.overview.lanes(), tx.overview.boxes(_MOST_BOXES)
        unsent = self._unsent(tx, now)
        items = [
            *_of_jobs(tx, failed[:_MOST_SHOWN], Trouble.FAILED),
            *_unaccepted(tx, unaccepted[:_MOST_SHOWN]),
            *unsent[:_MOST_SHOWN],
            *_held(tx, held[:_MOST_SHOWN]),
        ]
        waiting = sum(each.waiting for each in (*loads, *boxes))
        return Overlook(
            counts=Counts(
                delivered=tx.overview.received(today, MOST_COUNTED),
                waiting=min(waiting, MOST_COUNTED),
                late=len(unaccepted) + len(unsent),
                failed=len(failed),
                held=len(held),
            ),
            items=tuple(sorted(items, key=lambda each: (-each.priority, each.since))),
            ways=tuple(self._ways(tx, loads, boxes, now)),
            feed=tuple(_feed(tx)),
        )

    def _unsent(self, tx: Transaction, now: datetime) -> list[Item]:
        """Return what waits to be handed over past the morning after its signing."""
        jobs = [
            each
            for each in tx.overview.queued(None, 0, _MOST_UNSENT)
            if each.kind == "document" and each.attempts
        ]
        return [
            each
            for each in _of_jobs(tx, jobs, Trouble.UNSENT)
            if each.document is not None and self.in_time(each.document, now) is False
        ]

    def _ways(
        self, tx: Transaction, loads: Sequence[LaneLoad], boxes: Sequence[LaneLoad], now: datetime
    ) -> list[Way]:
        known = {each.lane: each for each in tx.destinations.listing()}
        waiting = {each.lane: each for each in loads}
        ways = [
            self._way(lane, known.get(lane), waiting.get(lane), now)
            for lane in sorted({*self.lanes, *waiting})
        ]
        ways += [
            Way(
                lane=lane_of_office(each.lane),
                agency=each.lane,
                kind="pull",
                health=Health.UNCOLLECTED if now - each.oldest > _UNCOLLECTED else Health.WORKING,
                waiting=each.waiting,
                oldest=each.oldest,
            )
            for each in boxes
        ]
        worst = (Health.DOWN, Health.UNSTABLE, Health.UNCOLLECTED, Health.WORKING)
        return sorted(ways, key=lambda each: (worst.index(each.health), -each.waiting, each.lane))

    def _way(
        self, lane: str, known: Destination | None, load: LaneLoad | None, now: datetime
    ) -> Way:
        kind, _, name = lane.partition(":")
        return Way(
            lane=lane,
            agency=name,
            kind="axis" if kind == "axis" else self.lanes.get(lane, kind),
            health=health_of(known),
            waiting=0 if load is None else load.waiting,
            oldest=None if load is None else load.oldest,
            destination=known,
        )


def _feed(tx: Transaction) -> list[tuple[Notice, Document | None]]:
    notices = tx.feed.notices_after(None, tx.feed.tip() - _FEED, _FEED)
    wanted = list(dict.fromkeys(each.document for each in notices))
    documents = {each.id: each for each in tx.documents.find_many(wanted)}
    return [(each, documents.get(each.document)) for each in reversed(notices)]


def health_of(destination: Destination | None) -> Health:
    """Return how a destination is doing by its attempts."""
    if destination is None or not destination.failures:
        return Health.WORKING
    return Health.UNSTABLE if destination.failures < 3 else Health.DOWN  # noqa: PLR2004 - once or twice is no trouble yet


def _of_jobs(tx: Transaction, jobs: Sequence[Job], trouble: Trouble) -> list[Item]:
    deliveries = {
        job.id: tx.deliveries.find(job.item) if job.kind == "document" else None for job in jobs
    }
    documents = _documents(tx, [each for each in deliveries.values() if each is not None])
    items = []
    for job in jobs:
        delivery = deliveries[job.id]
        items.append(
            Item(
                trouble=trouble,
                since=job.created_at,
                document=None if delivery is None else documents.get(delivery.document),
                delivery=delivery,
                job=job,
            )
        )
    return items


def _documents(tx: Transaction, deliveries: Sequence[Delivery]) -> dict[str, Document]:
    """Return the documents of *deliveries*, each read once."""
    wanted = list(dict.fromkeys(each.document for each in deliveries))
    return {each.id: each for each in tx.documents.find_many(wanted)}


def _unaccepted(tx: Transaction, deliveries: Sequence[Delivery]) -> list[Item]:
    documents = _documents(tx, deliveries)
    return [
        Item(
            trouble=Trouble.UNACCEPTED,
            since=each.legal_received_at or each.updated_at,
            document=documents.get(each.document),
            delivery=each,
        )
        for each in deliveries
    ]


def _held(tx: Transaction, documents: Sequence[str]) -> list[Item]:
    return [
        Item(trouble=Trouble.HELD, since=each.submitted_at, document=each)
        for each in tx.documents.find_many(documents)
    ]
