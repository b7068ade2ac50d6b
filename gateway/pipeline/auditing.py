"""Auditing: checkpoints of the audit chains, and whether chains and receipts are as they were."""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import msgspec

from gateway.domain.audit_chain import (
    BEFORE_ALL,
    CHECKPOINT,
    MOST_FINDINGS,
    ChainCheck,
    End,
    Point,
    Witness,
    points_of,
    read_checkpoint,
)
from gateway.domain.audit_findings import CHECKPOINT as UNUSABLE
from gateway.domain.audit_findings import GUARD, RECEIPT_FOLLOWS, RECEIPT_ROW, STAMP, UNTOLD
from gateway.domain.canonical import canonical
from gateway.domain.errors import Refused
from gateway.domain.exchange import AuditEntry, Caller, Given
from gateway.domain.findings import Finding
from gateway.domain.receipts import digest_of, read_payload, refusal
from gateway.ports import (
    Checkpoints,
    Clock,
    Run,
    SignReceipt,
    StampAuthority,
    Store,
    Transaction,
)

#: Records or receipts read at a time.
_PAGE = 1000

Record = dict[str, object]
Examine = Callable[[str], Record]
#: Says of a time stamp and the digest under it when it was made; raises Refused.
ExamineStamp = Callable[[bytes, bytes], datetime]
#: Reads a part of a chain that lies elsewhere, and yields what is wrong with it.
ReadPart = Callable[[ChainCheck], Iterator[Finding]]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what is broken."""

    records: int
    receipts: int
    checkpoints: int
    stamps: int  #: time stamps over checkpoints
    segments: int  #: archived parts of the chains
    chains: dict[str, End]
    findings: tuple[Finding, ...]
    unguarded: tuple[Finding, ...] = ()  #: what no longer keeps the database from being changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to verify: a node's own, or a bundle's."""

    records: Iterable[Record]
    receipts: Iterable[Given]
    checkpoints: dict[str, str]
    stamps: dict[str, bytes]  #: by the names of their checkpoints
    segments: Sequence[ReadPart] = ()  #: archived parts, read before the records
    begins: Mapping[str, End] = field(default_factory=dict)  #: where chains begin behind
    points: tuple[Point, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    lost_guards: Sequence[str] = ()  #: triggers that the database should have


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditing:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    node: str
    run: Run
    checkpoints: Checkpoints
    sign: SignReceipt
    authority: StampAuthority | None  #: of time stamps; None: checkpoints get none
    archived: Callable[[], Sequence[ReadPart]]  #: the archived parts of the chains; blocks
    archived_lines: Callable[[], Iterator[bytes]]  #: their records, as lines of a bundle

    async def checkpoint(self) -> None:
        """Sign where every chain ends, unless that was signed before."""
        ends = await self.store.read(_ends)
        if ends:
            await self.run(lambda: self._put_checkpoint(ends))

    def _put_checkpoint(self, ends: dict[str, End]) -> None:
        name = f"{sum(end.seq for end in ends.values()):012}"
        if self.checkpoints.has(name):
            return
        payload = {
            "kind": CHECKPOINT,
            "issuer": self.node,
            "at": self.clock.now().astimezone(self.zone).isoformat(),
            "chains": msgspec.to_builtins(ends),
        }
        self.checkpoints.put(name, self.sign(payload))

    async def stamp(self) -> None:
        """Have the newest checkpoint time stamped: it covers all that was recorded before it.

        Raises:
            Unavailable: the authority gives no stamp now; the next turn asks again.
        """
        if self.authority is None:
            return
        newest = await self.run(self._unstamped)
        if newest is not None:
            name, jws = newest
            stamped = await self.authority(stamped_digest(jws))
            await self.run(lambda: self.checkpoints.put_stamp(name, stamped.token))

    def _unstamped(self) -> tuple[str, str] | None:
        """Return the newest checkpoint unless it has its stamp."""
        newest = list(self.checkpoints.all().items())[-1:]
        stamps = self.checkpoints.stamps()
        return next(((name, jws) for name, jws in newest if name not in stamps), None)

    def evidence(
        self, *, points: tuple[Point, ...] = (), witnesses: tuple[Witness, ...] = ()
    ) -> Evidence:
        """Return what the node has, read as it is asked for; on the way it blocks."""
        return Evidence(
            records=self._records(),
            receipts=self._receipts(),
            checkpoints=self.checkpoints.all(),
            stamps=self.checkpoints.stamps(),
            segments=self.archived(),
            points=points,
            witnesses=witnesses,
            lost_guards=self.store.read_here(lambda tx: tx.audit.lost_guards()),
        )

    async def lost_guards(self) -> list[str]:
        """Return the triggers that should keep the record from being changed, and do not."""
        return await self.store.read(lambda tx: tx.audit.lost_guards())

    async def restore_guards(self, caller: Caller) -> list[str]:
        """Put back what is gone, and say so in the record; return what was.

        Raises:
            Unavailable: the database does not let the node define triggers.
        """

        def unit(tx: Transaction) -> list[str]:
            lost = tx.audit.lost_guards()
            if lost:
                tx.audit.restore_guards(lost)
                tx.audit.append(
                    AuditEntry(
                        at=self.clock.now(),
                        actor=caller.actor,
                        address=caller.address,
                        action="changed",
                        about="audit",
                        data={"operation": "guards-restored", "guards": lost},
                    )
                )
            return lost

        return await self.store.write(unit)

    def lines(self) -> Iterator[bytes]:
        """Yield every record as a line of a bundle. Blocks."""
        rest = (canonical(each) for each in self._records())
        return itertools.chain(self.archived_lines(), rest)

    def receipts(self) -> Iterator[tuple[str, str]]:
        """Yield document and JWS of every receipt, those of a document together. Blocks."""
        return ((str(each.document), each.jws) for each in self._receipts())

    def moves(self, document: str) -> set[tuple[str, str]]:
        """Return action and instant of the records about *document*. Blocks."""
        return self.store.read_here(lambda tx: tx.audit.moves(document))

    def _records(self) -> Iterator[Record]:
        chain, seq = BEFORE_ALL
        while page := self._page(chain, seq):
            yield from page
            chain, seq = page[-1]["chain"], page[-1]["seq"]

    def _page(self, chain: object, seq: object) -> list[Record]:
        return self.store.read_here(lambda tx: tx.audit.rows_after(chain, seq, _PAGE))

    def _receipts(self) -> Iterator[Given]:
        document, seq = "", 0
        while page := self._given(document, seq):
            yield from page
            document, seq = page[-1].document, page[-1].seq

    def _given(self, document: str, seq: int) -> list[Given]:
        return self.store.read_here(lambda tx: tx.feed.given_after(document, seq, _PAGE))


@dataclass(slots=True, kw_only=True)
class Verification:
    """Goes through evidence; *moves*, of a node, tells what its records know of a document."""

    examine: Examine
    examine_stamp: ExamineStamp | None  #: None: no authority of time stamps is known
    moves: Callable[[str], set[tuple[str, str]]] | None = None
    progress: Progress = lambda _: None
    _receipts: int = 0
    _done: int = 0
    _findings: list[Finding] = field(default_factory=list)

    def __call__(self, evidence: Evidence) -> Verified:
        """Return what is broken in *evidence*. Blocks, perhaps for long."""
        known = self._checkpoints(evidence.checkpoints)
        self._stamps(evidence)
        check = ChainCheck(points=(*known, *evidence.points), witnesses=evidence.witnesses)
        for name, end in evidence.begins.items():
            check.go_on(name, first=1, end=end)
        for read in evidence.segments:
            self._tell(read(check))
            self.progress(check.records)
        for record in evidence.records:
            self._tell(check.read(record))
            self._advance()
        self._tell(check.end())
        self._read_receipts(evidence.receipts)
        return Verified(
            records=check.records,
            receipts=self._receipts,
            checkpoints=len(evidence.checkpoints),
            stamps=len(evidence.stamps),
            segments=len(evidence.segments),
            chains=dict(check.ends),
            findings=tuple(self._findings),
            unguarded=tuple(map(GUARD.finding, evidence.lost_guards)),
        )

    def _checkpoints(self, files: dict[str, str]) -> list[Point]:
        points: list[Point] = []
        for name, jws in files.items():
            try:
                checkpoint = read_checkpoint(self.examine(jws))
            except Refused as error:
                self._tell([UNUSABLE.finding(name, why=error.message)])
            else:
                points += points_of(checkpoint, known_by=f"checkpoint {name}")
        return points

    def _stamps(self, evidence: Evidence) -> None:
        if self.examine_stamp is None:
            return
        for name, token in evidence.stamps.items():
            jws = evidence.checkpoints.get(name, "")  # a stamp over nothing does not hold
            try:
                self.examine_stamp(token, stamped_digest(jws))
            except Refused as error:
                self._tell([STAMP.finding(name, why=error.message)])

    def _read_receipts(self, receipts: Iterable[Given]) -> None:
        document, previous, told = "", None, set[tuple[str, str]]()
        for each in receipts:
            if each.document != document:
                document, previous = each.document, None
                told = self.moves(document) if self.moves else set()
            self._tell(self._one(each, previous))
            if self.moves and (each.event, each.at) not in told:
                told = self.moves(document)  # the node goes on while it is verified
            if self.moves and (each.event, each.at) not in told:
                self._tell([UNTOLD.finding(each.id, event=each.event, at=each.at)])
            previous = digest_of(each.jws)
            self._receipts += 1
            self._advance()

    def _one(self, receipt: Given, previous: str | None) -> Iterator[Finding]:
        try:
            said = read_payload(self.examine(receipt.jws))
        except Refused as error:
            yield refusal(error, pointer=receipt.id)
            return
        if said.previous != previous:
            yield RECEIPT_FOLLOWS.finding(receipt.id)
        at = datetime.fromisoformat(said.at).astimezone(UTC).isoformat(timespec="microseconds")
        stated = (said.id, said.event, said.to, at)
        if self.moves and stated != (receipt.id, receipt.event, receipt.to, receipt.at):
            yield RECEIPT_ROW.finding(receipt.id)

    def _tell(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if len(self._findings) < MOST_FINDINGS:
                self._findings.append(finding)

    def _advance(self) -> None:
        self._done += 1
        self.progress(self._done)


def stamped_digest(jws: str) -> bytes:
    """Return what is time stamped of a checkpoint: SHA-256 of its text."""
    return hashlib.sha256(jws.encode()).digest()


def _ends(tx: Transaction) -> dict[str, End]:
    """Return the newest record of each chain."""
    ends = {}
    for chain, seq in tx.audit.chains().items():
        (record,) = tx.audit.rows_after(chain, seq - 1, 1)
        ends[chain] = End(seq=seq, hash=str(record["hash"]))
    return ends
