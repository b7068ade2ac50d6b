"""Running `gateway check` as a person or a script does, and reading what it prints."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.commands import run

Checked = list[dict[str, Any]]
COMMAND = [sys.executable, "-m", "gateway", "check"]
TEXT = "Kính gửi các đơn vị.\n".encode()


def check(*arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the command here; with a name that is no text in a process of its own."""
    plain = [each for each in arguments if isinstance(each, str)]
    if len(plain) == len(arguments):
        result = run("check", *plain)
        return subprocess.CompletedProcess(
            plain, result.exit_code, result.stdout_bytes, result.stderr_bytes
        )
    return subprocess.run(  # noqa: S603 - the command is ours
        [*COMMAND, *arguments], capture_output=True, check=False, timeout=60
    )


def objects(*arguments: str | bytes) -> Checked:
    """Run the command and return what it prints, an object a line."""
    done = check("--format", "json", *arguments)
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


def file(name: str, content: bytes = TEXT) -> str:
    """Make a file here; return its name."""
    Path(name).write_bytes(content)
    return name


def codes(checked: dict[str, Any]) -> list[str]:
    """Return the codes of what was found, without the one that the file is not signed."""
    return [each["code"] for each in checked["findings"] if each["code"] != "sig-none"]
