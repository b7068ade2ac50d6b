"""How often one address may try to come in: a window that moves, kept in bounded memory."""

import asyncio
from collections import OrderedDict, deque

from gateway.web.errors import HttpProblem

_WINDOW_S = 60.0
_MOST_ADDRESSES = 10_000


class Attempts:
    """Counts attempts by address; the limit holds for each process."""

    def __init__(self, *, most: int) -> None:
        """Allow *most* attempts of one address a minute."""
        self._most = most
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, address: str | None) -> None:
        """Count an attempt from *address*; raise HttpProblem 429 beyond the limit."""
        now, key = asyncio.get_running_loop().time(), address or ""
        tried = self._tried.setdefault(key, deque())
        self._tried.move_to_end(key)
        while tried and now - tried[0] > _WINDOW_S:
            tried.popleft()
        if len(tried) >= self._most:
            wait = max(1, round(_WINDOW_S - (now - tried[0])))
            raise HttpProblem(
                429,
                "too-many-attempts",
                "too many attempts to sign in from this address",
                headers={"Retry-After": str(wait)},
            )
        tried.append(now)
        if len(self._tried) > _MOST_ADDRESSES:
            self._tried.popitem(last=False)
