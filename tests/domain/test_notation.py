"""Notations of the state, of normative, Party and union documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.notation import Block, parse_notation


@pytest.mark.parametrize(
    ("text", "block", "first", "year"),
    [
        ("QĐ-UBND", Block.STATE, "QĐ", None),
        ("UBND-VX", Block.STATE, "UBND", None),
        ("BC-SNN&PTNT", Block.STATE, "BC", None),
        ("QĐ-UBND.HC", Block.STATE, "QĐ", None),
        ("SGDĐT-GDTrH", Block.STATE, "SGDĐT", None),
        ("PC07-Đ1", Block.STATE, "PC", None),
        ("QĐ-LĐLĐ", Block.STATE, "QĐ", None),
        ("2014/QĐ-UBND", Block.NORMATIVE, "QĐ", 2014),
        ("2018/QĐ-TTg", Block.NORMATIVE, "QĐ", 2018),
        ("2015/QH13", Block.NORMATIVE, "QH", 2015),
        ("2020/TTLT-BCA-BQP", Block.NORMATIVE, "TTLT", 2020),
        ("CV/TU", Block.PARTY, "CV", None),
        ("CV/VPTU", Block.PARTY, "CV", None),
        ("QĐ/TW", Block.PARTY, "QĐ", None),
        ("TB/ĐU-VP", Block.PARTY, "TB", None),
    ],
)
def test_a_notation_is_read(text: str, block: Block, first: str, year: int | None) -> None:
    """Block, what begins it, and the year of normative documents."""
    notation = parse_notation(text)

    assert notation is not None
    assert (block, first, year) == (notation.block, notation.first, notation.year)


@pytest.mark.parametrize(
    "text",
    ["", " ", "UBND VX", "15/QĐ-UBND", "-UBND", "QĐ-", "<b>", "QĐ- UBND", "15/2026/QĐ-UBND"],
)
def test_what_no_block_writes_is_none(text: str) -> None:
    """Blanks, the number before the notation, and empty groups."""
    assert parse_notation(text) is None


@given(st.text(st.sampled_from("QĐa1-/.& "), max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    """Any text is read or not."""
    notation = parse_notation(text)

    assert notation is None or text.startswith((notation.first, str(notation.year)))
