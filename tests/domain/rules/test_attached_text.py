"""What is said of the text of an attachment: a mark bars it, all else is a warning."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.findings import refuses
from gateway.domain.rules.attached_text import decoded, findings_of_text

ORDINARY = """CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Số: 15/QĐ-UBND\tCần Thơ, ngày 20 tháng 11 năm 2026

QUYẾT ĐỊNH
Về việc ban hành Quy chế bảo mật thông tin, mật khẩu và quản lý mật ong
"""


def codes(text: str) -> list[str]:
    """Return the codes that are said of *text*."""
    return [each.code for each in findings_of_text(text, n=2, name="a.txt")]


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY,
        "\ufeff" + ORDINARY,
        ORDINARY.replace("\n", "\r\n"),
        unicodedata.normalize("NFD", ORDINARY),
        ORDINARY + "\f" + "trang hai\u00ad",
        "name;value\r\nMật ong;12\r\n",
        "",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    """With or without a byte order mark, page breaks, either line end, either composition."""
    assert codes(text) == []


def test_a_mark_bars_the_document_and_nothing_is_quoted() -> None:
    """The finding names the file by its place alone."""
    (finding,) = findings_of_text(
        ORDINARY.replace("QUYẾT ĐỊNH", "TỐI MẬT"), n=2, name="bí mật.txt"
    )

    assert (finding.code, finding.pointer) == ("barred-secret", "/attachments/2")
    assert refuses([finding])
    assert "TỐI MẬT" not in finding.message + finding.message_en
    assert "bí mật.txt" not in finding.message + finding.message_en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "file-text-legacy"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "file-text-legacy"),
        ("Quy\u202echế", "file-text-characters"),
        ("Quy\x00chế", "file-text-characters"),
        ("Quy chê\u0301", "file-text-composition"),
    ],
)
def test_everything_else_is_a_warning(text: str, code: str) -> None:
    """A file may be signed: it is passed on as it is."""
    findings = list(findings_of_text(text, n=1, name="a.txt"))

    assert [each.code for each in findings] == [code]
    assert not refuses(findings)


@pytest.mark.parametrize(
    "raw",
    [
        ORDINARY.encode(),
        ORDINARY.encode("utf-8-sig"),
        ORDINARY.encode("utf-16"),
        ORDINARY.encode()[:-2] + "ế".encode()[:2],
    ],
)
def test_text_in_unicode_is_decoded(raw: bytes) -> None:
    """With or without a mark, also where the last letter is cut."""
    assert codes(decoded(raw)) == []


def test_text_in_an_old_encoding_shows_itself() -> None:
    """TCVN3 is no UTF-8, and reads as its remains."""
    raw = "Céng hßa x· héi chñ nghÜa ViÖt Nam".encode("latin-1")

    assert codes(decoded(raw)) == ["file-text-legacy"]


@given(st.binary())
def test_any_bytes_are_decoded(raw: bytes) -> None:
    """Whatever a file begins with."""
    codes(decoded(raw))


@given(st.text(st.characters()))
def test_no_text_makes_it_raise(text: str) -> None:
    """Whatever was extracted."""
    for finding in findings_of_text(text, n=1, name=text[:50]):
        assert finding.message.encode()
