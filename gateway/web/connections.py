"""How many connections are open, in all and of one address; what is too much is closed at once.

Every connection is a file of the process. Strangers that only connect must not use up the files
that documents and the database need, so there is a bound below the limit of the system.
"""

import resource
from collections import Counter
from contextlib import suppress

from gateway.web.auth import Networks, is_loopback, is_within
from gateway.web.crowd import Place

#: Files that are no connections: database, documents, outgoing calls, what the system opens.
RESERVED_FILES = 256
#: What the head of every request may have, and what those under way have together beyond it.
SMALL_HEAD_BYTES = 64 << 10
LARGE_HEADS_BYTES = 32 << 20


def raise_file_limit() -> None:
    """Let this process open as many files as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def affordable(wanted: int) -> int:
    """Return *wanted*, or what the limit of open files leaves for connections if that is less."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - RESERVED_FILES))


class Connections:
    """Counts open connections; used on the event loop alone."""

    def __init__(self, *, most: int, most_of_address: int, exempt: Networks, place: Place) -> None:
        """Let *most* be open, *most_of_address* of one that is neither loopback nor *exempt*.

        The other processes hear of them at *place*.
        """
        self._place = place
        self._most = most
        self._most_of_address = most_of_address
        self._exempt = exempt
        self._open = 0
        self._head_bytes = 0  #: of heads under way, beyond what each may have
        self._of: Counter[str] = Counter()
        self._arriving = 0  #: whose handshake is under way
        self._arriving_of: Counter[str] = Counter()

    def admit_head(self, before: int, now: int) -> bool:
        """Count a head that is being received, of *before* and *now* so many bytes.

        Return False, uncounted, when too many large ones are received at once. With *now* 0 the
        head has come to its end.
        """
        more = max(0, now - SMALL_HEAD_BYTES) - max(0, before - SMALL_HEAD_BYTES)
        if more > 0 and self._head_bytes + more > LARGE_HEADS_BYTES:
            return False
        self._head_bytes += more
        return True

    def ahead(self) -> int:
        """Return how many connections fewer another process has."""
        return self._place.ahead()

    def arrive(self, address: str | None) -> bool:
        """Count one that arrives from *address*; return False, uncounted, when it is one too many.

        It has no protocol yet, and is a file all the same.
        """
        key = address or ""
        if self._open + self._arriving >= self._most:
            return False
        here = self._of[key] + self._arriving_of[key]
        if self._is_bounded(address) and here >= self._most_of_address:
            return False
        self._arriving += 1
        self._arriving_of[key] += 1
        self._place.count(1)
        return True

    def arrived(self, address: str | None) -> None:
        """Count off one that arrived: it was admitted, or turned away."""
        self._arriving -= 1
        self._place.count(-1)
        _take_off(self._arriving_of, address or "")

    def admit(self, address: str | None) -> bool:
        """Count a connection from *address*; return False, uncounted, when it is one too many."""
        if self._open >= self._most:
            return False
        if self._is_bounded(address) and self._of[address or ""] >= self._most_of_address:
            return False
        self._open += 1
        self._place.count(1)
        self._of[address or ""] += 1
        return True

    def release(self, address: str | None) -> None:
        """Count off a connection that was admitted."""
        self._open -= 1
        self._place.count(-1)
        _take_off(self._of, address or "")

    def _is_bounded(self, address: str | None) -> bool:
        return not (is_loopback(address) or is_within(address, self._exempt))


def _take_off(counted: Counter[str], key: str) -> None:
    """Count one of *key* less, and forget a key of which none is left."""
    counted[key] -= 1
    if not counted[key]:
        del counted[key]
