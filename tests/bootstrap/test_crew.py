"""A crew of processes: parallel, in order, each task within its time."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest

from gateway.bootstrap.crew import Failed, work_off
from gateway.domain.errors import Misconfigured


@contextmanager
def tools() -> Iterator[Callable[[str], str]]:
    """Open what does the tasks of these tests."""
    yield do


def do(task: str) -> str:
    """Sleep so many seconds, die, raise, or return the task."""
    match task.partition(":"):
        case ("sleep", _, seconds):
            time.sleep(float(seconds))
        case ("die", _, _):
            os._exit(1)
        case ("take", _, megabytes):
            bytearray(int(megabytes) << 20)
        case ("raise", _, _):
            raise ZeroDivisionError
        case ("pid", _, _):
            return str(os.getpid())
        case _:
            pass
    return task


def results(
    tasks: Iterable[str], *, workers: int = 2, limit_s: float = 20.0
) -> list[str | Failed]:
    """Do *tasks*; return the answers."""
    return list(work_off(tasks, tools, workers=workers, limit_s=limit_s, memory_mb=200))


def test_answers_come_in_the_order_of_the_tasks() -> None:
    """Although the first takes longest."""
    tasks = ["sleep:0.3", *(str(n) for n in range(500))]

    assert results(tasks) == tasks


def test_no_tasks_are_no_answers() -> None:
    """Nor processes."""
    assert results([]) == []


def test_what_takes_too_long_is_given_up() -> None:
    """Alone."""
    answers = results(["a", "sleep:60", "b", "c"], limit_s=0.5)

    assert answers == ["a", Failed(Failed.TIME), "b", "c"]


def test_what_takes_too_much_memory_is_given_up() -> None:
    """Alone; less than the limit is no trouble."""
    answers = results(["a", "take:400", "take:100"], workers=1)

    assert answers == ["a", Failed(Failed.MEMORY), "take:100"]


def test_a_process_that_dies_is_replaced() -> None:
    """Its task has no answer, the next ones have."""
    assert results(["a", "die", "b"], workers=1) == ["a", Failed(Failed.DIED), "b"]


def test_an_error_fails_its_task_alone() -> None:
    """It is named by its kind."""
    assert results(["raise", "b"]) == [Failed("ZeroDivisionError"), "b"]


def test_work_is_shared() -> None:
    """Among so many processes."""
    answers = results(["sleep:0.2", "pid", "sleep:0.2", "pid", *["sleep:0.05", "pid"] * 10])

    assert len({each for each in answers if isinstance(each, str) and each.isdecimal()}) == 2


def test_tasks_are_taken_as_they_are_needed() -> None:
    """A million of them need no memory."""
    taken: list[int] = []

    def tasks() -> Iterator[str]:
        for n in range(1_000_000):
            taken.append(n)
            yield str(n)

    answers = work_off(tasks(), tools, workers=2, limit_s=20.0, memory_mb=200)
    next(answers)
    answers.close()

    assert len(taken) < 200


def test_tools_that_cannot_be_opened_are_told() -> None:
    """Once, not for every task."""

    @contextmanager
    def broken() -> Iterator[Callable[[str], str]]:
        raise Misconfigured("no calendar")
        yield do

    with pytest.raises(Misconfigured, match="no calendar"):
        list(work_off(["a", "b"], broken, workers=1, limit_s=20.0, memory_mb=200))
