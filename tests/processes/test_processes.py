"""The room of worker processes: cut off by time and memory, and it lives on."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing import Pipe
from pathlib import Path

import pytest

from gateway.ports import CutOff
from gateway.processes import Processes
from tests.processes import work


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """Open a room of two workers with a second and 64 MB for each call."""
    room = Processes(count=2, timeout_s=1.0, memory_mb=64, modules=())
    yield room
    room.close()


def test_work_on_a_path_is_answered(processes: Processes, tmp_path: Path) -> None:
    """What the function returns comes back."""
    file = tmp_path / "a"
    file.write_bytes(b"abc")

    assert processes(work.size_of, str(file)) == 3


def test_a_call_that_takes_too_long_is_cut_off(processes: Processes) -> None:
    """The caller hears of it soon after the time is over."""
    begun = time.monotonic()

    answer = processes(work.hang)

    assert (CutOff(reason="time"), True) == (answer, time.monotonic() - begun < 5)


def test_a_call_that_takes_too_much_memory_is_cut_off(processes: Processes) -> None:
    """The limit is that of the call, beyond what a worker has at rest."""
    assert processes(work.take, 300) == CutOff(reason="memory")


def test_a_call_within_its_memory_is_answered(processes: Processes) -> None:
    """Less than the limit is no trouble."""
    assert processes(work.take, 20) == 20 << 20


def test_a_worker_that_dies_is_told_of(processes: Processes) -> None:
    """A crash of a library is an answer."""
    assert processes(work.crash) == CutOff(reason="crash")


def test_an_unexpected_error_is_an_answer(processes: Processes) -> None:
    """No trace comes back, the caller goes on."""
    assert processes(work.fail) == CutOff(reason="error")


def test_the_room_lives_on(processes: Processes) -> None:
    """After cuts and crashes the next call finds a worker."""
    for ending in (work.hang, work.crash, work.fail):
        processes(ending)

    assert isinstance(processes(work.who), int)


def test_a_worker_serves_many_calls(processes: Processes) -> None:
    """No process is started for every call."""
    assert len({processes(work.who) for _ in range(20)}) == 1


def test_a_worker_whose_memory_frayed_is_replaced() -> None:
    """What a call left behind is not taken from those that come after it."""
    with closing(Processes(count=1, timeout_s=10.0, memory_mb=64, modules=())) as room:
        before = room(work.who)

        room(work.keep, 40)

        assert (room(work.who) == before, room(work.take, 50)) == (False, 50 << 20)


def test_what_calls_before_left_behind_cuts_no_call_off() -> None:
    """Whether a file is too large for its memory is not a question of who came before."""
    with closing(Processes(count=1, timeout_s=10.0, memory_mb=64, modules=())) as room:
        room(work.keep, 25)

        assert (room(work.take, 50), room(work.take, 300)) == (50 << 20, CutOff(reason="memory"))


def test_calls_run_side_by_side(processes: Processes) -> None:
    """Two threads that hang for a second wait for little more than one."""
    with ThreadPoolExecutor(2) as threads:
        begun = time.monotonic()
        list(threads.map(lambda _: processes(work.hang), range(2)))

    assert time.monotonic() - begun < 1.9


def test_a_worker_whose_node_is_gone_ends_without_a_word() -> None:
    """An interrupt may come while workers still start; their traces are no news for a terminal."""
    ours, theirs = Pipe()
    ours.close()
    command = "import sys; from gateway.processes import serve; serve(*sys.argv[1:])"

    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-c", command, str(theirs.fileno()), "1", "100000000"],
        pass_fds=[theirs.fileno()],
        capture_output=True,
        check=False,
        timeout=60,
    )
    theirs.close()

    assert (done.returncode, done.stderr) == (0, b"")
