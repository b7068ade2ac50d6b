"""Figures as a picture for a report: SVG, and PNG drawn from it with the font that is shipped.

Colours are those of Okabe and Ito, told apart by colour-blind people; they differ in lightness,
too, so that a black and white print can be read.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import resvg_py
from lxml import etree

from gateway.domain.figure_words import TITLE, period_line, words_of
from gateway.domain.figures import HEADINGS, PERIODS, Question, Value
from gateway.domain.periods import names_between

if TYPE_CHECKING:
    from pygal.graph.graph import Graph
    from pygal.style import Style

Rows = Sequence[Mapping[str, Value]]

#: What is drawn of every row.
_SERIES = ("sent", "arrived", "accepted", "refused")
_COLOURS = ("#004b7c", "#56b4e9", "#e69f00", "#8c2d04")
#: Rows that are drawn; of more, the largest, and the rest in one.
_MOST = 20
#: Stretches of a time axis that are drawn one beside the other, whether or not there is anything.
_MOST_STRETCHES = 400
#: Labels of a time axis that can be read beside each other.
_LABELS = 16
_REST = "Còn lại"
#: What the styles of a chart are tied to.
_NAME = "thong-ke"
_WIDTH, _HEIGHT, _ROW = 1200, 675, 46
_FONT = Path(__file__).parent / "fonts" / "hanken-grotesk.ttf"
_FAMILY = "Hanken Grotesk, Noto Sans, Arial, sans-serif"
#: Twice the size: 300 dots an inch on a page of 20 cm.
_ZOOM = 2.0
#: Signs that XML cannot hold.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What the library says of itself in the styles.
_REMARKS = re.compile(r"/\*.*?\*/", re.DOTALL)


def as_svg(question: Question, rows: Rows, *, office: str) -> bytes:
    """Return the rows as a bar chart with title, period and source."""
    return _picture(question, rows, office).encode()


def as_png(question: Question, rows: Rows, *, office: str) -> bytes:
    """Return the same picture in points."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=_picture(question, rows, office),
            background="#ffffff",
            skip_system_fonts=True,
            font_files=[str(_FONT)],
            font_family="Hanken Grotesk",
            sans_serif_family="Hanken Grotesk",
            zoom=_ZOOM,
        )
    )


def _picture(question: Question, rows: Rows, office: str) -> str:
    """Return the drawing: time runs to the right, everything else downward."""
    in_time = bool(question.group) and all(name in PERIODS for name in question.group)
    drawn = _without_gaps(question, rows) if in_time else _largest(rows)[::-1]  # from below
    labels = [_label(question, row) for row in drawn]
    chart = _chart(in_time=in_time, count=len(drawn))
    chart.uuid = _NAME
    chart.title = f"{TITLE}\n{period_line(question)}"
    chart.x_title = _NO_XML.sub("", f"Nguồn: {office}")
    chart.x_labels = labels
    if in_time:
        chart.x_labels_major = labels[:: max(1, -(-len(labels) // _LABELS))]
        chart.show_minor_x_labels = False
    chart.add_xml_filter(_drawing_alone)
    for name in _SERIES:
        chart.add(HEADINGS[name], [row[name] for row in drawn])
    return _REMARKS.sub("", chart.render(disable_xml_declaration=True, is_unicode=True))


def _without_gaps(question: Question, rows: Rows) -> list[Mapping[str, Value]]:
    """Return a row for every stretch of the axis, also where nothing happened."""
    if len(question.group) != 1 or not rows:
        return list(rows)
    (name,) = question.group
    axis = list(islice(names_between(name, question.first, question.last), _MOST_STRETCHES + 1))
    if len(axis) > _MOST_STRETCHES:
        return list(rows)
    known = {row[name]: row for row in rows}
    nothing: dict[str, Value] = dict.fromkeys(_SERIES, 0)
    return [known.get(each, nothing | {name: each}) for each in axis]


def _chart(*, in_time: bool, count: int) -> "Graph":
    """Return an empty chart, as high as *count* rows need."""
    library = _library()
    return (library.Bar if in_time else library.HorizontalBar)(
        width=_WIDTH,
        height=_HEIGHT if in_time else max(_HEIGHT, 220 + _ROW * count),
        js=[],
        explicit_size=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(_SERIES),
        x_label_rotation=30 if in_time else 0,
        truncate_label=-1,
        truncate_legend=-1,
        include_x_axis=True,
        order_min=0,
        margin=24,
        no_data_text="Không có văn bản trong kỳ",
        formatter=_number,
        value_formatter=_number,
        style=_style(),
    )


def _drawing_alone(root: etree._Element) -> etree._Element:
    """Take away scripts, and remarks with the day, which would make every file another one."""
    etree.strip_elements(root, etree.Comment, "{*}script", with_tail=False)
    return root


@cache
def _library() -> ModuleType:
    """Return the drawing library, loaded with the first chart."""
    library = import_module("pygal")  # few processes ever draw
    # It leaves an importer of plug-ins behind, of a form that Python warns of and no longer asks.
    sys.meta_path[:] = [each for each in sys.meta_path if hasattr(each, "find_spec")]
    return library


def _style() -> "Style":
    return _library().style.Style(
        background="#ffffff",
        plot_background="#ffffff",
        foreground="#1a1a1a",
        foreground_strong="#000000",
        foreground_subtle="#595959",
        colors=_COLOURS,
        opacity="1",
        opacity_hover="1",
        guide_stroke_color="#d0d0d0",
        major_guide_stroke_color="#b0b0b0",
        guide_stroke_dasharray="1,0",
        major_guide_stroke_dasharray="1,0",
        font_family=_FAMILY,
        title_font_family=_FAMILY,
        label_font_family=_FAMILY,
        major_label_font_family=_FAMILY,
        legend_font_family=_FAMILY,
        value_font_family=_FAMILY,
        no_data_font_family=_FAMILY,
        title_font_size=20,
        label_font_size=15,
        major_label_font_size=15,
        legend_font_size=16,
        no_data_font_size=28,
        transition="0s",
    )


def _largest(rows: Rows) -> list[Mapping[str, Value]]:
    """Return the rows with the most documents, in their order, and what is left in one."""
    if len(rows) <= _MOST:
        return list(rows)
    ranked = sorted(rows, key=lambda row: -sum(_count(row[name]) for name in _SERIES))
    kept = {id(row) for row in ranked[:_MOST]}
    rest = [row for row in rows if id(row) not in kept]
    summed: dict[str, Value] = {name: sum(_count(row[name]) for row in rest) for name in _SERIES}
    return [*(row for row in rows if id(row) in kept), summed]


def _label(question: Question, row: Mapping[str, Value]) -> str:
    """Return what a row is of."""
    if any(name not in row for name in question.group):
        return _REST
    words = " · ".join(words_of(name, row[name]) for name in question.group)
    return _NO_XML.sub("", words) or "Toàn kỳ"


def _count(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _number(value: float) -> str:
    """Return a count as Vietnamese readers write it; between two counts there is none."""
    return f"{value:,.0f}".replace(",", ".") if value == int(value) else ""
