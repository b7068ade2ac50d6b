"""Registers: what an agency received and sent in a year or a month, in the order of its numbers.

Incoming documents stand by their arrival numbers, which run through a year; outgoing ones by the
instant at which they were sent. What is to be answered, or was assigned, and is not done stands by
the day until which it is due. Source: NĐ 30/2020/NĐ-CP art. 14-15, 22 and Annex IV.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from gateway.domain.exchange import Caller
from gateway.pipeline.lookup import Shown, shown
from gateway.ports import Followed, FollowUp, Store, Transaction

_LAST_MONTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A year, or one month of it."""

    year: int
    month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """The room; equipped once by the wiring."""

    store: Store
    zone: tzinfo

    async def incoming(
        self, caller: Caller, period: Period, *, after: int, limit: int
    ) -> list[Shown]:
        """Return what the caller's agency entered in *period* above an arrival number."""
        since, until = self._bounds(period) if period.month else (None, None)

        def query(tx: Transaction) -> list[Shown]:
            found = tx.documents.register_in(
                caller.agency, period.year, after=after, limit=limit, since=since, until=until
            )
            return [shown(tx, each, caller) for each in found]

        return await self.store.read(query)

    async def outgoing(
        self, caller: Caller, period: Period, *, after: datetime | None, limit: int
    ) -> list[Shown]:
        """Return what the caller's agency sent in *period* and after an instant."""
        since, until = self._bounds(period)

        def query(tx: Transaction) -> list[Shown]:
            found = tx.documents.register_out(
                caller.agency, since=since, until=until, after=after, limit=limit
            )
            return [shown(tx, each, caller) for each in found]

        return await self.store.read(query)

    async def follow_up(self, caller: Caller, wanted: FollowUp) -> list[tuple[Followed, Shown]]:
        """Return what the caller's agency is to answer or assigned and did not finish."""

        def query(tx: Transaction) -> list[tuple[Followed, Shown]]:
            lines = tx.deliveries.followed(caller.agency, wanted)
            found = tx.documents.find_many(list({each.document for each in lines}))
            known = {each.id: shown(tx, each, caller) for each in found}
            return [(each, known[each.document]) for each in lines if each.document in known]

        return await self.store.read(query)

    async def overdue(self, caller: Caller, today: date, *, most: int) -> int:
        """Return how much of what the agency follows up was due before *today*, up to *most*."""
        return await self.store.read(
            lambda tx: tx.deliveries.count_followed(caller.agency, today, most)
        )

    def _bounds(self, period: Period) -> tuple[datetime, datetime]:
        """Return the first instant of *period* and the first one behind it."""
        first = datetime(period.year, period.month or 1, 1, tzinfo=self.zone)
        last = datetime(period.year, period.month or _LAST_MONTH, 1, tzinfo=self.zone)
        return first, (last + timedelta(days=31)).replace(day=1)
