"""Every seam of the house: what a room may ask of the equipment, and of an adapter.

A room never holds a transaction across an ``await``: it hands a *unit*, a plain function of a
:class:`Transaction`, to the store. Many units share one commit and one fsync; each is answered
after it. A unit may run twice (when its neighbour in the group broke the database), so it has no
effect but through its transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import BinaryIO, Literal, ParamSpec, Protocol, TypeVar

from gateway.domain.accounts import Account
from gateway.domain.announcements import Announcement
from gateway.domain.calendar import OfficeCalendar
from gateway.domain.calendar_changes import CalendarChange
from gateway.domain.chain import ChainRun
from gateway.domain.directory import Agency
from gateway.domain.document import Message, Metadata, StatusMessage
from gateway.domain.exchange import (
    Attestation,
    AuditEntry,
    AuditRecord,
    Client,
    Delivery,
    Destination,
    Document,
    Given,
    HistoryEvent,
    Job,
    Notice,
    Receipt,
    Stamp,
)
from gateway.domain.figures import Question, Tally
from gateway.domain.findings import Finding
from gateway.domain.inspection import Inspected, Scanned
from gateway.domain.lifecycle import DeliveryState
from gateway.domain.reminders import Reminder, ReminderKind
from gateway.domain.sessions import AccountNotice, Session
from gateway.domain.signatures import Evidence, SignatureReport
from gateway.domain.statistics import Fact
from gateway.domain.wire import HeldCode, TransportState, WireStatus

P = ParamSpec("P")
T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)

#: The API between the gateway and its adapters; a change that breaks adapters raises it.
ADAPTER_API = 1


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a list of documents shows; None asks for anything."""

    agency: str | None = None  #: of this agency's documents; None: of all (administrators)
    box: str | None = None  #: ``in`` or ``out``
    code: str | None = None
    state: str | None = None  #: of the document
    type: str | None = None
    counterpart: str | None = None
    since: datetime | None = None  #: submitted at or after
    until: datetime | None = None  #: submitted before
    words: tuple[str, ...] | None = (
        None  #: beginnings of words of the subject, folded; (): none fit
    )
    anywhere: bool = False  #: the words may stand in number, notation and code, too
    partners: tuple[str, ...] = ()  #: one of these in the place of *counterpart*
    named: tuple[str, ...] = ()  #: or the document went to, or came from, one of these agencies
    arrival_number: int | None = None  #: or the recipient entered it under this number
    at: str | None = None  #: state of the own delivery, or of some delivery of what was sent
    before: int | None = None  #: position under which the page starts
    limit: int = 50


class Documents(Protocol):
    """Documents with their attachments and deliveries."""

    def add(self, document: Document) -> int:
        """Store *document* with attachments and deliveries; return its position."""

    def extend(self, document: Document, deliveries: Sequence[Delivery]) -> None:
        """Store *deliveries* of a stored *document*."""

    def find(self, document: str) -> Document | None:
        """Return a document by id, whole."""

    def find_many(self, documents: Sequence[str]) -> list[Document]:
        """Return documents by id, whole, in the order asked for; unknown ones are left out."""

    def by_code(self, code: str) -> Document | None:
        """Return a document by its document code."""

    def by_identifier(self, sender: str, document_id: str) -> Document | None:
        """Return the new (type 0) document that *sender* identified so and that stands."""

    def by_notation(self, sender: str, number: str, notation: str) -> list[Document]:
        """Return the documents of *sender* with that number and notation, newest first."""

    def received(self, agency: str, number: str, notation: str) -> list[Document]:
        """Return what *agency* received with that number and notation, newest first."""

    def identified(self, sender: str, document_id: str) -> list[Document]:
        """Return whatever *sender* sent under an identifier, newest first."""

    def recall_early(
        self, sender: str, document_id: str, recipient: str, note: str | None, at: datetime
    ) -> None:
        """Keep the recall of a document that is not here yet."""

    def recalled_early(self, sender: str, document_id: str) -> list[tuple[str, str | None]]:
        """Return recipients and reasons of the recalls that came before a document."""

    def recalled_at_last(self, sender: str, document_id: str, recipient: str) -> None:
        """Forget a recall that was obeyed when its document came."""

    def purge_early_recalls(self, before: datetime) -> int:
        """Forget recalls of documents that never came."""

    def forget_content(self, document: str) -> None:
        """Let go of the message and the files of a document; they are removed soon."""

    def regain_content(self, document: Document) -> None:
        """Store message and files of a document that let go of them before."""

    def to_erase(self, limit: int) -> list[str]:
        """Return files that no document has any more."""

    def erased(self, keys: Sequence[str]) -> None:
        """Note that files were removed."""

    def delivery_states(self, document: str) -> set[DeliveryState]:
        """Return the states that the deliveries of a document are in."""

    def select(self, selection: Selection) -> list[Document]:
        """Return a page of documents, newest first."""

    def register_in(
        self,
        agency: str,
        year: int,
        *,
        after: int,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Document]:
        """Return what *agency* entered in *year* above an arrival number, by these numbers."""

    def register_out(
        self, agency: str, *, since: datetime, until: datetime, after: datetime | None, limit: int
    ) -> list[Document]:
        """Return what *agency* sent in a period and after an instant, in the order of sending."""

    def owns(self, document: str, blob: str) -> bool:
        """Whether the document refers to a blob."""

    def save(self, document: Document) -> Document:
        """Write the columns that change, by compare-and-set on ``version``; raise Conflict."""

    def keep_evidence(self, document: str, evidence: Sequence[Evidence]) -> None:
        """Store what the signatures of a new document were judged by; the same bytes once."""

    def evidence(self, document: str) -> list[Evidence]:
        """Return what the signatures of a document were judged by."""

    def recent_certificates(self, *, documents: int, limit: int) -> list[bytes]:
        """Return certificates (DER) that the newest *documents* were judged by, newest first."""


class Deliveries(Protocol):
    """Deliveries, changed by compare-and-set on ``version``."""

    def find(self, delivery: str) -> Delivery | None:
        """Return a delivery by id."""

    def save(self, delivery: Delivery) -> Delivery:
        """Write a changed delivery and return it with its new version; raise Conflict."""

    def to_lease(self, agency: str, now: datetime, limit: int) -> list[Delivery]:
        """Return what waits in the pull box of *agency*, urgent first, then oldest."""

    def number_taken(self, agency: str, year: int, number: int) -> bool:
        """Whether *agency* has given that arrival number in *year*."""

    def count(self, agency: str, box: str, state: str, most: int) -> int:
        """Return how many deliveries to (``in``) or from *agency* are in *state*, up to *most*."""

    def overdue(self, before: datetime, limit: int) -> list[Delivery]:
        """Return deliveries handed over before an instant and not heard of since."""


class Numbers(Protocol):
    """Gapless counters: what rolls back gives its number back."""

    def take(self, series: str) -> int:
        """Return the next number of *series*, from 1."""

    def raise_to(self, series: str, value: int) -> None:
        """Make sure that the next number of *series* is above *value*."""

    def listing(self) -> dict[str, int]:
        """Return the newest number of every series of documents and arrivals."""

    def is_blocked(self) -> bool:
        """Whether the node was restored and gives no numbers yet."""

    def resume(self, year: int, floor: int) -> None:
        """Give numbers again; series of *year* of which nothing is known begin above *floor*."""


class Jobs(Protocol):
    """The queue: one job in flight per lane."""

    def put(self, job: Job, *, buried_at: datetime | None = None) -> None:
        """Queue *job*, or put it aside at once as one that failed for good."""

    def claim(
        self, owner: str, now: datetime, until: datetime, limit: int, *, horizon: timedelta = ...
    ) -> list[Job]:
        """Claim the first due job of up to *limit* free lanes, urgent first.

        What waits for, or is claimed for, longer than *horizon* was written by another clock:
        it is due, and its claim has run out.
        """

    def beside(self, job: Job, document: str, limit: int) -> list[Job]:
        """Return what waits in the lane of *job* for further recipients of its *document*."""

    def hold(self, job: int, until: datetime) -> None:
        """Let the claim of *job* last until its work must have ended."""

    def is_due(self, now: datetime, *, horizon: timedelta = ...) -> bool:
        """Whether there is something to claim; cheaper than to claim nothing."""

    def finish(self, job: int) -> None:
        """Remove a job that is done."""

    def postpone(self, job: int, due_at: datetime, error: str, *, lone: bool = False) -> None:
        """Free the lane and try again at *due_at*; *lone*: it has trouble of its own."""

    def bury(self, job: int, at: datetime, error: str) -> None:
        """Keep a job that failed for good, out of the way."""

    def release(self, owner: str | None) -> int:
        """Free every claim of *owner* (None: of anybody); return how many."""

    def drop_item(self, kind: str, item: str) -> int:
        """Remove the jobs of *kind* about *item*; return how many."""

    def find(self, job: int) -> Job | None:
        """Return a job by id, buried or not."""

    def is_buried(self, job: int) -> bool:
        """Whether a job failed for good."""

    def listing(self, limit: int, *, after: int = 0) -> list[tuple[Job, bool]]:
        """Return jobs, buried ones marked True, oldest first."""

    def revive_lane(self, lane: str, now: datetime) -> int:
        """Make all that waits for a destination due now; return how many."""

    def toward_axes(self, after: int, limit: int) -> list[Job]:
        """Return jobs for any axis that are not under way, from a place on, buried ones too."""

    def revive(self, job: int, now: datetime) -> None:
        """Make a job due now; one that was buried starts over."""

    def depth(self) -> int:
        """Return how many jobs wait."""

    def depths(self) -> dict[str, int]:
        """Return how many jobs wait for each destination, by lane."""


class Destinations(Protocol):
    """Back-off per destination."""

    def find(self, lane: str) -> Destination:
        """Return how *lane* is doing; a lane never heard of is fine."""

    def save(self, destination: Destination) -> None:
        """Write it."""

    def heard(self, lane: str, now: datetime) -> bool:
        """Clear the back-off and make all that waits due; return whether there was one."""

    def listing(self) -> list[Destination]:
        """Return all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """Which records of a stretch of a chain are wanted; None asks for any."""

    chain: str
    newest: int  #: number of the newest record of the stretch
    oldest: int  #: and of its oldest
    actor: str | None = None  #: a part of the name of who did it, in its case
    action: str | None = None
    limit: int


class Audit(Protocol):
    """The append-only chain that history, statistics and evidence read."""

    def append(self, entry: AuditEntry) -> None:
        """Chain *entry*."""

    def history(self, document: str) -> list[HistoryEvent]:
        """Return the history of a document, oldest first."""

    def after(self, chain: str, seq: int, limit: int) -> list[AuditRecord]:
        """Return records after one, oldest first."""

    def rows_after(self, chain: object, seq: object, limit: int) -> list[dict[str, object]]:
        """Return records after one as they lie there; ``data`` is None where it was touched."""

    def moves(self, thing: str) -> set[tuple[str, str]]:
        """Return action and instant, as UTC text, of the records about *thing*."""

    def about(self, thing: str) -> list[AuditRecord]:
        """Return every record about *thing*, in the order of the chains."""

    def newest_about(self, thing: str, limit: int) -> list[AuditRecord]:
        """Return the newest records about one thing, newest first."""

    def search(self, search: AuditSearch) -> list[AuditRecord]:
        """Return the records of a stretch of one chain that fit, newest first."""

    def chains(self) -> dict[str, int]:
        """Return the chains with the number of the newest record of each."""

    def things_after(self, chain: str, seq: int, limit: int) -> tuple[int, list[str]]:
        """Return what the records behind *seq* are about, and the number of the last of them."""


class Statistics(Protocol):
    """The facts that statistics count: nothing but what the audit records tell."""

    def mark(self, chain: str) -> int:
        """Return the number of the last record of *chain* that was read."""

    def set_mark(self, chain: str, seq: int) -> None:
        """Note that *chain* was read up to *seq*."""

    def replace(self, document: str, facts: Sequence[Fact]) -> None:
        """Let *facts* be what is known of *document*."""

    def forget(self) -> None:
        """Throw every fact away, to tell them anew."""

    def tallies(self, question: Question) -> list[Tally]:
        """Return how many facts are alike in what *question* groups by."""


class Feed(Protocol):
    """Receipts and notices in the order of their commits."""

    def add_attestation(self, attestation: Attestation) -> None:
        """Store what a receipt is to say."""

    def attestations(self, limit: int) -> list[Attestation]:
        """Return what waits to be signed, oldest first."""

    def oldest_attestation(self) -> int | None:
        """Return the place of what has waited longest to be signed, None when nothing waits."""

    def awaits(self, *, document: str | None = None, owner: str | None = None) -> bool:
        """Whether something about *document*, or for *owner* (None: any), waits to be signed."""

    def drop_attestations(self, last: int) -> None:
        """Forget what was signed, up to the place *last*."""

    def add_receipt(self, receipt: Receipt) -> None:
        """Store a signed receipt; its place in the feed follows those before."""

    def add_notice(self, notice: Notice) -> None:
        """Store a notice for the event stream."""

    def receipts_after(self, owner: str | None, seq: int, limit: int) -> list[Receipt]:
        """Return receipts for *owner* (None: all) after a place, oldest first."""

    def receipts_of(self, document: str) -> list[Receipt]:
        """Return the receipts of a document, oldest first."""

    def given_after(self, document: str, seq: int, limit: int) -> list[Given]:
        """Return receipts of all documents as they lie there, those of one together."""

    def receipt(self, receipt: str) -> Receipt | None:
        """Return one receipt by id."""

    def last_jws(self, document: str) -> str | None:
        """Return the newest receipt of a document as JWS text."""

    def notices_after(self, agency: str | None, seq: int, limit: int) -> list[Notice]:
        """Return notices for *agency* (None: all) after a place, oldest first."""

    def tip(self) -> int:
        """Return the place of the newest notice, 0 when there is none."""


class Reminders(Protocol):
    """What agencies are reminded of."""

    def add(self, reminder: Reminder) -> bool:
        """Store *reminder*; return False when it was given before."""

    def is_known(self, document: str, kind: ReminderKind, agency: str, to: str) -> bool:
        """Whether such a reminder was given before."""

    def open(self, agency: str | None, after: int, limit: int) -> list[Reminder]:
        """Return what *agency* (None: any) is reminded of after a place, oldest first."""

    def settle(self, seq: int, at: datetime) -> None:
        """Note that nothing is left to do about a reminder."""

    def counts(self) -> dict[str, int]:
        """Return how many reminders are open, by kind."""

    def expect(self, document: str, due_on: date) -> None:
        """Look at *document* when *due_on* is over."""

    def overdue(self, today: date, limit: int) -> list[str]:
        """Return documents whose day is over, and that were not looked at since."""

    def met(self, document: str) -> None:
        """Look at *document* no more."""

    def unaccepted(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what arrived at offices before an instant, was not accepted, nor told of."""

    def unanswered(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what offices were asked back before an instant, not answered, nor told of."""


class Stamps(Protocol):
    """Time stamps, each over a run of receipts of the feed."""

    def add(self, stamp: Stamp) -> None:
        """Store a stamp."""

    def tip(self) -> int:
        """Return the place of the last receipt that is stamped, 0 when none is."""

    def covering(self, seq: int) -> Stamp | None:
        """Return the stamp over the receipt at a place."""

    def receipts(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return place and JWS of the receipts after a place, oldest first."""


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
        """Store a new change, or one that was withdrawn."""

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


class ChainChecks(Protocol):
    """Runs of the check of the audit chain."""

    def put(self, check: ChainRun) -> None:
        """Store a run, new or further on."""

    def find(self, check: int) -> ChainRun | None:
        """Return a run by its number."""

    def newest(self, limit: int) -> list[ChainRun]:
        """Return the newest runs, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLoad:
    """What waits at a destination."""

    lane: str
    waiting: int
    oldest: datetime


class Overview(Protocol):
    """What the board and the figures count; every count is cut off where it says so."""

    def lanes(self) -> list[LaneLoad]:
        """Return the destinations at which jobs wait."""

    def boxes(self, limit: int) -> list[LaneLoad]:
        """Return the pull boxes in which documents wait, the fullest first; lanes are codes."""

    def failed(self, limit: int) -> list[Job]:
        """Return the jobs that failed for good, urgent first, then oldest."""

    def queued(self, lane: str | None, after: int, limit: int) -> list[Job]:
        """Return the jobs that wait (at one lane, or all) after a number, oldest first."""

    def held(self, limit: int) -> list[str]:
        """Return the documents that are held, oldest first."""

    def unaccepted(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what arrived legally *before* an instant and was not accepted, oldest first."""

    def received(self, since: datetime, limit: int) -> int:
        """Return how many deliveries arrived *since*, at most *limit*."""


class OfficeCalendars(Protocol):
    """The office calendars in force. Blocks when they changed: never on the event loop."""

    def __call__(self, agency: str) -> OfficeCalendar:
        """Return the calendar of *agency*."""

    def proposed(self, change: CalendarChange) -> Callable[[str], OfficeCalendar]:
        """Return the calendars as *change* would make them."""


class Transaction(Protocol):
    """All tables, inside one transaction."""

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
    def vxp(self) -> VxpTables: ...
    @property
    def calendar_changes(self) -> CalendarChanges: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def chain_checks(self) -> ChainChecks: ...
    @property
    def overview(self) -> Overview: ...


class Run(Protocol):
    """Runs blocking work in the one bounded executor."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what *work* returns; raise what it raises."""


class Store(Protocol):
    """The database."""

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run *unit* in the next group commit; return after the fsync.

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
        ``attestation``, ``job`` or ``calendar``. It lies in memory that the processes share: for the
        event loop, too.
        """

    def behind_s(self) -> float:
        """Return for how long the oldest unit waits to be written."""

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call *listener* on the event loop after every commit of this process."""

    async def watch(self, stopping: asyncio.Event) -> None:
        """Call the listeners also soon after the commits of other processes, until *stopping*."""


class Checkpoints(Protocol):
    """Signed files about the audit chains, outside the database."""

    def all(self) -> dict[str, str]:
        """Return every checkpoint by its name, oldest first. Blocks."""

    def has(self, name: str) -> bool:
        """Whether a checkpoint of this *name* was written. Blocks."""

    def put(self, name: str, jws: str) -> None:
        """Write a checkpoint durably; raise Unavailable. Blocks."""


class Spool(Protocol):
    """One file being received; its bytes are no document's until the store commits."""

    @property
    def key(self) -> str:
        """Its key in the blob store."""

    @property
    def size(self) -> int:
        """Bytes so far."""

    def write(self, chunk: bytes) -> None:
        """Append; hashes on the way. Blocks: never on the event loop."""

    def finish(self) -> str:
        """Complete the file and return its SHA-256, hex. The bytes may still be in caches."""

    def open(self) -> BinaryIO:
        """Open the finished file for reading, kept or not."""

    def abandon(self) -> None:
        """Stop without completing; the caller discards the key."""


class Blobs(Protocol):
    """Files of documents. All calls block: never on the event loop."""

    def create(self, key: str) -> Spool:
        """Start the file *key*; raise Unavailable on a full disk."""

    def keep(self, keys: Sequence[str]) -> None:
        """Make finished files durable, names included; the commit that follows refers to them."""

    def discard(self, keys: Sequence[str]) -> None:
        """Remove files that no commit refers to."""

    def wipe(self, keys: Sequence[str]) -> None:
        """Overwrite such files before they are removed: they hold what must not be kept."""

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading."""

    def path(self, key: str) -> str | None:
        """Return the path of a kept file, None where it has none: it is read by ``open`` then."""

    def free_bytes(self) -> int:
        """Return the free space, where files arrive."""


class DocumentFiles(Blobs, Protocol):
    """The files of a node's documents, as the wiring looks after them. All calls block."""

    def check(self) -> None:
        """Raise Unavailable while it is known that nothing can be kept. Does not block."""

    def identity(self) -> str | None:
        """Return the id that these files were given, None when they have none."""

    def identify(self, identity: str) -> None:
        """Give these files an *identity*, the same as their database's."""

    def is_empty(self) -> bool:
        """Whether there is no file of any document."""

    def sweep(self, *, is_known: Callable[[str], bool], today: date) -> int:
        """Set files aside to which no commit refers; return how many."""


class SignReceipt(Protocol):
    """Signs a receipt with the node's key."""

    def __call__(self, payload: Mapping[str, object]) -> str:
        """Return the compact JWS (ES256, chain in ``x5c``) over *payload*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A digest that an authority saw."""

    token: bytes  #: RFC 3161, DER
    at: datetime


class StampAuthority(Protocol):
    """An authority of time stamps (RFC 3161)."""

    async def __call__(self, digest: bytes) -> Stamped:
        """Have *digest* (SHA-256) stamped; raise Unavailable when that cannot be had now."""


# --- adapters -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What is handed to an adapter: constant over retries, so that a peer can tell a repeat."""

    id: str  #: the same for every attempt
    event: str  #: ``document``, ``receipt``, ``recall`` or ``status``
    document: str  #: our id of the document
    to: str  #: agency code as the sender wrote it
    media_type: str  #: ``application/xml`` or ``application/jose``
    size: int
    open: Callable[[], AbstractContextManager[Iterator[bytes]]]  #: the bytes, in a worker thread
    code: str | None = None
    sender: str = ""  #: agency that the packet speaks for
    trace: tuple[str, ...] = ()  #: nodes that it has passed, oldest first, this one last
    priority: int = 0
    also_to: tuple[str, ...] = ()  #: further recipients, where the sender takes several at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The next party took it. *arrived*: it is now in the recipient's own system."""

    arrived: bool
    note: str | None = None


class Sender(Protocol):
    """Hands packets to one destination.

    Raises of ``send``: Unavailable (try later), Refused (never); anything else counts as
    temporary. A packet may come again after a crash: the peer must see the same id.
    """

    @property
    def takes_several(self) -> bool:
        """Whether one packet reaches all its recipients: else each has a packet of its own."""

    async def send(self, packet: Packet) -> Handover:
        """Hand *packet* over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message that a receiver found; *token* means something to the receiver alone."""

    token: str
    open: Callable[[], AbstractContextManager[Iterator[bytes]]]
    code: str | None = None  #: document code that its home node gave, when the hop carries it
    trace: tuple[str, ...] = ()  #: nodes that it passed, oldest first, when the hop carries them
    to: str | None = None  #: the one recipient that the hop is for; None: all that are ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an incoming message, told to the receiver after our commit."""

    accepted: bool
    report: bytes | None = None  #: JSON for the sender when it was refused
    replies: tuple["Reply", ...] = ()  #: status messages that tell an origin of the refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status message that answers a message which was not taken in."""

    sender: str  #: agency of ours in whose name it speaks
    to: str
    body: bytes


class Receiver(Protocol):
    """Yields what a peer or an office left for us.

    ``receive`` may hold a look for some seconds until something is there.
    """

    def receive(self) -> AsyncIterator[Incoming]:
        """Yield what is there now, then end; called again at once, or after the poll interval."""

    async def confirm(self, item: Incoming, outcome: Outcome) -> None:
        """Let go of *item*: our commit is on disk. May come twice for one item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destined:
    """What an adapter is built for: an office of ours, or an axis."""

    name: str  #: agency code or axis name
    is_axis: bool
    url: str = ""
    folder: str = ""  #: absolute
    systemid: str = ""
    secret: str = ""
    node: str = ""  #: code of this node, for the hops of what goes out
    timeout_s: float = 60.0  #: longest silence, and what a call may take beside what it carries
    least_bytes_s: float = 2048.0  #: a way that carries less than this is no way
    ca_file: str = ""  #: whose certificates are believed there; empty: those of the machine
    client_certificate: str = ""  #: that we show there, with its chain
    client_key: str = ""

    def allowed_s(self, size: int) -> float:
        """Return what a call that carries *size* bytes may take."""
        return self.timeout_s + size / self.least_bytes_s


class Adapter(Protocol):
    """What the entry points of the group ``gateway.adapters`` name: a factory of connections."""

    api: int  #: ADAPTER_API it was written for

    def __call__(self, destined: Destined, clock: Clock) -> "Connection":
        """Build the connection; raise Misconfigured for wrong settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An agency as an axis lists it."""

    code: str
    other: str | None  #: its code in the other form
    name: str
    mail: str | None = None
    deleted: bool = False
    successor: str | None = None


class AxisDirectory(Protocol):
    """The list of agencies of an axis, and our place in it."""

    async def announce(self, agency: Agency) -> None:
        """Enter or update *agency* of ours; raise Refused when the axis will not have it."""

    async def withdraw(self, code: str) -> None:
        """Close an agency of ours there; raise Refused when that is not possible."""

    def listing(self) -> AsyncIterator[Sequence[Listed]]:
        """Yield all agencies in parts; raise Unavailable when the list does not come whole."""


class Connection(Protocol):
    """A built adapter; ``sender``, ``receiver`` or ``directory`` is None without such a power."""

    @property
    def sender(self) -> Sender | None: ...
    @property
    def receiver(self) -> Receiver | None: ...
    @property
    def directory(self) -> AxisDirectory | None: ...

    async def aclose(self) -> None:
        """Let go of sockets and files."""


# --- formats, as the rooms see them --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An edXML message of our own around attachments that lie in files."""

    frame: bytes  #: the text around the attachments, for storage
    sha256: str  #: of the whole message
    size: int


class Draft(Protocol):
    """A message of our own that only lacks what the commit decides."""

    def complete(self, *, code: str, number: str) -> Composed:
        """Fill in the document code and the number; cheap, for inside a unit."""


class ComposeEnvelope(Protocol):
    """Writes the message of a document that was submitted as data and files."""

    def __call__(self, document: Document) -> Draft:
        """Draft it. Reads the attachments: never on the event loop."""


class Reading(Protocol):
    """What a message turned out to be; without a message there is an error among the findings."""

    @property
    def message(self) -> Message | StatusMessage | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...


class ReadMetadata(Protocol):
    """Reads the JSON of a submission."""

    def __call__(self, raw: bytes) -> tuple[Metadata | None, tuple[Finding, ...]]:
        """Return the data and every finding about their form; raise Refused when unreadable."""


class MessageReader(Protocol):
    """Reads one message that comes in chunks. Blocks: never on the event loop."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""

    def close(self) -> Reading:
        """Say what it was."""

    def abandon(self) -> None:
        """Stop early; the caller discards the files."""


class OpenReader(Protocol):
    """Makes a reader for one message."""

    def __call__(self, spool: Callable[[int], Spool], *, local: bool) -> MessageReader:
        """*spool* opens the file that attachment n (from 1) is decoded to.

        What is taken out of a wrapping gets a file with a number beyond those of attachments;
        files that the message does not name in the end are the caller's to discard.
        """


class Inspect(Protocol):
    """Finds out what a file really is and what it holds."""

    def __call__(self, file: BinaryIO, *, spent_s: float) -> Inspected:
        """Inspect within limits, whatever the bytes. Blocks: never on the event loop.

        *spent_s* went to other files of the same submission; all of them together are bounded.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """Work that did not come to an end."""

    reason: Literal["time", "memory", "crash", "error"]


class Isolated(Protocol):
    """Runs work in a process of its own, cut off by time and memory."""

    def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | CutOff:
        """Return what *work* returns. Blocks: never on the event loop."""


class Verify(Protocol):
    """Finds out what is true about the signatures of a file."""

    def __call__(
        self,
        file: BinaryIO,
        media_type: str,
        *,
        at: datetime,
        content: BinaryIO | None = None,
        spent_s: float,
    ) -> SignatureReport:
        """Verify as of *at*, within limits, whatever the bytes. Blocks: never on the event loop.

        *content* is the file that a detached signature stands beside; *spent_s* as in
        :class:`Inspect`.
        """


class Scan(Protocol):
    """Has a file scanned for malware."""

    def __call__(self, file: BinaryIO, *, spent_s: float) -> Scanned:
        """Scan *file*; *spent_s* as in :class:`Inspect`. Blocks: never on the event loop."""
