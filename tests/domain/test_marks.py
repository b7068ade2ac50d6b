"""Marks of secrecy and urgency where they stand as marks, and the words that are none."""

# ruff: noqa: RUF001 - dashes and apostrophes as offices type them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.marks import (
    bears_secrecy_mark,
    bears_urgency_mark,
    head_is_marked_secret,
    name_is_secret,
    notation_is_secret,
)


@pytest.mark.parametrize(
    "subject",
    [
        "MẬT",
        " Tối mật ",
        "Về việc bố trí\nTUYỆT MẬT",
        "TỐI   MẬT\r\nBáo cáo",
        "MA\u0323\u0302T",
        "[MẬT] Về việc bố trí",
        "[Tối Mật] Về việc bố trí",
        "(TỐI MẬT) Kế hoạch",
        "Báo cáo tình hình (MẬT)",
        "Báo cáo tình hình (Tối mật).",
        "MẬT - Kế hoạch",
        "TUYỆT MẬT: KẾ HOẠCH PHÒNG THỦ",
        "Kế hoạch phòng thủ – MẬT",
        "Báo cáo tình hình; độ mật: Tối mật",
        "*MẬT*",
    ],
)
def test_a_mark_is_seen(subject: str) -> None:
    """On its own line, in brackets, cut off at either end, or named as the degree of secrecy."""
    assert bears_secrecy_mark(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Về bảo mật thông tin",
        "Mật khẩu",
        "Phát triển nghề nuôi ong lấy mật",
        "Mật ong",
        "MẬT ONG BẠC HÀ - HƯỚNG DẪN KỸ THUẬT",
        "SẢN PHẨM CỦA LÀNG NGHỀ: SÁP ONG - MẬT",
        "MẬT KHẨU: CÁCH ĐẶT VÀ GIỮ",
        "Quy định về độ mật (mật, tối mật, tuyệt mật)",
        "Quy định các mức độ mật: mật, tối mật, tuyệt mật",
        "Danh mục nông sản (mật)",
        "Về việc giải mật tài liệu tối mật",
        "Tập huấn bảo vệ bí mật nhà nước",
        "Hướng dẫn xác định độ mật của tài liệu",
        "Cơ mật viện thời Nguyễn",
        "mật độ dân số",
        "Mat khau",
    ],
)
def test_a_word_is_no_mark(subject: str) -> None:
    """Security, passwords, honey, density, and documents about secrecy are harmless."""
    assert not bears_secrecy_mark(subject)


@pytest.mark.parametrize("notation", ["QĐ-UBND-MẬT", "BC-UBND (Mật)", "KH/TU-TỐI MẬT", "12 mật"])
def test_a_notation_with_the_mark_is_secret(notation: str) -> None:
    """In number and notation no word is “mật”."""
    assert notation_is_secret(notation)


@pytest.mark.parametrize("notation", ["QĐ-UBND", "CV/TU", "BMMTQ-MAT", "MẶT-TRẬN", "QĐ-BMẬTX"])
def test_an_ordinary_notation_is_not(notation: str) -> None:
    """Neither other words nor abbreviations are the mark."""
    assert not notation_is_secret(notation)


@pytest.mark.parametrize(
    "name", ["[MẬT] Kế hoạch.pdf", "Kế hoạch (Tối mật).docx", "MẬT.pdf", "TUYỆT_MẬT.zip", "MẬT"]
)
def test_a_file_name_with_the_mark_is_secret(name: str) -> None:
    """People mark the name when they cannot mark the file."""
    assert name_is_secret(name)


@pytest.mark.parametrize(
    "name", ["Mật.xlsx", "mat-ong.pdf", "Quy chế bảo mật.pdf", "Mật ong (mật hoa).docx", ".pdf"]
)
def test_an_ordinary_file_name_is_not(name: str) -> None:
    """Honey and security again."""
    assert not name_is_secret(name)


def test_a_line_of_the_head_is_a_mark() -> None:
    """Stamps stand on lines of their own between the others."""
    text = "ỦY BAN NHÂN DÂN\n\nSố: 12/BC-UBND\n  MẬT \n\nBÁO CÁO\nTình hình"

    assert head_is_marked_secret(text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "Phụ lục\nTUYỆT MẬT\nTỐI MẬT\nMẬT\nmẫu dấu",
        "Danh mục\nMật\nSáp ong",
        "BẢO MẬT",
        "\n".join([*["dòng"] * 60, "MẬT"]),
        "",
    ],
)
def test_a_head_without_a_mark_of_its_own_passes(text: str) -> None:
    """A form that shows all three stamps, honey in a list, and later pages bear no mark."""
    assert not head_is_marked_secret(text.splitlines())


@pytest.mark.parametrize(
    "subject", ["HỎA TỐC", "[KHẨN] Họp", "KHẨN: Về việc", "Họp (Thượng khẩn)", "HOẢ TỐC - Họp"]
)
def test_urgency_is_seen(subject: str) -> None:
    """The three levels, in both spellings."""
    assert bears_urgency_mark(subject)


@pytest.mark.parametrize(
    "subject", ["Về cuộc họp khẩn", "Tình trạng khẩn cấp", "Khẩn trương", "tốc độ giải ngân"]
)
def test_words_of_haste_are_no_marks(subject: str) -> None:
    """People write so in sentences."""
    assert not bears_urgency_mark(subject)


@given(st.text(st.sampled_from("MẬTậtmỐIố ([-–:\n.)a"), max_size=4_000))
def test_no_text_makes_it_raise(text: str) -> None:
    """Any text of those letters is judged."""
    bears_secrecy_mark(text)
    notation_is_secret(text)
    head_is_marked_secret(text.splitlines())
