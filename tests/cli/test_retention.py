"""`gateway retention`: what would go, letting it go, and packages that prove themselves."""

import asyncio
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import SystemClock
from tests.cli.commands import answer, run
from tests.pipeline.rooms import rooms

RULES = """
[node]
code = "H13"
[retention]
folder = "old"
[[removal]]
name = "quyet-dinh"
days = 30
types = ["QĐ"]
action = "archive"
decision = "15/QĐ-SNV"
[[removal]]
name = "con-lai"
days = 30
states = ["closed"]
action = "remove"
decision = "16/QĐ-SNV"
"""


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with two documents that are old and one that is not."""
    folder = tmp_path_factory.mktemp("retention") / "node"

    async def make() -> None:
        begin = SystemClock().now() - timedelta(days=40)
        async with rooms(folder, at=begin) as node:
            for days, type_ in ((0, "QĐ"), (0, "CV"), (38, "CV")):
                node.clock.move(days * 86_400)
                today = node.clock.now().date().isoformat()
                document = await node.sent(type=type_, promulgated_on=today)
                await node.report(document, "06")

    asyncio.run(make())
    (folder / "gateway.toml").write_text(RULES, "utf-8")
    return folder


@pytest.fixture(name="node")
def _node(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "node"))


def of(node: Path) -> list[str]:
    """Return the option that names *node*."""
    return ["--config", str(node / "gateway.toml")]


def packages(node: Path) -> list[Path]:
    """Return the packages of *node*."""
    return [each for each in (node / "old").rglob("*") if each.is_file()]


@pytest.fixture(name="package")
def _package(node: Path) -> Path:
    """A package that was written."""
    answer("retention", "run", *of(node))
    (file,) = packages(node)
    return file


def test_the_plan_names_documents_and_rules(node: Path) -> None:
    """Oldest first, with what is done and who ordered it."""
    plan = answer("retention", "plan", *of(node))

    assert [(each["rule"], each["action"], each["decision"]) for each in plan] == [
        ("quyet-dinh", "archive", "15/QĐ-SNV"),
        ("con-lai", "remove", "16/QĐ-SNV"),
    ]


def test_the_plan_changes_nothing(node: Path) -> None:
    """It is the same again."""
    first = run("retention", "plan", "--json", *of(node)).stdout

    assert run("retention", "plan", "--json", *of(node)).stdout == first
    assert packages(node) == []


def test_a_run_does_what_was_planned(node: Path) -> None:
    """And nothing is left to do."""
    done = answer("retention", "run", *of(node))

    assert done == {"removed": 2, "archived": 1, "failed": []}
    assert answer("retention", "plan", *of(node)) == []


def test_an_export_leaves_out_what_is_not_there(node: Path, tmp_path: Path) -> None:
    """The data are handed over."""
    run("retention", "run", *of(node))

    assert answer("export", str(tmp_path / "out"), *of(node))["documents"] == 3


def test_a_package_is_verified_without_the_node(node: Path, package: Path, tmp_path: Path) -> None:
    """By its certificate alone."""
    moved = package.rename(tmp_path / "package.zip")
    certificate = str(node / "config" / "node.crt")

    said = answer("retention", "verify", str(moved), "--trust", certificate)

    assert (said["valid"], said["package"]["decision"]) == (True, "15/QĐ-SNV")


def test_a_package_of_another_node_is_not_believed(package: Path, tmp_path: Path) -> None:
    """Its signature is not of the certificate that is trusted."""
    run("init", str(tmp_path / "other"), "--code", "H14", "--name", "Khác")

    certificate = str(tmp_path / "other" / "config" / "node.crt")
    said = run("retention", "verify", str(package), "--trust", certificate, "--format", "json")

    (finding,) = json.loads(said.stdout)["findings"]
    assert (said.exit_code, finding["code"]) == (1, "archive-signature")


def changed(package: Path, change: Callable[[str, bytes], dict[str, bytes]]) -> Path:
    """Write *package* again with other members."""
    made = package.with_name("changed.zip")
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            for written, content in change(name, old.read(name)).items():
                new.writestr(written, content)
    return made


CHANGES: dict[str, tuple[str, Callable[[str, bytes], dict[str, bytes]]]] = {
    "a changed byte": (
        "archive-changed",
        lambda name, old: {name: old[:-1] + b"?" if name == "message.edxml" else old},
    ),
    "more bytes": (
        "archive-changed",
        lambda name, old: {name: old + b" " if name == "receipts.jws" else old},
    ),
    "a file less": (
        "archive-missing",
        lambda name, old: {} if name.startswith("attachments/") else {name: old},
    ),
    "a file more": (
        "archive-unlisted",
        lambda name, old: {name: old} | ({"x.txt": b"x"} if name == "manifest.csv" else {}),
    ),
    "another manifest": (
        "archive-manifest",
        lambda name, old: {name: old[:-1] if name == "manifest.csv" else old},
    ),
    "another signature": (
        "archive-signature",
        lambda name, old: {name: old[:-9] + b"AAAAAAAA" if name == "manifest.jws" else old},
    ),
    "no signature": (
        "archive-unreadable",
        lambda name, old: {} if name == "manifest.jws" else {name: old},
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_whatever_was_done_to_a_package_is_found(node: Path, package: Path, case: str) -> None:
    """Exit status 1, and what is wrong."""
    code, change = CHANGES[case]
    file = changed(package, change)

    said = run("retention", "verify", str(file), "--format", "json", *of(node))

    assert said.exit_code == 1
    assert code in [each["code"] for each in json.loads(said.stdout)["findings"]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"x" * 10_000])
def test_what_is_no_package_is_told(node: Path, tmp_path: Path, content: bytes) -> None:
    """Whatever bytes it has."""
    file = tmp_path / "x.zip"
    file.write_bytes(content)

    said = run("retention", "verify", str(file), "--format", "json", *of(node))

    (finding,) = json.loads(said.stdout)["findings"]
    assert (said.exit_code, finding["code"]) == (1, "archive-unreadable")


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ('name = "x"\ndays = 1', "decision"),
        ('name = "recall"\ndays = 1\ndecision = "1"', "recall"),
        ('name = "x"\ndays = -1', "days"),
        ('name = "x"\ndays = 1\ndecision = "1"\nstates = ["held"]', "held"),
        ('name = "x"\ndays = 1\ndecision = "1"\nstate = ["closed"]', "states"),
    ],
)
def test_a_rule_that_says_too_little_is_refused(node: Path, rule: str, word: str) -> None:
    """With the key that is wrong."""
    (node / "gateway.toml").write_text(f'[node]\ncode = "H13"\n[[removal]]\n{rule}\n', "utf-8")

    said = run("retention", "plan", *of(node))

    assert said.exit_code == 1
    assert word in said.stderr


def backed_up(node: Path) -> Path:
    """Make a backup of *node*; return its folder."""
    return Path(answer("backup", *of(node))["folder"])


def test_packages_are_in_a_backup_and_come_back(node: Path, package: Path, tmp_path: Path) -> None:
    """Byte for byte, at their place; a second backup links them."""
    place = package.relative_to(node / "old")
    first, second = backed_up(node), backed_up(node)
    result = run("restore", str(second), "--config", str(tmp_path / "new" / "gateway.toml"))

    assert result.exit_code == 0, result.output
    assert (tmp_path / "new" / "old" / place).read_bytes() == package.read_bytes()
    assert (first / "archive" / place).stat().st_ino == (second / "archive" / place).stat().st_ino


@pytest.mark.parametrize("how", ["changed", "removed"])
def test_a_damaged_package_of_a_backup_is_found(node: Path, package: Path, how: str) -> None:
    """It is read with all the rest."""
    copy = backed_up(node)
    file = copy / "archive" / package.relative_to(node / "old")
    if how == "removed":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1] + b"x")

    result = run("backup", "verify", str(copy))

    assert (result.exit_code, "archive" in result.stderr) == (1, True)


def test_a_package_that_was_handed_over_is_no_fault_of_a_backup(node: Path, package: Path) -> None:
    """It was taken out of the folder: nothing of the node is missing."""
    package.unlink()

    assert run("backup", "verify", str(backed_up(node))).exit_code == 0


def test_packages_lie_encrypted_in_an_encrypted_backup(
    node: Path, package: Path, tmp_path: Path
) -> None:
    """And come back with the private key."""
    made = run("backup", "new-key", str(tmp_path / "key")).stdout
    with (node / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[backup]\n{made.removeprefix('[backup] ')}\n")
    copy = backed_up(node)
    new = ("--config", str(tmp_path / "new" / "gateway.toml"))
    result = run("restore", str(copy), "--key", str(tmp_path / "key"), *new)

    assert result.exit_code == 0, result.output
    assert not list(copy.glob("archive/**/*.zip"))
    place = package.relative_to(node / "old")
    assert (tmp_path / "new" / "old" / place).read_bytes() == package.read_bytes()
