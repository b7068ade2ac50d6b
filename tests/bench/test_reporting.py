"""What the benchmark says of what it measured: verdicts, runs that are kept, page and picture."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.__main__ import whole
from bench.history import svg
from bench.performance_page import write
from bench.record import Machine, Run, begun, keep, kept
from bench.results import Result

MARKS = "Before.\n<!-- table: bench -->\nold\n<!-- end -->\nBehind.\n"


def a_run(*results: Result, day: int = 1) -> Run:
    """Return a run of a day of December with *results*."""
    return Run(
        at=datetime(2026, 12, day, tzinfo=UTC),
        commit="abc1234",
        machine=Machine(processors=2, python="3.11.7", load=0.1),
        results=list(results),
    )


def a_share(value: float | None = 0.3) -> Result:
    """Return a line with a target and what would be better still."""
    return Result(name="share <of> the floor", value=value, unit="x", least=0.25, stretch=0.5)


@pytest.mark.parametrize(
    ("result", "verdict", "is_met"),
    [
        (a_share(0.2), "MISSED", False),
        (a_share(0.25), "met", True),
        (a_share(0.5), "stretch", True),
        (Result(name="p99", value=6.1, unit="x", most=6, stretch=3), "MISSED", False),
        (Result(name="p99", value=4, unit="x", most=6, stretch=3), "met", True),
        (Result(name="p99", value=3, unit="x", most=6, stretch=3), "stretch", True),
        (Result(name="told", value=7, unit="x"), "", True),
        (Result.skipped("PostgreSQL", "no server"), "SKIPPED", True),
        (Result.broken("axis", "it did not start"), "BROKEN", False),
    ],
)
def test_only_a_missed_target_or_a_broken_part_fails_a_run(
    result: Result, verdict: str, *, is_met: bool
) -> None:
    """What is better still is told and never judged; what cannot be measured here is said aloud."""
    assert (result.verdict, result.is_met) == (verdict, is_met)


def test_a_run_is_kept_as_it_was(tmp_path: Path) -> None:
    """One file each; they come back oldest first."""
    later, earlier = a_run(a_share(), day=2), a_run(a_share(None), day=1)

    keep(later, tmp_path)
    keep(earlier, tmp_path)

    assert [earlier, later] == kept(tmp_path)


def test_a_run_says_nothing_of_the_machine_but_what_its_figures_hang_on() -> None:
    """No name of a host, no path."""
    assert {"processors", "python", "load"} == set(Machine.__struct_fields__)
    assert begun().results == []


def test_the_picture_has_a_panel_for_each_line_that_is_judged() -> None:
    """It is XML, whatever the names hold."""
    told = Result(name="told alone", value=1)

    root = ET.fromstring(svg([a_run(a_share(), told), a_run(a_share(0.4), day=2)]))  # noqa: S314 - it is ours

    texts = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "share <of> the floor" in texts
    assert "told alone" not in texts


def test_the_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """The words around it stay."""
    page = tmp_path / "performance.md"
    page.write_text(MARKS, "utf-8")

    write(a_run(a_share()), page)

    text = page.read_text("utf-8")
    assert text.startswith("Before.\n<!-- table: bench -->\nMeasured 2026-12-01 at commit abc1234")
    assert text.endswith("<!-- end -->\nBehind.\n")
    assert "| share <of> the floor | 0.30 x | ≥ 0.25 x | 0.5 | met |  |\n" in text


@pytest.mark.parametrize(("seconds", "is_met"), [(299.0, True), (301.0, False)])
def test_a_run_that_takes_too_long_is_missed(seconds: float, *, is_met: bool) -> None:
    """Its parts are told, so that it is known which of them to make shorter."""
    line = whole({"throughput": seconds, "large": 300.0})

    assert (line.is_met, line.detail) == (is_met, f"throughput {seconds:.0f} s, large 300 s")
