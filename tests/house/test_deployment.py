"""The unit for systemd and the image keep the promises of the handbook."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.commands import REPOSITORY
from tests.house.image import IMAGE, environment, founded, is_well, stages, started
from tests.nodes import free_port

UNIT = REPOSITORY / "config" / "liaison-gateway.service"
#: Of ten, where ten is a service that may do anything.
_MOST_EXPOSED = 1.5


def test_the_unit_is_hardly_exposed() -> None:
    """As systemd itself judges it."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze here: nobody judges the unit")
    result = subprocess.run(  # noqa: S603 - the command is fixed
        [analyze, "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "Unknown command verb" in result.stderr or "offline" in result.stderr:
        pytest.skip("systemd-analyze is too old to judge a file")

    found = re.search(r"exposure level for [^:]+: ([0-9.]+)", result.stdout)

    assert found is not None, result.stderr
    assert float(found[1]) <= _MOST_EXPOSED


def test_the_unit_waits_for_a_node_to_drain() -> None:
    """A node stops within ten seconds of SIGTERM; nobody kills it before."""
    found = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text("utf-8"), re.MULTILINE)

    assert found is not None
    assert int(found[1]) > 10


def test_the_image_runs_without_root() -> None:
    """The last stage names a user by number, and no package manager remains in the environment."""
    last = IMAGE.read_text("utf-8").rpartition("\nFROM ")[2]

    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert "pip" not in re.sub(r"#.*", "", last)


def test_the_image_says_whether_it_is_well() -> None:
    """It asks for liveness, which needs no credential."""
    text = IMAGE.read_text("utf-8")

    assert "HEALTHCHECK" in text
    assert "/healthz" in text


def test_the_image_is_made_of_what_is_there() -> None:
    """Every file and folder that it copies; from the other stage, what that one made."""
    copied = [
        each
        for stage in stages()
        for name, rest in stage
        if name == "COPY" and not rest.startswith("--from")
        for each in rest.split(" ")[:-1]
    ]

    assert len(copied) > 5
    assert [each for each in copied if not (REPOSITORY / each).exists()] == []
    assert ("COPY", "--from=build /opt/gateway /opt/gateway") in stages()[-1]


def test_the_image_takes_wheels_with_hashes_alone() -> None:
    """As `make` does."""
    assert "--require-hashes --only-binary :all:" in IMAGE.read_text("utf-8")


def test_the_image_has_every_package_of_ours() -> None:
    """What the distribution is made of is copied, or it would lack a part."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    packages = set(project["tool"]["setuptools"]["packages"]["find"]["include"])
    copied = {rest.split(" ")[0] for name, rest in stages()[0] if name == "COPY"}
    assert {each.rstrip("*") for each in packages} <= copied


def test_what_the_image_runs_is_a_node_that_is_well(tmp_path: Path) -> None:
    """Founded in its volume; the health check fails before, passes, and SIGTERM ends it."""
    port = free_port()
    env = environment(
        Path(sys.executable).parent, GATEWAY_HEALTH=f"http://127.0.0.1:{port}/healthz"
    )
    folder = founded(tmp_path / "node", env, port=port)
    before = is_well(env)

    with started(folder, env):
        served = is_well(env)

    assert (before, served) == (False, True)
