"""The store: one writer thread that commits many units at once, and a few reader threads.

Group commit: whoever writes hands over a unit and waits. The writer takes all that wait, runs them
in one transaction, commits once, durably, and answers everybody after that. A unit that raises is
undone alone. When the engine itself fails (disk full, I/O error, the server gone) the group is
undone, and its units run again one by one, so that only those that cannot be stored are told so.

Writers of several processes take turns, one group each. A group in which every unit said what it
rests on shares the turn, where the engine can, with groups that rest on other things. What fails
there is not believed, and runs again with the turn for itself: another may have been in the way.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo
from types import TracebackType
from typing import Any, Self, TypeVar

from gateway.domain.errors import Conflict, Unavailable, Undecided
from gateway.storage.engine import Engine, EngineConnection
from gateway.storage.transaction import Transaction

T = TypeVar("T")

#: One transaction holds at most so many units, so that the first of them is not kept waiting.
LARGEST_GROUP = 256
READERS = 4
#: What rests on more has the turn for itself: the server's room for locks is shared by all.
_MOST_KEYS = 512
#: How often the commits of other processes are looked for, seconds.
WATCH_S = 0.05

Checkpoint = Callable[[str], None]


@dataclass(slots=True)
class _Waiting:
    """A unit and whoever waits for its result."""

    unit: Callable[[Transaction], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    rests_on: Collection[str] | None
    since: float = field(default_factory=time.monotonic)
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():  # whoever waited was cancelled; the commit stands
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class SqlStore:
    """See :class:`gateway.ports.Store`."""

    def __init__(
        self, engine: Engine, *, chain: str, zone: tzinfo, checkpoint: Checkpoint
    ) -> None:
        """Store in *engine*; *checkpoint* is told each instant at which a crash may bite."""
        self._engine = engine
        self._chain = chain
        self._zone = zone
        self._checkpoint = checkpoint
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._committed: tuple[int, str] | None = None  #: the newest audit record of ours
        self._listeners: list[Callable[[], None]] = []
        self._local = threading.local()
        self._opened: list[EngineConnection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writer = threading.Thread(target=self._write_for_ever, name="writer", daemon=True)

    async def __aenter__(self) -> Self:
        """Apply the migrations and start the writer."""
        await asyncio.to_thread(self._engine.prepare)
        self._writer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit what still waits, then close every connection."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.close()
        for connection in self._opened:
            connection.close()

    async def write(
        self, unit: Callable[[Transaction], T], *, rests_on: Collection[str] | None = None
    ) -> T:
        """Run *unit* in the next group commit; return once that is durable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._wake:
            if self._stopping:
                raise Unavailable("the node is stopping")
            self._waiting.append(_Waiting(unit, loop, future, rests_on))
            self._wake.notify()
        return await future

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a *query* on a snapshot, in a reader's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_here, query)

    def read_here(self, query: Callable[[Transaction], T]) -> T:
        """The same on the calling thread, which is never the event loop's."""
        connection, transaction = self._reader()
        try:
            connection.begin()
            transaction.begin(None)
            return query(transaction)
        except self._engine.errors as error:
            raise Unavailable("the database cannot be read now") from error
        finally:
            connection.rollback()

    def version(self, of: str | None = None) -> int:
        """Return a number that differs once any process has committed something, or changed *of*.

        It lies in memory: for the event loop, too.
        """
        return self._engine.count(of)

    def behind_s(self) -> float:
        """Return for how long the oldest unit waits to be written."""
        with self._wake:
            oldest = self._waiting[0].since if self._waiting else None
        return 0.0 if oldest is None else time.monotonic() - oldest

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call *listener* on the event loop after every commit of this process."""
        self._listeners.append(listener)

    async def watch(self, stopping: asyncio.Event) -> None:
        """Call the listeners also soon after the commits of other processes, until *stopping*."""
        loop = asyncio.get_running_loop()
        while not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S):
                    await stopping.wait()
            with suppress(Unavailable):
                if await loop.run_in_executor(self._readers, self._engine.look):
                    self._tell()

    def _reader(self) -> tuple[EngineConnection, Transaction]:
        """Return the connection of the calling thread, which reads."""
        known: tuple[EngineConnection, Transaction] | None = getattr(self._local, "known", None)
        if known is None:
            connection = self._engine.connect(read_only=True)
            known = (connection, Transaction(connection, chain=self._chain, zone=self._zone))
            self._local.known = known
            self._opened.append(connection)
        return known

    def _write_for_ever(self) -> None:
        connection = self._engine.connect(read_only=False)
        self._opened.append(connection)
        transaction = Transaction(connection, chain=self._chain, zone=self._zone)
        while self._has_work():
            with self._engine.turn():
                group = self._next_group()
                keys = _resting_on(group)
                try:
                    if not self._commit(
                        connection, transaction, group, apart=False, rests_on=keys
                    ):
                        self._commit(connection, transaction, group, apart=True)
                except Exception as error:  # noqa: BLE001 - the writer outlives whatever a unit does
                    self._commit_one_by_one(connection, transaction, group, error)
            self._answer(group)

    def _commit_one_by_one(
        self,
        connection: EngineConnection,
        transaction: Transaction,
        group: list[_Waiting],
        error: Exception,
    ) -> None:
        """Commit each unit of *group* alone after the group failed with *error*.

        When the database is locked by another process they do not wait for it one after another.
        """
        for waiting in group:
            if isinstance(error, Undecided):
                waiting.error = error  # what may be stored is not tried again
                continue
            if self._engine.is_busy(error):
                waiting.error = _unavailable(error)
                continue
            try:
                self._commit(connection, transaction, [waiting], apart=True)
            except self._engine.broken_rules as broken:
                waiting.error = _conflict(broken)
            except Undecided as broken:
                error = waiting.error = broken
            except self._engine.errors as broken:
                error = broken
                waiting.error = _unavailable(broken)
            except Exception as broken:  # noqa: BLE001 - it belongs to whoever waits
                waiting.error = broken

    def _has_work(self) -> bool:
        """Wait for a unit; False once the store closes and none is left."""
        with self._wake:
            while not self._waiting and not self._stopping:
                self._wake.wait()
            return bool(self._waiting)

    def _next_group(self) -> list[_Waiting]:
        """Take what waits by now."""
        with self._wake:
            size = min(len(self._waiting), LARGEST_GROUP)
            return [self._waiting.popleft() for _ in range(size)]

    def _commit(
        self,
        connection: EngineConnection,
        transaction: Transaction,
        group: list[_Waiting],
        *,
        apart: bool,
        rests_on: frozenset[str] | None = None,
    ) -> bool:
        """Run the units of *group* in one transaction; raise the engine's error when it is undone.

        First without savepoints, which is quicker: when a unit raises, all is undone and False
        returned, and the group runs again with its units *apart*, each undone alone.
        """
        try:
            connection.begin(rests_on)
            if connection.moved:
                connection.rollback()
                rests_on = None
                connection.begin()
            transaction.begin(rests_on)
            if connection.moved:
                known = (each for each in (self._committed, self._engine.heard) if each)
                transaction.look_back(max(known, default=None))
            for waiting in group:
                self._run(connection, transaction, waiting, apart=apart)
                if waiting.error is not None and not apart:
                    connection.rollback()
                    return False
            connection.put_down()
            connection.tip, moved = transaction.audit.mark(), connection.moved
            self._checkpoint("before-commit")
            connection.commit()
            self._committed = transaction.audit.mark() or self._committed
            if moved:  # what was heard of the server before is settled
                self._engine.heard = None
            self._checkpoint("after-commit")
        except Exception:
            connection.rollback()
            raise
        return True

    def _run(
        self,
        connection: EngineConnection,
        transaction: Transaction,
        waiting: _Waiting,
        *,
        apart: bool,
    ) -> None:
        waiting.error = None
        if apart:
            connection.begin_unit()
        mark = transaction.mark()
        try:
            waiting.result = waiting.unit(transaction)
        except self._engine.broken_rules as error:
            waiting.error = _conflict(error)
        except self._engine.errors:
            raise  # the engine failed: the whole group is in question
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            waiting.error = error
        if apart:
            connection.end_unit(undo=waiting.error is not None)
            if waiting.error is not None:
                transaction.rewind(mark)

    def _answer(self, group: list[_Waiting]) -> None:
        loops = {waiting.loop for waiting in group}
        for loop in loops:
            mine = [waiting for waiting in group if waiting.loop is loop]
            try:
                loop.call_soon_threadsafe(self._settle, mine)
            except RuntimeError:  # that loop is closed: nobody waits there any more
                continue

    def _settle(self, group: list[_Waiting]) -> None:
        for waiting in group:
            waiting.settle()
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _resting_on(group: list[_Waiting]) -> frozenset[str] | None:
    """Return all that the units of *group* rest on; None when one did not say, or it is too much."""
    said = [waiting.rests_on for waiting in group]
    if any(each is None for each in said):
        return None
    keys = frozenset(key for each in said for key in each or ())
    return keys if len(keys) <= _MOST_KEYS else None


def _conflict(error: Exception) -> Conflict:
    """Say that the schema forbids it: something like it is there already."""
    conflict = Conflict("this would stand against what is stored already")
    conflict.__cause__ = error
    return conflict


def _unavailable(error: Exception) -> Unavailable:
    unavailable = Unavailable("the database cannot store this now", retry_after_s=5.0)
    unavailable.__cause__ = error
    return unavailable
