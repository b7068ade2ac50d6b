"""The files of a standing report: a workbook, the same as JSON, and charts in both forms."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from gateway.domain.directory import Directory
from gateway.domain.figure_words import TITLE, VIETNAMESE, in_words
from gateway.domain.figures import Question, Value
from gateway.domain.periods import Period
from gateway.formats.charts import as_png, as_svg
from gateway.formats.figures import as_report, as_workbook

Table = tuple[Question, Sequence[Mapping[str, Value]]]

#: What a table is called, in the workbook and in the names of charts, by what it is grouped by.
_SHEETS = {
    (): "Tổng hợp",
    ("day",): "Theo ngày",
    ("month",): "Theo tháng",
    ("agency", "direction"): "Theo cơ quan",
    ("type",): "Theo loại văn bản",
    ("state",): "Theo trạng thái",
    ("reason",): "Lý do từ chối",
}
_CHARTS = {
    ("day",): "thoi-gian",
    ("month",): "thoi-gian",
    ("agency", "direction"): "co-quan",
}


def compose_report(
    period: Period, tables: Sequence[Table], *, directory: Callable[[], Directory], office: str
) -> dict[str, bytes]:
    """Return the files of the report of *period* by their names; the workbook is for people."""
    known = directory()
    stem = f"bao-cao-{period.name}"
    title = f"{TITLE} - {period.title}".upper()
    sheets = {
        _SHEETS[question.group]: (question, in_words(rows, known, VIETNAMESE))
        for question, rows in tables
    }
    files = {
        f"{stem}.xlsx": as_workbook(sheets, VIETNAMESE, office=office, title=title),
        f"{stem}.json": msgspec.json.encode(
            {
                "period": period.name,
                "kind": period.kind.value,
                "title": title,
                "office": office,
                "tables": [as_report(question, rows) for question, rows in tables],
            }
        ),
    }
    for question, rows in tables:
        name = _CHARTS.get(question.group)
        if name is not None:
            files[f"{stem}-{name}.svg"] = as_svg(question, rows, office=office)
            files[f"{stem}-{name}.png"] = as_png(question, rows, office=office)
    return files
