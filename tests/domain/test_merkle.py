"""The tree of digests: one root over many leaves, a short path from each."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.merkle import climb, leaf, path, root

LEAVES = st.lists(st.binary(max_size=8).map(leaf), min_size=1, max_size=70)


def by_the_book(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 9162 section 2.1.1 defines it: split at the largest power of two."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_book(leaves[:k]) + by_the_book(leaves[k:])).digest()


@given(LEAVES)
def test_the_root_is_that_of_the_standard(leaves: list[bytes]) -> None:
    """So that other tools can follow it."""
    assert by_the_book(leaves) == root(leaves)


@given(LEAVES, st.data())
def test_the_path_of_every_leaf_leads_to_the_root(
    leaves: list[bytes], data: st.DataObject
) -> None:
    """Whatever their number."""
    n = data.draw(st.integers(0, len(leaves) - 1))

    assert climb(leaves[n], path(leaves, n)) == root(leaves)


@pytest.mark.parametrize("leaves", [2, 3, 4, 5, 8, 9, 4096])
def test_a_path_grows_with_the_logarithm(leaves: int) -> None:
    """Twelve steps prove one of 4,096 receipts."""
    digests = [leaf(str(n).encode()) for n in range(leaves)]

    assert len(path(digests, 0)) <= (leaves - 1).bit_length()


def test_a_leaf_is_no_node() -> None:
    """Nobody can pass off two halves as a receipt."""
    left, right = leaf(b"a"), leaf(b"b")

    assert leaf(left + right) != root([left, right])


@given(st.binary(max_size=20))
def test_another_content_leads_elsewhere(content: bytes) -> None:
    """The proof is of one receipt alone."""
    leaves = [leaf(b"first"), leaf(b"second"), leaf(b"third")]

    assert (climb(leaf(content), path(leaves, 1)) == root(leaves)) == (content == b"second")
