"""The history of the benchmark as a picture: `python -m bench.history` draws `results/history.svg`.

A panel for each line of the table that has a target: its values run by run, with the target and
what would be better still.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from bench.record import FOLDER, Run, kept
from bench.results import Result

PICTURE = FOLDER / "history.svg"
_COLUMNS = 3
_WIDTH, _HEIGHT, _GAP = 380, 130, 16
_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 70, 34, 24
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.name{font-weight:600}.small{font-size:10px;fill:#666}"
    ".value{fill:none;stroke:#1f5fa8;stroke-width:2}.dot{fill:#1f5fa8}"
    ".reach{stroke:#b3261e;stroke-dasharray:5 3}.stretch{stroke:#1b7f3b;stroke-dasharray:2 3}"
    ".frame{fill:#fff;stroke:#ddd}"
)


def draw(runs: Sequence[Run], picture: Path = PICTURE) -> None:
    """Draw *runs*, oldest first, into *picture*."""
    picture.write_text(svg(runs), "utf-8")


def svg(runs: Sequence[Run]) -> str:
    """Return the picture of *runs*, oldest first."""
    lines = _lines(runs)
    rows = -(-len(lines) // _COLUMNS)
    width = _COLUMNS * (_WIDTH + _GAP) + _GAP
    height = rows * (_HEIGHT + _GAP) + _GAP
    panels = []
    for n, (name, found) in enumerate(lines.items()):
        x = _GAP + n % _COLUMNS * (_WIDTH + _GAP)
        y = _GAP + n // _COLUMNS * (_HEIGHT + _GAP)
        panels.append(f'<g transform="translate({x},{y})">{_panel(name, found)}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{_STYLE}</style>{"".join(panels)}</svg>\n'
    )


def _lines(runs: Sequence[Run]) -> dict[str, list[tuple[Run, Result]]]:
    """Return what was measured and judged, by name, in the order of the newest run."""
    lines: dict[str, list[tuple[Run, Result]]] = {}
    for run in reversed(runs):
        for result in run.results:
            if result.value is not None and result.target:
                lines.setdefault(result.name, []).insert(0, (run, result))
    return lines


def _panel(name: str, found: list[tuple[Run, Result]]) -> str:
    newest = found[-1][1]
    values = [result.value for _, result in found if result.value is not None]
    target = newest.least if newest.least is not None else newest.most
    marks = [("reach", target), ("stretch", newest.stretch)]
    most = max(1e-9, *values, *(mark for _, mark in marks if mark is not None)) * 1.1

    def place(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / most * (_HEIGHT - _TOP - _BOTTOM)

    right = _WIDTH - _RIGHT
    step = (right - _LEFT) / max(1, len(values) - 1)
    points = [(_LEFT + n * step, place(value)) for n, value in enumerate(values)]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    told = f"{_when(found)}; now {values[-1]:.2f} {escape(newest.unit)}"
    drawn = [
        f'<rect class="frame" width="{_WIDTH}" height="{_HEIGHT}"/>',
        f'<text class="name" x="{_LEFT}" y="18">{escape(name[:58])}</text>',
        *(_mark(kind, mark, place(mark), right) for kind, mark in marks if mark is not None),
        f'<polyline class="value" points="{way}"/>',
        *(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points),
        f'<text class="small" x="{_LEFT}" y="{_HEIGHT - 8}">{told}</text>',
    ]
    return "".join(drawn)


def _mark(kind: str, value: float, y: float, right: float) -> str:
    return (
        f'<line class="{kind}" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="small" x="{right + 6}" y="{y + 3:.1f}">{kind} {value:g}</text>'
    )


def _when(found: list[tuple[Run, Result]]) -> str:
    first, last = found[0][0], found[-1][0]
    return f"{first.at:%Y-%m-%d} to {last.at:%Y-%m-%d} ({escape(last.commit)})"


if __name__ == "__main__":
    draw(kept())
