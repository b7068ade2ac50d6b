"""`gateway serve`: a node in a process of its own."""

import json
import urllib.request
from pathlib import Path

import pytest

from tests.cli.commands import REPOSITORY, a_node, answer, run, serving


def test_a_node_serves_and_stops(tmp_path: Path) -> None:
    """It says where; SIGTERM ends it."""
    config = a_node(tmp_path / "node")

    with (
        serving("--port", "0", *config) as started,
        urllib.request.urlopen(f"{started.url}/healthz") as health,  # noqa: S310 - http
    ):
        status = health.status

    assert status == 200


def test_the_doctor_names_the_address_at_which_a_node_serves(tmp_path: Path) -> None:
    """Whatever port it was given; once it has stopped, that of the settings alone."""
    config = a_node(tmp_path / "node")

    with serving("--port", "0", *config) as started:
        while_it_runs = _listens(config)
    afterwards = _listens(config)

    assert (started.url in while_it_runs, started.url in afterwards) == (True, False)


def _listens(config: list[str]) -> str:
    """Return what the doctor says of the address."""
    said = json.loads(run("doctor", "--format", "json", *config).stdout)
    return next(str(each["message"]) for each in said if each["check"] == "listen")


def test_a_development_node_is_made_on_the_first_start(tmp_path: Path) -> None:
    """Its administrator is printed, once."""
    config = ["--config", str(tmp_path / "gateway.toml")]

    with serving("--develop", "--port", "0", *config) as first:
        pass
    with serving("--develop", "--port", "0", *config) as second:
        pass

    assert ("quantri.h99" in first.printed, second.printed) == (True, "")


def test_the_development_node_that_is_shipped_is_completed(tmp_path: Path) -> None:
    """Keys and data are made below `data/`; the configuration stays as it is."""
    text = (REPOSITORY / "gateway.toml").read_text("utf-8")
    (tmp_path / "gateway.toml").write_text(text, "utf-8")
    (tmp_path / "config").symlink_to(REPOSITORY / "config")
    config = ["--config", str(tmp_path / "gateway.toml")]

    with serving("--develop", "--port", "0", *config):
        listed = answer("agency", "list", *config)

    assert [each["code"] for each in listed] == ["H99"]
    assert (tmp_path / "gateway.toml").read_text("utf-8") == text


def test_serving_without_a_node_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gateway init` makes one."""
    monkeypatch.chdir(tmp_path)

    result = run("serve")

    assert (result.exit_code, "gateway init" in result.stderr) == (1, True)
