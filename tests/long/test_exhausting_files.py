"""Files made to exhaust: whatever they claim, inspection ends in time, within its memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.inspection import Bounds
from gateway.formats.inspection import Inspector
from gateway.processes import Processes
from tests.samples.exhausting import SLOW, cost

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    """Open an inspector with the limits of a node."""
    room = Processes(
        count=1, timeout_s=10.0, memory_mb=120, modules=("gateway.formats.inspection",)
    )
    yield Inspector(room, Bounds(), patience_s=10.0)
    room.close()


@pytest.mark.parametrize("name", SLOW)
def test_an_exhausting_file_is_answered_in_time(
    name: str, inspector: Inspector, tmp_path: Path
) -> None:
    """The answer comes within 30 s, this process works for less than one and hardly grows."""
    made, expected = SLOW[name]
    file = tmp_path / name
    file.write_bytes(made())

    took = cost(inspector, file)

    assert (took.waited_s < 30, took.cpu_s < 1, took.grown_mb < 64) == (True, True, True), took
    assert not expected or took.traits & expected
