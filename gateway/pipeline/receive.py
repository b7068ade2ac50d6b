"""Receive: what offices and axes left for us is taken in, and let go of after our commit.

Each receiver is looked after by one task. An item that cannot be stored now stays where it is and
is met again at the next look; an item that is refused goes back with its findings. A bug in an
adapter stops nothing: it is logged, and the receiver is asked again later.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
import structlog

from gateway.domain.document import StatusMessage
from gateway.domain.errors import (
    Forbidden,
    GatewayError,
    Misconfigured,
    Unavailable,
)
from gateway.domain.exchange import Caller
from gateway.pipeline.acknowledge import Acknowledge
from gateway.pipeline.arrival import MessageArrival
from gateway.pipeline.lane_reader import LaneReader
from gateway.pipeline.refusals import Refusals
from gateway.pipeline.resting import key_of_lane
from gateway.pipeline.submission import Channel, StatusReport
from gateway.ports import Clock, Incoming, Outcome, Receiver, Store
from gateway.traces import about, traced

log = structlog.get_logger()

#: A status message is read once more, as it came; a larger one is not kept.
_STATUS_BYTES = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    arrive: Callable[[Channel], MessageArrival]
    acknowledge: Acknowledge
    refusals: Refusals
    poll_s: float
    read_timeout_s: float  #: for one message
    #: by lane, since when no look was answered
    silent: dict[str, datetime] = field(default_factory=dict)

    async def attend(
        self, receivers: Mapping[str, tuple[Receiver, Caller]], stopping: asyncio.Event
    ) -> None:
        """Look after *receivers* (by lane) until *stopping*."""
        async with asyncio.TaskGroup() as group:
            for lane, (receiver, caller) in receivers.items():
                group.create_task(self._attend_one(lane, receiver, caller, stopping))

    async def _attend_one(
        self, lane: str, receiver: Receiver, caller: Caller, stopping: asyncio.Event
    ) -> None:
        reader = LaneReader(lane, deadline_s=self.read_timeout_s)
        with closing(reader):
            await self._look(lane, receiver, caller, stopping, reader=reader)

    async def _look(
        self,
        lane: str,
        receiver: Receiver,
        caller: Caller,
        stopping: asyncio.Event,
        *,
        reader: LaneReader,
    ) -> None:
        """Take in what is there, again and again.

        A look that brought something is followed by the next at once, others begin `poll_s` apart;
        a receiver that holds a look until something is there sets the pace itself.
        """
        told: str | None = None
        clock = asyncio.get_running_loop().time
        while not stopping.is_set():
            reason: str | None = None
            began, is_more = clock(), False
            try:
                reader.check()
                async with aclosing(_items(receiver, stopping)) as items:
                    taken = [
                        await self._take_one(lane, receiver, item, caller, reader=reader)
                        async for item in items
                    ]
                is_more = bool(taken) and all(taken)
                await self._answered(lane)
            except Unavailable as error:
                reason = error.message
                self.silent.setdefault(lane, self.clock.now())
                if reason != told:  # once, not at every look
                    log.warning("receiver waits", lane=lane, reason=reason)
            except Exception:
                log.exception("receiver failed", lane=lane)
            told = reason
            if not is_more:
                rest = self.poll_s if reason else self.poll_s - (clock() - began)
                await _either(stopping, rest)

    async def _answered(self, lane: str) -> None:
        """A look that was answered ends the pause of a destination that could not be reached."""
        self.silent.pop(lane, None)
        found = await self.store.read(lambda tx: tx.destinations.find(lane))
        if found.failures and found.unreachable:
            await self._heard(lane)

    async def _heard(self, lane: str) -> None:
        now = self.clock.now()
        await self.store.write(
            lambda tx: tx.destinations.heard(lane, now), rests_on=(key_of_lane(lane),)
        )

    async def _take_one(
        self,
        lane: str,
        receiver: Receiver,
        item: Incoming,
        caller: Caller,
        *,
        reader: LaneReader,
    ) -> bool:
        """Take *item* in and return whether it is done with.

        One that meets a bug of ours does not stand in the way of the next.
        """
        try:
            return await self._take(lane, receiver, item, caller, reader=reader)
        except GatewayError:
            raise
        except Exception:
            log.exception("message failed", lane=lane, token=item.token)
            return False

    @traced("receive")
    async def _take(
        self,
        lane: str,
        receiver: Receiver,
        item: Incoming,
        caller: Caller,
        *,
        reader: LaneReader,
    ) -> bool:
        about(lane=lane)
        arrival = None
        try:
            reader.check()
            self._refuse_loop(item)
            arrival = self.arrive(
                Channel(
                    origin=lane,
                    caller=caller,
                    code=item.code,
                    trace=item.trace,
                    only=frozenset({item.to}) if item.to else None,
                )
            )
            await self._store(lane, item, caller, arrival, reader=reader)
        except (Unavailable, Misconfigured) as error:
            log.warning("message waits", lane=lane, reason=error.message)
            return False
        except GatewayError as error:
            read = None if arrival is None else arrival.message
            replies = await self.refusals(read, error, to=item.to)
            outcome = Outcome(accepted=False, report=report_of(error), replies=replies)
            await receiver.confirm(item, outcome)
            log.info("message refused", lane=lane, code=error.code)
        else:
            await receiver.confirm(item, Outcome(accepted=True))
        await self._heard(lane)
        return True

    def _refuse_loop(self, item: Incoming) -> None:
        node = self.acknowledge.movement.node
        if node in item.trace:
            raise Forbidden(f"the message has passed {node} before", code="vxp-loop")

    async def _store(
        self,
        lane: str,
        item: Incoming,
        caller: Caller,
        arrival: MessageArrival,
        *,
        reader: LaneReader,
    ) -> None:
        await reader.copy(item, arrival)
        outcome = await arrival.complete()
        if isinstance(outcome, StatusReport):
            status = outcome.reading.message
            if isinstance(status, StatusMessage):
                from_axis = lane.startswith("axis:")
                body = await asyncio.to_thread(_whole, item) if from_axis else None
                await self.acknowledge.message(
                    status, replace(caller), from_axis=from_axis, body=body
                )


async def _items(receiver: Receiver, stopping: asyncio.Event) -> AsyncGenerator[Incoming, None]:
    """Yield what *receiver* finds; *stopping* interrupts it while it looks."""
    found, stop = receiver.receive(), asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            looking = asyncio.create_task(_next(found))
            try:
                await asyncio.wait({looking, stop}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not looking.done():
                    looking.cancel()
            if looking.cancelling():
                return
            item = looking.result()
            if item is None:
                return
            yield item
    finally:
        stop.cancel()


async def _next(found: AsyncIterator[Incoming]) -> Incoming | None:
    return await anext(found, None)


async def _either(stopping: asyncio.Event, seconds: float) -> None:
    """Wait for *stopping*, at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, seconds)):
            await stopping.wait()


def _whole(item: Incoming) -> bytes | None:
    """Return the bytes of a status message once more, None when it is no small one."""
    body = bytearray()
    with item.open() as chunks:
        for chunk in chunks:
            body += chunk
            if len(body) > _STATUS_BYTES:
                return None
    return bytes(body)


def report_of(error: GatewayError) -> bytes:
    """Return what the sender of a refused message is told, as JSON."""
    report = {"code": error.code, "detail": error.message, "findings": error.findings}
    return msgspec.json.format(msgspec.json.encode(report), indent=2)
