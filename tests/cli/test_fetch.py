"""Names that came from outside, as `gateway fetch` writes them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.file_names import safe_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tờ trình số 1.pdf", "Tờ trình số 1.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\Windows\\x.exe", "C__Windows_x.exe"),
        (".bashrc", "bashrc"),
        ("..", "attachment"),
        ("", "attachment"),
        ("a\x00b\n.pdf", "ab .pdf"),
        ("hợp đồng ", "hợp đồng"),
    ],
)
def test_a_name_is_made_safe(name: str, expected: str) -> None:
    """Good names stay, others cannot leave their folder."""
    assert safe_name(name) == expected


def test_a_long_name_keeps_its_ending() -> None:
    """So that it still opens with the right program."""
    name = safe_name("ủ" * 300 + ".pdf")

    assert (name.endswith("ủ.pdf"), len(name.encode()) <= 240) == (True, True)


@given(name=st.text())
def test_no_name_leaves_its_folder(name: str) -> None:
    """Whatever it is."""
    folder = Path("/somewhere/out")

    assert (folder / safe_name(name)).resolve().parent == folder


@given(name=st.text(max_size=400))
def test_a_safe_name_is_a_name_for_every_file_system(name: str) -> None:
    """Not empty, not hidden, not too long, and safe when it is made safe again."""
    safe = safe_name(name)

    assert 1 <= len(safe.encode()) <= 240
    assert not safe.startswith(".")
    assert safe_name(safe) == safe
