"""For every test: the profile of the property tests, where files lie, how many run at once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import Server, programs, server

#: Files in memory: most of what tests wait for is a disk that syncs.
_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of one's own in it
_ROOM_BYTES = 4 << 30
#: What one of those that run tests may take, with the nodes that it starts.
_WORKER_BYTES = 1 << 30

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile("explore" if os.environ.get("EXPLORE") else "steady")


def pytest_configure(config: pytest.Config) -> None:
    """Let the temporary folders of the quick tests lie in memory, where there is enough of it."""
    is_quick = config.option.markexpr == "not long"
    if is_quick and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run two tests at once for each processor: half of their time they wait for something."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(2 * len(os.sched_getaffinity(0)), memory // _WORKER_BYTES))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, for databases of their own."""
    if programs() is None:
        pytest.skip("no PostgreSQL here: its programs were not found")
    with server() as running:
        yield running
