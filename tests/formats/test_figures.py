"""Figures as CSV."""

import csv
import io

import pytest

from gateway.domain.directory import Directory
from gateway.domain.figures import Tally, question_of, rows_of
from gateway.formats.figures import as_csv


@pytest.mark.parametrize("text", ['=HYPERLINK("http://a","b")', "+1", "-1", "@SUM(1)", "\t=1"])
def test_what_a_sender_wrote_is_no_formula(text: str) -> None:
    """A type from an axis may be any text; a spreadsheet takes it for one."""
    question = question_of(first="2026-01-01", last="2026-12-31", group="type")
    tally = Tally(
        keys=(text,), event="sent", legal_value="reference", in_time=None, count=1
    )
    table = as_csv(question, rows_of(question, [tally], Directory()))

    (row,) = csv.DictReader(io.StringIO(table.decode(), newline=""))

    assert (row["type"], row["sent"]) == (f"'{text}", "1")
