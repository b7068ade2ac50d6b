"""Housekeeping: small duties on a schedule, each safe to run twice or late."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Caller
from gateway.pipeline.queue import Queue
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
    calendar: OfficeCalendar
    node: Caller
    receipt_deadline_h: float

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the schedule until *stopping*."""
        schedule = AsyncIOScheduler(timezone="UTC")
        table: tuple[tuple[Callable[[], Awaitable[None]], float], ...] = (
            (self.forget_keys, 3600.0),
            (self.fail_unheard, 600.0),
            (self.look_ahead, 21_600.0),
        )
        for duty, seconds in table:
            schedule.add_job(
                _careful, "interval", args=[duty], seconds=seconds, max_instances=1, coalesce=True
            )
        await self.look_ahead()
        schedule.start()
        try:
            await stopping.wait()
        finally:
            schedule.shutdown(wait=False)

    async def forget_keys(self) -> None:
        """Drop idempotency keys that are older than their life."""
        before = self.clock.now() - KEY_LIFE
        await self.store.write(lambda tx: tx.repeats.purge(before))

    async def fail_unheard(self) -> None:
        """Fail what was handed over long ago and never heard of."""
        await self.queue.fail_unheard(self.node, hours=self.receipt_deadline_h)

    async def look_ahead(self) -> None:
        """Alert when the calendar of this year, or from October of the next, is not loaded."""
        today = self.clock.now().astimezone(self.calendar.tz).date()
        years = {today.year} | ({today.year + 1} if today.month >= _ALERT_MONTH else set())
        for year in sorted(years - self.calendar.covered_years):
            log.error("the office calendar has no entries: legal times are provisional", year=year)


async def _careful(duty: Callable[[], Awaitable[None]]) -> None:
    try:
        await duty()
    except GatewayError as error:
        log.warning("a duty waits for its next turn", duty=duty.__name__, reason=error.message)
