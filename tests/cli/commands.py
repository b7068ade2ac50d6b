"""Running commands as a person or a script does."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from click.testing import CliRunner, Result

import gateway as package
from gateway.cli.root import gateway

REPOSITORY = Path(package.__file__).parent.parent
#: No node and no token of whoever runs the tests, and a page wide enough for any table.
_ENVIRONMENT: dict[str, str | None] = {
    "GATEWAY_URL": None,
    "GATEWAY_TOKEN": None,
    "COLUMNS": "1000",
}
_ADDRESS = re.compile(r"https?://127\.0\.0\.1:[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A node that runs in a process of its own."""

    url: str
    printed: str  #: on standard output before it served
    process: subprocess.Popen[str]

    def children(self) -> list[int]:
        """Return the processes that it started and that live."""
        first = self.process.pid
        listed = Path(f"/proc/{first}/task/{first}/children").read_text("utf-8")
        return [int(each) for each in listed.split()]


def run(
    *arguments: str, stdin: str | None = None, env: Mapping[str, str | None] | None = None
) -> Result:
    """Run `gateway` with *arguments* in this process; errors of ours are not swallowed."""
    result = CliRunner(env=_ENVIRONMENT | dict(env or {})).invoke(
        gateway, arguments, input=stdin, prog_name="gateway"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*arguments: str, stdin: str | None = None) -> Any:  # noqa: ANN401 - JSON
    """Run `gateway` with *arguments* and `--format json`; return what it prints."""
    result = run(*arguments, "--format", "json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def on_terminal(*arguments: str, columns: int) -> str:
    """Run `gateway` with *arguments* in a window of so many *columns*; return what it shows."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as window:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            [sys.executable, "-m", "gateway", *arguments],
            cwd=REPOSITORY,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm"},
        )
        os.close(theirs)
        shown = b""
        # The kernel answers with an error once the other side is closed and all is read.
        with suppress(OSError):
            while part := window.read(1 << 16):
                shown += part
        process.wait(timeout=60)
    return shown.decode().replace("\r\n", "\n")


def a_node(folder: Path) -> list[str]:
    """Make a node of H13 in *folder*; return the option that names it."""
    answer("init", str(folder), "--code", "H13", "--name", "Thành phố Cần Thơ")
    return ["--config", str(folder / "gateway.toml")]


@contextmanager
def serving(*arguments: str) -> Iterator[Started]:
    """Run `gateway serve` in a process of its own, and stop it by SIGTERM."""
    with TemporaryFile() as printed, TemporaryFile() as logged:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            [sys.executable, "-m", "gateway", "serve", *arguments],
            cwd=REPOSITORY,
            stdout=printed,
            stderr=logged,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            log = ""
            while '"serving"' not in log:
                assert process.poll() is None, f"the node does not serve: {log}"
                time.sleep(0.02)
                log = os.pread(logged.fileno(), 1 << 16, 0).decode()
            (url,) = _ADDRESS.findall(log)
            told = os.pread(printed.fileno(), 4096, 0).decode()
            yield Started(url=url, printed=told, process=process)
        finally:
            process.terminate()
            process.communicate(timeout=20)
