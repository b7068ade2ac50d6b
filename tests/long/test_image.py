"""The image, as far as it can be built without a builder: each step of its first stage as written.

The steps run in a clean tree that has what the file copies and nothing else, in an environment of
their own; the base image, its user and its layers are what is left to a builder.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import REPOSITORY
from tests.house.image import environment, founded, is_well, stages, started
from tests.nodes import free_port

_INDEX_AWAY = ("No matching distribution", "Could not fetch", "NewConnectionError")


def build(tree: Path, target: Path) -> None:
    """Carry the first stage out below *tree*, its environment at *target*."""
    for name, rest in stages()[0]:
        if name == "COPY":
            *sources, place = rest.split(" ")
            for each in sources:
                _copy(REPOSITORY / each, tree if place == "./" else tree / place)
        elif name == "RUN":
            _run(rest.replace("/opt/gateway", str(target)), tree)


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, place)


def _run(step: str, tree: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603 - the step is ours
        ["/bin/sh", "-c", step], cwd=tree, env=env, capture_output=True, text=True, check=False
    )
    if any(each in done.stderr for each in _INDEX_AWAY):
        pytest.skip("no index of packages can be reached: the image is not built")
    assert done.returncode == 0, done.stderr


def test_the_image_is_built_and_serves(tmp_path: Path) -> None:
    """Without pip in what it runs; a node is founded, is well, and stops."""
    (tmp_path / "src").mkdir()
    build(tmp_path / "src", tmp_path / "opt")
    port, programs = free_port(), tmp_path / "opt" / "bin"
    env = environment(programs, GATEWAY_HEALTH=f"http://127.0.0.1:{port}/healthz")

    with started(founded(tmp_path / "node", env, port=port), env):
        served = is_well(env)

    assert served
    assert not list(programs.glob("pip*"))
