"""A room of worker processes: one function call each, cut off by time and memory.

For work on bytes of strangers by libraries that cannot be bounded in a thread. Workers are forked
from a server process that has imported what they need, so one is ready in milliseconds, and they
share its memory. A call that takes too long or too much costs its worker, never the room: the next
call finds a new one. Functions and arguments travel pickled, so the function stands in a module;
files are given by path.
"""

import multiprocessing
import queue
import resource
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import structlog

from gateway.ports import CutOff

P = ParamSpec("P")
T = TypeVar("T")
#: A worker's memory frays with use; after so many calls a fresh one takes its place.
_CALLS_OF_WORKER = 500
#: A worker whose node has died ends by itself so long after its call should have ended.
_GRACE_S = 5.0
log = structlog.get_logger()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, *, timeout_s: float, memory_bytes: int) -> None:
        context = multiprocessing.get_context("forkserver")
        self._timeout_s = timeout_s
        self._calls = 0
        self._pipe, theirs = context.Pipe()
        self._process: ForkServerProcess = context.Process(
            target=_serve, args=(theirs, timeout_s, memory_bytes), daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def is_worn(self) -> bool:
        return self._calls >= _CALLS_OF_WORKER or not self._process.is_alive()

    def call(self, work: Callable[..., T], args: Any, kwargs: Any) -> T | CutOff:  # noqa: ANN401
        """Return what *work* returns, or why it did not; after a cut the worker is gone."""
        self._calls += 1
        try:
            self._pipe.send((work, args, kwargs))
            if not self._pipe.poll(self._timeout_s):
                self.stop()
                return CutOff(reason="time")
            answer: T | CutOff = self._pipe.recv()
        except (EOFError, OSError):
            self.stop()
            return CutOff(reason="crash")
        return answer

    def stop(self) -> None:
        """End the process; a second time does nothing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


class Processes:
    """See :class:`gateway.ports.Isolated`. Workers start with the first calls that need them."""

    def __init__(
        self, *, count: int, timeout_s: float, memory_mb: int, modules: Sequence[str]
    ) -> None:
        """Run up to *count* calls at once; *memory_mb* is what a call may take beyond idle.

        *modules* are imported before the first worker is forked.
        """
        multiprocessing.get_context("forkserver").set_forkserver_preload(["__main__", *modules])
        self._timeout_s = timeout_s
        self._memory_bytes = memory_mb << 20
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._count = count
        for _ in range(count):
            self._idle.put(None)

    def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | CutOff:
        """Return what *work* returns. Blocks, also until a worker is free."""
        answer = self._once(work, args, kwargs)
        if isinstance(answer, CutOff) and answer.reason == "crash":
            # A worker can also be ended from outside; a call that crashes it does so twice.
            answer = self._once(work, args, kwargs)
        if isinstance(answer, CutOff):
            log.warning("isolated work cut off", work=work.__name__, reason=answer.reason)
        return answer

    def _once(self, work: Callable[..., T], args: Any, kwargs: Any) -> T | CutOff:  # noqa: ANN401
        worker = self._idle.get()
        try:
            if worker is None:
                worker = self._start()
            answer = worker.call(work, args, kwargs)
            if worker.is_worn:
                worker.stop()
                worker = None
            return answer
        finally:
            self._idle.put(worker)

    def _start(self) -> _Worker:
        return _Worker(timeout_s=self._timeout_s, memory_bytes=self._memory_bytes)

    def warm(self) -> None:
        """Start the first worker ahead of the first call. Blocks."""
        self(_nothing)

    def close(self) -> None:
        """End all workers, when no call is under way."""
        for _ in range(self._count):
            worker = self._idle.get()
            if worker is not None:
                worker.stop()


def _nothing() -> None:
    """Do nothing: a first call is over when its worker runs."""


def _serve(pipe: Connection, timeout_s: float, memory_bytes: int) -> None:
    """Answer calls until the other end is closed."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            stop, signal.SIG_IGN
        )  # the node ends its workers itself, when it has drained
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            work, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, timeout_s + _GRACE_S)
        answer = _answer(work, args, kwargs)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send(answer)


def _answer(work: Callable[..., object], args: Any, kwargs: Any) -> object:  # noqa: ANN401
    try:
        return work(*args, **kwargs)
    except MemoryError:
        return CutOff(reason="memory")
    except Exception:  # whatever a library throws at hostile bytes is an answer
        log.exception("isolated work failed")
        return CutOff(reason="error")
