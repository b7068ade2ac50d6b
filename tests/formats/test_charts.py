"""Charts for a report: what stands in them, in both forms."""

import struct
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.domain.figures import COUNTS, MEASURES, Question, Value
from gateway.formats.charts import as_png, as_svg

OFFICE = "Ủy ban nhân dân tỉnh Đồng Tháp"


def row(**values: Value) -> dict[str, Value]:
    """Return a row of a report."""
    return dict.fromkeys(COUNTS, 0) | dict.fromkeys(MEASURES) | values


def question(*group: str) -> Question:
    """Return a question about the year."""
    return Question(first=date(2026, 1, 1), last=date(2026, 12, 31), group=group)


def texts(svg: bytes) -> list[str]:
    """Return every text that is drawn."""
    root = etree.XML(svg)
    return [each.text for each in root.iter("{http://www.w3.org/2000/svg}text") if each.text]


def test_a_day_without_documents_has_its_place() -> None:
    """The axis has no gaps, over a leap day, too."""
    asked = Question(first=date(2024, 2, 27), last=date(2024, 3, 2), group=("day",))
    svg = as_svg(asked, [row(day="2024-02-28", sent=3), row(day="2024-03-02")], office=OFFICE)

    days = [each for each in texts(svg) if len(each) == 10 and each.endswith("/2024")]
    assert days == ["27/02/2024", "28/02/2024", "29/02/2024", "01/03/2024", "02/03/2024"]


def test_title_period_and_source_stand_on_the_chart() -> None:
    """With all their diacritics."""
    drawn = texts(as_svg(question("month"), [row(month="2026-01", sent=3)], office=OFFICE))

    assert "THỐNG KÊ GỬI, NHẬN VĂN BẢN ĐIỆN TỬ" in drawn
    assert "Từ ngày 01/01/2026 đến hết ngày 31/12/2026, tính theo ngày pháp lý" in drawn
    assert f"Nguồn: {OFFICE}" in drawn


@pytest.mark.parametrize(
    ("group", "value", "words"),
    [
        ("month", "2026-01", "01/2026"),
        ("quarter", "2026-Q3", "Quý 3/2026"),
        ("half", "2026-H2", "6 tháng cuối năm 2026"),
        ("reason", "wrong-addressee", "Gửi nhầm nơi nhận"),
        ("state", "in-progress", "Đang xử lý"),
        ("type", "QĐ", "QĐ"),
        ("paper", True, "Có bản giấy"),
        ("priority", None, "(không có)"),
    ],
)
def test_rows_are_called_as_readers_call_them(group: str, value: Value, words: str) -> None:
    """Not by the codes of the program."""
    assert words in texts(as_svg(question(group), [row(**{group: value})], office=OFFICE))


def test_of_many_rows_the_largest_are_drawn_and_the_rest_in_one() -> None:
    """A picture of two hundred agencies says nothing."""
    rows = [row(agency=f"H13.{n:02d}", sent=n) for n in range(1, 60)]

    drawn = texts(as_svg(question("agency"), rows, office=OFFICE))

    assert {"H13.59", "H13.40", "Còn lại"} <= set(drawn)
    assert "H13.39" not in drawn


def test_the_same_figures_are_the_same_file() -> None:
    """Nothing in it tells when it was drawn, and nothing runs in it."""
    files = {as_svg(question("month"), [row(month="2026-01")], office=OFFICE) for _ in range(2)}

    (svg,) = files
    assert b"<script" not in svg


def test_a_png_is_wide_enough_for_print() -> None:
    """2,400 dots: 300 an inch over the width of a page."""
    png = as_png(question("month"), [row(month="2026-01", sent=2)], office=OFFICE)

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24])[0] == 2400


def test_a_png_draws_the_letters_of_vietnamese() -> None:
    """Another diacritic is another picture: no letter is an empty box."""
    drawn = [as_png(question("month"), [], office=office) for office in ("Ủ", "Ụ", "Ũ")]

    assert len(set(drawn)) == len(drawn)


@given(office=st.text(max_size=40), agency=st.text(max_size=12))
def test_any_name_can_be_drawn(office: str, agency: str) -> None:
    """Marks of XML and signs that XML cannot hold among them."""
    svg = as_svg(question("agency"), [row(agency=agency, sent=1)], office=office)

    assert etree.XML(svg).tag.endswith("svg")
