"""`gateway incident`, `maintenance`, and the calendar as it was changed."""

import sqlite3
from pathlib import Path

import pytest

from gateway.cli.node import on_node
from gateway.domain.calendar_changes import ChangeKind
from gateway.pipeline.office_hours import Wish
from tests.cli.commands import a_node, answer, run

SWAP = {"day": "2026-11-23", "worked": "2026-11-28", "decision": "12/TB-UBND"}
SOON = ("--from", "2099-01-05T22:00:00+07:00", "--until", "2099-01-05T23:00:00+07:00")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Make a node in a folder of its own."""
    a_node(tmp_path / "node")
    return tmp_path / "node"


@pytest.fixture(name="node")
def _node(folder: Path) -> list[str]:
    """Return the option that names the node."""
    return ["--config", str(folder / "gateway.toml")]


def test_an_incident_is_open_until_it_is_closed(node: list[str]) -> None:
    """Both are listed."""
    opened = answer("incident", "open", "Mất điện phòng máy", "--meanwhile", "Dùng giấy", *node)
    closed = answer("incident", "close", str(opened["id"]), "--note", "Đã có điện", *node)

    assert (opened["state"], closed["state"]) == ("open", "over")
    assert [each["note"] for each in answer("incident", "list", *node)] == ["Đã có điện"]


def test_an_incident_is_closed_once(node: list[str]) -> None:
    """Again it is over already."""
    opened = answer("incident", "open", "Mất điện", *node)
    run("incident", "close", str(opened["id"]), *node)

    assert run("incident", "close", str(opened["id"]), *node).exit_code == 1


def test_maintenance_that_is_cancelled_before_it_began_is_told_so(node: list[str]) -> None:
    """It never was."""
    planned = answer("maintenance", "plan", "Nâng cấp", *SOON, *node)
    cancelled = answer("maintenance", "cancel", str(planned["id"]), "--note", "Dời ngày", *node)

    assert (planned["state"], cancelled["state"]) == ("planned", "cancelled")


def test_an_incident_is_no_maintenance(node: list[str]) -> None:
    """Each has its own command."""
    opened = answer("incident", "open", "Mất điện", *node)

    assert run("maintenance", "cancel", str(opened["id"]), *node).exit_code == 1


def test_maintenance_that_ends_before_it_begins_is_refused(node: list[str]) -> None:
    """With the finding."""
    times = ("--from", "2099-01-05T22:00:00+07:00", "--until", "2099-01-05T21:00:00+07:00")
    result = run("maintenance", "plan", "Nâng cấp", *times, *node)

    assert (result.exit_code, "announcement" not in result.stderr) == (1, True)


def test_an_instant_without_an_offset_is_wrong_usage(node: list[str]) -> None:
    """Exit status 2."""
    times = ("--from", "2099-01-05T22:00:00", "--until", "2099-01-05T23:00:00+07:00")

    assert run("maintenance", "plan", "Nâng cấp", *times, *node).exit_code == 2


def test_the_calendar_commands_know_what_was_changed(node: list[str]) -> None:
    """Not the files alone."""
    change(node)

    moved = answer("calendar", "legal-time", "2026-11-20T18:05:00+07:00", *node)

    assert moved["legal"] == "2026-11-25T07:30:00+07:00"


def test_a_change_of_the_calendar_outlives_the_process(node: list[str]) -> None:
    """It lies in the database."""
    change(node)
    days = {each["date"]: each for each in answer("calendar", "show", "2026", *node)}

    assert (days["2026-11-23"]["working"], days["2026-11-28"]["working"]) == (False, True)
    assert days["2026-11-23"]["notice"] == "12/TB-UBND"


def change(node: list[str]) -> None:
    """Swap a day."""
    wish = Wish(kind=ChangeKind.SWAP, agency=None, given=SWAP)
    on_node(
        Path(node[1]),
        lambda gateway, caller: gateway.administration.office_hours.apply(wish, caller),
    )


def tamper(folder: Path, statement: str) -> None:
    """Change the database behind the node's back, its guards removed."""
    with sqlite3.connect(folder / "data" / "gateway.db") as raw:
        for trigger in ("audit_record_is_not_changed", "audit_record_is_not_removed"):
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute(statement)


def test_an_incident_is_changed_and_taken_on(node: list[str]) -> None:
    """What was not said stays."""
    number = str(answer("incident", "open", "Mất điện", "--meanwhile", "Dùng giấy", *node)["id"])
    answer("incident", "change", number, "--severity", "critical", *node)
    taken = answer("incident", "acknowledge", number, *node)

    assert (taken["severity"], taken["meanwhile"]) == ("critical", "Dùng giấy")
    assert taken["acknowledged_by"] == "cli"


def test_who_was_written_to_is_listed(node: list[str], folder: Path) -> None:
    """Where a mail server is configured; what waits is sent by the node that runs."""
    file = folder / "gateway.toml"
    text = file.read_text("utf-8").replace('smtp_host = ""', 'smtp_host = "127.0.0.1"')
    text = text.replace('smtp_from = ""', 'smtp_from = "lienthong@example.gov.vn"')
    file.write_text(text.replace("\nto = []", '\nto = ["giamdoc@example.gov.vn"]'), "utf-8")
    number = str(answer("incident", "open", "Mất điện", *node)["id"])
    (mail,) = answer("incident", "mails", number, *node)

    assert (mail["recipient"], mail["state"]) == ("giamdoc@example.gov.vn", "waiting")


def test_downtime_is_part_of_the_statistics(node: list[str]) -> None:
    """From the command that prints the figures."""
    since = "2026-11-20T08:00:00+07:00"
    number = str(answer("incident", "open", "Mất điện", "--from", since, *node)["id"])
    run("incident", "close", number, *node)
    period = ("--from", "2026-11-20", "--to", "2026-11-20", "--downtime")
    (row,) = answer("stats", *period, *node)

    assert (row["incidents"], row["incident_s"]) == (1, 16 * 3600)
