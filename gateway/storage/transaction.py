"""All tables of one connection, as a room sees them inside a transaction."""

from datetime import tzinfo

from gateway.storage.audit import Audit
from gateway.storage.deliveries import Deliveries
from gateway.storage.documents import Documents
from gateway.storage.feed import Feed
from gateway.storage.jobs import Destinations, Jobs
from gateway.storage.registry import AccountsTable, Clients, DirectoryTable, Numbers, Repeats
from gateway.storage.rows import Connection


class Transaction:
    """See :class:`gateway.ports.Transaction`. Lives as long as its connection."""

    def __init__(self, connection: Connection, *, chain: str, zone: tzinfo) -> None:
        """Lay the tables over *connection*; audit records join *chain*, written in *zone*."""
        self.documents = Documents(connection)
        self.deliveries = Deliveries(connection)
        self.numbers = Numbers(connection)
        self.jobs = Jobs(connection)
        self.destinations = Destinations(connection)
        self.audit = Audit(connection, chain=chain, zone=zone)
        self.feed = Feed(connection)
        self.directory = DirectoryTable(connection)
        self.clients = Clients(connection)
        self.accounts = AccountsTable(connection)
        self.repeats = Repeats(connection)
