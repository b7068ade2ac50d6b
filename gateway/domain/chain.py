"""A run of the check of the audit chains, as far as it came; what is checked: `audit_chain.py`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.findings import Finding


class ChainFault(StrEnum):
    """What is wrong with a record, in one word."""

    MISSING = "missing"  #: a number was left out, or the end cut off
    CHANGED = "changed"  #: its hash is not that of its content
    UNLINKED = "unlinked"  #: it does not name the record before it, or a checkpoint knows another


_FAULTS = {
    "audit-gap": ChainFault.MISSING,
    "audit-order": ChainFault.MISSING,
    "audit-truncated": ChainFault.MISSING,
    "audit-link": ChainFault.UNLINKED,
    "audit-rewritten": ChainFault.UNLINKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first record that is not as it was written."""

    chain: str
    seq: int  #: of the record that is missing or wrong
    fault: ChainFault


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRun:
    """A run of the check."""

    id: int = 0
    by: str
    begun_at: datetime
    seen_at: datetime  #: when it last came forward
    checked: int = 0
    total: int = 0
    ended_at: datetime | None = None
    broken: Broken | None = None


def broken_by(finding: Finding) -> Broken:
    """Return what *finding*, whose pointer is ``chain:seq``, says of the chain."""
    chain, _, seq = finding.pointer.rpartition(":")
    return Broken(
        chain=chain,
        seq=int(seq) if seq.isdecimal() else 0,
        fault=_FAULTS.get(finding.code, ChainFault.CHANGED),
    )
