"""Stamping: an authority outside (RFC 3161) witnesses that receipts existed, many with one stamp.

Receipts of the feed are the leaves of a tree, its root is stamped, and the token is stored beside
the run of receipts that it covers; the proof for one receipt, the steps from it to the root, is
worked out when it is asked for. All of this runs behind the work: nothing waits for a stamp. While
the authority is away receipts go out without one, it is asked again after pauses that grow, and
the time that is left until the configured limit is told in the log, the metrics and the doctor.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway.domain import merkle
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Receipt, Stamp
from gateway.ports import Clock, StampAuthority, Store, Transaction

log = structlog.get_logger()

#: Receipts of one tree: what is read and hashed again for the proof of one of them.
MOST_LEAVES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What proves one receipt: its stamp, and the way from it to what was stamped."""

    stamp: Stamp
    steps: tuple[merkle.Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How long the oldest receipt without stamp has waited, and what is left of the limit."""

    since: datetime | None  #: None: every receipt is stamped
    left: timedelta  #: negative past the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When to ask the authority."""

    every: timedelta
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)

    def pause(self, failures: int, *, jitter: float) -> timedelta:
        """Return the pause after *failures* in a row; *jitter* in 0..1 spreads it by a fifth."""
        grown = self.first_pause * 2.0 ** min(failures - 1, 32)
        return min(grown, self.longest_pause) * (0.9 + 0.2 * jitter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamping:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    authority: StampAuthority | None  #: None: receipts are not stamped
    pace: Pace
    limit: timedelta
    jitter: Callable[[], float]

    async def attend(self, stopping: asyncio.Event) -> None:
        """Have receipts stamped, some together, until *stopping*."""
        failures = 0
        while self.authority is not None and not stopping.is_set():
            try:
                pause = timedelta() if await self.stamp() else self.pace.every
            except GatewayError as error:
                failures += 1
                pause = self.pace.pause(failures, jitter=self.jitter())
                await self._tell(error.message)
            else:
                if failures:
                    log.info("receipts are stamped again", failures=failures)
                failures = 0
            with suppress(TimeoutError):
                async with asyncio.timeout(pause.total_seconds()):
                    await stopping.wait()

    async def stamp(self) -> bool:
        """Have the oldest receipts without a stamp stamped; return whether a whole tree was.

        Raises:
            Unavailable: the authority gives no stamp now, or the database takes none.
        """
        tree = await self.store.read(_unstamped)
        if self.authority is None or tree is None:
            return False
        stamped = await self.authority(tree.root)
        stamp = Stamp(
            first=tree.places[0],
            last=tree.places[-1],
            root=tree.root.hex(),
            token=stamped.token,
            at=stamped.at,
        )

        def keep(tx: Transaction) -> None:
            if tx.stamps.tip() == tree.after:  # else somebody else of this node was quicker
                tx.stamps.add(stamp)

        await self.store.write(keep)
        return len(tree.places) == MOST_LEAVES

    async def delay(self) -> Delay:
        """Return how far behind the stamps are, on a node that has receipts stamped."""
        oldest = await self.store.read(_oldest_unstamped)
        if oldest is None:
            return Delay(since=None, left=self.limit)
        return Delay(since=oldest.at, left=oldest.at + self.limit - self.clock.now())

    async def _tell(self, reason: str) -> None:
        """Say how much time is left until the limit."""
        try:
            left = (await self.delay()).left
        except GatewayError as error:
            log.warning("receipts wait for their time stamps", reason=error.message)
            return
        hours = round(left / timedelta(hours=1), 2)
        if left > timedelta():
            log.warning("receipts wait for their time stamps", reason=reason, hours_left=hours)
        else:
            log.error("receipts are past the limit for stamps", reason=reason, hours_left=hours)


def proof(tx: Transaction, receipt: Receipt) -> Proof | None:
    """Return what proves *receipt*, None while it is not stamped."""
    stamp = tx.stamps.covering(receipt.seq)
    if stamp is None:
        return None
    run = tx.stamps.receipts(stamp.first - 1, MOST_LEAVES)
    places = [seq for seq, _ in run if seq <= stamp.last]
    leaves = [merkle.leaf(jws.encode()) for seq, jws in run if seq <= stamp.last]
    return Proof(stamp=stamp, steps=tuple(merkle.path(leaves, places.index(receipt.seq))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """The oldest receipts without a stamp."""

    after: int  #: the last place that is stamped
    places: tuple[int, ...]
    root: bytes


def _unstamped(tx: Transaction) -> _Tree | None:
    after = tx.stamps.tip()
    found = tx.stamps.receipts(after, MOST_LEAVES)
    if not found:
        return None
    root = merkle.root([merkle.leaf(jws.encode()) for _, jws in found])
    return _Tree(after=after, places=tuple(seq for seq, _ in found), root=root)


def _oldest_unstamped(tx: Transaction) -> Receipt | None:
    found = tx.feed.receipts_after(None, tx.stamps.tip(), 1)
    return found[0] if found else None
