"""The quick look over a PDF: names under which it acts are found wherever they stand."""

import mmap
from pathlib import Path

import pytest

from bench.papers import a_pdf
from gateway.formats.pdf_glance import needs_no_further_look

#: The look goes from window to window of so many bytes.
WINDOW = 1 << 18
NAMES = (b"/JS ", b"/#4aavaScript ", b"/#45#6d#62#65#64#64#65#64#46#69#6c#65#73 ")


@pytest.fixture(scope="module")
def quiet() -> bytes:
    """Return a PDF of several windows that does nothing."""
    return a_pdf(3 * WINDOW)


def written_over(content: bytes, place: int, name: bytes) -> memoryview:
    """Return *content* with *name* at *place*."""
    changed = bytearray(content)
    changed[place : place + len(name)] = name
    return memoryview(changed)


def test_a_quiet_pdf_needs_no_further_look(quiet: bytes) -> None:
    """Whatever its size."""
    assert needs_no_further_look(memoryview(quiet))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [1000, *range(WINDOW - 45, WINDOW + 2, 4), 2 * WINDOW - 3])
def test_a_name_across_two_windows_is_found(quiet: bytes, name: bytes, place: int) -> None:
    """No letter of it is lost between them."""
    assert not needs_no_further_look(written_over(quiet, place, name))


def test_a_longer_name_that_begins_alike_is_another(quiet: bytes) -> None:
    """Also where a window ends within it."""
    for place in range(WINDOW - 8, WINDOW + 1):
        assert needs_no_further_look(written_over(quiet, place, b"/JSx"))


def test_a_file_on_disk_is_read_as_one_in_memory(quiet: bytes, tmp_path: Path) -> None:
    """What is behind the look need not stay in memory."""
    file = tmp_path / "a.pdf"
    file.write_bytes(written_over(quiet, 2 * WINDOW - 3, b"/Launch "))
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        assert not needs_no_further_look(mapped)
