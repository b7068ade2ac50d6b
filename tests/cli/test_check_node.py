"""`gateway check` beside a node: its directory and limits, and the words of its doors."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.cli.checks import check, codes, file, objects
from tests.cli.commands import a_node, answer, serving
from tests.pipeline.rooms import a_message

pytestmark = pytest.mark.usefixtures("elsewhere")


def test_with_a_node_recipients_are_judged(tmp_path: Path) -> None:
    """By its directory."""
    config = a_node_with_an_office(tmp_path / "node")

    (checked,) = objects(file("m.edxml", a_message("H13.99")), *config)

    assert codes(checked) == ["agency-unknown"]


def test_the_configuration_that_lies_here_counts(tmp_path: Path) -> None:
    """As for every command."""
    a_node(tmp_path)

    (checked,) = objects(file("m.edxml", a_message("H13")))

    assert codes(checked) == ["agency-sender-unknown"]


def test_a_node_without_data_is_told(tmp_path: Path) -> None:
    """Its limits hold, its directory cannot be asked, and nothing is made."""
    Path("gateway.toml").write_text('[node]\ncode = "H13"\n[limits]\nextensions = ["pdf"]\n')
    Path("config").mkdir()
    Path("config/calendar-vn.toml").write_text("")

    done = check(file("a.txt"), "--format", "json")

    assert (done.returncode, b"no data yet" in done.stderr, Path("data").exists()) == (
        1,
        True,
        False,
    )


def test_a_database_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    """One line, exit status 1, no verdicts: nobody knows the agencies."""
    config = a_node(tmp_path / "node")
    for part in (tmp_path / "node" / "data").glob("gateway.db*"):
        part.write_bytes(b"no database" * 1000)

    done = check(file("a.txt"), file("b.txt"), *config)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, b"", 1)


def test_a_configuration_that_is_named_must_be_there() -> None:
    """One line, exit status 1."""
    done = check(file("a.txt"), "--config", "no.toml")

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_the_check_says_what_the_api_says(tmp_path: Path) -> None:
    """A refused message has the same findings there, to the letter."""
    config = a_node_with_an_office(tmp_path / "node")
    token = answer("client", "add", "H13.01", "--name", "QLVB", *config)["token"]
    (checked,) = objects(file("m.edxml", BAD), *config)

    with serving(*config, "--port", "0") as node:
        problem = refused(f"{node.url}/api/v1/documents", token, BAD)

    assert problem["findings"] == checked["findings"]
    assert len(checked["findings"]) >= 4


def test_the_check_says_what_the_folder_says(tmp_path: Path) -> None:
    """The refusal that lies beside the message has the same findings."""
    config = a_node_with_an_office(tmp_path / "node")
    shared = tmp_path / "node" / "shared"
    append(config, '[[office]]\nagency = "H13.01"\ndelivery = "folder"\nfolder = "shared"\n')
    (shared / "out").mkdir(parents=True)
    (checked,) = objects(file("m.edxml", BAD), *config)
    answered = shared / "out" / "m.edxml.refused.json"

    with serving(*config, "--port", "0"):
        (shared / "m.part").write_bytes(BAD)
        (shared / "m.part").rename(shared / "out" / "m.edxml")
        until = time.monotonic() + 20
        while not answered.exists() and time.monotonic() < until:
            time.sleep(0.05)

    assert json.loads(answered.read_bytes())["findings"] == checked["findings"]


def test_a_message_from_an_axis_is_judged_as_such(tmp_path: Path) -> None:
    """Its sender is served by the axis and need not be in the directory here."""
    config = a_node_with_an_office(tmp_path / "node")
    message = a_message("H13.01", sender="H40.01", subject="")
    before = objects(file("m.edxml", message), *config)
    append(
        config,
        '[[axis]]\nname = "truc"\nadapter = "folder"\nendpoint = "folder:a"\ncodes = ["H40"]\n',
    )

    after = objects("m.edxml", *config)

    assert [each["verdict"] for each in (*before, *after)] == ["reject", "accept-with-warning"]


#: A message with many faults: recipient, characters, place, the bytes of its file.
BAD = a_message("H13.99", subject="a\u200bb", place="", content=bytes(9))


def a_node_with_an_office(folder: Path) -> list[str]:
    """Make a node with the agency H13.01; return the option that names it."""
    config = a_node(folder)
    answer("agency", "add", "Sở Nội vụ", "--code", "H13.01", "--parent", "H13", *config)
    return config


def append(config: Sequence[str], text: str) -> None:
    """Add a table to the configuration of a node."""
    with Path(config[1]).open("a", encoding="utf-8") as written:
        written.write(text)


def refused(url: str, token: str, message: bytes) -> dict[str, Any]:
    """Post *message*; return the problem with which it is refused."""
    headers = {"Content-Type": "application/xml", "Authorization": f"Bearer {token}"}
    with pytest.raises(HTTPError) as answered:
        urlopen(Request(url, message, headers), timeout=30)  # noqa: S310 - our own node
    with answered.value as error:
        problem: dict[str, Any] = json.loads(error.read())
    return problem
