"""What proves what happened, as a unit sees it: record, receipts, stamps, figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.audit_segment import Archived, Kept
from gateway.domain.chain import ChainRun
from gateway.domain.exchange import (
    Attestation,
    AuditEntry,
    AuditRecord,
    Delivery,
    Given,
    HistoryEvent,
    Notice,
    Receipt,
    Stamp,
)
from gateway.domain.figures import Question, Tally
from gateway.domain.periods import Period, PeriodKind
from gateway.domain.reminders import Reminder, ReminderKind
from gateway.domain.statistics import Fact


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

    def told(self, thing: str) -> list[AuditRecord]:
        """Return what records say about *thing*, archived ones included, without their hashes."""

    def segments(self) -> list[Archived]:
        """Return the archived segments, chain by chain, oldest first."""

    def let_go(self, segment: Archived, kept: Sequence[str]) -> int:
        """Note an archived *segment*, keep what records of the actions *kept* say, let all go.

        Returns how many records went.
        """

    def kept(self, chain: str, after: int, last: int, limit: int) -> list[Kept]:
        """Return what stays at hand of archived records behind one and up to another."""

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

    def lost_guards(self) -> list[str]:
        """Return the names of the triggers that keep the record and are gone, or were altered."""

    def restore_guards(self, names: Sequence[str]) -> None:
        """Put the triggers *names* back."""

    def began_at(self) -> datetime | None:
        """Return when the oldest record was made, archived ones included: since when a node lives."""

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

    def sum_up(self, *, today: date, keep: int, most: int) -> bool:
        """Sum up *most* of the oldest facts when over *keep* more are loose; whether it was so.

        What arrived *today* and may still be accepted in time stays loose. Counts stay what they
        are; an interval over a minute is told within 3 percent.
        """

    def forget(self) -> None:
        """Throw every fact and sum away, to tell them anew."""

    def last_legal_day(self) -> date | None:
        """Return the newest legal day of any fact, None when there are no facts."""

    def tallies(self, question: Question) -> list[Tally]:
        """Return how many facts are alike in what *question* groups by."""


class Reports(Protocol):
    """Standing reports: the row of each period that lets it be made once."""

    def claim(self, period: Period, owner: str, *, at: datetime, stale: datetime) -> bool:
        """Claim *period*; False when it is made, or claimed since *stale*."""

    def finish(self, period: str, owner: str, *, at: datetime) -> bool:
        """Note that *period* is made; False when it was somebody else's."""

    def known(self, kind: PeriodKind) -> tuple[date | None, set[str]]:
        """Return since when reports of *kind* are made, and the names of those that are."""

    def made(self, limit: int) -> list[tuple[Period, datetime]]:
        """Return the newest reports that are made, newest first."""

    def find(self, period: str) -> Period | None:
        """Return the period of that name whose report is made."""


class ReportFiles(Protocol):
    """Where the files of standing reports are."""

    def place(self, period: str) -> str:
        """Return where the files of a period are."""

    def put(self, period: str, files: Mapping[str, bytes]) -> dict[str, str]:
        """Write files durably in the place of earlier ones; return digests. Blocks.

        Raises:
            Unavailable: they cannot be written.
        """

    def names(self, period: str) -> list[str]:
        """Return the names of the files of a period in order, none where it has none here. Blocks."""

    def read(self, period: str, name: str) -> bytes:
        """Return a file of a period, which is one of its names. Blocks.

        Raises:
            Unavailable: it cannot be read.
        """


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


class ChainChecks(Protocol):
    """Runs of the check of the audit chain."""

    def put(self, check: ChainRun) -> None:
        """Store a run, new or further on."""

    def find(self, check: int) -> ChainRun | None:
        """Return a run by its number."""

    def newest(self, limit: int) -> list[ChainRun]:
        """Return the newest runs, newest first."""


class Checkpoints(Protocol):
    """Signed files about the audit chains, outside the database."""

    def all(self) -> dict[str, str]:
        """Return every checkpoint by its name, oldest first. Blocks."""

    def has(self, name: str) -> bool:
        """Whether a checkpoint of this *name* was written. Blocks."""

    def put(self, name: str, jws: str) -> None:
        """Write a checkpoint durably; raise Unavailable. Blocks."""

    def stamps(self) -> dict[str, bytes]:
        """Return the time stamps, by the names of their checkpoints. Blocks."""

    def put_stamp(self, name: str, token: bytes) -> None:
        """Write the time stamp of the checkpoint *name* durably; raise Unavailable. Blocks."""


class Segments(Protocol):
    """Files of archived segments of the audit chains. All calls block."""

    def write(
        self, file: str, *, statement: str, records: Iterable[bytes], checkpoint: tuple[str, str]
    ) -> None:
        """Write a segment durably, whole or not at all; raise Unavailable.

        *statement* is what the node signed about it, *checkpoint* name and text of one that
        covers it.
        """

    def read(self, file: str) -> AbstractContextManager[tuple[str, Iterator[bytes]]]:
        """Open a segment: what was signed about it, and its records; raise Refused."""
