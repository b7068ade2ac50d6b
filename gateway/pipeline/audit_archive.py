"""Archiving the audit record: old segments move to signed files, and the chain goes on over them.

A segment is written, read again and proved; then one commit notes it, keeps what histories and
figures read of it, and lets its records go, which the database allows for noted segments alone. A
crash before that commit leaves a file that the next run writes again. The newest record of a chain
never goes: the next one is bound to it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from itertools import takewhile, zip_longest

import msgspec

from gateway.domain.audit_chain import ORIGIN, ChainCheck, End, read_line
from gateway.domain.audit_findings import SEGMENT, SEGMENT_END, SEGMENT_FILE, SEGMENT_KEPT
from gateway.domain.audit_segment import KEPT, Archived, Kept, Segment, read_segment
from gateway.domain.audit_segment import SEGMENT as KIND
from gateway.domain.canonical import canonical
from gateway.domain.errors import Conflict, Refused, Unavailable
from gateway.domain.exchange import AuditEntry, Caller
from gateway.domain.findings import Finding
from gateway.ports import Checkpoints, Clock, Run, Segments, SignReceipt, Store, Transaction

#: Records of one segment: one commit lets them go.
MOST_RECORDS = 20_000
_PAGE = 1000

Record = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditArchive:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    node: str
    run: Run
    files: Segments
    checkpoints: Checkpoints
    sign: SignReceipt
    examine: Callable[[str], Record]  #: the payload of a JWS of this node; raises Refused

    async def archive(
        self, before: datetime, caller: Caller, progress: Callable[[int], None]
    ) -> list[Archived]:
        """Archive what was recorded before an instant; a checkpoint was just signed.

        Raises:
            Refused: the chain is broken; nothing more is archived.
            Unavailable: a file cannot be written, or is not what was written.
        """
        made: list[Archived] = []
        for chain, newest in (await self.store.read(lambda tx: tx.audit.chains())).items():
            write = partial(self._write, chain, newest=newest, before=before)
            while (segment := await self.run(write)) is not None:
                await self.store.write(partial(self._let_go, segment=segment, caller=caller))
                made.append(segment)
                progress(sum(each.last - each.first + 1 for each in made))
        return made

    def segments(self) -> list[Archived]:
        """Return the archived segments, chain by chain, oldest first. Blocks."""
        return self.store.read_here(lambda tx: tx.audit.segments())

    def checks(self) -> list[Callable[[ChainCheck], Iterator[Finding]]]:
        """Return what verifies each segment in turn, as a part of the chain. Blocks."""
        return [partial(self.verify, each) for each in self.segments()]

    def lines(self) -> Iterator[bytes]:
        """Yield every archived record as a line of a bundle; raise Refused. Blocks."""
        for segment in self.segments():
            with self.files.read(segment.file) as (_, lines):
                yield from (line.rstrip(b"\n") for line in lines)

    def verify(self, segment: Archived, check: ChainCheck) -> Iterator[Finding]:
        """Read *segment* into *check*; yield what is wrong with it. Blocks."""
        begin = f"{segment.chain}:{segment.first}"
        why = self._fault(segment, segment.jws)
        if why:
            yield SEGMENT.finding(begin, file=segment.file, why=why)
        end = End(seq=segment.last, hash=segment.hash)
        try:
            with self.files.read(segment.file) as (statement, lines):
                why = self._fault(segment, statement)
                if why:
                    yield SEGMENT.finding(begin, file=segment.file, why=why)
                yield from self._read(segment, check, map(read_line, lines))
        except Refused as error:
            why, last = error.message, segment.last
            place = _next_of(check, segment)
            yield SEGMENT_FILE.finding(place, file=segment.file, last=last, why=why)
        else:
            if _end_of(check, segment.chain) != end:
                yield SEGMENT_END.finding(_next_of(check, segment), file=segment.file)
        check.go_on(segment.chain, first=segment.first, end=end)

    def _read(
        self, segment: Archived, check: ChainCheck, records: Iterable[Record]
    ) -> Iterator[Finding]:
        """Read *records* into *check*, and compare what the database keeps of them."""
        kept = self._kept(segment)
        differs = False
        for record in records:
            yield from check.read(record)
            if record.get("action") in KEPT and not differs:
                differs = not _is_kept(record, next(kept, None))
                if differs:
                    place = f"{segment.chain}:{record.get('seq')}"
                    yield SEGMENT_KEPT.finding(place, file=segment.file)
        more = None if differs else next(kept, None)
        if more is not None and more.seq <= _end_of(check, segment.chain).seq:
            yield SEGMENT_KEPT.finding(f"{segment.chain}:{more.seq}", file=segment.file)

    def _kept(self, segment: Archived) -> Iterator[Kept]:
        after = segment.first - 1
        while page := self.store.read_here(
            partial(_kept_page, chain=segment.chain, after=after, last=segment.last)
        ):
            yield from page
            after = page[-1].seq

    def _fault(self, segment: Archived, jws: str) -> str:
        """Return why *jws* is not what the node signed about *segment*, nothing when it is."""
        try:
            said = read_segment(self.examine(jws))
        except Refused as error:
            return error.message
        return "" if segment.is_told_by(said) else "it speaks of other records"

    def _write(self, chain: str, *, newest: int, before: datetime) -> Archived | None:
        """Write the oldest segment of *chain* that may go, and prove it; None: there is none."""
        known = [each for each in self.segments() if each.chain == chain]
        start = End(seq=known[-1].last, hash=known[-1].hash) if known else End(seq=0, hash=ORIGIN)
        records = self._old_records(chain, start.seq, newest, before)
        if not records:
            return None
        _prove(records, chain, start)
        name, checkpoint = list(self.checkpoints.all().items())[-1]
        said = Segment(
            kind=KIND,
            issuer=self.node,
            at=self.clock.now().astimezone(self.zone).isoformat(),
            chain=chain,
            first=start.seq + 1,
            last=start.seq + len(records),
            previous=start.hash,
            hash=str(records[-1]["hash"]),
            checkpoint=name,
        )
        segment = Archived(
            chain=chain,
            first=said.first,
            last=said.last,
            previous=said.previous,
            hash=said.hash,
            file=f"{said.first:012}-{said.last:012}-{said.hash[:8]}.zip",
            jws=self.sign(msgspec.to_builtins(said)),
        )
        lines = [canonical(each) for each in records]
        self.files.write(
            segment.file, statement=segment.jws, records=lines, checkpoint=(name, checkpoint)
        )
        self._reread(segment, lines)
        return segment

    def _old_records(self, chain: str, after: int, newest: int, before: datetime) -> list[Record]:
        """Return the oldest records of *chain* of before an instant, up to its *newest*."""
        records: list[Record] = []
        while len(records) < MOST_RECORDS:
            page = self.store.read_here(
                partial(_rows_after, chain=chain, seq=after + len(records))
            )
            old = list(takewhile(partial(_is_old, newest=newest, before=before), page))
            records += old[: MOST_RECORDS - len(records)]
            if len(old) < _PAGE:
                break
        return records

    def _reread(self, segment: Archived, lines: list[bytes]) -> None:
        """Raise Unavailable unless the file says what is to go."""
        with self.files.read(segment.file) as (statement, found):
            same = all(a == b for a, b in zip_longest((each.strip() for each in found), lines))
        if not same or self._fault(segment, statement):
            raise Unavailable(f"{segment.file}: what was written is not what is read")

    def _let_go(self, tx: Transaction, *, segment: Archived, caller: Caller) -> None:
        known = [each for each in tx.audit.segments() if each.chain == segment.chain]
        if (known[-1].last if known else 0) != segment.first - 1:
            raise Conflict("somebody else archives the audit record at the same time")
        tx.audit.let_go(segment, sorted(KEPT))
        data = {
            "chain": segment.chain,
            "first": segment.first,
            "last": segment.last,
            "hash": segment.hash,
            "file": segment.file,
        }
        entry = AuditEntry(
            at=self.clock.now(),
            actor=caller.actor,
            address=caller.address,
            action="audit-archived",
            about="audit",
            data=data,
        )
        tx.audit.append(entry)


def _end_of(check: ChainCheck, chain: str) -> End:
    """Return up to where *chain* was read."""
    return check.ends.get(chain, End(seq=0, hash=ORIGIN))


def _next_of(check: ChainCheck, segment: Archived) -> str:
    """Return the place of the first record of *segment* that was not read, or of its last."""
    seq = min(max(_end_of(check, segment.chain).seq + 1, segment.first), segment.last)
    return f"{segment.chain}:{seq}"


def _prove(records: list[Record], chain: str, start: End) -> None:
    """Raise Refused unless *records* follow *start* unbroken."""
    check = ChainCheck()
    check.go_on(chain, first=start.seq, end=start)
    for record in records:
        for finding in check.read(record):
            raise Refused(
                f"{finding.pointer}: the chain is broken, nothing is archived; "
                "see `gateway audit verify`",
                findings=(finding,),
            )


def _is_old(record: Record, *, newest: int, before: datetime) -> bool:
    seq = record["seq"]
    try:
        at = datetime.fromisoformat(str(record["at"]))
        return isinstance(seq, int) and seq < newest and at < before
    except (TypeError, ValueError):  # it was touched: what is to go is proved, and refused then
        return True


def _is_kept(record: Record, kept: Kept | None) -> bool:
    """Whether *kept* is what stays at hand of *record*."""
    if kept is None:
        return False
    said = {name: record.get(name) for name in ("seq", "at", "actor", "action", "object", "data")}
    stays = {
        "seq": kept.seq,
        "at": kept.at,
        "actor": kept.actor,
        "action": kept.action,
        "object": kept.about,
        "data": kept.data,
    }
    return canonical(said) == canonical(stays)


def _kept_page(tx: Transaction, *, chain: str, after: int, last: int) -> list[Kept]:
    return tx.audit.kept(chain, after, last, _PAGE)


def _rows_after(tx: Transaction, *, chain: str, seq: int) -> list[Record]:
    return [each for each in tx.audit.rows_after(chain, seq, _PAGE) if each["chain"] == chain]
