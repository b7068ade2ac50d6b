"""The Containerfile as its builder reads it, for tests where there is no builder."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cli.commands import REPOSITORY

IMAGE = REPOSITORY / "config" / "Containerfile"
_START_S, _STOP_S = 30.0, 10.0


def stages() -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage, with what follows them, lines joined."""
    lines = [line for line in IMAGE.read_text("utf-8").splitlines() if not line.startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for name, rest in re.findall(r"^([A-Z]+) +(.+)$", text, re.MULTILINE):
        if name == "FROM":
            found.append([])
        found[-1].append((name, " ".join(rest.split())))
    return found


def words(name: str) -> list[str]:
    """Return the command that an instruction of the last stage gives as a list."""
    (rest,) = [rest for each, rest in stages()[-1] if each == name]
    listed: list[str] = json.loads(rest[rest.index("[") :])
    return listed


def environment(programs: Path, **more: str) -> Mapping[str, str]:
    """Return the environment of the image, its programs in the folder *programs*."""
    given = dict(
        each.split("=", 1)
        for name, rest in stages()[-1]
        if name == "ENV"
        for each in rest.split(" ")
    )
    given["PATH"] = given["PATH"].replace("/opt/gateway/bin", str(programs))
    given["PATH"] = given["PATH"].replace("$PATH", os.environ["PATH"])
    return {**given, "HOME": "/nonexistent", **more}


def is_well(env: Mapping[str, str]) -> bool:
    """Run the health check of the image."""
    done = subprocess.run(  # noqa: S603 - the command is ours
        words("HEALTHCHECK"), env=env, capture_output=True, timeout=20, check=False
    )
    return done.returncode == 0


@contextmanager
def started(folder: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run what the image runs in *folder*, once its health check says that it is well."""
    command = [*words("ENTRYPOINT"), *words("CMD")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stderr=log)  # noqa: S603 - ours
    try:
        until = time.monotonic() + _START_S
        while not is_well(env):
            assert process.poll() is None, (folder / "log").read_text("utf-8")
            assert time.monotonic() < until, "it never was well"
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(_STOP_S) == 0
    finally:
        process.kill()
        process.wait()


def founded(folder: Path, env: Mapping[str, str], *, port: int) -> Path:
    """Found a node in *folder*, which is there and empty as a volume is; let it listen at *port*."""
    folder.mkdir()
    command = [*words("ENTRYPOINT"), "init", str(folder), "--code", "H13", "--name", "UBND"]
    subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True, timeout=60)  # noqa: S603 - ours
    file = folder / "gateway.toml"
    text = file.read_text("utf-8").replace("port = 8080", f"port = {port}", 1)
    file.write_text(text.replace("minimum_free_mb = 256", "minimum_free_mb = 0"), "utf-8")
    return folder
