"""`gateway doctor`: what it says of a node, well and ill."""

import asyncio
import json
import socket
import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from string import Formatter

import pytest

from gateway.bootstrap.equipment import only_one
from gateway.cli.doctor import axes, cellar, certificates, command, policy, services, texts, ways
from gateway.cli.doctor.certificates import SUCCESSORS
from gateway.cli.doctor.texts import REMEDIES, TITLES, Text
from gateway.config import load
from gateway.domain.exchange import AuditEntry
from gateway.ports import Transaction
from gateway.storage import open_store
from tests.cli.commands import run
from tests.cli.examining import change, configure, examine


def test_a_new_node_has_no_errors(node: Path) -> None:
    """Every check was made."""
    status, found = examine(node)

    assert (status, set(found)) == (
        0,
        {"configuration", "keys", "trust", "calendar", "disk", "store", "clock"}
        | {"guards", "profiles", "listen", "connections", "offices"},
    )


def test_every_warning_says_how_to_mend_it(node: Path) -> None:
    """A new node trusts nobody yet."""
    _, found = examine(node)

    assert (found["trust"]["result"], bool(found["trust"]["remedy"])) == ("warning", True)


def test_an_open_incident_is_told(node: Path) -> None:
    """One that is critical is an error; what is over is not told."""
    config = ["--config", str(node / "gateway.toml")]
    opened = run(
        "incident", "open", "Mất điện", "--severity", "critical", "--format", "json", *config
    )
    assert opened.exit_code == 0, opened.stderr

    told = examine(node)[1]["incidents"]
    assert (told["result"], told["message"].endswith("Mất điện")) == ("error", True)

    ended = run("incident", "close", str(json.loads(opened.stdout)["id"]), *config)
    assert ended.exit_code == 0, ended.stderr
    assert "incidents" not in examine(node)[1]


def test_a_broken_configuration_is_an_error(node: Path) -> None:
    """Nothing else can be examined then."""
    (node / "gateway.toml").write_text("[node]\n", "utf-8")

    status, found = examine(node)

    assert (status, list(found)) == (1, ["configuration"])


def test_a_missing_calendar_is_an_error(node: Path) -> None:
    """The file that is missing is named."""
    (node / "config" / "calendar-vn.toml").unlink()

    _, found = examine(node)

    assert "calendar-vn.toml" in found["calendar"]["message"]


def test_a_calendar_without_this_year_is_a_warning(node: Path) -> None:
    """Legal times are provisional."""
    (node / "config" / "calendar-vn.toml").write_text("", "utf-8")

    status, found = examine(node)

    assert (status, found["calendar"]["result"]) == (0, "warning")


def test_a_profile_that_is_not_there_is_an_error(node: Path) -> None:
    """It is named, with those that there are."""
    file = node / "gateway.toml"
    text = file.read_text("utf-8").replace('profile = "default"', 'profile = "defalt"')
    file.write_text(text, "utf-8")

    status, found = examine(node)

    assert (status, found["profiles"]["result"]) == (1, "error")
    assert "defalt" in found["profiles"]["message"]
    assert "ben-tre-2014" in found["profiles"]["message"]


def test_a_mistyped_type_in_a_rule_of_removal_is_an_error(node: Path) -> None:
    """What it was to keep would fall under a later rule, and go."""
    configure(node, '[[removal]]\nname = "hop-dong"\ndays = 0\ntypes = ["HDD"]\n')

    status, found = examine(node)

    assert (status, found["removal"]["result"]) == (1, "error")
    assert "`HDD`" in found["removal"]["message"]


def test_too_little_space_is_an_error(node: Path) -> None:
    """Submissions would be turned away."""
    file = node / "gateway.toml"
    text = file.read_text("utf-8").replace("minimum_free_mb = 256", "minimum_free_mb = 900000000")
    file.write_text(text, "utf-8")

    _, found = examine(node)

    assert found["disk"]["result"] == "error"


def test_a_broken_database_is_an_error(node: Path) -> None:
    """It says which file."""
    for file in (node / "data").glob("gateway.db*"):
        file.unlink()
    (node / "data" / "gateway.db").write_bytes(b"this is no database" * 100)

    status, found = examine(node)

    assert (status, found["store"]["result"]) == (1, "error")


@pytest.mark.parametrize("records", [1, 2, 3, 10])
def test_a_clock_behind_the_newest_record_is_an_error(node: Path, records: int) -> None:
    """What was recorded cannot lie in the future."""
    asyncio.run(_record_in_the_future(node, records))

    _, found = examine(node)

    assert (found["clock"]["result"], "2090" in found["clock"]["message"]) == ("error", True)


async def _record_in_the_future(node: Path, records: int) -> None:
    opened = open_store(
        "sqlite:///data/gateway.db",
        folder=node,
        chain="main",
        zone=UTC,
        checkpoint=lambda name: None,
    )
    future = datetime(2090, 1, 1, tzinfo=UTC)
    async with opened as store:
        for _ in range(records):
            entry = AuditEntry(at=future, actor="x", action="x", about="x")
            await store.write(partial(_append, entry=entry))


def _append(tx: Transaction, *, entry: AuditEntry) -> None:
    tx.audit.append(entry)


def test_a_guard_of_the_record_that_is_gone_is_an_error(node: Path) -> None:
    """It is named, with the command that puts it back."""
    with sqlite3.connect(node / "data" / "gateway.db") as database:
        database.execute("DROP TRIGGER audit_record_is_not_removed")

    status, found = examine(node)

    assert (status, found["guards"]["result"]) == (1, "error")
    assert "audit_record_is_not_removed" in found["guards"]["message"]
    assert "gateway audit guard" in found["guards"]["remedy_vi"]


def test_an_open_address_without_tls_is_an_error(node: Path) -> None:
    """The node would not start."""
    file = node / "gateway.toml"
    file.write_text(file.read_text("utf-8").replace('"127.0.0.1"', '"0.0.0.0"'), "utf-8")

    status, found = examine(node)

    assert (status, "tls_certificate" in found["listen"]["message"]) == (1, True)


def test_a_port_that_another_program_holds_is_an_error(node: Path) -> None:
    """The next start would fail; what is to be done is said in both languages."""
    with socket.create_server(("127.0.0.1", load(node / "gateway.toml").http.port)):
        status, found = examine(node)

    assert (status, found["listen"]["result"]) == (1, "error")
    assert "[http] port" in found["listen"]["remedy"]
    assert "[http] port" in found["listen"]["remedy_vi"]


def test_a_port_that_the_node_itself_holds_is_in_order(node: Path) -> None:
    """The doctor is asked while the node runs."""
    config = load(node / "gateway.toml")
    with only_one(config), socket.create_server(("127.0.0.1", config.http.port)):
        status, found = examine(node)

    assert (status, found["listen"]["result"]) == (0, "ok")


def test_a_node_that_serves_at_another_port_is_said_to(node: Path) -> None:
    """As `gateway serve --port` has it: the port of the settings is free, and the node is up."""
    with only_one(load(node / "gateway.toml")):
        status, found = examine(node)

    assert (status, found["listen"]["result"]) == (0, "ok")
    assert "--port" in found["listen"]["message"]


def test_a_place_that_is_named_wrongly_is_no_sign_of_life(node: Path) -> None:
    """Nobody serves a node whose settings name no place for documents."""
    change(node, 'documents = "file:data/documents"', 'documents = "ftp:x"')

    _, found = examine(node)

    assert "storage.documents" in found["listen"]["message"]


def test_people_read_both_languages(node: Path) -> None:
    """A clerk of the machine room need not know English."""
    shown = run("doctor", "--config", str(node / "gateway.toml")).stdout

    assert ("Ghi được vào" in shown, "can be written" in shown) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        *TITLES.values(),
        *REMEDIES.values(),
        *SUCCESSORS.values(),
        *(
            each
            for module in (axes, cellar, certificates, command, policy, services, texts, ways)
            for each in vars(module).values()
            if isinstance(each, Text) and each.en
        ),
    ],
)
def test_every_text_says_the_same_in_both_languages(text: Text) -> None:
    """The same values are filled in, and none is missing."""
    fields = [{name for _, name, _, _ in Formatter().parse(each)} for each in (text.vi, text.en)]

    assert (bool(text.vi), fields[0] - {None}) == (bool(text.en), fields[1] - {None})
