"""Lane reader: what one office or axis left is read in a thread of its own, under a deadline.

A network disk that hangs blocks the thread that reads from it, and nobody can end such a call. So
every lane has one thread: it blocks its own lane, never the threads that serve everybody.
"""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event

from gateway.domain.errors import Unavailable
from gateway.pipeline.arrival import MessageArrival
from gateway.ports import Incoming


class LaneReader:
    """Reads messages of one lane, one after another."""

    def __init__(self, lane: str, *, deadline_s: float) -> None:
        """Give each message *deadline_s* to be read."""
        self._lane = lane
        self._deadline_s = deadline_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"read-{lane}")
        self._hanging: asyncio.Task[None] | None = None

    def check(self) -> None:
        """Raise Unavailable while a message that was given up still blocks the thread."""
        if self._hanging is not None and not self._hanging.done():
            raise Unavailable(f"{self._lane}: vẫn chưa trả lời / still does not answer")

    async def copy(self, item: Incoming, arrival: MessageArrival) -> None:
        """Read *item* into *arrival*; on errors no byte stays, once the thread is free.

        Raises:
            Unavailable: it took too long.
        """
        given_up = Event()
        reading = self._thread.submit(_copy, item, arrival, given_up)
        try:
            async with asyncio.timeout(self._deadline_s):
                await asyncio.shield(asyncio.wrap_future(reading))
        except BaseException as error:
            given_up.set()
            self._hanging = asyncio.create_task(_clear(reading, arrival))
            if reading.done():
                await self._hanging
            if isinstance(error, TimeoutError) and not reading.done():
                raise Unavailable(
                    f"{self._lane}: không trả lời kịp thời / did not answer in time"
                ) from None
            raise

    def close(self) -> None:
        """Start nothing more; what hangs is left to itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)


async def _clear(reading: Future[None], arrival: MessageArrival) -> None:
    """Remove what was read, after the thread has let go of it."""
    with suppress(Exception):  # it was told to whoever gave up on it
        await asyncio.wrap_future(reading)
    await arrival.abandon()


def _copy(item: Incoming, arrival: MessageArrival, given_up: Event) -> None:
    with item.open() as chunks:
        for chunk in chunks:
            if given_up.is_set():
                return
            arrival.write(chunk)
