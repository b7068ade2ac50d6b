"""What a database must do for the store; one file for each that does."""

from contextlib import AbstractContextManager
from typing import Protocol

from gateway.storage.rows import Connection


class EngineConnection(Connection, Protocol):
    """A connection with transactions, and parts of them that may be undone alone."""

    #: Whether, since the last commit, another server took the place of the one before: it may lack
    #: what that one had committed.
    moved: bool
    #: The number and the hash of the audit record that the next commit ends with, None: of none.
    tip: tuple[int, str] | None

    def begin(self, rests_on: frozenset[str] | None = None) -> None:
        """Begin a transaction: to write, or, when reading, on one snapshot.

        One that *rests_on* some things alone may share the turn with those that rest on others.
        """

    def put_down(self) -> None:
        """Run what was put off."""

    def commit(self) -> None:
        """Commit durably, and tell others what changed."""

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""

    def begin_unit(self) -> None:
        """Begin a part of the transaction that may be undone alone."""

    def end_unit(self, *, undo: bool) -> None:
        """End it, or *undo* it with all that it put off."""

    def close(self) -> None:
        """Close the connection."""


class Engine(Protocol):
    """A kind of database."""

    #: The newest audit record of the commits of others, as far as they told of it.
    heard: tuple[int, str] | None

    @property
    def errors(self) -> type[Exception]:
        """The errors of its library."""

    @property
    def broken_rules(self) -> type[Exception]:
        """Of them, those that say that the schema forbids something."""

    def prepare(self) -> None:
        """Make the database fit the code; raise Misconfigured when that cannot be."""

    def connect(self, *, read_only: bool) -> EngineConnection:
        """Open a connection; raise Misconfigured when that cannot be."""

    def turn(self) -> AbstractContextManager[None]:
        """Wait for the turn of this writer among those of other processes, and hold it."""

    def is_busy(self, error: Exception) -> bool:
        """Whether *error* says that another writer is in the way."""

    def count(self, table: str | None) -> int:
        """Return a number that differs after a commit of any process, or one that changed *table*.

        At once, from memory: for the event loop, too.
        """

    def look(self) -> bool:
        """Whether other processes have committed since the last look. Blocks a little."""

    def close(self) -> None:
        """Let go of what is shared."""
