"""Figures as CSV and as a spreadsheet."""

import csv
import io
import zipfile

import pytest

from gateway.domain.directory import Directory
from gateway.domain.figure_words import in_words, told_apart
from gateway.domain.figures import Tally, question_of, rows_of
from gateway.formats.figures import as_csv, as_csv_to_read, as_xlsx

ASKED = question_of(first="2026-01-01", last="2026-12-31", group="agency,direction")
NOBODY = Tally(
    keys=(None, "out"),
    event="arrived",
    legal_value="original",
    in_time=None,
    count=1,
    spent={4_000: 1},
)


def test_a_clerk_reads_hours_and_minutes_and_a_name_for_what_has_none() -> None:
    """Programs get seconds, and nothing where nothing is."""
    rows = in_words(rows_of(ASKED, [NOBODY], Directory()), Directory(), "vi")
    table = as_csv_to_read(ASKED, rows, "vi").decode("utf-8-sig")

    (row,) = csv.DictReader(io.StringIO(table, newline=""))

    assert row["Gửi → đến, trung vị (giờ:phút:giây)"] == "1:06:40"
    assert row["Cơ quan"] == "(không có)"


def test_a_spreadsheet_reckons_with_intervals() -> None:
    """They are times there, shown in hours and minutes, not texts."""
    rows = in_words(rows_of(ASKED, [NOBODY], Directory()), Directory(), "vi")
    book = zipfile.ZipFile(io.BytesIO(as_xlsx(ASKED, rows, "vi", office="Sở")))

    assert f"<v>{4_000 / 86_400:.16g}</v>" in book.read("xl/worksheets/sheet1.xml").decode()
    assert "[h]:mm:ss" in book.read("xl/styles.xml").decode()


@pytest.mark.parametrize("by", ["agency", "agency,month"])
def test_no_row_for_people_adds_what_was_sent_to_what_was_received(by: str) -> None:
    """Both sides of an agency are told apart."""
    asked = told_apart(question_of(first="2026-01-01", last="2026-12-31", group=by))

    assert asked.group[:2] == ("agency", "direction")


@pytest.mark.parametrize("text", ['=HYPERLINK("http://a","b")', "+1", "-1", "@SUM(1)", "\t=1"])
def test_what_a_sender_wrote_is_no_formula(text: str) -> None:
    """A type from an axis may be any text; a spreadsheet takes it for one."""
    question = question_of(first="2026-01-01", last="2026-12-31", group="type")
    tally = Tally(keys=(text,), event="sent", legal_value="reference", in_time=None, count=1)
    table = as_csv(question, rows_of(question, [tally], Directory()))

    (row,) = csv.DictReader(io.StringIO(table.decode(), newline=""))

    assert (row["type"], row["sent"]) == (f"'{text}", "1")
