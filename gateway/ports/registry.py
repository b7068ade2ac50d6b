"""Agencies, credentials, people and settings, as a unit sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.accounts import Account
from gateway.domain.announcements import Announcement, Telling
from gateway.domain.calendar_changes import CalendarChange
from gateway.domain.directory import Agency
from gateway.domain.exchange import (
    Client,
)
from gateway.domain.sessions import AccountNotice, Session
from gateway.domain.wire import HeldCode, TransportState, WireStatus


class DirectoryTable(Protocol):
    """Agencies as stored."""

    def all(self) -> list[Agency]:
        """Return every agency, open and closed."""

    def find(self, code: str) -> Agency | None:
        """Return the agency listed under exactly *code*."""

    def put(self, agencies: Sequence[Agency]) -> None:
        """Insert or overwrite, and raise the directory's version."""

    def version(self) -> int:
        """Return a number that changes with every change of the directory."""


class Settings(Protocol):
    """Small facts about the database itself."""

    def find(self, name: str) -> str | None:
        """Return a value, None when it was never set."""

    def put(self, name: str, value: str) -> None:
        """Set a value."""


class Clients(Protocol):
    """Credentials of programs."""

    def add(self, client: Client) -> None:
        """Store a new credential."""

    def save(self, client: Client) -> None:
        """Overwrite a credential."""

    def find(self, client: str) -> Client | None:
        """Return one by id."""

    def by_token_hash(self, token_hash: str) -> Client | None:
        """Return one by the SHA-256 of its token, revoked or not."""

    def by_system(self, systemid: str) -> Client | None:
        """Return one by its systemid, revoked or not."""

    def all(self) -> list[Client]:
        """Return every credential."""


class AccountsTable(Protocol):
    """People."""

    def add(self, account: Account) -> None:
        """Store a new account."""

    def save(self, account: Account) -> Account:
        """Write a changed account and return it with its new version; raise Conflict."""

    def find(self, user_name: str) -> Account | None:
        """Return an account by its user name."""

    def all(self) -> list[Account]:
        """Return every account, by user name."""

    def notify(self, notice: AccountNotice) -> None:
        """Keep a notice to a person until it was read."""

    def notices(self, user_name: str, limit: int) -> list[AccountNotice]:
        """Return the newest notices to a person that were not read."""

    def read_notices(self, user_name: str, upto: int, at: datetime) -> int:
        """Mark a person's notices up to a number as read."""


class Sessions(Protocol):
    """Sessions of browsers."""

    def add(self, session: Session) -> None:
        """Store a new session."""

    def save(self, session: Session) -> None:
        """Write the stage, the address and the last sight of a session."""

    def find(self, session: str) -> Session | None:
        """Return a session by id."""

    def of(self, user_name: str) -> Sequence[Session]:
        """Return the sessions of a person, newest first."""

    def end(self, session: str) -> int:
        """Remove a session; return how many there were."""

    def end_all(self, user_name: str, but: str = "") -> int:
        """Remove every session of a person, *but* one."""

    def purge(self, seen_before: datetime, created_before: datetime) -> int:
        """Remove sessions that ran out."""


class Attempts(Protocol):
    """How often somebody tried to sign in, by address."""

    def add(self, address: str, at: datetime) -> None:
        """Count an attempt."""

    def since(self, address: str, at: datetime) -> tuple[int, datetime | None]:
        """Return how often *address* tried after an instant, and when first."""

    def purge(self, before: datetime) -> None:
        """Forget the attempts up to an instant."""


class Repeats(Protocol):
    """Idempotency keys, kept seven days."""

    def find(self, client: str, key: str) -> tuple[str, str] | None:
        """Return (digest, document id) of the first use of *key*."""

    def add(self, client: str, key: str, digest: str, document: str, at: datetime) -> None:
        """Remember the first use."""

    def purge(self, before: datetime) -> int:
        """Forget keys older than *before*."""


class VxpTables(Protocol):
    """What the VXP door keeps beside documents."""

    def codes(self, client: str) -> list[HeldCode]:
        """Return the codes of a system, given up ones included."""

    def holders(self, code: str) -> list[HeldCode]:
        """Return who holds *code*, or gave it up."""

    def registrations(self) -> list[HeldCode]:
        """Return every code that some system holds, those that were registered last."""

    def put_code(self, held: HeldCode, at: datetime) -> None:
        """Insert or overwrite."""

    def drop_code(self, client: str, code: str) -> bool:
        """Take a code from a system; return whether it held it."""

    def received(self, code: str, limit: int) -> list[str]:
        """Return the deliveries in the list of who holds *code*, urgent first, then oldest."""

    def transport(self, delivery: str) -> tuple[TransportState, str | None, datetime] | None:
        """Return state, description and instant of a delivery that was touched."""

    def put_transport(
        self, delivery: str, agency: str, state: TransportState, note: str | None, at: datetime
    ) -> None:
        """Set the transport state of a delivery."""

    def keep(self, delivery: str, agency: str, at: datetime) -> None:
        """Let a delivery stay in the list until its system settles it, whatever it reports."""

    def sent(self, code: str, limit: int) -> list[str]:
        """Return ids of what *code* sent, newest first."""

    def document_between(self, least: str, beyond: str) -> str | None:
        """Return the one document id from *least* up to *beyond*."""

    def add_status(self, status: WireStatus, *, digest: str | None = None) -> None:
        """Lay a status message into its owner's list, if some system holds the owner's code."""

    def give_bytes(
        self, document: str, sender: str, *, agency: str, written: str, body: bytes, digest: str
    ) -> bool:
        """Give the status that the newest receipt of *document* left its bytes as reported."""

    def status_repeat(self, sender: str, digest: str) -> str | None:
        """Return the id of a status message that *sender* sent before."""

    def status(self, status: str) -> WireStatus | None:
        """Return a status message by id."""

    def statuses(self, owner: str, limit: int) -> list[WireStatus]:
        """Return what waits for *owner*, oldest first."""

    def statuses_sent(self, sender: str, limit: int) -> list[WireStatus]:
        """Return what *sender* reported, newest first."""

    def put_status(
        self, status: str, state: TransportState, note: str | None, at: datetime
    ) -> None:
        """Set the transport state of a status message."""

    def trace(self, document: str) -> str:
        """Return the hops that a document came by, ``""`` for one of our own."""

    def put_trace(self, document: str, trace: str) -> None:
        """Keep the hops that a document came by."""

    def announced(self, lane: str) -> dict[str, str]:
        """Return what an axis was told of our agencies: digests by code."""

    def put_announced(self, lane: str, code: str, digest: str) -> None:
        """Note that an axis was told of an agency."""

    def drop_announced(self, lane: str, code: str) -> None:
        """Note that an axis was told that an agency is closed."""


class CalendarChanges(Protocol):
    """Changes of the office calendar that administrators made."""

    def put(self, change: CalendarChange) -> None:
        """Store a change: new, approved or withdrawn."""

    def find(self, change: int) -> CalendarChange | None:
        """Return a change by its number."""

    def standing(self) -> list[CalendarChange]:
        """Return the changes that hold, oldest first."""

    def newest(self, limit: int) -> list[CalendarChange]:
        """Return the newest changes, withdrawn ones included, newest first."""


class Announcements(Protocol):
    """Notices of outages and maintenance."""

    def put(self, announcement: Announcement) -> None:
        """Store a new notice, or one that ended."""

    def find(self, announcement: int) -> Announcement | None:
        """Return a notice by its number."""

    def standing(self) -> list[Announcement]:
        """Return the notices that nobody ended, oldest first."""

    def newest(self, limit: int) -> list[Announcement]:
        """Return the newest notices, ended ones included, newest first."""

    def keep(self, telling: Telling) -> None:
        """Keep a notice as it was when something was told of it."""

    def telling(self, telling: str) -> Telling | None:
        """Return what was told, by its id."""

    def before(self, announcement: int, limit: int) -> list[Announcement]:
        """Return the notices older than one, newest first."""
