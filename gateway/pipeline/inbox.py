"""The pull box: an office leases what waits, fetches it, and acknowledges.

A lease only hides a delivery for a while; what is not acknowledged comes again, also when it was
fetched: whoever fetched it may have lost it before it was stored. A document has arrived when it is
acknowledged, or when its recipient first fetches its content, whichever is first: then it has
entered the recipient's system (Luật 20/2023/QH15 art. 16-17). A report on it acknowledges it, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.domain.exchange import Caller, Delivery, Document
from gateway.domain.lifecycle import DeliveryState, Recall
from gateway.domain.routing import PULL
from gateway.pipeline.movement import Change, Movement, delivery_of, recalled
from gateway.pipeline.resting import NOTHING, key_of
from gateway.ports import Clock, Store, Transaction
from gateway.traces import traced

_BEFORE_ARRIVAL = frozenset(
    {
        DeliveryState.WAITING,
        DeliveryState.SENDING,
        DeliveryState.HANDED_OVER,
        DeliveryState.FAILED,
    }
)


#: How long an empty box is known to be empty; a lease that runs out meanwhile is seen then.
_QUIET_FOR = timedelta(seconds=1)


class _Quiet:
    """Boxes that were empty a moment ago, while nothing was committed anywhere since.

    Programs poll, some without a pause: what is known already costs them no question to the
    database. Used on the event loop alone.
    """

    def __init__(self) -> None:
        self._version = -1
        self._since: dict[str, datetime] = {}

    def holds(self, agency: str, version: int, now: datetime) -> bool:
        """Whether the box of *agency* is known to be empty still."""
        since = self._since.get(agency) if version == self._version else None
        return since is not None and since <= now < since + _QUIET_FOR

    def note(self, agency: str, version: int, now: datetime) -> None:
        """Note that the box was empty, looked at after the store told its *version*."""
        if version != self._version:
            self._version = version
            self._since.clear()
        self._since[agency] = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """Documents that are this office's alone until an instant."""

    documents: tuple[Document, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    _quiet: _Quiet = field(default_factory=_Quiet)

    @traced("lease")
    async def lease(self, caller: Caller, *, limit: int, lease_s: int) -> Leased:
        """Lease up to *limit* waiting documents for *lease_s* seconds, urgent first."""
        now = self.clock.now()
        until = now + timedelta(seconds=lease_s)
        version = self.store.version()
        if self._quiet.holds(caller.agency, version, now):
            return Leased(documents=(), until=until)
        waiting = await self.store.read(
            lambda tx: tx.deliveries.to_lease(caller.agency, now, limit)
        )
        if not waiting:
            self._quiet.note(caller.agency, version, now)
            return Leased(documents=(), until=until)
        asked = [each for each in waiting if each.recall is Recall.REQUESTED]
        if asked:
            await self._let_all_go(asked, now, caller)

        def unit(tx: Transaction) -> tuple[Document, ...]:
            return tuple(
                tx.documents.find_many(tx.deliveries.lease(caller.agency, now, until, limit))
            )

        return Leased(documents=await self.store.write(unit, rests_on=NOTHING), until=until)

    async def _let_all_go(
        self, deliveries: Sequence[Delivery], now: datetime, caller: Caller
    ) -> None:
        """Let go of *deliveries* that are asked back, unless they were taken meanwhile."""

        def unit(tx: Transaction) -> None:
            for each in deliveries:
                current = tx.deliveries.find(each.id)
                if current is not None and current.version == each.version:
                    self._let_go(tx, current, now, caller)

        keys = [key_of(each.document) for each in deliveries]
        await self.store.write(unit, rests_on=keys)

    @traced("acknowledge")
    async def acknowledge(
        self, caller: Caller, documents: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        """Acknowledge *documents*; return those known to this office, and the unknown ones.

        A late or repeated acknowledgement counts.
        """

        def unit(tx: Transaction) -> tuple[list[str], list[str]]:
            known: list[str] = []
            unknown: list[str] = []
            for wanted in dict.fromkeys(documents):
                (known if self._arrive(tx, wanted, caller) else unknown).append(wanted)
            return known, unknown

        return await self.store.write(unit, rests_on=[*map(key_of, documents)])

    async def fetched(self, document: Document, caller: Caller) -> None:
        """Note that the recipient takes the content of *document*; the first time it arrives.

        Raises:
            NotFound: its sender asked it back, and it had not been taken before: it is recalled.
        """
        delivery = delivery_of(document, caller.agency)
        if delivery is None or delivery.state not in _BEFORE_ARRIVAL:
            return
        keys = (key_of(document.id),)
        if not await self.store.write(
            lambda tx: self._take(tx, document.id, caller), rests_on=keys
        ):
            raise recalled()

    def _take(self, tx: Transaction, document: str, caller: Caller) -> bool:
        """Let the document arrive, or let go of one that was asked back; return whether it may."""
        found = tx.documents.find(document)
        delivery = None if found is None else delivery_of(found, caller.agency)
        if delivery is None or delivery.state is DeliveryState.RECALLED:
            return False
        if delivery.recall is Recall.REQUESTED and delivery.state in _BEFORE_ARRIVAL:
            self._let_go(tx, delivery, self.clock.now(), caller)
            return False
        return self._arrive(tx, document, caller, keeps=True)

    def _let_go(self, tx: Transaction, delivery: Delivery, now: datetime, caller: Caller) -> None:
        """A lease ran out while its document was asked back: it is recalled, not leased again."""
        document = tx.documents.find(delivery.document)
        if document is not None:
            change = Change(to=DeliveryState.RECALLED, at=now, caller=caller)
            self.movement.advance(tx, document, delivery, change)

    def _arrive(
        self, tx: Transaction, document: str, caller: Caller, *, keeps: bool = False
    ) -> bool:
        """Let a document arrive; one whose box *keeps* it comes again until it is acknowledged."""
        found = tx.documents.find(document)
        delivery = None if found is None else delivery_of(found, caller.agency)
        if found is None or delivery is None or not found.was_sent:
            return False
        if delivery.state in _BEFORE_ARRIVAL:
            now = self.clock.now()
            change = Change(to=DeliveryState.ARRIVED, at=now, caller=caller)
            arrived = self.movement.advance(tx, found, delivery, change)
            if keeps and delivery.route == PULL:
                leased_until = delivery.leased_until or now
                tx.deliveries.save(replace(arrived, leased_until=leased_until))
        elif delivery.state is DeliveryState.ARRIVED and delivery.leased_until and not keeps:
            tx.deliveries.save(replace(delivery, leased_until=None))
        return True
