"""PostgreSQL as the engine of the store: any number of nodes over one database."""

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg

from gateway.domain.errors import Misconfigured, Unavailable
from gateway.storage.migrate import migrate_postgres
from gateway.storage.postgres_connection import CHANNEL, TIP, PostgresConnection, connect


class PostgresEngine:
    """See :class:`gateway.storage.engine.Engine`.

    Writers of all nodes take turns by a lock of the database, each for one group of units; those
    that said what they rest on share it, and wait only for who rests on the same. Whoever keeps a
    copy of something hears of its change by a notification.
    """

    errors = psycopg.Error
    broken_rules = psycopg.IntegrityError

    def __init__(self, url: str) -> None:
        """Name the database."""
        self._url = url
        self._counts: dict[str, int] = {}
        self._commits = 0
        self.heard: tuple[int, str] | None = None
        self._doubts = 0  #: how often something may have been missed
        self._lock = threading.Lock()
        self._listener: psycopg.Connection[Any] | None = None

    def prepare(self) -> None:
        """Make the schema, one node at a time, and listen; raise Misconfigured where that cannot be."""
        connection = PostgresConnection(self._url, read_only=False)
        try:
            migrate_postgres(connection.raw)
        except psycopg.Error as error:  # its user may make no tables, say
            raise Misconfigured(
                f"the database cannot be brought up to this release: {error}"
            ) from error
        finally:
            connection.close()
        self._listen()

    def connect(self, *, read_only: bool) -> PostgresConnection:
        """Open a connection."""
        return PostgresConnection(self._url, read_only=read_only, tell=self._note)

    def turn(self) -> AbstractContextManager[None]:
        """Return at once: a transaction that writes begins with the lock of all writers."""
        return nullcontext()

    def is_busy(self, error: Exception) -> bool:
        """Whether the server is away, or was held too long by others."""
        deadlock = (
            psycopg.errors.DeadlockDetected
        )  # each waited for the other: now one has gone on
        return isinstance(error, psycopg.OperationalError) and not isinstance(error, deadlock)

    def count(self, table: str | None) -> int:
        """Return a number that differs after a commit of any node, or one that changed *table*.

        Of other nodes' commits it hears within a look.
        """
        changed = self._commits if table is None else self._counts.get(table, 0)
        return changed + self._doubts

    def look(self) -> bool:
        """Whether commits were told since the last look, our own among them."""
        try:
            if self._listener is None or self._listener.closed:
                self._listen()
                self._doubt()  # what was told meanwhile was missed
                return True
            told = [each.payload for each in self._listener.notifies(timeout=0)]
        except psycopg.Error as error:
            raise Unavailable("the database cannot be read now") from error
        for payload in told:
            self._note(set(payload.split(",")) - {""})
        return bool(told)

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()

    def _listen(self) -> None:
        self._listener = connect(self._url)
        self._listener.execute(f"LISTEN {CHANNEL}")

    def _note(self, tables: set[str]) -> None:
        with self._lock:
            self._commits += 1
            for tip in (each for each in tables if each.startswith(TIP)):
                number, _, stated = tip.removeprefix(TIP).partition(":")
                self.heard = max(self.heard or (0, ""), (int(number), stated))
            for table in tables:
                if table.startswith(TIP):
                    continue
                self._counts[table] = self._counts.get(table, 0) + 1

    def _doubt(self) -> None:
        """Let every copy be read anew."""
        with self._lock:
            self._doubts += 1
