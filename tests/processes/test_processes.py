"""The room of worker processes: cut off by time and memory, and it lives on."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing import Pipe
from pathlib import Path

import pytest

from gateway.ports import CutOff
from gateway.processes import Nursery, Processes
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


def test_workers_are_forked_by_one_process_that_serves_nobody(processes: Processes) -> None:
    """They share the memory of what it has imported."""
    before = processes(work.who), processes(work.parent)
    processes(work.crash)
    after = processes(work.who), processes(work.parent)

    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
    assert before[1] not in {before[0], os.getpid()}


def test_rooms_share_a_nursery() -> None:
    """One for all the workers of a node; each shows what it is for."""
    with (
        closing(Nursery(())) as nursery,
        closing(_room(nursery, "reading")) as one,
        closing(_room(nursery, "verifying")) as other,
    ):
        assert one(work.parent) == other(work.parent)
        assert (one(work.name), other(work.name)) == ("reading", "verifying")


def test_a_shortage_of_files_mixes_up_no_answers() -> None:
    """A worker that came when there was no room for its handle serves nobody."""
    with closing(Processes(count=1, timeout_s=10.0, memory_mb=64, modules=())) as room:
        room(work.crash)
        with _files_left(2):
            short = room(work.who)
        answers = [room(work.who) for _ in range(2)]

    assert short == CutOff(reason="crash")
    assert answers[0] == answers[1]
    assert isinstance(answers[0], int)


def test_who_cannot_read_an_answer_asks_another_worker() -> None:
    """Of one whose answer was read in part nobody knows what comes next."""
    with closing(Processes(count=1, timeout_s=10.0, memory_mb=64, modules=())) as room:
        before = room(work.who)
        with pytest.raises(ValueError, match="another process"):
            room(work.unreadable)

        assert room(work.who) not in {None, before}


@contextmanager
def _files_left(count: int) -> Iterator[None]:
    """Let this process open *count* more files, no others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(int(each.name) for each in Path("/proc/self/fd").iterdir()) + count + 2
    with ExitStack() as taken:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        held: list[int] = []
        with suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for each in held[count:]:
            taken.callback(os.close, each)
        for each in held[:count]:
            os.close(each)
        yield


def _room(nursery: Nursery, name: str) -> Processes:
    return Processes(count=1, timeout_s=10.0, memory_mb=64, modules=(), name=name, nursery=nursery)


def test_a_nursery_that_died_is_replaced(processes: Processes) -> None:
    """Its workers serve on; the next that is needed comes of another one."""
    gone = processes(work.parent)
    assert isinstance(gone, int)

    os.kill(gone, signal.SIGKILL)

    assert isinstance(processes(work.who), int)
    processes(work.crash)
    assert processes(work.parent) not in {gone, os.getpid()}


def test_a_worker_has_none_of_the_files_of_the_node(tmp_path: Path) -> None:
    """Nothing but standard streams and the pipe, whatever was open when it was asked for."""
    with (tmp_path / "secret").open("wb") as secret, socket.socket() as door:
        os.set_inheritable(secret.fileno(), True)  # noqa: FBT003 - of the library
        os.set_inheritable(door.fileno(), True)  # noqa: FBT003
        with closing(Processes(count=1, timeout_s=10.0, memory_mb=64, modules=())) as room:
            found = room(work.open_files)

    assert not isinstance(found, CutOff)
    beside = {each for each in found if int(each.partition(":")[0]) > 2}
    assert [each.partition(": ")[2].partition(":")[0] for each in beside] == ["socket"]


def test_a_nursery_ends_with_those_who_could_ask_it() -> None:
    """Nothing of a node that was killed is left behind."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    command = "import sys; from gateway.processes import nurse; nurse(*sys.argv[1:])"

    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-c", command, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        capture_output=True,
        check=False,
        timeout=60,
    )
    theirs.close()

    assert (done.returncode, done.stderr) == (0, b"")
