"""A room of worker processes: one function call each, cut off by time and memory.

For work on bytes of strangers by libraries that cannot be bounded in a thread. A worker is a fresh
interpreter that has imported what it needs, without the node's memory, secrets or open files; it
serves many calls. A call that takes too long or too much costs its worker, never the room: the
next call starts another. Functions and arguments travel pickled, so the function stands in a
module; files are given by path.
"""

import logging
import os
import queue
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import structlog

from gateway.logs import configure_logs
from gateway.ports import CutOff

P = ParamSpec("P")
T = TypeVar("T")
#: Use frays a worker's memory. When so much of what a call may take is gone to it, or after so many
#: calls, a fresh one takes its place: seldom, for whoever calls next waits for its imports.
_FRAYED = 0.5
_CALLS_OF_WORKER = 10_000
#: A worker whose node has died ends by itself so long after its call should have ended.
_GRACE_S = 5.0
_START_S = 30.0
_ENTRY = "import sys; from gateway.processes import serve; serve(*sys.argv[1:])"
log = structlog.get_logger()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, *, timeout_s: float, memory_bytes: int, modules: Sequence[str]) -> None:
        self._timeout_s = timeout_s
        self._calls = 0
        self._memory_bytes = memory_bytes
        self._at_rest = 0  #: bytes of its addresses before the first call
        self._pipe, theirs = Pipe()
        arguments = [str(theirs.fileno()), str(timeout_s), str(memory_bytes), *modules]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-c", _ENTRY, *arguments],
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env={"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": os.environ.get("TMPDIR", "")},
            start_new_session=True,  # a signal from the terminal is for the node
        )
        theirs.close()
        self._is_ready = False

    @property
    def is_fresh(self) -> bool:
        """Whether nothing but the last call can have taken of its memory."""
        return self._calls <= 1

    @property
    def is_worn(self) -> bool:
        return (
            self._calls >= _CALLS_OF_WORKER
            or self._process.poll() is not None
            or _address_bytes(self._process.pid) - self._at_rest > self._memory_bytes * _FRAYED
        )

    def call(self, work: Callable[..., T], args: Any, kwargs: Any) -> T | CutOff:  # noqa: ANN401 - whatever the function takes
        """Return what *work* returns, or why it did not; after a cut the worker is gone."""
        self._calls += 1
        try:
            self._wait_until_ready()
            self._pipe.send((work, args, kwargs))
            if not self._pipe.poll(self._timeout_s):
                self.stop()
                return CutOff(reason="time")
            answer: T | CutOff = self._pipe.recv()
        except (EOFError, OSError):
            self.stop()
            return CutOff(reason="crash")
        return answer

    def _wait_until_ready(self) -> None:
        """Take the first message: its imports do not count as a call's time."""
        if not self._is_ready:
            if not self._pipe.poll(_START_S):
                raise EOFError("the worker does not start")
            self._pipe.recv()
            self._is_ready = True
            self._at_rest = _address_bytes(self._process.pid)

    def stop(self) -> None:
        """End the process; a second time does nothing."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()


class Processes:
    """See :class:`gateway.ports.Isolated`. Workers start with the first calls that need them."""

    def __init__(
        self, *, count: int, timeout_s: float, memory_mb: int, modules: Sequence[str]
    ) -> None:
        """Run up to *count* calls at once; *memory_mb* is what a call may take beyond idle.

        Each worker imports *modules* before its first call.
        """
        self._timeout_s = timeout_s
        self._memory_bytes = memory_mb << 20
        self._modules = modules
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._count = count
        for _ in range(count):
            self._idle.put(None)

    def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | CutOff:
        """Return what *work* returns. Blocks, also until a worker is free."""
        answer, again = self._once(work, args, kwargs)
        if again:
            # A worker can also be ended from outside, and calls before can have taken of its
            # memory; what a call does to a fresh one it does twice.
            answer, _ = self._once(work, args, kwargs)
        if isinstance(answer, CutOff):
            log.warning("isolated work cut off", work=work.__name__, reason=answer.reason)
        return answer

    def _once(
        self,
        work: Callable[..., T],
        args: Any,  # noqa: ANN401 - whatever the function takes
        kwargs: Any,  # noqa: ANN401 - whatever the function takes
    ) -> tuple[T | CutOff, bool]:
        """Return the answer of a worker, and whether a fresh one may give another."""
        worker = self._idle.get()
        try:
            if worker is None:
                worker = self._start()
            answer = worker.call(work, args, kwargs)
            reason = answer.reason if isinstance(answer, CutOff) else ""
            short = reason == "memory" and not worker.is_fresh
            if short or worker.is_worn:
                worker.stop()
                worker = None
            return answer, short or reason == "crash"
        finally:
            self._idle.put(worker)

    def _start(self) -> _Worker:
        return _Worker(
            timeout_s=self._timeout_s, memory_bytes=self._memory_bytes, modules=self._modules
        )

    def warm(self) -> None:
        """Start all workers ahead of the first calls, without waiting for them."""
        workers = [self._idle.get() or self._start() for _ in range(self._count)]
        for worker in workers:
            self._idle.put(worker)

    def close(self) -> None:
        """End all workers, when no call is under way."""
        for _ in range(self._count):
            worker = self._idle.get()
            if worker is not None:
                worker.stop()


def serve(descriptor: str, timeout_s: str, memory_bytes: str, *modules: str) -> None:
    """Be a worker: answer the calls that come by the pipe *descriptor* until it is closed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the node ends its workers when it has drained
    configure_logs()
    logging.disable()  # what libraries say of hostile bytes is no news, and may quote them
    pipe = Connection(int(descriptor))
    for module in modules:
        import_module(module)
    _limit(int(memory_bytes))
    with suppress(EOFError, OSError):  # whoever called is gone
        pipe.send(None)
        while True:
            work, args, kwargs = pipe.recv()
            signal.setitimer(signal.ITIMER_REAL, float(timeout_s) + _GRACE_S)
            answer = _answer(work, args, kwargs)
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(answer)


def _limit(memory_bytes: int) -> None:
    """Allow *memory_bytes* beyond what this process has now, and no core files."""
    most = _address_bytes("self") + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_bytes(process: int | str) -> int:
    """Return what the limit of memory is counted by: the size of all that is mapped."""
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


def _answer(work: Callable[..., object], args: Any, kwargs: Any) -> object:  # noqa: ANN401 - whatever the function takes
    try:
        return work(*args, **kwargs)
    except MemoryError:
        return CutOff(reason="memory")
    except Exception:  # noqa: BLE001 - whatever a library throws at bytes is an answer
        return CutOff(reason="error")
