"""Every seam of the house: what a room may ask of the equipment, and of an adapter.

A room never holds a transaction across an ``await``: it hands a *unit*, a plain function of a
:class:`Transaction`, to the store. Many units share one commit and one fsync; each is answered
after it. A unit may run twice (when its neighbour in the group broke the database), so it has no
effect but through its transaction.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from gateway.ports.documents import Deliveries, Documents, Numbers
from gateway.ports.evidence import (
    Audit,
    ChainChecks,
    Feed,
    Reminders,
    Reports,
    Stamps,
    Statistics,
)
from gateway.ports.queue import Destinations, Jobs, Overview, Schedule
from gateway.ports.registry import (
    AccountsTable,
    Announcements,
    Attempts,
    CalendarChanges,
    Clients,
    DirectoryTable,
    Repeats,
    Sessions,
    Settings,
    VxpTables,
)
from gateway.ports.telling import Mails, Troubles

T = TypeVar("T")


class Transaction(Protocol):
    """All tables, inside one transaction."""

    def must_rest_on(self, key: str) -> None:
        """Raise Conflict when others run beside the unit, and it did not say that it rests on *key*."""

    @property
    def documents(self) -> Documents: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def numbers(self) -> Numbers: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def destinations(self) -> Destinations: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def stamps(self) -> Stamps: ...
    @property
    def reminders(self) -> Reminders: ...
    @property
    def directory(self) -> DirectoryTable: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def accounts(self) -> AccountsTable: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def repeats(self) -> Repeats: ...
    @property
    def statistics(self) -> Statistics: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def vxp(self) -> VxpTables: ...
    @property
    def calendar_changes(self) -> CalendarChanges: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def chain_checks(self) -> ChainChecks: ...
    @property
    def overview(self) -> Overview: ...
    @property
    def mails(self) -> Mails: ...
    @property
    def troubles(self) -> Troubles: ...


class Store(Protocol):
    """The database."""

    async def write(
        self, unit: Callable[[Transaction], T], *, rests_on: Collection[str] | None = None
    ) -> T:
        """Run *unit* in the next group commit; return after the fsync.

        A unit that says what it *rests_on* may run at the same time as units of other nodes that
        rest on other things: whatever it reads in order to decide what it writes must then be its
        own or be changed by units alone that name the same, or do not say. The series of numbers
        that it takes and the documents that it moves are among it. None: it rests on anything, and
        nothing runs beside it. Whatever fails beside others runs again so, and that counts: what a
        unit rests on may be looked up before, as long as the unit looks again and raises where it
        finds more.

        Raises:
            Unavailable: the disk is full or the database cannot be written; nothing was stored.
        """

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a *query* on a snapshot, in a reader's thread."""

    def read_here(self, query: Callable[[Transaction], T]) -> T:
        """The same on the calling thread, which is never the event loop's."""

    def version(self, of: str | None = None) -> int:
        """Return a number that differs once any process has changed something.

        *of* names a table of which alone the changes count: ``directory``, ``clients``,
        ``attestation``, ``job``, ``calendar`` or ``mail``. It lies in memory that the processes share: for the
        event loop, too.
        """

    def behind_s(self) -> float:
        """Return for how long the oldest unit waits to be written."""

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call *listener* on the event loop after every commit of this process."""

    async def watch(self, stopping: asyncio.Event) -> None:
        """Call the listeners also soon after the commits of other processes, until *stopping*."""
