"""Housekeeping: small duties on a schedule, each safe to run twice or late.

What ends by its age is ended when two looks, an hour apart, both find it old: a clock that jumps
ahead and is put right within the hour ends nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Caller
from gateway.pipeline.ageing import Ageing
from gateway.pipeline.queue import Queue
from gateway.pipeline.resting import NOTHING
from gateway.pipeline.scheduling import Duty, Scheduling
from gateway.ports import Clock, Store

log = structlog.get_logger()

#: How long an idempotency key is remembered.
KEY_LIFE = timedelta(days=7)
#: From this month on a missing calendar of the next year is an alert.
_ALERT_MONTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    queue: Queue
    ageing: Ageing
    scheduling: Scheduling
    calendar: Callable[[], OfficeCalendar]  #: of the node, as it now is; blocks
    node: Caller
    receipt_deadline_h: float
    #: duties of the equipment, each with the seconds between its turns; the first is at the start
    duties: tuple[Duty, ...] = ()
    _looks: dict[str, datetime] = field(default_factory=dict)  #: by duty, the time of the last

    async def run(self, stopping: asyncio.Event, *more: Duty) -> None:
        """Keep the schedule, with *more* duties of the whole node, until *stopping*."""
        schedule = AsyncIOScheduler(timezone="UTC")
        table: tuple[Duty, ...] = (
            self.scheduling.once("keys", self.forget_keys, 3600.0, spaced=True),
            self.scheduling.once("unheard", self.fail_unheard, 3600.0, spaced=True),
            self.scheduling.once("accounts", self.age_accounts, 3600.0, spaced=True),
            (self.look_ahead, 21_600.0),
            *self.duties,
            *more,
        )
        for duty, seconds in table:
            schedule.add_job(
                _careful, "interval", args=[duty], seconds=seconds, max_instances=1, coalesce=True
            )
        await self.look_ahead()
        schedule.start()
        for duty, _ in (*self.duties, *more):
            schedule.add_job(_careful, args=[duty])
        try:
            await stopping.wait()
        finally:
            schedule.shutdown(wait=False)

    async def forget_keys(self) -> None:
        """Drop idempotency keys, and recalls of what never came, that are older than their life."""
        before = self._surely_past("keys", KEY_LIFE)
        if before is not None:
            await self.store.write(lambda tx: tx.repeats.purge(before), rests_on=NOTHING)
            await self.store.write(
                lambda tx: tx.documents.purge_early_recalls(before), rests_on=NOTHING
            )

    async def fail_unheard(self) -> None:
        """Fail what was handed over long ago and never heard of."""
        before = self._surely_past("unheard", timedelta(hours=self.receipt_deadline_h))
        if before is not None:
            await self.queue.fail_unheard(self.node, before=before)

    async def age_accounts(self) -> None:
        """Lock and revoke accounts by their age, warn their owners; end sessions that ran out."""
        now = self._surely_past("accounts", timedelta())
        if now is not None:
            await self.ageing.sweep(self.node, now=now)
            await self.ageing.end_sessions(now=now)

    def _surely_past(self, duty: str, age: timedelta) -> datetime | None:
        """Return before when a thing was old at this look and at the last; None at the first."""
        now, last = self.clock.now(), self._looks.get(duty)
        self._looks[duty] = now
        return None if last is None else min(now, last) - age

    async def look_ahead(self) -> None:
        """Alert when the calendar of this year, or from October of the next, is not loaded."""
        calendar = await asyncio.to_thread(self.calendar)
        today = self.clock.now().astimezone(calendar.tz).date()
        years = {today.year} | ({today.year + 1} if today.month >= _ALERT_MONTH else set())
        for year in sorted(years - calendar.covered_years):
            log.error("the office calendar has no entries: legal times are provisional", year=year)


async def _careful(duty: Callable[[], Awaitable[None]]) -> None:
    try:
        await duty()
    except GatewayError as error:
        log.warning(
            "a duty waits for its next turn",
            duty=getattr(duty, "name", getattr(duty, "__name__", type(duty).__name__)),
            reason=error.message,
        )
