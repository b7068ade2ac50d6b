"""Segments: stretches of an audit chain that lie in signed files, and what stays of them at hand.

A segment says where it begins and ends, with the hashes on both sides, so that the chain goes on
over it. Histories of documents and the facts of statistics are told by records of a few kinds; a
copy of what these say stays in the database, so that no page and no figure changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from gateway.domain.errors import Refused
from gateway.domain.history import EVENTS
from gateway.domain.statistics import SUBMISSION_REFUSED, USES

SEGMENT = "audit-segment"
#: Actions of the records of which a copy stays; notices, of which downtime is told, are changes.
KEPT = EVENTS | {SUBMISSION_REFUSED, "changed"} | USES.keys()


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """What the node signs about a segment."""

    kind: str
    issuer: str
    at: str
    chain: str
    first: int
    last: int
    previous: str  #: hash of the record before the first
    hash: str  #: of the last record
    checkpoint: str  #: name of a checkpoint that was signed while the records were in place


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A segment as the database knows it."""

    chain: str
    first: int
    last: int
    previous: str
    hash: str
    file: str  #: its name in the folder of the archive
    jws: str  #: what the node signed about it

    def is_told_by(self, said: Segment) -> bool:
        """Whether that is what the node signed."""
        return (said.chain, said.first, said.last, said.previous, said.hash) == (
            self.chain,
            self.first,
            self.last,
            self.previous,
            self.hash,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What stays at hand of a record; ``data`` is None where the text is not one of a node."""

    seq: int
    at: str
    actor: str
    action: str
    about: str
    data: object


def read_segment(payload: Mapping[str, object]) -> Segment:
    """Return what a signed *payload* says; raise Refused for one that is no segment's."""
    try:
        segment = msgspec.convert(payload, Segment)
    except msgspec.ValidationError as error:
        raise Refused(f"this is no segment: {error}") from error
    if segment.kind != SEGMENT or not 0 < segment.first <= segment.last:
        raise Refused("this is no segment")
    return segment
