"""`gateway doctor` on adapters, offices, peers and the virus scanner."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.cli.examining import configure, examine
from tests.scanning.scanner import Scanner


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
    configure(node, entry)

    status, found = examine(node)

    assert (status, found["connections"]["result"]) == (1, "error")


def test_every_adapter_that_cannot_be_built_is_named(node: Path) -> None:
    """Not the first only."""
    names = ("one", "two")
    configure(node, "".join(f'[[axis]]\nname = "{n}"\nadapter = "no"\n' for n in names))

    result = run("doctor", "--config", str(node / "gateway.toml"))

    assert [name for name in names if f"[[axis]] {name}" in result.stdout] == ["one", "two"]


def test_an_office_that_the_directory_does_not_know_is_a_warning(node: Path) -> None:
    """It may be entered later."""
    configure(node, '[[office]]\nagency = "H13.77"\n')

    status, found = examine(node)

    assert (status, found["offices"]["result"], "H13.77" in found["offices"]["message"]) == (
        0,
        "warning",
        True,
    )


def test_an_office_under_its_older_code_is_a_warning(node: Path) -> None:
    """Its way would not be used."""
    configure(node, '[[office]]\nagency = "000.00.00.H13"\n')

    _, found = examine(node)

    assert found["offices"]["message"].endswith("the code in force is H13")


def test_a_missing_folder_of_an_office_is_a_warning(node: Path) -> None:
    """Perhaps it is not mounted."""
    configure(node, '[[office]]\nagency = "H13"\ndelivery = "folder"\nfolder = "shared"\n')

    status, found = examine(node)

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
    configure(node, '[[peer]]\nagency = "nonsense"\n')

    _, found = examine(node)

    assert (found["offices"]["result"], "nonsense" in found["offices"]["message"]) == (
        "warning",
        True,
    )


def test_offices_in_order_are_no_news(node: Path) -> None:
    """Known, and with their folder."""
    (node / "shared").mkdir()
    configure(node, '[[office]]\nagency = "H13"\ndelivery = "folder"\nfolder = "shared"\n')

    _, found = examine(node)

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
        _, found = examine(node)

    assert ("ok" if is_up else "warning") == found["scanner"]["result"]


def test_a_bad_address_of_the_virus_scanner_is_an_error(node: Path) -> None:
    """The node would not start."""
    file = node / "gateway.toml"
    file.write_text(file.read_text("utf-8").replace('clamd = ""', 'clamd = "here"'), "utf-8")

    status, found = examine(node)

    assert (status, found["scanner"]["result"]) == (1, "error")
