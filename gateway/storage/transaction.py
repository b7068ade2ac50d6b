"""All tables of one connection, as a room sees them inside a transaction."""

from datetime import tzinfo

import structlog

from gateway.domain.errors import Conflict
from gateway.storage.accounts import AccountsTable, Attempts, Sessions
from gateway.storage.administration import Announcements, CalendarChanges, ChainChecks
from gateway.storage.audit import Audit
from gateway.storage.deliveries import Deliveries
from gateway.storage.documents import Documents
from gateway.storage.feed import Feed
from gateway.storage.jobs import Destinations, Jobs
from gateway.storage.overview import Overview
from gateway.storage.registry import (
    Clients,
    DirectoryTable,
    Numbers,
    Repeats,
    Settings,
)
from gateway.storage.reminders import Reminders
from gateway.storage.reports import Reports
from gateway.storage.rows import Connection
from gateway.storage.schedule import Schedule
from gateway.storage.stamps import Stamps
from gateway.storage.statistics import Statistics
from gateway.storage.telling import Mails, Troubles
from gateway.storage.vxp import VxpTables

log = structlog.get_logger()

#: The end of the audit chain and the counters, as far as they are known.
Mark = tuple[tuple[int, str] | None, dict[str, int]]


class Transaction:
    """See :class:`gateway.ports.Transaction`. Lives as long as its connection."""

    def __init__(  # noqa: PLR0915 - a line for each table
        self, connection: Connection, *, chain: str, zone: tzinfo
    ) -> None:
        """Lay the tables over *connection*; audit records join *chain*, written in *zone*."""
        self._rests_on: frozenset[str] | None = None
        self.numbers = Numbers(connection)
        self.documents = Documents(connection, self.numbers)
        self.deliveries = Deliveries(connection)
        self.jobs = Jobs(connection)
        self.destinations = Destinations(connection)
        self.audit = Audit(connection, chain=chain, zone=zone)
        self.feed = Feed(connection)
        self.stamps = Stamps(connection)
        self.reminders = Reminders(connection)
        self.directory = DirectoryTable(connection)
        self.settings = Settings(connection)
        self.clients = Clients(connection)
        self.accounts = AccountsTable(connection)
        self.sessions = Sessions(connection)
        self.attempts = Attempts(connection)
        self.repeats = Repeats(connection)
        self.statistics = Statistics(connection)
        self.reports = Reports(connection)
        self.schedule = Schedule(connection)
        self.vxp = VxpTables(connection)
        self.calendar_changes = CalendarChanges(connection)
        self.announcements = Announcements(connection)
        self.chain_checks = ChainChecks(connection)
        self.overview = Overview(connection)
        self.mails = Mails(connection)
        self.troubles = Troubles(connection)

    def begin(self, rests_on: frozenset[str] | None) -> None:
        """A transaction began, of units that share the turn by what they rest on, or do not."""
        self.rewind(None)
        self._rests_on = rests_on
        self.numbers.foresee(rests_on)

    def must_rest_on(self, key: str) -> None:
        """Raise Conflict unless *key* is among what the units rest on; see the protocol."""
        if self._rests_on is not None and key not in self._rests_on:
            raise Conflict(f"{key} is not among what the unit said that it rests on")

    def look_back(self, known: tuple[int, str] | None) -> None:
        """Another server took over: when it lacks the audit record *known*, let no number be given.

        What it lacks was numbered all the same, and given out.
        """
        if known is None or self.audit.holds(*known):
            return
        log.error("the database lacks what was committed: no numbers are given", record=known[0])
        self.numbers.block()
        newest = self.audit.newest_at()
        if newest is not None:
            self.settings.put("restored_from", newest)

    def mark(self) -> Mark:
        """Return what is remembered of the database between statements, to rewind to."""
        return self.audit.mark(), self.numbers.mark()

    def rewind(self, mark: Mark | None) -> None:
        """Go back to *mark*; None: a transaction begins, and nothing is known yet."""
        tip, values = mark or (None, {})
        self.audit.rewind(tip)
        self.numbers.rewind(values)
