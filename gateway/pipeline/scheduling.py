"""Scheduling: of several nodes and processes one does what is asked for, once a period.

A row for each schedule and period decides. Whoever inserts it has the work, and renews its claim
while it is at it; a claim whose holder died runs out, and the next look of any other takes the work
over. What could not be done is given back, and tried at the next look. Periods are counted from one
instant for all, so that nodes whose clocks differ a little mean the same one.

What each machine does for itself (its clock, its disk, its trust, its checkpoints) is not asked for
in this way, and neither is what looks every few seconds: that is a question to the database, and
what it finds is done in a commit that looks again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from gateway.domain.errors import GatewayError
from gateway.ports import Clock, Store

log = structlog.get_logger()

#: How long a claim lasts that is not renewed, and how often it is.
LEASE = timedelta(seconds=60)
_RENEW_S = 20.0
#: How often it is looked, at the least, whether a period has begun or a claim ran out.
_LOOK_S = 30.0

Work = Callable[[], Awaitable[None]]
#: Something to do, and the seconds between its turns.
Duty = tuple[Work, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    owner: str  #: this process, as it claims

    def once(self, name: str, work: Work, every_s: float, *, spaced: bool = False) -> Duty:
        """Return the duty to do *work* once in *every_s* seconds, whoever does it.

        Where it compares what two of its looks have seen they are *spaced*: as far apart as that.
        """
        duty = Scheduled(name=name, work=work, every_s=every_s, scheduling=self)
        return duty, every_s if spaced else min(every_s, _LOOK_S)


@dataclass(slots=True, kw_only=True)
class Scheduled:
    """Work of all nodes together, as one process looks after it."""

    name: str
    work: Work
    every_s: float
    scheduling: Scheduling
    _done: int | None = None  #: the newest period that this process did

    async def __call__(self) -> None:
        """Do the work of this period unless it is done, or somebody is at it."""
        store, now = self.scheduling.store, self.scheduling.clock.now()
        period = int(now.timestamp() // self.every_s)
        if period == self._done or not await store.read(
            lambda tx: tx.schedule.is_open(self.name, period, now)
        ):
            return
        if await store.write(
            lambda tx: tx.schedule.claim(
                self.name, period, self.scheduling.owner, now=now, until=now + LEASE
            ),
            rests_on=self._keys(),
        ):
            await self._do(period)

    async def _do(self, period: int) -> None:
        store, owner = self.scheduling.store, self.scheduling.owner
        try:
            async with self._renewed(period):
                await self.work()
        except BaseException:
            await asyncio.shield(
                store.write(
                    lambda tx: tx.schedule.give_back(self.name, period, owner),
                    rests_on=self._keys(),
                )
            )
            raise
        at = self.scheduling.clock.now()
        await store.write(
            lambda tx: tx.schedule.finish(self.name, period, owner, at), rests_on=self._keys()
        )
        self._done = period

    @asynccontextmanager
    async def _renewed(self, period: int) -> AsyncIterator[None]:
        """Renew the claim again and again while the work is done."""
        renewing = asyncio.create_task(self._renew(period))
        try:
            yield
        finally:
            renewing.cancel()

    async def _renew(self, period: int) -> None:
        store, owner = self.scheduling.store, self.scheduling.owner
        while True:
            await asyncio.sleep(_RENEW_S)
            until = self.scheduling.clock.now() + LEASE
            try:
                await store.write(
                    lambda tx, until=until: tx.schedule.renew(self.name, period, owner, until),  # type: ignore[misc]
                    rests_on=self._keys(),
                )
            except GatewayError as error:  # the next one may come through before it runs out
                log.warning("a claim could not be renewed", duty=self.name, reason=error.message)

    def _keys(self) -> tuple[str]:
        return (f"schedule:{self.name}",)
