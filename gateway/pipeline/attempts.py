"""How often one address may try to come in: a window that moves, the same for every process."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.ports import Clock, Store, Transaction

_WINDOW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    most: int  #: attempts of one address a minute

    async def count(self, address: str) -> float | None:
        """Count an attempt from *address*; beyond the limit return the seconds to wait instead."""
        now = self.clock.now()

        def unit(tx: Transaction) -> float | None:
            tx.attempts.purge(now - _WINDOW)
            tried, first = tx.attempts.since(address, now - _WINDOW)
            if first is not None and tried >= self.most:
                return max(1.0, (first + _WINDOW - now).total_seconds())
            tx.attempts.add(address, now)
            return None

        return await self.store.write(unit)
