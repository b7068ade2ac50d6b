"""The unit for systemd and the image keep the promises of the handbook."""

import re
import shutil
import subprocess

import pytest

from tests.cli.commands import REPOSITORY

UNIT = REPOSITORY / "config" / "liaison-gateway.service"
IMAGE = REPOSITORY / "config" / "Containerfile"
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
    """Every file and folder that it copies, and wheels with hashes alone."""
    text = IMAGE.read_text("utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)

    named = [each for line in copied for each in line.split()]
    assert [each for each in named if not (REPOSITORY / each).exists()] == []
    assert "--require-hashes --only-binary :all:" in text
