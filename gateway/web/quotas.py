"""Places that are few: how many are taken, in all and by one agency."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from gateway.web.errors import HttpProblem

#: What a large upload waits for a place before it is told to come again.
_WAIT_S = 5.0
_AGAIN = {"Retry-After": "5"}


class Uploads:
    """Places of large uploads: no agency has more than half, and nobody waits for long."""

    def __init__(self, *, most: int, wait_s: float = _WAIT_S) -> None:
        """Let *most* uploads in at once; wait at most *wait_s* seconds for a place."""
        self._free = asyncio.Semaphore(most)
        self._most_of_agency = max(1, most // 2)
        self._wait_s = wait_s
        self._of: Counter[str] = Counter()

    @asynccontextmanager
    async def place(self, agency: str) -> AsyncIterator[None]:
        """Hold a place for *agency*; what waits for one counts as its own already.

        Raises:
            HttpProblem: 429, the agency has its share; 503, no place became free in time.
        """
        if self._of[agency] >= self._most_of_agency:
            text = f"the agency may send {self._most_of_agency} large bodies at once"
            raise HttpProblem(429, "too-many-uploads", text, headers=_AGAIN, close=True)
        with _counted(self._of, agency):
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._free.acquire()
            except TimeoutError:
                text = "the node takes in as many large bodies as it can"
                raise HttpProblem(503, "overloaded", text, headers=_AGAIN, close=True) from None
            try:
                yield
            finally:
                self._free.release()


class Streams:
    """Places of event streams, which last; they take none of the places of requests."""

    def __init__(self, *, most: int, most_of_agency: int) -> None:
        """Let *most* streams be open at once, *most_of_agency* of one agency."""
        self._most = most
        self._most_of_agency = most_of_agency
        self._of: Counter[str] = Counter()

    @contextmanager
    def place(self, agency: str) -> Iterator[None]:
        """Hold a place for *agency*.

        Raises:
            HttpProblem: 429, the agency has its share; 503, all places are taken.
        """
        if self._of[agency] >= self._most_of_agency:
            text = f"the agency may have {self._most_of_agency} streams open"
            raise HttpProblem(429, "too-many-streams", text, headers=_AGAIN, close=True)
        if self._of.total() >= self._most:
            text = "the node has as many streams open as it can"
            raise HttpProblem(503, "overloaded", text, headers=_AGAIN, close=True)
        with _counted(self._of, agency):
            yield


@contextmanager
def _counted(counter: Counter[str], name: str) -> Iterator[None]:
    counter[name] += 1
    try:
        yield
    finally:
        counter[name] -= 1
        if not counter[name]:
            del counter[name]
