"""`gateway office`: the trial of an office system against the sandbox of a node that runs."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import a_node, answer, run, serving
from tests.contract.web_office import a_web_office

CATEGORIES = ["connection", "send", "status", "refuse", "recall", "update", "replace", "receive"]


def make(folder: Path, webhook: str) -> Path:
    """Make a node with an office that fetches, one with a folder, and one by *webhook*."""
    config = a_node(folder)
    for name in ("Sở Nội vụ", "Sở Tài chính", "Sở Y tế"):
        answer("agency", "add", name, "--parent", "H13", *config)
    (folder / "config" / "secrets" / "webhook").write_text("a shared secret", "utf-8")
    (folder / "van-ban").mkdir()
    file = folder / "gateway.toml"
    file.write_text(
        file.read_text("utf-8").replace("poll_s = 1.0", "poll_s = 0.1")
        + '\n[[office]]\nagency = "H13.02"\ndelivery = "folder"\nfolder = "van-ban"\n'
        + '\n[[office]]\nagency = "H13.03"\ndelivery = "webhook"\n'
        + f'url = "{webhook}"\nsecret_file = "config/secrets/webhook"\n',
        "utf-8",
    )
    return folder


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a node; nobody answers its webhook."""
    return make(tmp_path_factory.mktemp("trial") / "node", "http://127.0.0.1:9/")


@pytest.fixture(name="url", scope="module")
def _url(folder: Path) -> Iterator[str]:
    """Where the node serves."""
    with serving("--port", "0", "--processes", "1", *of(folder)) as started:
        yield started.url


def of(folder: Path) -> list[str]:
    """Return the option that names the node."""
    return ["--config", str(folder / "gateway.toml")]


def tried(folder: Path, url: str, code: str, *more: str) -> tuple[int, Any]:
    """Try the office *code*; return the exit status and what is told."""
    result = run("office", "test", code, "--json", "--url", url, *more, *of(folder))
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture(name="passed", scope="module")
def _passed(folder: Path, url: str) -> tuple[int, Any]:
    """How the trial of an office ended that does all it must."""
    return tried(folder, url, "H13.01")


def test_an_office_that_does_all_it_must_passes(passed: tuple[int, Any]) -> None:
    """Every category, in the order in which one builds a connection."""
    status, told = passed

    assert (status, told["ok"]) == (0, True), told
    assert list(dict.fromkeys(each["category"] for each in told["steps"])) == CATEGORIES
    assert all(each["expected"] and each["got"] for each in told["steps"])


def test_every_status_is_tried(passed: tuple[int, Any]) -> None:
    """01 to 06 of the recipient; 13 asks back, 15 and 16 answer."""
    _, told = passed

    words = " ".join(each["step"] for each in told["steps"])
    codes = ("01", "02", "03", "04", "05", "06", "13", "15", "16")
    assert [code for code in codes if code not in words] == []


def test_a_folder_office_finds_its_file(folder: Path, url: str) -> None:
    """The trial waits for the drop itself."""
    status, told = tried(folder, url, "H13.02")

    assert (status, told["delivery"]) == (0, "folder"), told
    assert list((folder / "van-ban" / "in").glob("*.edxml"))


def test_the_table_shows_all_and_the_numbers_that_were_used(folder: Path, url: str) -> None:
    """For people: every step with its mark."""
    result = run("office", "test", "H13.01", "--url", url, *of(folder))

    assert result.exit_code == 0
    assert ("✗" in result.stdout, "H13.01/" in result.stdout) == (False, True)


def test_a_webhook_that_nobody_answers_ends_the_trial(folder: Path, url: str) -> None:
    """Its category fails, and it is said how to mend it."""
    status, told = tried(folder, url, "H13.03", "--wait", "1")

    [fault] = [each for each in told["steps"] if each["ok"] is False]
    assert (status, fault["category"], fault["step"]) == (
        1,
        "receive",
        "it enters the office's system",
    )
    assert "2xx" in fault["remedy"]


def test_behind_a_failure_nothing_more_is_tried(folder: Path, url: str) -> None:
    """A token that is wrong lets nothing be sent."""
    status, told = tried(folder, url, "H13.01", "--token", "wrong")

    assert status == 1
    assert [each["ok"] for each in told["steps"]] == [False] + [None] * (len(told["steps"]) - 1)
    assert told["codes"] == []


def test_a_token_of_another_office_is_found(folder: Path, url: str) -> None:
    """What it sends comes from the other."""
    token = answer("client", "add", "H13.02", "--name", "x", *of(folder))["token"]

    _, told = tried(folder, url, "H13.01", "--token", token)

    [fault] = [each for each in told["steps"] if each["ok"] is False]
    assert fault["got"] == "the token is of H13.02"


def test_it_is_tried_without_the_node_s_configuration(folder: Path, url: str) -> None:
    """By whoever has the office's token and that of the sandbox."""
    given = answer("office", "sandbox", *of(folder))
    token = answer("client", "add", "H13.01", "--name", "x", *of(folder))["token"]

    result = run(
        *("office", "test", "H13.01", "--json", "--url", url, "--token", token),
        *("--sandbox", f"{given['agency']}:{given['token']}"),
    )

    assert result.exit_code == 0, result.stdout


@pytest.mark.usefixtures("passed")
def test_tokens_that_were_lent_are_dead_afterwards(folder: Path) -> None:
    """Nothing of a trial opens a door later."""
    listed = answer("client", "list", *of(folder))
    lent = [each["revoked_at"] for each in listed if each["name"] == "gateway office test"]
    assert lent
    assert all(lent)


@pytest.mark.usefixtures("passed")
def test_the_sandbox_counts_nowhere(folder: Path) -> None:
    """Neither in the figures nor in the export of the directory."""
    period = ("--from", "2020-01-01", "--to", "2099-12-31")
    figures = answer("stats", *period, "--group", "agency", "--recompute", *of(folder))
    assert figures["rows"] == []
    assert "SANDBOX" not in run("agency", "export", *of(folder)).stdout


@pytest.mark.usefixtures("passed")
def test_the_sandbox_is_marked_as_no_agency(folder: Path) -> None:
    """By its name and by its kind, wherever it is listed."""
    shown = answer("agency", "show", "H13-SANDBOX", *of(folder))
    assert ("THỬ NGHIỆM" in shown["name"], shown["kind"]) == (True, "other")


async def test_a_webhook_office_gets_signed_deliveries(tmp_path: Path) -> None:
    """Its endpoint is reached by the node itself, as it will be later."""
    async with a_web_office() as office:

        def work() -> tuple[int, Any]:
            node = make(tmp_path / "node", office.url)
            with serving("--port", "0", "--processes", "1", *of(node)) as started:
                return tried(node, started.url, "H13.03")

        status, told = await asyncio.to_thread(work)

    assert status == 0, told
    assert office.posts
    assert all(each.is_authentic for each in office.posts)
