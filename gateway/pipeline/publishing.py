"""Publishing: figures of past quarters for everybody, worked out once and kept for a while."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from gateway.domain.errors import NotFound
from gateway.domain.exchange import Caller
from gateway.domain.figures import Question
from gateway.domain.periods import Period, PeriodKind, ended
from gateway.domain.public_figures import PublicFigures, public_figures
from gateway.pipeline.statistics import Statistics
from gateway.ports import Clock, Store

#: Quarters that are offered, the newest.
QUARTERS = 8
#: How long what was worked out is given out again: what came late is counted by then.
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    statistics: Statistics
    node: Caller
    is_public: bool
    least: int  #: no count under this one is shown
    _kept: dict[str, tuple[datetime, PublicFigures]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def quarters(self) -> list[Period]:
        """Return the quarters that are offered, newest first.

        Raises:
            NotFound: the figures of this node are not public.
        """
        if not self.is_public:
            raise NotFound("the figures of this node are not public", code="figures-not-public")
        now = self.clock.now()
        born = await self.store.read(lambda tx: tx.audit.began_at()) or now
        days = (each.astimezone(self.zone).date() for each in (born, now))
        since, today = days
        return ended(PeriodKind.QUARTER, since=since, today=today, most=QUARTERS)[::-1]

    async def of(self, quarter: Period) -> PublicFigures:
        """Return the figures of one of the :meth:`quarters`."""
        async with self._turn:
            kept, now = self._kept.get(quarter.name), self.clock.now()
            if kept is not None and timedelta() <= now - kept[0] < KEPT:
                return kept[1]
            figures = await self._worked_out(quarter)
            self._kept[quarter.name] = (now, figures)
            for name in sorted(self._kept)[:-QUARTERS]:
                del self._kept[name]
            return figures

    async def _worked_out(self, quarter: Period) -> PublicFigures:
        total, by_agency, by_type = [
            await self.statistics.report(
                Question(first=quarter.first, last=quarter.last, group=group), self.node
            )
            for group in ((), ("agency", "direction"), ("type",))
        ]
        return public_figures(
            quarter, total=total[0], by_agency=by_agency, by_type=by_type, least=self.least
        )
