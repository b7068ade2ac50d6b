"""A table as an XLSX workbook, ready for A4 across: repeated heads, page numbers, real dates."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import xlsxwriter

_WIDTHS = (12, 14, 26, 18, 12, 52, 24, 12, 18, 26)
_A4, _HEAD = 9, 2
_FONT: dict[str, object] = {"font_name": "Times New Roman", "font_size": 11}
_STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "border": 1, "text_wrap": True, "align": "center"},
    "cell": {"border": 1, "text_wrap": True, "valign": "top"},
    "day": {"border": 1, "valign": "top", "num_format": "dd/mm/yyyy"},
}


def workbook(title: str, heads: Sequence[str], lines: Sequence[Sequence[object]]) -> bytes:
    """Return the workbook. Every text is a text: nothing in it is ever a formula."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet()
        styles = {name: book.add_format(_FONT | more) for name, more in _STYLES.items()}
        for column, width in enumerate(_WIDTHS[: len(heads)]):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, title, styles["title"])
        for column, text in enumerate(heads):
            sheet.write_string(_HEAD - 1, column, text, styles["head"])
        for row, line in enumerate(lines, start=_HEAD):
            for column, value in enumerate(line):
                if isinstance(value, date):
                    sheet.write_datetime(row, column, value, styles["day"])
                elif isinstance(value, int):
                    sheet.write_number(row, column, value, styles["cell"])
                else:
                    sheet.write_string(row, column, str(value or ""), styles["cell"])
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.repeat_rows(_HEAD - 1)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        sheet.freeze_panes(_HEAD, 0)
    return content.getvalue()
