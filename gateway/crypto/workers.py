"""Processes that verify signatures: a file that runs away kills its worker, and the pool lives on.

Every worker has the fast ways of ``acceleration.py`` in place, keeps the trust folders and what
it found about certificates, and may use so much memory and no more. The pool watches the time.
"""

import asyncio
import multiprocessing
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from gateway.crypto.acceleration import accelerate
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import TrustRoom
from gateway.crypto.verify import Request, Verifier
from gateway.domain.signatures import Fault, SignatureReport

_MB = 1 << 20
#: A worker makes room after so many files, whatever the libraries keep.
_FILES_OF_WORKER = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """How many workers there are, and what one file may cost."""

    workers: int = 2
    time_s: float = 20.0
    memory_mb: int = 768  #: beyond what a worker needs to start


class VerifierPool:
    """Verifies off the event loop; open it once, close it in the end."""

    def __init__(
        self,
        trust: Sequence[Path],
        policy: VerificationPolicy,
        *,
        screen: Callable[[bytes], bool],
        limits: WorkerLimits | None = None,
    ) -> None:
        """Prepare workers that trust the folders *trust*; *screen* must be a plain function."""
        self._limits = limits or WorkerLimits()
        self._pool = ProcessPool(
            max_workers=self._limits.workers,
            max_tasks=_FILES_OF_WORKER,
            initializer=_start,
            initargs=(tuple(trust), policy, screen, self._limits.memory_mb),
            context=multiprocessing.get_context("spawn"),
        )

    async def warm(self) -> None:
        """Start every worker, so that the first files do not wait for imports."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._limits.workers):
                group.create_task(_settled(self._pool, _nothing))

    async def verify(
        self, path: Path, media_type: str, *, at: datetime, content: Path | None = None
    ) -> SignatureReport:
        """Return what is true about the signatures of the file *path*, as of *at*.

        *content* is the signed file of a detached signature. A file that takes too long or too
        much gives a report with a fault and nothing else.

        Raises:
            Misconfigured: the trust folders cannot be read.
            OSError: the file cannot be read.
        """
        request = Request(path=path, media_type=media_type, at=at, content=content)
        future = self._pool.schedule(_verify, args=(request,), timeout=self._limits.time_s)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            return SignatureReport(fault=Fault.TIME)
        except ProcessExpired:
            return SignatureReport(fault=Fault.CRASH)
        except MemoryError:
            return SignatureReport(fault=Fault.MEMORY)

    def close(self) -> None:
        """Stop the workers without waiting for what they are at."""
        self._pool.stop()  # type: ignore[no-untyped-call] # pebble says nothing about it
        self._pool.join()


async def _settled(pool: ProcessPool, work: Callable[[], None]) -> None:
    try:
        await asyncio.wrap_future(pool.schedule(work))
    except (ProcessExpired, CancelledError):
        return


_verifier: Verifier | None = None


def _start(
    trust: Sequence[Path],
    policy: VerificationPolicy,
    screen: Callable[[bytes], bool],
    memory_mb: int,
) -> None:
    """Make this process a worker."""
    global _verifier  # noqa: PLW0603 - a process has one, and the pool gives it no other place
    accelerate()
    _verifier = Verifier(TrustRoom(trust), policy, screen=screen)
    used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    most = used + memory_mb * _MB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _verify(request: Request) -> SignatureReport:
    if _verifier is None:
        raise RuntimeError("this process was not made a worker")
    return _verifier.verify(request)


def _nothing() -> None:
    """Do nothing: the worker is there."""
