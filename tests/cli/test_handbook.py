"""The handbook's commands work as they stand there, in their order."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.commands import REPOSITORY, run

HANDBOOK = REPOSITORY / "docs" / "handbook.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def commands(root: Path) -> list[list[str]]:
    """Return every command of the handbook that is to be run, with its folders below *root*."""
    lines = "".join(_BLOCK.findall(HANDBOOK.read_text("utf-8"))).splitlines()
    return [
        shlex.split(line.replace("/srv/", f"{root}/srv/").replace("/mnt/", f"{root}/mnt/"))
        for line in lines
    ]


def newest(backups: Path) -> str:
    """Return the name of the newest backup."""
    return max(each.name for each in backups.glob("*Z"))


def test_the_commands_of_the_handbook_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From founding a node to handing it over."""
    for folder in ("srv/elsewhere", "mnt/backup"):
        (tmp_path / folder).mkdir(parents=True)
    given = commands(tmp_path)
    assert len(given) > 20

    for program, *arguments in given:
        if program == "cd":
            monkeypatch.chdir(arguments[0])
            continue
        words = [
            each.replace("NEWEST", newest(tmp_path / "mnt" / "backup"))
            if "NEWEST" in each
            else each
            for each in arguments
        ]
        result = run(*words)
        assert (program, result.exit_code) == ("gateway", 0), (words, result.output)


def test_what_the_handbook_points_to_is_there() -> None:
    """Every file that is linked."""
    linked = _LINK.findall(HANDBOOK.read_text("utf-8"))

    assert [each for each in linked if not (HANDBOOK.parent / each).exists()] == []
