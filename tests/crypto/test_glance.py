"""The quick look before a worker is asked: it may say no only where nothing can be."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.glance import may_be_signed

PDF = "application/pdf"
MARKS = [b"/ByteRange", b"/#42yteRange", b"/#42#79#74#65#52#61#6e#67#65", b"/SubFilter"]


@pytest.mark.parametrize("mark", MARKS)
@given(before=st.integers(0, 600_000), behind=st.integers(0, 600_000))
def test_a_mark_is_found_wherever_it_stands(mark: bytes, before: int, behind: int) -> None:
    """Also where two of the pieces meet that are read one after another."""
    file = BytesIO(bytes(before) + mark + bytes(behind))

    assert may_be_signed(file, PDF)


@given(st.integers(0, 1_200_000))
def test_a_file_without_mark_is_settled(size: int) -> None:
    """However long it is, none of its bytes is taken for a mark."""
    assert not may_be_signed(BytesIO(bytes(size)), PDF)


def test_an_open_file_may_stand_anywhere() -> None:
    """Whoever read of it before does not hide anything."""
    file = BytesIO(b"%PDF-1.7 /ByteRange")
    file.read()

    assert may_be_signed(file, PDF)
