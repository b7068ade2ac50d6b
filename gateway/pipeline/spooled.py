"""Files of a submission to which no commit refers yet."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from gateway.domain.errors import Undecided
from gateway.ports import Blobs, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """Removes what nobody needs."""

    blobs: Blobs
    run: Run

    async def discard(self, keys: Sequence[str]) -> None:
        """Remove the files *keys*, to which no commit refers."""
        await self.run(partial(self.blobs.discard, tuple(keys)))

    @asynccontextmanager
    async def unless_stored(self, keys: Sequence[str]) -> AsyncIterator[None]:
        """Discard *keys* when what refers to them fails to be stored.

        Where nobody can say whether it was, as of one that was cancelled, they stay.
        """
        try:
            yield
        except Undecided:
            raise
        except Exception:
            await self.discard(keys)
            raise
