"""A crew of processes that work off tasks: in parallel, each within its time, answers in order.

A process does one task at a time, within its time and its memory. One that takes too long is killed
and one that died is replaced; the others never notice. The processes are forked, so that they begin at once; the caller has no
threads then. They end when the caller does, whatever ends it.
"""

import resource
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import ClassVar, Generic, TypeVar

from gateway.domain.errors import GatewayError, Misconfigured

T = TypeVar("T")
R = TypeVar("R")
#: Tasks that may be done and wait for one before them, for each process.
_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Failed:
    """A task without an answer."""

    TIME: ClassVar[str] = "time"
    MEMORY: ClassVar[str] = "memory"
    DIED: ClassVar[str] = "died"

    reason: str  #: TIME, MEMORY, DIED, or the name of what went wrong


#: Opens the tools of one process; what it yields does a task.
Open = Callable[[], AbstractContextManager[Callable[[T], R]]]


@dataclass(slots=True, kw_only=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int
    ends_at: float


def work_off(
    tasks: Iterable[T], opened: Open[T, R], *, workers: int, limit_s: float, memory_mb: int
) -> Generator[R | Failed, None, None]:
    """Do *tasks* in so many processes; yield the answers in the order of the tasks.

    A task may take *limit_s* seconds, and *memory_mb* beyond what a process has once it is open.

    Close the iterator to end the processes early.

    Raises:
        GatewayError: the tools cannot be opened.
    """
    crew: _Crew[T, R] = _Crew(opened, most=workers, limit_s=limit_s, memory_bytes=memory_mb << 20)
    waiting, answers, shown = enumerate(tasks), dict[int, R | Failed](), 0
    try:
        while crew.hand_out(waiting, before=shown + _AHEAD * workers):
            answers |= crew.collect()
            while shown in answers:
                yield answers.pop(shown)
                shown += 1
    finally:
        crew.dismiss()


class _Crew(Generic[T, R]):
    def __init__(
        self, opened: Open[T, R], *, most: int, limit_s: float, memory_bytes: int
    ) -> None:
        self._opened = opened
        self._memory_bytes = memory_bytes
        self._most = most
        self._limit_s = limit_s
        self._busy: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._next: tuple[int, T] | None = None

    def hand_out(self, waiting: Iterator[tuple[int, T]], *, before: int) -> bool:
        """Give tasks up to number *before* to whoever is free; say whether anybody works."""
        while len(self._busy) < self._most:
            self._next = self._next or next(waiting, None)
            if self._next is None or self._next[0] >= before:
                break
            worker = self._idle.pop() if self._idle else self._hire()
            worker.task, task = self._next
            worker.ends_at = monotonic() + self._limit_s
            self._busy.append(worker)
            self._next = None
            with suppress(BrokenPipeError):  # it died: nothing comes from it
                worker.pipe.send(task)
        return bool(self._busy)

    def collect(self) -> dict[int, R | Failed]:
        """Wait for somebody and return the answers that are there."""
        first = min(worker.ends_at for worker in self._busy)
        ready = wait([each.pipe for each in self._busy], max(0.0, first - monotonic()))
        now, answers = monotonic(), dict[int, R | Failed]()
        for worker in tuple(self._busy):
            if worker.pipe in ready:
                answers[worker.task] = self._answer(worker)
            elif worker.ends_at <= now:
                answers[worker.task] = Failed(Failed.TIME)
                self._end(worker)
        return answers

    def dismiss(self) -> None:
        """End everybody."""
        for worker in (*self._busy, *self._idle):
            self._end(worker)

    def _answer(self, worker: _Worker) -> R | Failed:
        try:
            answer: R | Failed | GatewayError = worker.pipe.recv()
        except (EOFError, ConnectionError):
            self._end(worker)
            return Failed(Failed.DIED)
        if isinstance(answer, GatewayError):
            raise answer
        self._busy.remove(worker)
        self._idle.append(worker)
        return answer

    def _hire(self) -> _Worker:
        ours, theirs = (context := get_context("fork")).Pipe()
        to_close = [ours, *(each.pipe for each in (*self._busy, *self._idle))]
        process = context.Process(
            target=_work, args=(theirs, to_close, self._opened, self._memory_bytes)
        )
        # Held back until the process has said what it does about it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        return _Worker(process=process, pipe=ours, task=-1, ends_at=0.0)

    def _end(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        for group in (self._busy, self._idle):
            if worker in group:
                group.remove(worker)


def _work(
    pipe: Connection, to_close: list[Connection], opened: Open[T, R], memory_bytes: int
) -> None:
    """Do tasks until the caller is gone; an interrupt of the terminal is the caller's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for each in to_close:  # else we would keep the pipes of others open, and they would not end
        each.close()
    with suppress(EOFError, ConnectionError):
        try:
            with opened() as work:
                _bound(memory_bytes)
                while True:
                    pipe.send(_done(work, pipe.recv()))
        except GatewayError as error:
            pipe.send(error)
        except (EOFError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - the caller tells it, in one line
            pipe.send(Misconfigured(f"the work cannot begin: {type(error).__name__}: {error}"))


def _bound(memory_bytes: int) -> None:
    """Let this process have so much more address space than it has now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory_bytes, hard))


def _done(work: Callable[[T], R], task: T) -> R | Failed:
    try:
        return work(task)
    except MemoryError:
        return Failed(Failed.MEMORY)
    except Exception as error:  # noqa: BLE001 - one bad file stops no other
        return Failed(type(error).__name__)
