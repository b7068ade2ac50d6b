"""Writes the table of a run into docs/performance.md, between its two marks."""

import re
from pathlib import Path

from bench.record import Run

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_TABLE = re.compile(r"(<!-- table: bench -->\n).*?(<!-- end -->)", re.DOTALL)


def write(run: Run, page: Path = PAGE) -> None:
    """Put the table of *run* in the place of the one before."""
    text = page.read_text("utf-8")
    page.write_text(_TABLE.sub(lambda found: found[1] + table(run) + found[2], text), "utf-8")


def table(run: Run) -> str:
    """Return the table of *run* as Markdown, with when and where it was measured."""
    machine = run.machine
    head = (
        f"Measured {run.at:%Y-%m-%d} at commit {run.commit}, {machine.processors} processors, "
        f"Python {machine.python}.\n\n"
        "| measured | value | reach | stretch | | detail |\n|---|---:|---|---|---|---|\n"
    )
    rows = (" | ".join(cell.replace("|", "/") for cell in each.cells()) for each in run.results)
    return head + "".join(f"| {row} |\n" for row in rows)
