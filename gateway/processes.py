"""A room of worker processes: one function call each, cut off by time and memory.

For work on bytes of strangers by libraries that cannot be bounded in a thread. A worker has nothing
of the node's memory, secrets or open files: it is forked by a nursery, a fresh interpreter that
does nothing but import what workers need and fork them, so that they start at once and share its
memory. It serves many calls. A call that takes too long or too much costs its worker, never the
room: the next call starts another. Functions and arguments travel pickled, so the function stands
in a module; files are given by path.
"""

import gc
import logging
import os
import queue
import resource
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn, ParamSpec, TypeVar

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
_STOP_S = 5.0
_LONGEST_ORDER, _NUMBER_BYTES = 4096, 16
_ENTRY = "import sys; from gateway.processes import nurse; nurse(*sys.argv[1:])"
log = structlog.get_logger()


class Nursery:
    """Forks workers; processes that are forked with it in hand share it.

    Who finds it gone starts another for himself. It ends with the last who could ask it.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        """Have *modules* imported before the first worker; nothing is started yet."""
        self._modules = modules
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starter = 0
        self._lock = Lock()

    def warm(self) -> None:
        """Start it ahead of the first worker, without waiting for its imports."""
        with self._lock:
            if self._line is None:
                self._line = self._start()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-c", _ENTRY, str(theirs.fileno()), *self._modules],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={
                    "PYTHONPATH": os.pathsep.join(sys.path),
                    "TMPDIR": os.environ.get("TMPDIR", ""),
                },
                start_new_session=True,  # a signal from the terminal is for the node
            )
        self._starter = os.getpid()
        return ours

    def order(self, *words: str) -> Connection:
        """Have a worker forked; return the pipe to it.

        Of *words* the first is its name, the others are for :func:`serve`.
        """
        ours, theirs = Pipe()
        order = "\n".join(words).encode()
        with theirs, self._lock:
            try:
                self._send(order, theirs)
            except OSError:
                self.close()
                self._send(order, theirs)
        return ours

    def _send(self, order: bytes, pipe: Connection) -> None:
        if self._line is None:
            self._line = self._start()
        socket.send_fds(self._line, [order], [pipe.fileno()])

    def close(self) -> None:
        """Let go of it; who started it ends it."""
        line, process = self._line, self._process
        self._line = self._process = None
        if line is not None:
            line.close()
        if process is not None and self._starter == os.getpid():
            process.kill()
            process.wait()
        elif process is not None:
            process.returncode = 0  # not ours to wait for


class _Worker:
    """One process and the pipe to it."""

    def __init__(
        self,
        nursery: Nursery,
        *,
        name: str,
        timeout_s: float,
        memory_bytes: int,
        modules: Sequence[str],
    ) -> None:
        self._timeout_s = timeout_s
        self._calls = 0
        self._memory_bytes = memory_bytes
        self._at_rest = 0  #: bytes of its addresses before the first call
        self._pipe = nursery.order(name, str(timeout_s), str(memory_bytes), *modules)
        self._process = 0  #: 0 until it has told who it is
        self._handle = -1  #: means this process, whoever bears its number later

    @property
    def is_fresh(self) -> bool:
        """Whether nothing but the last call can have taken of its memory."""
        return self._calls <= 1

    @property
    def is_worn(self) -> bool:
        return (
            self._calls >= _CALLS_OF_WORKER
            or self._has_ended(0.0)
            or _address_bytes(self._process) - self._at_rest > self._memory_bytes * _FRAYED
        )

    def _has_ended(self, within_s: float) -> bool:
        if self._handle < 0:
            return True
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        return bool(poll.poll(within_s * 1000))

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
        """Take the first messages: its imports do not count as a call's time."""
        if self._process:
            return
        if not self._pipe.poll(_START_S):
            raise EOFError("the worker does not start")
        with socket.socket(fileno=os.dup(self._pipe.fileno())) as line:
            told, handles, _, _ = socket.recv_fds(line, _NUMBER_BYTES, 1)
        if not told or not handles:  # none also where this process has no room for one more
            raise EOFError("the worker did not start")
        self._process, [self._handle] = int(told), handles
        if not self._pipe.poll(_START_S):
            raise EOFError("the worker does not become ready")
        self._pipe.recv()
        self._at_rest = _address_bytes(self._process)

    def stop(self) -> None:
        """End the process; a second time does nothing. One that has not told who it is ends itself."""
        self._pipe.close()
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            self._has_ended(_STOP_S)
            os.close(self._handle)
            self._handle = -1


class Processes:
    """See :class:`gateway.ports.Isolated`. Workers start with the first calls that need them."""

    def __init__(
        self,
        *,
        count: int,
        timeout_s: float,
        memory_mb: int,
        modules: Sequence[str],
        name: str = "worker",
        nursery: Nursery | None = None,
    ) -> None:
        """Run up to *count* calls at once; *memory_mb* is what a call may take beyond idle.

        Each worker has imported *modules* before its first call, and shows itself to the system by
        *name*. Without a *nursery* the room has one of its own.
        """
        self._nursery = nursery or Nursery(modules)
        self._has_own_nursery = nursery is None
        self._timeout_s = timeout_s
        self._memory_bytes = memory_mb << 20
        self._modules = modules
        self._name = name
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
        except BaseException:
            # What is still to come by its pipe must not pass for the answer to the next call.
            if worker is not None:
                worker.stop()
                worker = None
            raise
        else:
            return answer, short or reason == "crash"
        finally:
            self._idle.put(worker)

    def _start(self) -> _Worker:
        return _Worker(
            self._nursery,
            name=self._name,
            timeout_s=self._timeout_s,
            memory_bytes=self._memory_bytes,
            modules=self._modules,
        )

    def warm(self) -> None:
        """Have everything imported ahead of the first calls, without waiting for it."""
        self._nursery.warm()

    def close(self) -> None:
        """End all workers, when no call is under way."""
        for _ in range(self._count):
            worker = self._idle.get()
            if worker is not None:
                worker.stop()
        if self._has_own_nursery:
            self._nursery.close()


def nurse(descriptor: str, *modules: str) -> None:
    """Be a nursery: fork the workers that are asked for by the socket *descriptor*."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the node ends its workers when it has drained
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for module in modules:
        import_module(module)
    gc.collect()
    gc.freeze()  # what the collector does not look at stays shared
    with socket.socket(fileno=int(descriptor)) as line, suppress(OSError):
        while True:
            order, pipes, _, _ = socket.recv_fds(line, _LONGEST_ORDER, 1)
            if not order:
                return
            [pipe] = pipes
            if os.fork() == 0:
                line.close()
                _live(pipe, *order.decode().split("\n"))
            os.close(pipe)


def _live(pipe: int, name: str, *words: str) -> NoReturn:
    """Be a worker, and never return into what the nursery was doing."""
    try:
        os.setsid()
        Path("/proc/self/comm").write_text(name, "utf-8")
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        handle = os.pidfd_open(os.getpid())
        with socket.socket(fileno=os.dup(pipe)) as line:
            socket.send_fds(line, [b"%0*d" % (_NUMBER_BYTES, os.getpid())], [handle])
        os.close(handle)
        serve(str(pipe), *words)
    finally:
        os._exit(0)


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
