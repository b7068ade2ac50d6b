"""Receive: what offices and axes left for us is taken in, and let go of after our commit.

Each receiver is looked after by one task. An item that cannot be stored now stays where it is and
is met again at the next look; an item that is refused goes back with its findings. A bug in an
adapter stops nothing: it is logged, and the receiver is asked again later.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import msgspec
import structlog

from gateway.domain.document import StatusMessage
from gateway.domain.errors import (
    Forbidden,
    GatewayError,
    Misconfigured,
    Refused,
    Unavailable,
)
from gateway.domain.exchange import Caller
from gateway.pipeline.acknowledge import Acknowledge
from gateway.pipeline.arrival import MessageArrival
from gateway.pipeline.lane_reader import LaneReader
from gateway.pipeline.refusals import Refusals
from gateway.pipeline.submission import Channel, StatusReport
from gateway.ports import Clock, Incoming, Outcome, Receiver, Store

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
        """Take in what is there, again and again."""
        told: str | None = None
        while not stopping.is_set():
            reason: str | None = None
            try:
                reader.check()
                async for item in receiver.receive():
                    await self._take_one(lane, receiver, item, caller, reader=reader)
                    if stopping.is_set():
                        break
            except Unavailable as error:
                reason = error.message
                if reason != told:  # once, not at every look
                    log.warning("receiver waits", lane=lane, reason=reason)
            except Exception:
                log.exception("receiver failed", lane=lane)
            told = reason
            try:
                async with asyncio.timeout(self.poll_s):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def _take_one(
        self,
        lane: str,
        receiver: Receiver,
        item: Incoming,
        caller: Caller,
        *,
        reader: LaneReader,
    ) -> None:
        """Take *item* in; one that meets a bug of ours does not stand in the way of the next."""
        try:
            await self._take(lane, receiver, item, caller, reader=reader)
        except GatewayError:
            raise
        except Exception:
            log.exception("message failed", lane=lane, token=item.token)

    async def _take(
        self,
        lane: str,
        receiver: Receiver,
        item: Incoming,
        caller: Caller,
        *,
        reader: LaneReader,
    ) -> None:
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
            return
        except GatewayError as error:
            read = None if arrival is None else arrival.message
            replies = await self.refusals(read, error, to=item.to)
            outcome = Outcome(accepted=False, report=report_of(error), replies=replies)
            await receiver.confirm(item, outcome)
            log.info("message refused", lane=lane, code=error.code)
        else:
            await receiver.confirm(item, Outcome(accepted=True))
        now = self.clock.now()
        await self.store.write(lambda tx: tx.destinations.heard(lane, now))

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
    findings = error.findings if isinstance(error, Refused) else ()
    report = {"code": error.code, "detail": error.message, "findings": findings}
    return msgspec.json.format(msgspec.json.encode(report), indent=2)
