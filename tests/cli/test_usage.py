"""What holds for every command: help, errors, exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

import gateway as package
from gateway.cli.root import COMMANDS
from tests.cli.commands import run


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    """Exit status 0."""
    assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("agency", "frobnicate"),
        ("agency", "add"),
        ("agency", "list", "--frobnicate"),
        ("init",),
        ("calendar", "show", "x"),
        ("inbox",),
        ("inbox", "--url", "ftp://x", "--token", "x"),
        ("serve", "--port", "99999"),
    ],
)
def test_wrong_usage_is_one_line_and_two(arguments: tuple[str, ...]) -> None:
    """One line on standard error, exit status 2."""
    result = run(*arguments)

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_without_a_command_the_help_is_shown() -> None:
    """On standard error, with exit status 2."""
    result = run()

    assert (result.exit_code, "agency" in result.stderr) == (2, True)


def test_the_version_is_told() -> None:
    """For whoever reports a problem."""
    assert run("--version").exit_code == 0


def test_the_package_is_the_console_script() -> None:
    """`python -m gateway` does the same."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "calendar", "legal-time", "2026-03-02T09:00:00+07:00"],
        cwd=Path(package.__file__).parent.parent,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_that_leaves_is_no_error() -> None:
    """As in `gateway … | head -1`."""
    command = f"{sys.executable} -m gateway calendar show 2026 --format csv | head -1"
    done = subprocess.run(  # noqa: S603 - the command is ours
        ["/bin/sh", "-c", command],
        cwd=Path(package.__file__).parent.parent,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.stderr == b""
