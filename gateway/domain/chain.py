"""The audit chain recomputed: whether each record is what was written, where it was written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.canonical import digest
from gateway.domain.exchange import AuditRecord

#: What the first record of a chain names as the one before it.
ORIGIN = "0" * 64


class ChainFault(StrEnum):
    """What is wrong with a record."""

    MISSING = "missing"  #: a number was left out
    CHANGED = "changed"  #: its hash is not that of its content
    UNLINKED = "unlinked"  #: it does not name the record before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first record that is not as it was written."""

    chain: str
    seq: int  #: of the record that is missing or wrong
    fault: ChainFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The end of a chain as far as it was recomputed."""

    chain: str = ""
    seq: int = 0
    hash: str = ORIGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCheck:
    """A run of the check, as far as it came."""

    id: int = 0
    by: str
    begun_at: datetime
    seen_at: datetime  #: when it last came forward
    checked: int = 0
    total: int = 0
    ended_at: datetime | None = None
    broken: Broken | None = None


def follow(link: Link, records: Iterable[AuditRecord]) -> Link | Broken:
    """Go on from *link* through *records*, in their order; return where that ends."""
    for each in records:
        if each.chain != link.chain:
            link = Link(chain=each.chain)
        if each.seq != link.seq + 1:
            return Broken(chain=each.chain, seq=link.seq + 1, fault=ChainFault.MISSING)
        if each.previous != link.hash:
            return Broken(chain=each.chain, seq=each.seq, fault=ChainFault.UNLINKED)
        if each.hash != hash_of(each):
            return Broken(chain=each.chain, seq=each.seq, fault=ChainFault.CHANGED)
        link = Link(chain=each.chain, seq=each.seq, hash=each.hash)
    return link


def hash_of(record: AuditRecord) -> str:
    """Return the hash that *record* must bear."""
    return digest(
        {
            "chain": record.chain,
            "seq": record.seq,
            "at": record.at,
            "actor": record.actor,
            "address": record.address,
            "action": record.action,
            "object": record.about,
            "data": dict(record.data),
            "previous": record.previous,
        }
    )
