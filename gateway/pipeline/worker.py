"""The worker: claims due jobs, runs them side by side, one per lane, and stops with grace."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.domain.errors import GatewayError, Unavailable
from gateway.domain.exchange import Job
from gateway.pipeline.relay import GRACE, Relay
from gateway.pipeline.resting import NOTHING
from gateway.pipeline.settling import LONGEST_SEND_S, Errand
from gateway.ports import Clock, Store, Transaction

log = structlog.get_logger()

#: A clock that goes back by more was put back; what it had set for later would wait for as long.
_PUT_BACK = timedelta(seconds=5)
#: What a pause may seem longer by, for a clock that was set right a little.
_MARGIN = timedelta(seconds=60)
_WHOLE_QUEUE = 2**31


@dataclass(slots=True, kw_only=True)
class Worker:
    """Runs the queue of this process."""

    store: Store
    clock: Clock
    relay: Relay
    owner: str
    lanes: int
    poll_s: float
    send_timeout_s: float
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _latest: datetime | None = None
    _seen: int | None = None  #: the version of the queue when it was last looked at

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def heed(self) -> None:
        """Look for work when a commit, whoever's, has changed the queue."""
        if self.store.version("job") != self._seen:
            self.wake()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until *stopping*; then finish what is under way, for as long as one is let."""
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                self._wake.clear()
                self._seen = self.store.version("job")
                errands = await self._claim_or_wait()
                for errand in errands:
                    task = group.create_task(self._one(errand))
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
                if not errands:
                    await self._rest()

    async def release(self) -> None:
        """Give back what this process had claimed and did not finish."""
        await self.store.write(lambda tx: tx.jobs.release(self.owner), rests_on=NOTHING)

    async def _claim_or_wait(self) -> list[Errand]:
        try:
            return await self._claim()
        except GatewayError as error:  # a full disk, say: the queue is there when it is mended
            log.warning("nothing can be claimed now", reason=error.message)
        except Exception:
            log.exception("the queue cannot be read")
        return []

    async def _claim(self) -> list[Errand]:
        free = self.lanes - len(self._running)
        now = self.clock.now()
        if self._latest is not None and now < self._latest - _PUT_BACK:
            await self.store.write(partial(make_due, now=now))
            log.warning("the clock was put back: what was to wait is tried now")
        self._latest = now
        if free <= 0:
            return []
        claimed_for = timedelta(seconds=self.send_timeout_s) + GRACE
        longest = max(claimed_for, timedelta(seconds=LONGEST_SEND_S) + GRACE)
        horizon = max(self.relay.settling.patience.longest_pause, longest) + _MARGIN
        if await self.store.read(lambda tx: tx.jobs.is_any_expired(now, horizon=horizon)):
            await self.store.write(
                lambda tx: tx.jobs.expire(now, horizon=horizon), rests_on=NOTHING
            )

        def look(tx: Transaction) -> tuple[list[Job], list[str]]:
            ready = tx.jobs.ready(now, free, horizon=horizon)
            return ready, self.relay.rests_on(tx, ready)

        jobs, keys = await self.store.read(look)
        if not jobs:
            return []
        until = now + claimed_for
        return await self._take(
            lambda tx: tx.jobs.claim(self.owner, jobs, now, until, horizon=horizon), keys, now
        )

    async def _take(
        self, claim: Callable[[Transaction], list[Job]], keys: list[str], now: datetime
    ) -> list[Errand]:
        """Claim and begin in one commit that rests on *keys*."""

        def claim_and_begin(tx: Transaction) -> list[Errand | None]:
            return [self.relay.begin(tx, job, now) for job in claim(tx)]

        try:
            errands = await self.store.write(claim_and_begin, rests_on=keys)
        except Unavailable:
            raise
        except Exception:  # the undoing of one is the undoing of all
            log.exception("what was claimed is begun one by one")
            errands = [
                await self._begin(job, now)
                for job in await self.store.write(claim, rests_on=NOTHING)
            ]
        return [errand for errand in errands if errand is not None]

    async def _begin(self, job: Job, now: datetime) -> Errand | None:
        """Begin claimed *job* in a unit of its own; one that fails is set aside alone."""
        try:
            return await self.store.write(lambda tx: self.relay.begin(tx, job, now))
        except Exception as error:
            log.exception("a job cannot be begun", lane=job.lane, job=job.id)
            reason = error
        try:
            await self.store.write(lambda tx: self.relay.set_aside(tx, job, reason, now))
        except GatewayError as error:  # its claim runs out
            log.warning("a job keeps its claim", job=job.id, reason=error.message)
        return None

    async def _one(self, errand: Errand) -> None:
        try:
            await self.relay.run(errand)
        except Exception:
            log.exception("relay failed", lane=errand.job.lane, job=errand.job.id)
        finally:
            self.wake()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self.poll_s):
                await self._wake.wait()
        except TimeoutError:
            return


def make_due(tx: Transaction, now: datetime) -> None:
    """Let nothing wait for an hour that the clock has yet to reach again."""
    for destination in tx.destinations.listing():
        if destination.retry_at is not None and destination.retry_at > now:
            tx.destinations.save(replace(destination, retry_at=now))
    for job, is_buried in tx.jobs.listing(_WHOLE_QUEUE):
        if not is_buried and job.due_at > now:
            tx.jobs.revive(job.id, now)
