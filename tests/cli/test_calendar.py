"""`gateway calendar`: legal times and the working calendar."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import a_node, answer, run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder without a configuration."""
    monkeypatch.chdir(tmp_path)


def test_an_instant_in_office_hours_stays() -> None:
    """Written with the offset of the calendar."""
    assert answer("calendar", "legal-time", "2026-03-02T02:00:00Z") == {
        "instant": "2026-03-02T09:00:00+07:00",
        "legal": "2026-03-02T09:00:00+07:00",
        "provisional": False,
    }


def test_an_instant_in_the_evening_moves_to_the_morning() -> None:
    """To the start of the next office hours."""
    moved = answer("calendar", "legal-time", "2026-03-02T18:00:00+07:00")

    assert moved["legal"] == "2026-03-03T07:30:00+07:00"


def test_instants_are_read_from_standard_input() -> None:
    """One a line, one object a line."""
    text = "2026-03-02T18:00:00+07:00\n\n2026-03-02T09:00:00+07:00\n"

    result = run("calendar", "legal-time", "--format", "json", stdin=text)

    legal = [json.loads(line)["legal"] for line in result.stdout.splitlines()]
    assert legal == ["2026-03-03T07:30:00+07:00", "2026-03-02T09:00:00+07:00"]


def test_a_dash_is_standard_input() -> None:
    """As with other tools."""
    text = "2026-03-02T18:00:00+07:00\n"

    result = run("calendar", "legal-time", "-", "--format", "json", stdin=text)

    assert json.loads(result.stdout)["legal"] == "2026-03-03T07:30:00+07:00"


def test_instants_in_a_table_end_at_the_second() -> None:
    """A person reads them."""
    result = run("calendar", "legal-time", "2026-03-02T18:00:00.123456+07:00")

    assert "2026-03-02 18:00:00+07:00" in result.stdout


def test_a_bad_line_does_not_stop_the_others() -> None:
    """It is reported with its number, and the exit status is 1."""
    text = "hôm qua\n2026-03-02T09:00:00+07:00\n"

    result = run("calendar", "legal-time", "--format", "json", stdin=text)

    assert (result.exit_code, len(result.stdout.splitlines()), "line 1" in result.stderr) == (
        1,
        1,
        True,
    )


def test_an_instant_without_offset_is_refused() -> None:
    """Nobody knows when it was."""
    result = run("calendar", "legal-time", "2026-03-02T09:00:00")

    assert (result.exit_code, "offset" in result.stderr) == (1, True)


def test_a_year_that_is_not_entered_is_provisional() -> None:
    """Nobody knows its holidays yet."""
    assert answer("calendar", "legal-time", "2031-03-03T18:00:00+07:00")["provisional"] is True


def test_legal_times_can_be_csv() -> None:
    """With a header."""
    result = run("calendar", "legal-time", "2026-03-02T18:00:00+07:00", "--format", "csv")

    assert result.stdout.splitlines() == [
        "instant,legal,provisional",
        "2026-03-02T18:00:00+07:00,2026-03-03T07:30:00+07:00,false",
    ]


def test_the_calendar_of_the_node_counts(tmp_path: Path) -> None:
    """Its hours, not the defaults."""
    config = a_node(tmp_path / "node")
    file = tmp_path / "node" / "gateway.toml"
    file.write_text(file.read_text("utf-8").replace("07:30-11:30", "08:00-11:30"), "utf-8")

    moved = answer("calendar", "legal-time", "2026-03-02T18:00:00+07:00", *config)

    assert moved["legal"] == "2026-03-03T08:00:00+07:00"


def test_a_configuration_that_is_named_must_be_there() -> None:
    """The defaults are for a folder without a node only."""
    result = run("calendar", "legal-time", "2026-03-02T18:00:00Z", "--config", "no.toml")

    assert result.exit_code == 1


def test_the_calendar_of_a_year_has_every_day() -> None:
    """As one array for programs."""
    assert len(answer("calendar", "show", "2024")) == 366


def test_a_holiday_is_named_with_its_notice() -> None:
    """So that it can be checked."""
    days = {day["date"]: day for day in answer("calendar", "show", "2026")}

    assert days["2026-01-01"]["working"] is False
    assert days["2026-01-01"]["notice"].startswith("9441/TB-BNV")


def test_the_table_has_the_special_days_only() -> None:
    """An ordinary Monday is not news."""
    shown = run("calendar", "show", "2026").stdout

    assert ("2026-01-01" in shown, "2026-03-02" in shown) == (True, False)


def test_a_year_is_a_number() -> None:
    """Anything else is wrong usage."""
    assert run("calendar", "show", "năm nay").exit_code == 2
