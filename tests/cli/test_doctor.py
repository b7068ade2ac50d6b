"""`gateway doctor`: what is wrong, and how to mend it."""

import asyncio
import json
import socket
import sqlite3
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import rmtree
from string import Formatter
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from gateway.bootstrap.equipment import SystemClock, only_one
from gateway.cli.doctor import axes, cellar, certificates, command, policy, services, texts, ways
from gateway.cli.doctor.certificates import SUCCESSORS
from gateway.cli.doctor.texts import REMEDIES, TITLES, Text
from gateway.config import load
from gateway.crypto.keys import VALIDITY, make_signing_key
from gateway.crypto.pki import Wish, issue
from gateway.domain.exchange import AuditEntry
from gateway.ports import Transaction
from gateway.storage import open_store
from tests.cli.commands import a_node, run
from tests.crypto.authority import a_stamper
from tests.pipeline.rooms import rooms
from tests.scanning.scanner import Scanner


@pytest.fixture(name="node")
def _node(tmp_path: Path) -> Path:
    a_node(tmp_path / "node")
    _change(tmp_path / "node", "port = 8080", f"port = {_a_free_port()}")
    return tmp_path / "node"


def _a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _examine(node: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit status and the worst diagnosis of each check."""
    result = run("doctor", "--format", "json", "--config", str(node / "gateway.toml"))
    order = ["ok", "warning", "error"]
    found: dict[str, dict[str, Any]] = {}
    for each in json.loads(result.stdout):
        known = found.setdefault(each["check"], each)
        if order.index(each["result"]) > order.index(known["result"]):
            found[each["check"]] = each
    return result.exit_code, found


def test_a_new_node_has_no_errors(node: Path) -> None:
    """Every check was made."""
    status, found = _examine(node)

    assert (status, set(found)) == (
        0,
        {"configuration", "keys", "trust", "calendar", "disk", "store", "clock"}
        | {"guards", "profiles", "listen", "connections", "offices"},
    )


def test_every_warning_says_how_to_mend_it(node: Path) -> None:
    """A new node trusts nobody yet."""
    _, found = _examine(node)

    assert (found["trust"]["result"], bool(found["trust"]["remedy"])) == ("warning", True)


def test_an_open_incident_is_told(node: Path) -> None:
    """One that is critical is an error; what is over is not told."""
    config = ["--config", str(node / "gateway.toml")]
    opened = run(
        "incident", "open", "Mất điện", "--severity", "critical", "--format", "json", *config
    )
    assert opened.exit_code == 0, opened.stderr

    told = _examine(node)[1]["incidents"]
    assert (told["result"], told["message"].endswith("Mất điện")) == ("error", True)

    ended = run("incident", "close", str(json.loads(opened.stdout)["id"]), *config)
    assert ended.exit_code == 0, ended.stderr
    assert "incidents" not in _examine(node)[1]


def test_a_lost_key_is_an_error(node: Path) -> None:
    """Without it no receipt can be signed."""
    (node / "config" / "secrets" / "node.key").unlink()

    status, found = _examine(node)

    assert (status, found["keys"]["result"]) == (1, "error")


def test_a_certificate_that_ends_soon_is_a_warning(node: Path) -> None:
    """Sixty days ahead, so that there is time to get another."""
    start = datetime.now(UTC) - VALIDITY + timedelta(days=30)  # noqa: TID251 - as doctor sees it
    files = {
        "key_file": node / "config" / "secrets" / "node.key",
        "certificate_file": node / "config" / "node.crt",
    }
    for file in files.values():
        file.unlink()
    make_signing_key(**files, code="H13", name="UBND", now=start)

    status, found = _examine(node)

    assert (status, found["keys"]["result"]) == (0, "warning")


def test_a_key_that_others_may_read_is_an_error(node: Path) -> None:
    """The remedy is in the message."""
    (node / "config" / "secrets" / "node.key").chmod(0o644)

    _, found = _examine(node)

    assert "chmod 600" in found["keys"]["message"]


def test_an_authority_without_certificates_is_an_error(node: Path) -> None:
    """Its stamps could not be verified; the others are checked all the same."""
    _change(node, 'tsa_url = ""', 'tsa_url = "http://127.0.0.1:9/tsa"')

    status, found = _examine(node)

    assert (status, found["stamps"]["result"]) == (1, "error")


def test_receipts_that_wait_for_a_stamp_are_counted_down(node: Path, tmp_path: Path) -> None:
    """Nothing waits on a new node."""
    trusted = a_stamper(SystemClock().now()).trust(tmp_path / "tsa")
    _change(node, 'tsa_url = ""', 'tsa_url = "http://127.0.0.1:9/tsa"')
    _change(node, '["config/trust/timestamp"]', json.dumps([trusted]))

    _, found = _examine(node)

    assert (found["stamps"]["result"], "every receipt" in found["stamps"]["message"]) == (
        "ok",
        True,
    )


@pytest.mark.parametrize(
    ("waited_h", "result", "told"),
    [(1, "ok", "23.0 hours left"), (20, "warning", "4.0 hours"), (25, "error", "-1.0 hours")],
)
def test_an_outage_of_the_authority_is_counted_down(
    tmp_path: Path, waited_h: int, result: str, told: str
) -> None:
    """From the oldest receipt without a stamp to the limit of a day, and beyond."""
    now = SystemClock().now()
    trusted = a_stamper(now).trust(tmp_path / "tsa")

    async def send() -> None:
        at = now - timedelta(hours=waited_h)
        async with rooms(tmp_path / "node", at=at) as node:
            await node.sent()
            await node.gateway.sealing.seal()

    asyncio.run(send())
    keys = f'tsa_url = "http://127.0.0.1:9/tsa"\ntsa_trust = ["{trusted}"]\ntsa_limit_h = 24.0'
    toml = f'[node]\ncode = "H13"\n[keys]\n{keys}\n'
    (tmp_path / "node" / "gateway.toml").write_text(toml, "utf-8")

    _, found = _examine(tmp_path / "node")

    assert (found["stamps"]["result"], told in found["stamps"]["message"]) == (result, True)
    assert bool(found["stamps"]["remedy"]) is (result != "ok")


def a_tls_certificate(node: Path, *, days: float) -> None:
    """Let *node* show a certificate that lasts so many days."""
    now = SystemClock().now()
    wish = Wish(
        common_name="node.test",
        valid_from=now - timedelta(days=90),
        valid_to=now + timedelta(days=days, hours=1),
    )
    party = issue(wish)
    (node / "tls.pem").write_bytes(party.pem)
    key = load_der_private_key(party.key_der, None)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (node / "tls.key").write_bytes(pem)
    _change(node, 'tls_certificate = ""', f'tls_certificate = "{node}/tls.pem"')
    _change(node, 'tls_key = ""', f'tls_key = "{node}/tls.key"')


@pytest.mark.parametrize(
    ("days", "result", "stage"),
    [
        (61, "ok", ""),
        (60, "warning", "60 days ahead"),
        (30, "warning", "30 days ahead"),
        (14, "warning", "14 days ahead"),
        (7, "warning", "7 days ahead"),
        (0, "warning", "7 days ahead"),
        (-1, "error", "it has expired"),
    ],
)
def test_the_end_of_the_tls_certificate_is_told_ahead(
    node: Path, days: int, result: str, stage: str
) -> None:
    """60, 30, 14 and 7 days; an expired one is an error."""
    a_tls_certificate(node, days=days)

    _, found = _examine(node)

    assert (found["tls"]["result"], stage in found["tls"]["message"]) == (result, True)
    assert bool(found["tls"]["remedy"]) is (result != "ok")


def _change(node: Path, before: str, after: str) -> None:
    """Change the configuration of *node*."""
    toml = node / "gateway.toml"
    text = toml.read_text("utf-8")
    assert before in text
    toml.write_text(text.replace(before, after), "utf-8")


def test_a_broken_configuration_is_an_error(node: Path) -> None:
    """Nothing else can be examined then."""
    (node / "gateway.toml").write_text("[node]\n", "utf-8")

    status, found = _examine(node)

    assert (status, list(found)) == (1, ["configuration"])


def test_a_missing_calendar_is_an_error(node: Path) -> None:
    """The file that is missing is named."""
    (node / "config" / "calendar-vn.toml").unlink()

    _, found = _examine(node)

    assert "calendar-vn.toml" in found["calendar"]["message"]


def test_a_calendar_without_this_year_is_a_warning(node: Path) -> None:
    """Legal times are provisional."""
    (node / "config" / "calendar-vn.toml").write_text("", "utf-8")

    status, found = _examine(node)

    assert (status, found["calendar"]["result"]) == (0, "warning")


def test_a_profile_that_is_not_there_is_an_error(node: Path) -> None:
    """It is named, with those that there are."""
    file = node / "gateway.toml"
    text = file.read_text("utf-8").replace('profile = "default"', 'profile = "defalt"')
    file.write_text(text, "utf-8")

    status, found = _examine(node)

    assert (status, found["profiles"]["result"]) == (1, "error")
    assert "defalt" in found["profiles"]["message"]
    assert "ben-tre-2014" in found["profiles"]["message"]


def test_a_mistyped_type_in_a_rule_of_removal_is_an_error(node: Path) -> None:
    """What it was to keep would fall under a later rule, and go."""
    _configure(node, '[[removal]]\nname = "hop-dong"\ndays = 0\ntypes = ["HDD"]\n')

    status, found = _examine(node)

    assert (status, found["removal"]["result"]) == (1, "error")
    assert "`HDD`" in found["removal"]["message"]


def test_too_little_space_is_an_error(node: Path) -> None:
    """Submissions would be turned away."""
    file = node / "gateway.toml"
    text = file.read_text("utf-8").replace("minimum_free_mb = 256", "minimum_free_mb = 900000000")
    file.write_text(text, "utf-8")

    _, found = _examine(node)

    assert found["disk"]["result"] == "error"


def test_a_broken_database_is_an_error(node: Path) -> None:
    """It says which file."""
    for file in (node / "data").glob("gateway.db*"):
        file.unlink()
    (node / "data" / "gateway.db").write_bytes(b"this is no database" * 100)

    status, found = _examine(node)

    assert (status, found["store"]["result"]) == (1, "error")


@pytest.mark.parametrize("records", [1, 2, 3, 10])
def test_a_clock_behind_the_newest_record_is_an_error(node: Path, records: int) -> None:
    """What was recorded cannot lie in the future."""
    asyncio.run(_record_in_the_future(node, records))

    _, found = _examine(node)

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

    status, found = _examine(node)

    assert (status, found["guards"]["result"]) == (1, "error")
    assert "audit_record_is_not_removed" in found["guards"]["message"]
    assert "gateway audit guard" in found["guards"]["remedy_vi"]


def test_a_missing_trust_folder_is_an_error(node: Path) -> None:
    """It is named in the configuration and is not there."""
    rmtree(node / "config" / "trust")

    _, found = _examine(node)

    assert found["trust"]["result"] == "error"


def _configure(node: Path, text: str) -> None:
    with (node / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def test_an_open_address_without_tls_is_an_error(node: Path) -> None:
    """The node would not start."""
    file = node / "gateway.toml"
    file.write_text(file.read_text("utf-8").replace('"127.0.0.1"', '"0.0.0.0"'), "utf-8")

    status, found = _examine(node)

    assert (status, "tls_certificate" in found["listen"]["message"]) == (1, True)


def test_a_port_that_another_program_holds_is_an_error(node: Path) -> None:
    """The next start would fail; what is to be done is said in both languages."""
    with socket.create_server(("127.0.0.1", load(node / "gateway.toml").http.port)):
        status, found = _examine(node)

    assert (status, found["listen"]["result"]) == (1, "error")
    assert "[http] port" in found["listen"]["remedy"]
    assert "[http] port" in found["listen"]["remedy_vi"]


def test_a_port_that_the_node_itself_holds_is_in_order(node: Path) -> None:
    """The doctor is asked while the node runs."""
    config = load(node / "gateway.toml")
    with only_one(config), socket.create_server(("127.0.0.1", config.http.port)):
        status, found = _examine(node)

    assert (status, found["listen"]["result"]) == (0, "ok")


def test_a_node_that_serves_at_another_port_is_said_to(node: Path) -> None:
    """As `gateway serve --port` has it: the port of the settings is free, and the node is up."""
    with only_one(load(node / "gateway.toml")):
        status, found = _examine(node)

    assert (status, found["listen"]["result"]) == (0, "ok")
    assert "--port" in found["listen"]["message"]


def test_a_place_that_is_named_wrongly_is_no_sign_of_life(node: Path) -> None:
    """Nobody serves a node whose settings name no place for documents."""
    _change(node, 'documents = "file:data/documents"', 'documents = "ftp:x"')

    _, found = _examine(node)

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


@pytest.mark.parametrize(
    "entry",
    [
        '[[office]]\nagency = "H13"\ndelivery = "foldr"\n',
        '[[office]]\nagency = "H13"\ndelivery = "folder"\nfolder = "x"\nsecret_file = "no"\n',
        '[[axis]]\nname = "national"\nadapter = "foldr"\nendpoint = "folder:x"\n',
    ],
)
def test_an_adapter_that_cannot_be_built_is_an_error(node: Path, entry: str) -> None:
    """An unknown name, or a secret that is not there."""
    _configure(node, entry)

    status, found = _examine(node)

    assert (status, found["connections"]["result"]) == (1, "error")


def test_every_adapter_that_cannot_be_built_is_named(node: Path) -> None:
    """Not the first only."""
    names = ("one", "two")
    _configure(node, "".join(f'[[axis]]\nname = "{n}"\nadapter = "no"\n' for n in names))

    result = run("doctor", "--config", str(node / "gateway.toml"))

    assert [name for name in names if f"[[axis]] {name}" in result.stdout] == ["one", "two"]


def test_an_office_that_the_directory_does_not_know_is_a_warning(node: Path) -> None:
    """It may be entered later."""
    _configure(node, '[[office]]\nagency = "H13.77"\n')

    status, found = _examine(node)

    assert (status, found["offices"]["result"], "H13.77" in found["offices"]["message"]) == (
        0,
        "warning",
        True,
    )


def test_an_office_under_its_older_code_is_a_warning(node: Path) -> None:
    """Its way would not be used."""
    _configure(node, '[[office]]\nagency = "000.00.00.H13"\n')

    _, found = _examine(node)

    assert found["offices"]["message"].endswith("the code in force is H13")


def test_a_missing_folder_of_an_office_is_a_warning(node: Path) -> None:
    """Perhaps it is not mounted."""
    _configure(node, '[[office]]\nagency = "H13"\ndelivery = "folder"\nfolder = "shared"\n')

    status, found = _examine(node)

    assert (status, found["offices"]["result"], "shared" in found["offices"]["message"]) == (
        0,
        "warning",
        True,
    )


def test_a_peer_that_nobody_knows_is_named(node: Path) -> None:
    """Its certificate would be asked of no one."""
    file = node / "gateway.toml"
    text = file.read_text("utf-8").replace("peer_port = 0", "peer_port = 8443")
    file.write_text(text, "utf-8")
    _configure(node, '[[peer]]\nagency = "nonsense"\n')

    _, found = _examine(node)

    assert (found["offices"]["result"], "nonsense" in found["offices"]["message"]) == (
        "warning",
        True,
    )


def test_offices_in_order_are_no_news(node: Path) -> None:
    """Known, and with their folder."""
    (node / "shared").mkdir()
    _configure(node, '[[office]]\nagency = "H13"\ndelivery = "folder"\nfolder = "shared"\n')

    _, found = _examine(node)

    assert (found["connections"]["result"], found["offices"]["result"]) == ("ok", "ok")


@pytest.mark.parametrize("is_up", [True, False])
def test_a_virus_scanner_that_does_not_answer_is_a_warning(
    node: Path, tmp_path: Path, *, is_up: bool
) -> None:
    """One that answers is fine; documents are held meanwhile."""
    file = node / "gateway.toml"
    address = f"unix:{tmp_path / 'scanner'}"
    file.write_text(file.read_text("utf-8").replace('clamd = ""', f'clamd = "{address}"'), "utf-8")

    with Scanner(tmp_path / "scanner") if is_up else nullcontext():
        _, found = _examine(node)

    assert ("ok" if is_up else "warning") == found["scanner"]["result"]


def test_a_bad_address_of_the_virus_scanner_is_an_error(node: Path) -> None:
    """The node would not start."""
    file = node / "gateway.toml"
    file.write_text(file.read_text("utf-8").replace('clamd = ""', 'clamd = "here"'), "utf-8")

    status, found = _examine(node)

    assert (status, found["scanner"]["result"]) == (1, "error")
