"""A tree of digests over many receipts, so that one time stamp over its root proves each of them.

The shape is that of RFC 9162 section 2.1: a leaf is SHA-256 of 0x00 and the bytes, a node SHA-256
of 0x01 and its two halves, of which the left one is the largest power of two below the whole.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step from a leaf to the root: the digest beside it, and on which side that stands."""

    left: bool
    digest: bytes


def leaf(content: bytes) -> bytes:
    """Return the digest of *content* as a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over *leaves*, at least one."""
    level = list(leaves)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[Step]:
    """Return the steps from the leaf at *index* up to the root."""
    level, steps = list(leaves), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            steps.append(Step(left=beside < index, digest=level[beside]))
        level, index = _next_level(level), index // 2
    return steps


def climb(digest: bytes, steps: Sequence[Step]) -> bytes:
    """Return the root that *steps* lead to from the leaf *digest*."""
    for step in steps:
        digest = _node(step.digest, digest) if step.left else _node(digest, step.digest)
    return digest


def _next_level(level: list[bytes]) -> list[bytes]:
    """Join neighbours; the last of an odd number goes up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [_node(left, right) for left, right in pairs]
    return above + level[len(above) * 2 :]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
