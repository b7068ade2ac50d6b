"""Runs of the benchmark as they are kept: one JSON file each in `bench/results/`."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.results import Result

FOLDER = Path(__file__).parent / "results"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What it ran on, as far as the figures hang on it."""

    processors: int
    python: str
    load: float  #: of the machine when the run began, in processors that were busy


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run, whole."""

    at: datetime
    commit: str  #: with a plus behind it where the tree was not as committed
    machine: Machine
    results: list[Result]


def begun() -> Run:
    """Return a run that begins now, without results."""
    return Run(
        at=datetime.now(UTC).replace(microsecond=0),  # noqa: TID251 - no clock of a node here
        commit=_commit(),
        machine=Machine(
            processors=len(os.sched_getaffinity(0)),
            python=platform.python_version(),
            load=round(os.getloadavg()[0], 1),
        ),
        results=[],
    )


def keep(run: Run, folder: Path = FOLDER) -> None:
    """Write *run* to a file of its own."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{run.at:%Y-%m-%dT%H%M%SZ}-{run.commit.rstrip('+')}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(run)) + b"\n")


def kept(folder: Path = FOLDER) -> list[Run]:
    """Return all runs that were kept, oldest first."""
    files = sorted(folder.glob("*.json"))
    runs = [msgspec.json.decode(file.read_bytes(), type=Run) for file in files]
    return sorted(runs, key=lambda run: run.at)


def _commit() -> str:
    """Return the short name of the commit that is checked out; `unknown` where there is no git."""
    git, here = shutil.which("git"), Path(__file__).parent
    if git is None:
        return "unknown"

    def ask(*arguments: str) -> str:
        command = [git, "-C", str(here), *arguments]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return answer.stdout.strip()

    name = ask("rev-parse", "--short", "HEAD")
    if not name:
        return "unknown"
    return f"{name}+" if ask("status", "--porcelain", "--untracked-files=no") else name
