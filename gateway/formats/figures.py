"""Figures as files: JSON as in the public contract, CSV, and a spreadsheet with official heads."""

import csv
import io
from collections.abc import Mapping, Sequence

import msgspec
import xlsxwriter

from gateway.domain.figure_words import (
    SHEETS,
    TITLES,
    headings,
    is_interval,
    on_the_clock,
    period_line,
)
from gateway.domain.figures import COUNTS, MEASURES, Question, Value

Rows = Sequence[Mapping[str, Value]]

#: The two lines that head an official paper (NĐ 30/2020/NĐ-CP, Annex I).
_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_HEAD_ROWS = 6
#: A spreadsheet counts time in days.
_DAY_S = 86_400
#: Groups whose values are codes with names.
_WIDE = frozenset({"agency", "counterpart"})


def columns_of(question: Question) -> tuple[str, ...]:
    """Return the names of the columns of an answer, groups first."""
    return (*question.group, *COUNTS, *MEASURES)


def as_report(question: Question, rows: Rows) -> dict[str, object]:
    """Return the body that the public contract names."""
    return {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "by": question.by,
        "group": list(question.group),
        "rows": [dict(row) for row in rows],
    }


def as_json(question: Question, rows: Rows) -> bytes:
    """Return the report as JSON."""
    return msgspec.json.encode(as_report(question, rows))


def as_csv(question: Question, rows: Rows) -> bytes:
    """Return the rows as CSV in UTF-8, headed by the names of the contract."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = columns_of(question)
    writer.writerow(columns)
    writer.writerows([_plain(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def as_csv_to_read(question: Question, rows: Rows, locale: str) -> bytes:
    """Return the rows as CSV that a spreadsheet program opens, with headings in *locale*."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = headings(question, locale)
    writer.writerow([heading for _, heading in columns])
    writer.writerows([_read(name, row[name]) for name, _ in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(question: Question, rows: Rows, locale: str, *, office: str) -> bytes:
    """Return the rows as a spreadsheet of *office*: official head, title, period, table."""
    tables = {SHEETS[locale]: (question, rows)}
    return as_workbook(tables, locale, office=office, title=TITLES[locale])


def as_workbook(
    tables: Mapping[str, tuple[Question, Rows]], locale: str, *, office: str, title: str
) -> bytes:
    """Return *tables* as the sheets of one spreadsheet, each under the official head."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        for name, (question, rows) in tables.items():
            sheet = book.add_worksheet(name)
            columns = headings(question, locale)
            lines = (office, title, period_line(question, locale))
            _head(book, sheet, lines=lines, width=len(columns))
            _table(book, sheet, question, rows, columns)
    return file.getvalue()


def _table(
    book: xlsxwriter.Workbook,
    sheet: "xlsxwriter.worksheet.Worksheet",
    question: Question,
    rows: Rows,
    columns: Sequence[tuple[str, str]],
) -> None:
    """Write the rows below the head, to be printed on pages of A4."""
    bold = {"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "top"}
    head, cell = book.add_format(bold), book.add_format({"border": 1})
    clock = book.add_format({"border": 1, "num_format": "[h]:mm:ss"})
    for n, (_, heading) in enumerate(columns):
        sheet.write_string(_HEAD_ROWS, n, heading, head)
    for y, row in enumerate(rows, start=_HEAD_ROWS + 1):
        for x, (name, _) in enumerate(columns):
            value = row[name]
            if is_interval(name) and isinstance(value, int):
                sheet.write_number(y, x, value / _DAY_S, clock)
            else:
                _write(sheet, y, x, value, cell)
    sheet.set_row(_HEAD_ROWS, 62)
    sheet.freeze_panes(_HEAD_ROWS + 1, len(question.group))
    sheet.set_column(0, len(columns) - 1, 10)
    for n, name in enumerate(question.group):
        sheet.set_column(n, n, 42 if name in _WIDE else 14)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROWS)


def _head(
    book: xlsxwriter.Workbook,
    sheet: "xlsxwriter.worksheet.Worksheet",
    *,
    lines: tuple[str, str, str],
    width: int,
) -> None:
    """Write the official lines: whose report it is, the nation's, the title and the period."""
    office, heading, period = lines
    middle = {"bold": True, "align": "center"}
    bold, title = book.add_format(middle), book.add_format(middle | {"font_size": 14})
    plain = book.add_format({"italic": True, "align": "center"})
    half = max(2, width // 2)
    sheet.merge_range(0, 0, 0, half - 1, office.upper(), bold)
    sheet.merge_range(0, half, 0, width - 1, _NATION, bold)
    sheet.merge_range(1, half, 1, width - 1, _MOTTO, bold)
    sheet.merge_range(3, 0, 3, width - 1, heading, title)
    sheet.merge_range(4, 0, 4, width - 1, period, plain)


def _write(
    sheet: "xlsxwriter.worksheet.Worksheet",
    y: int,
    x: int,
    value: Value,
    style: "xlsxwriter.format.Format",
) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(y, x, value, style)
    elif value is None:
        sheet.write_blank(y, x, None, style)
    else:
        sheet.write_string(y, x, _plain(value), style)


def _read(name: str, value: Value) -> str:
    if is_interval(name) and isinstance(value, int):
        return on_the_clock(value)
    return _plain(value)


def _plain(value: Value) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # A sender wrote some of it: no spreadsheet may take it for a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
