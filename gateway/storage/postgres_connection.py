"""One connection to PostgreSQL: statements by name, and inserts that can be put off."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.types.numeric import Int8Dumper

from gateway.domain.errors import Misconfigured, Undecided
from gateway.storage.putting_off import PuttingOff
from gateway.storage.rows import Parameters, Row, json_text
from gateway.storage.statements import load_statements
from gateway.storage.turn import WRITING

#: How long a server that is away is waited for: it restarts, or another takes its place.
RETURN_S = 15.0
_PAUSE_S = 0.2
#: Statements of one connection that the server keeps prepared: there are not so many.
_PREPARED = 500
#: The lock that writers which share take last, until their commit: places in feeds and the chain of
#: audit records then follow the order of commits, on however many nodes. Whoever holds it waits for
#: nothing any more.
_ORDERING = 0x4C47_4F52
#: A writer that does not go on inside its transaction is cut off, so that others do not wait for a
#: machine that was halted or lost.
_HALTED_S = 15
#: Channel on which a commit tells what it changed.
CHANNEL = "gateway_commit"
#: Before the number and the hash of the audit record that a commit ends with, among what it tells.
TIP = "tip:"
_VALUE = re.compile(r"(?<![:\w]):(\w+)")
#: A condition that may be left out: such a statement is planned anew for the values that it gets.
_OPTIONAL = re.compile(r"(?<![:\w]):\w+ IS NULL")
_LISTED = re.compile(r"SELECT value FROM json_each\((:\w+)\)")
_EACH = re.compile(r"json_each\((:\w+)\) w\b")
#: A value that is a JSON array, as the server takes it.
_ARRAY = re.compile(r"CAST\(:(\w+) AS json\)")
#: What keeps a column out of the choice of an index; here it would only mislead the planner.
_KEPT_OUT = re.compile(r"\+(?=(?:\w+\.)?open\b)")
_SETTINGS = """
    SET synchronous_commit = on;
    SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '120s';
    SET tcp_keepalives_idle = 15;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET TIME ZONE 'UTC';
"""
#: Returns the timeline of the server's log, which nobody but a primary server writes.
_WRITER_SETTINGS = f"""
    SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8),
        set_config('idle_in_transaction_session_timeout', '{_HALTED_S}s', false)
"""


@cache
def statements() -> Mapping[str, str]:
    """Return the statements as PostgreSQL takes them, values still written as ``:name``."""
    return {name: _translated(text) for name, text in load_statements("postgres").items()}


def _translated(text: str) -> str:
    text = _LISTED.sub(r"SELECT json_array_elements_text(CAST(\1 AS json))", text)
    text = _KEPT_OUT.sub("", text)
    text = _EACH.sub(r"json_array_elements_text(CAST(\1 AS json)) AS w(value)", text)
    return text.replace("instr(", "strpos(")


@cache
def _placed(text: str) -> str:
    """Return *text* with its values as the library takes them."""
    return _VALUE.sub(r"%(\1)s", text.replace("%", "%%"))


@cache
def _is_planned_anew(text: str) -> bool:
    """Whether the best way of a statement depends on its values: some conditions may be left out."""
    return _OPTIONAL.search(text) is not None


@cache
def _lists_of(text: str) -> tuple[str, ...]:
    """Return the names of the values of a statement that are JSON arrays."""
    return tuple(_ARRAY.findall(text))


class _Truth(Dumper):
    """True and false are 1 and 0, as in the other engine."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: Any) -> bytes:  # noqa: ANN401 - as in the library
        """Return the text of a number."""
        return b"1" if obj else b"0"


class PostgresConnection(PuttingOff):
    """See :class:`gateway.storage.engine.EngineConnection`."""

    dialect = "postgres"
    place = "%s"

    def __init__(
        self, url: str, *, read_only: bool, tell: Callable[[set[str]], None] = lambda _: None
    ) -> None:
        """Connect to *url*; *tell* hears what each commit changed. Raise Misconfigured."""
        super().__init__(statements())
        self._url = url
        self._read_only = read_only
        self._tell = tell
        self._transaction = ""  #: number of the transaction that is open
        self.tip: tuple[int, str] | None = None  #: the audit record that a commit ends with
        self.moved = False  #: another server took the place of the one that was written to
        self._timeline = ""  #: of the server: another one begins where a standby takes over
        self._warned = False  #: the server did less than it was asked, and said so
        self._must_keep_order = False  #: others may commit beside it, and it has not the last lock
        try:
            self.raw = self._connected()
        except psycopg.Error as error:
            raise Misconfigured(f"the database cannot be reached: {error}") from error

    def one(self, name: str, parameters: Parameters) -> Row | None:
        """Run a statement; return its first row."""
        rows = self.all(name, parameters)
        return rows[0] if rows else None

    def all(self, name: str, parameters: Parameters) -> list[Row]:
        """Run a statement; return every row."""
        return list(self._execute(self.ready(name), parameters).fetchall())

    def untouched(self, name: str, parameters: Parameters) -> list[Row]:
        """The same: this server takes no text that is none."""
        return self.all(name, parameters)

    def together(self, names: Sequence[str], parameters: Parameters) -> list[list[Row]]:
        """Run several statements, sent at once: the server is asked and waited for one time."""
        texts = [self.ready(name) for name in names]
        with self.raw.pipeline():
            asked = [self._execute(text, parameters) for text in texts]
            return [each.fetchall() for each in asked]

    def filled(self, name: str, words: Mapping[str, str], parameters: Parameters) -> list[Row]:
        """Run a statement with *words* in its braces; see the protocol."""
        text = self.ready(name).format_map(words)
        return list(self._planned_anew(text, parameters).fetchall())

    def run(self, name: str, parameters: Parameters) -> int:
        """Run a statement; return the number of rows that it changed."""
        return self._execute(self.ready(name), parameters).rowcount

    def define(self, statement: str) -> None:
        """Run a statement of the schema."""
        self.raw.execute(statement.encode())

    def insert(self, statement: str, values: Sequence[Any]) -> None:
        """Run an insert whose values go by their position."""
        self.raw.execute(statement.encode(), [*map(storable, values)], prepare=True)

    def begin(self, rests_on: frozenset[str] | None = None) -> None:
        """Begin a transaction, on a new connection when the server was away.

        A writer waits for those of other processes and nodes that rest on the same, in one order
        everywhere, so that no two wait for each other.
        """
        self.forget()
        self.changes.clear()
        if not self._is_lost():
            try:
                self._begin(rests_on)
            except psycopg.OperationalError:
                if not self._is_lost():
                    raise
            else:
                return
        self._reconnect()
        self._begin(rests_on)

    def _begin(self, rests_on: frozenset[str] | None) -> None:
        if self._read_only:
            self.raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return
        # The snapshot is that of each statement: what was committed before the turn is seen.
        self._must_keep_order = rests_on is not None
        lock = "pg_advisory_xact_lock" if rests_on is None else "pg_advisory_xact_lock_shared"
        keys = (f", pg_advisory_xact_lock({key})" for key in sorted(map(_lock_of, rests_on or ())))
        answer = self._at_once(
            "BEGIN ISOLATION LEVEL READ COMMITTED;"
            f"SELECT CAST(pg_current_xact_id() AS text), {lock}({WRITING}){''.join(keys)}",
            (),
        )
        answer.nextset()
        row = answer.fetchone()
        self._transaction = "" if row is None else str(row[0])

    def _is_lost(self) -> bool:
        return self.raw.closed or self.raw.broken

    def keep_order(self) -> None:
        """Let nobody else commit rows that are read in order until this transaction ends."""
        if self._must_keep_order:
            self.raw.execute("SELECT pg_advisory_xact_lock(%s)", (_ORDERING,))
            self._must_keep_order = False

    def rising(self, name: str) -> int | None:
        """Return the next number of the sequence *name*; what is undone leaves a gap."""
        row = self.raw.execute("SELECT nextval(%s)", (name,)).fetchone()
        return None if row is None else int(row[0])

    def commit(self) -> None:
        """Commit durably, and tell every node what changed.

        When the server goes away in that very moment, it is asked afterwards what became of it.

        Raises:
            Undecided: it stays away, another took its place, or a standby that must have it, too,
                does not say so; nobody knows.
        """
        told = sorted(self.changes)
        if self.tip is not None:
            told.append(f"{TIP}{self.tip[0]}:{self.tip[1]}")
        self._warned = False
        try:
            self._at_once("SELECT pg_notify(%s, %s); COMMIT", (CHANNEL, ",".join(told)))
        except psycopg.OperationalError:
            if not self._was_committed():
                raise
        if self._warned:
            raise _undecided()
        self.moved = False
        self._tell(self.changes)

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        with suppress(psycopg.Error):
            if not self.raw.closed:
                self.raw.execute("ROLLBACK")

    def begin_unit(self) -> None:
        """Begin a part of the transaction that may be undone alone."""
        self.put_down()
        self.raw.execute("SAVEPOINT unit")

    def end_unit(self, *, undo: bool) -> None:
        """End it, or *undo* it with all that it put off."""
        if undo:
            self.forget()
            self.raw.execute("ROLLBACK TO unit")
        self.raw.execute("RELEASE unit")

    def close(self) -> None:
        """Close the connection."""
        self.raw.close()

    def _execute(self, text: str, parameters: Parameters) -> "psycopg.Cursor[Any]":
        """Run a statement that the server has prepared, unless it is to be planned anew."""
        if _is_planned_anew(text):
            return self._planned_anew(text, parameters)
        return self.raw.execute(_placed(text), _values(text, parameters), prepare=True)

    def _planned_anew(self, text: str, parameters: Parameters) -> "psycopg.Cursor[Any]":
        return self._at_once(_placed(text), _values(text, parameters))

    def _at_once(
        self, text: str, values: Mapping[str, Any] | Sequence[Any]
    ) -> "psycopg.Cursor[Any]":
        """Send a text, be it several statements, with its values put into it by the library."""
        return psycopg.ClientCursor(self.raw).execute(text.encode(), values)

    def _connected(self) -> "psycopg.Connection[Any]":
        connection = connect(self._url)
        if self._read_only:
            return connection
        try:
            row = connection.execute(_WRITER_SETTINGS.encode()).fetchone()
        except psycopg.Error:  # a standby: it may take over yet
            connection.close()
            raise
        connection.add_notice_handler(self._hear)
        timeline = "" if row is None else str(row[0])
        self.moved = self.moved or self._timeline not in {"", timeline}
        self._timeline = timeline
        return connection

    def _hear(self, told: psycopg.errors.Diagnostic) -> None:
        """Note a warning: of a commit it says that a standby does not have it yet."""
        self._warned = self._warned or told.severity_nonlocalized == "WARNING"

    def _reconnect(self) -> None:
        """Connect anew; raise psycopg.OperationalError when the server stays away."""
        until = time.monotonic() + RETURN_S
        while True:
            try:
                self.raw = self._connected()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_S)
            else:
                return

    def _is_everywhere(self) -> bool:
        """Commit something of no meaning: once that is on a standby, all before it is, too."""
        self.raw.execute("SELECT pg_logical_emit_message(true, 'gateway', '')")
        return True

    def _was_committed(self) -> bool:
        """Ask what became of the transaction whose commit got no answer."""
        try:
            self._reconnect()
            until = time.monotonic() + RETURN_S
            while time.monotonic() < until:
                row = self.raw.execute(
                    "SELECT pg_xact_status(CAST(%s AS xid8))", (self._transaction,)
                ).fetchone()
                if self.moved:  # there the number of our transaction may be that of another one
                    raise _undecided()
                if row is None or row[0] != "in progress":
                    return row is not None and row[0] == "committed" and self._is_everywhere()
                time.sleep(_PAUSE_S)
        except psycopg.Error as error:
            raise _undecided() from error
        raise _undecided()


def _lock_of(key: str) -> int:
    """Return the lock of what is called *key*; two that fall together wait for nothing worse."""
    return int.from_bytes(sha256(key.encode()).digest()[:8], signed=True)


def _values(text: str, parameters: Parameters) -> dict[str, Any]:
    """Return *parameters* as the statement *text* takes them."""
    values = {name: storable(value) for name, value in parameters.items()}
    for name in _lists_of(text):
        if r"\u0000" in (values[name] or ""):
            values[name] = json_text([storable(each) for each in json.loads(values[name])])
    return values


def storable(value: Any) -> Any:  # noqa: ANN401 - whatever a statement takes
    """Return *value*; a text with NUL, which the server knows not, as one that equals no other."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


def connect(url: str) -> "psycopg.Connection[Any]":
    """Connect to *url*; raise psycopg.Error."""
    connection: psycopg.Connection[Any] = psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=10,
        application_name="liaison-gateway",
        keepalives_idle=30,
    )
    connection.prepared_max = _PREPARED
    connection.adapters.register_dumper(bool, _Truth)
    connection.adapters.register_dumper(int, Int8Dumper)  # one type, whatever the size
    connection.execute(_SETTINGS)
    return connection


def _undecided() -> Undecided:
    return Undecided("the database did not say whether this is stored", retry_after_s=5.0)
