"""A node that asks what waits for it may let the question wait: it hears at once, and asks seldom.

The parameter `wait` of getReceivedEdocList says for how many seconds an empty answer may be held
back. Office systems never send it. Every notice of a commit names the agency that it is for, so
that whoever waits looks only when something came for one of its codes.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from functools import partial

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.exchange import Notice
from gateway.ports import Transaction
from gateway.web.parts import PLACE, STOPPING
from gateway.web.requests import whole_number
from gateway.web.vxp_call import Request

#: Longest that a question waits, and how many questions of one system wait at once.
MOST_S = 30.0
_MOST_OF_SYSTEM = 2
#: How often it is seen whether the caller is still there.
_LOOK_S = 1.0
#: Commits of so long are looked at together.
_GATHER_S = 0.01
_BATCH = 500


class Holding:
    """Holds questions; `wake` is called after every commit."""

    def __init__(self, gateway: Gateway) -> None:
        """Look into the store of *gateway*."""
        self._gateway = gateway
        self._committed = asyncio.Event()
        self._held: Counter[str] = Counter()
        gateway.store.on_commit(self.wake)

    def wake(self) -> None:
        """Let everybody look."""
        committed, self._committed = self._committed, asyncio.Event()
        committed.set()

    async def until_something(self, request: Request) -> None:
        """Return when something waits for the node that asks, or when it has waited long enough."""
        seconds, client = _seconds(request), request.caller.client
        if not seconds or self._held[client] >= _MOST_OF_SYSTEM:
            return
        request.http[PLACE].close()  # who waits is in nobody's way
        self._held[client] += 1
        try:
            async with asyncio.timeout(seconds):
                await self._watch(request)
        except TimeoutError:
            return
        finally:
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]

    async def _watch(self, request: Request) -> None:
        store, stopping = self._gateway.store, request.http.app[STOPPING]
        known = self._known()
        place = await store.read(lambda tx: tx.feed.tip())
        codes: Iterable[str] = request.system.codes
        while not await store.read(partial(_anything, codes=codes)):
            codes = set()
            while not codes:
                committed = self._committed
                notices = await store.read(partial(_after, place=place))
                place = notices[-1].seq if notices else place
                codes = {each.agency for each in notices} & request.system.codes.keys()
                if stopping.is_set() or _is_gone(request.http) or self._known() != known:
                    return  # it asks again, for the codes that it has by now
                if not codes and len(notices) < _BATCH:
                    await _until(committed)

    def _known(self) -> tuple[int, int]:
        """Return what changes with agencies and credentials."""
        store = self._gateway.store
        return store.version("directory"), store.version("clients")


def _anything(tx: Transaction, codes: Iterable[str]) -> bool:
    return any(tx.vxp.received(code, 1) or tx.vxp.statuses(code, 1) for code in codes)


def _after(tx: Transaction, place: int) -> list[Notice]:
    return tx.feed.notices_after(None, place, _BATCH)


def _seconds(request: Request) -> float:
    """Return how long *request* may wait; only nodes wait, and nonsense does not."""
    seconds = whole_number(request.signed.value("wait")) if request.is_node else None
    return min(float(seconds or 0), MOST_S)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _until(committed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LOOK_S):
            await committed.wait()
            await asyncio.sleep(_GATHER_S)
    except TimeoutError:
        return
