"""Remains of old encodings are seen, right Vietnamese and foreign words are left in peace."""

# ruff: noqa: RUF001 - letters that look like others are the subject

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.legacy import may_be_old, old_encoding

#: Letters that Vietnamese words are made of, with those of all tones.
LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "TCVN3 (ABC)"),
        ("QuyÕt ®Þnh", "TCVN3 (ABC)"),
        ("§éc lËp - Tù do - H¹nh phóc", "TCVN3 (ABC)"),
        ("v¨n b¶n ®iÖn tö", "TCVN3 (ABC)"),
        ("NguyÔn V¨n A", "TCVN3 (ABC)"),
        ("Chñ tÞch", "TCVN3 (ABC)"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI"),
        ("Quyeát ñònh", "VNI"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "VNI"),
        ("vaên baûn ñieän töû", "VNI"),
        ("Nguyeãn Vaên A", "VNI"),
        ("Chuû tòch", "VNI"),
        ("Viêòt Nam, Quyêìt ðiònh", "Windows-1258"),
        ("Côòng hoÌa xaÞ hôòi chuÒ nghiÞa Viêòt Nam", "Windows-1258"),
        ("Viá»‡t Nam", "UTF-8"),
        ("Quyáº¿t Ä‘á»‹nh", "UTF-8"),
    ],
)
def test_remains_are_seen(text: str, encoding: str) -> None:
    """The usual words of official documents, in each encoding read as Western text."""
    found = old_encoding(text)

    assert found is not None
    assert (encoding, True) == (found.name, found.example in text)


@pytest.mark.parametrize(
    "text",
    [
        "Về việc đón tiếp ông François Müller và bà Zoë Citroën",
        "Noël et Citroën à Düsseldorf",
        "Saïgon",
        "Quảng cáo «quá» rẻ — “rẻ quá”",
        "Phần mềm Windows® và Microsoft® Office",
        "Nồng độ bụi PM10 vượt 50 µg/m³, 5µm, 25 °C, ½ ngày",
        "Điều §1 khoản ª",
        "Vận chuyển bằng xe goòng, xoòng; tục quì gối",
        "thuý hoà khoá quá xuân quê thuê yêu giã loã hoè xoè khoẻ",
        "Curaçao và Côte d'Ivoire, São Paulo, Señor Ñame",
        "Công ty TNHH Böhler, Köln; Åkerström; Straße",
        "Đắk Lắk - Đà Nẵng – Bà Rịa - Vũng Tàu",
        "ông Þór Guðmundsson",
        "naïve",
        "ABC",
        "",
    ],
)
def test_right_text_passes(text: str) -> None:
    """Names of persons, places and firms, units, quotation marks and old spellings are no remain."""
    assert old_encoding(text) is None


@given(
    st.lists(st.text(st.sampled_from(LETTERS), min_size=2, max_size=7), min_size=4, max_size=20)
)
def test_letters_of_vietnamese_are_seldom_taken_for_remains(words: list[str]) -> None:
    """Even in random order they outnumber what could be a remain."""
    text = " ".join([*words, "của Ủy ban nhân dân tỉnh về việc thực hiện nhiệm vụ được giao"])

    assert old_encoding(text) is None


@given(st.text(st.sampled_from("aeouyAEbtđ®§¨µ·¹ÞÖñÑøùûõïâêáàåãäèéúüëìòÌð»º°¡Ãá €™‡\u0081 ")))
def test_the_quick_look_overlooks_nothing(text: str) -> None:
    """Where a closer look finds remains, the quick one has sent for it."""
    assert old_encoding(text) is None or may_be_old(text)


@pytest.mark.parametrize("text", ["á»" * 50_000, "oä" * 50_000, "®" * 100_000, "a" * 10**6 + "ø"])
def test_long_texts_take_no_time(text: str) -> None:
    """Only the beginning is judged."""
    old_encoding(text)
