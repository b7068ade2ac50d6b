"""Whether audit records form unbroken chains, and still hold what was known of them outside.

A record is bound to the one before by its hash, and numbered without gaps. Whoever may write to
the database could compute every hash anew; so checkpoints that the node signed, and receipts that
it gave out, say from outside what a chain held when.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from gateway.domain.audit_findings import (
    CHANGED,
    FOREIGN,
    LINK,
    MISSING,
    MOVED,
    REWRITTEN,
    TRUNCATED,
    UNREADABLE,
    UNTOLD,
)
from gateway.domain.canonical import canonical, digest
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding

#: What the first record of a chain names as the one before it.
ORIGIN = "0" * 64
#: The place before any record, also before those that nobody can have written.
BEFORE_ALL: tuple[object, object] = ("", -1e30)
#: The fields of a record, all of them under the hash.
FIELDS = frozenset(
    {
        "chain",
        "seq",
        "at",
        "actor",
        "address",
        "action",
        "object",
        "data",
        "previous",
        "hash",
    }
)
#: What a checkpoint says that it is.
CHECKPOINT = "audit-checkpoint"
#: Findings that are told; more only repeat what went wrong.
MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What somebody outside knows of a chain: the hash of one record."""

    chain: str
    seq: int
    hash: str
    known_by: str
    at: str | None = None  #: when all chains were written down, of a checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What a receipt that was given out says: the record that must be there."""

    code: str | None
    document_id: str | None
    event: str
    to: str | None
    at: str
    known_by: str


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The newest record of a chain."""

    seq: int
    hash: str


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The ends of all chains at a moment: the payload that a checkpoint file signs."""

    kind: str
    issuer: str
    at: str
    chains: dict[str, End]


@dataclass(slots=True, kw_only=True)
class ChainCheck:
    """Reads records, chain by chain in their order, and tells what is broken."""

    points: Iterable[Point] = ()
    witnesses: Iterable[Witness] = ()
    records: int = 0
    _ends: dict[str, End] = field(default_factory=dict)
    _told: dict[datetime, set[str]] = field(default_factory=dict)
    _wanted: dict[tuple[str, int], list[Point]] = field(default_factory=dict)
    _missed: dict[tuple[str, str, str | None], list[Witness]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort what is known from outside by where it must be found."""
        for point in self.points:
            if point.at is not None:
                self._told.setdefault(datetime.fromisoformat(point.at), set()).add(point.chain)
            self._wanted.setdefault((point.chain, point.seq), []).append(point)
        for witness in self.witnesses:
            key = (witness.event, witness.at, witness.to)
            self._missed.setdefault(key, []).append(witness)

    @property
    def ends(self) -> Mapping[str, End]:
        """Return the newest record of each chain that was read."""
        return self._ends

    def go_on(self, chain: str, *, first: int, end: End) -> None:
        """Go on behind *end* of a *chain*: what lies from *first* to there is not to be read here."""
        for seq in [
            seq for name, seq in self._wanted if name == chain and first <= seq <= end.seq
        ]:
            del self._wanted[chain, seq]
        self._ends[chain] = end

    def read(self, record: Mapping[str, object]) -> Iterator[Finding]:
        """Take the next record in; yield what is wrong with it."""
        self.records += 1
        if not _is_record(record):
            yield UNREADABLE.finding(f"{record.get('chain')}:{record.get('seq')}")
            return
        chain, seq, stated = str(record["chain"]), int(str(record["seq"])), str(record["hash"])
        place, before = f"{chain}:{seq}", self._ends.get(chain, End(seq=0, hash=ORIGIN))
        yield from self._begin(chain, str(record["at"]), place)
        if seq > before.seq + 1:
            yield MISSING.finding(place, first=before.seq + 1, last=seq - 1)
        elif seq <= before.seq:
            yield MOVED.finding(place, expected=before.seq + 1)
        elif record["previous"] != before.hash:
            yield LINK.finding(place)
        if digest({name: record[name] for name in FIELDS - {"hash"}}) != stated:
            yield CHANGED.finding(place)
        for point in self._wanted.pop((chain, seq), ()):
            if point.hash != stated:
                yield REWRITTEN.finding(place, by=point.known_by)
        self._hear(record)
        self._ends[chain] = End(seq=seq, hash=stated)

    def end(self) -> Iterator[Finding]:
        """Say what is known outside and was not found."""
        for (chain, seq), points in sorted(self._wanted.items()):
            last = self._ends.get(chain, End(seq=0, hash=ORIGIN)).seq
            yield TRUNCATED.finding(f"{chain}:{last + 1}", by=points[0].known_by, seq=seq)
        for witnesses in self._missed.values():
            for each in witnesses:
                yield UNTOLD.finding(each.known_by, event=each.event, at=each.at)

    def _begin(self, chain: str, at: str, place: str) -> Iterator[Finding]:
        """Say whether a new *chain* begins before a checkpoint that does not know of it."""
        if chain in self._ends:
            return
        with suppress(ValueError, TypeError):  # no time that a node writes: its hash tells
            begun = datetime.fromisoformat(at)
            if any(begun <= told and chain not in known for told, known in self._told.items()):
                yield FOREIGN.finding(place)

    def _hear(self, record: Mapping[str, object]) -> None:
        """Tick off the receipts that *record* bears out."""
        data = record["data"]
        if not self._missed or not isinstance(data, Mapping):
            return
        key = (str(record["action"]), str(record["at"]), _text(data.get("to")))
        waiting = self._missed.get(key)
        if waiting is None:
            return
        code = _text(data.get("code"))
        left = [each for each in waiting if each.code not in {None, code}]
        if left:
            self._missed[key] = left
        else:
            del self._missed[key]


def read_line(line: bytes) -> dict[str, object]:
    """Return the record that stands in a *line* of a bundle, empty when none does.

    A record has one form of bytes; a line in another was not written by a node.
    """
    try:
        record = msgspec.json.decode(line)
        same = isinstance(record, dict) and canonical(record) == line.strip()
    except (msgspec.DecodeError, TypeError, ValueError, RecursionError):
        return {}
    return record if same else {}


def read_checkpoint(payload: Mapping[str, object]) -> Checkpoint:
    """Return what a signed *payload* says; raise Refused for one that is no checkpoint's."""
    try:
        checkpoint = msgspec.convert(payload, Checkpoint)
    except msgspec.ValidationError as error:
        raise Refused(f"this is no checkpoint: {error}") from error
    if checkpoint.kind != CHECKPOINT:
        raise Refused("this is no checkpoint")
    return checkpoint


def points_of(checkpoint: Checkpoint, *, known_by: str) -> Iterator[Point]:
    """Yield what a checkpoint knows of each chain."""
    for chain, end in checkpoint.chains.items():
        yield Point(chain=chain, seq=end.seq, hash=end.hash, known_by=known_by, at=checkpoint.at)


def _is_record(record: Mapping[str, object]) -> bool:
    texts = ("chain", "at", "actor", "action", "object", "previous", "hash")
    return (
        record.keys() == FIELDS
        and all(isinstance(record[name], str) for name in texts)
        and isinstance(record["address"], str | None)
        and isinstance(record["seq"], int)
        and isinstance(record["data"], dict)
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
