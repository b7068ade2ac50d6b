"""A schedule of several nodes: once a period, whoever does it, and whoever dies over it."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.errors import Unavailable
from gateway.pipeline.scheduling import LEASE, Scheduled, Scheduling
from gateway.storage.store import SqlStore
from tests.contract.packets import StandingClock
from tests.postgres import Server
from tests.storage.cellar import NOW, SQLITE, cellar

EVERY_S = 3600.0


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a new database."""
    if request.param == "sqlite":
        return SQLITE
    running: Server = request.getfixturevalue("postgres")
    return running.database()


@pytest.fixture
async def stores(tmp_path: Path, database: str) -> AsyncIterator[list[SqlStore]]:
    """Three nodes, or processes, over one database."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(cellar(tmp_path, database)) for _ in range(3)]


class Work:
    """Something to do, which counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.fails = False

    async def __call__(self) -> None:
        await self.go_on.wait()
        if self.fails:
            raise Unavailable("on purpose")
        self.done += 1


def scheduled(stores: list[SqlStore], work: Work, clock: StandingClock) -> list[Scheduled]:
    """Return the same work as each of *stores* looks after it."""
    duties = [
        Scheduling(store=each, clock=clock, owner=f"node-{n}").once("x", work, EVERY_S)[0]
        for n, each in enumerate(stores)
    ]
    return [each for each in duties if isinstance(each, Scheduled)]


async def look(duties: list[Scheduled]) -> None:
    """Let every node look at once."""
    async with asyncio.TaskGroup() as group:
        for each in duties:
            group.create_task(each())


async def test_it_is_done_once_a_period_whatever_the_number_of_nodes(
    stores: list[SqlStore],
) -> None:
    """However often each of them looks."""
    work, clock = Work(), StandingClock(NOW)
    duties, done = scheduled(stores, work, clock), []

    for _ in range(3):
        await look(duties)
        await look(duties)
        done.append(work.done)
        clock.at += timedelta(seconds=EVERY_S)

    assert done == [1, 2, 3]


async def test_nobody_else_is_at_it_while_it_lasts(stores: list[SqlStore]) -> None:
    """Not even in the next period."""
    work, clock = Work(), StandingClock(NOW)
    first, second, _ = scheduled(stores, work, clock)
    work.go_on.clear()
    at_work = asyncio.create_task(first())
    await asyncio.sleep(0.1)
    clock.at += LEASE / 2

    async with asyncio.timeout(5):
        await second()
    work.go_on.set()
    await at_work

    assert work.done == 1


async def test_what_a_dead_node_had_begun_another_does(stores: list[SqlStore]) -> None:
    """In the same period, once its claim has run out."""
    work, clock = Work(), StandingClock(NOW)
    _, second, _ = scheduled(stores, work, clock)
    period = int(NOW.timestamp() // EVERY_S)
    await stores[0].write(
        lambda tx: tx.schedule.claim("x", period, "node-0", now=NOW, until=NOW + LEASE)
    )
    done = []

    for seconds in (0, 30, 31):
        clock.at += timedelta(seconds=seconds)
        await second()
        done.append(work.done)

    assert done == [0, 0, 1]


async def test_what_could_not_be_done_is_tried_again(stores: list[SqlStore]) -> None:
    """By whoever looks next, in the same period."""
    work, clock = Work(), StandingClock(NOW)
    first, second, _ = scheduled(stores, work, clock)
    work.fails = True
    with pytest.raises(Unavailable):
        await first()
    work.fails = False

    await second()

    assert work.done == 1


@pytest.mark.parametrize("ahead", [timedelta(days=365), timedelta(hours=20), timedelta(hours=1)])
async def test_a_clock_that_was_put_back_stops_nothing(
    stores: list[SqlStore], ahead: timedelta
) -> None:
    """What was claimed in a time to come is nobody's claim."""
    work, clock = Work(), StandingClock(NOW + ahead)
    period = int(clock.at.timestamp() // EVERY_S)
    far = clock.at + LEASE
    await stores[0].write(lambda tx: tx.schedule.claim("x", period, "o", now=clock.at, until=far))
    clock.at = NOW

    await scheduled(stores, work, clock)[1]()

    assert work.done == 1


async def test_a_dead_node_that_comes_back_ends_nothing_of_another(
    stores: list[SqlStore],
) -> None:
    """Whoever lost a claim can neither renew it nor say that it is done."""
    store, later = stores[0], NOW + LEASE
    await store.write(lambda tx: tx.schedule.claim("x", 1, "dead", now=NOW, until=later))
    await store.write(lambda tx: tx.schedule.claim("x", 1, "heir", now=later, until=later + LEASE))

    kept = await store.write(lambda tx: tx.schedule.renew("x", 1, "dead", later + LEASE))
    await store.write(lambda tx: tx.schedule.finish("x", 1, "dead", later))

    assert not kept
    assert not await store.read(lambda tx: tx.schedule.is_open("x", 1, later))
    assert await store.read(lambda tx: tx.schedule.is_open("x", 1, later + LEASE))


def look_in_a_process(folder: Path, name: str, marks: Path) -> None:
    """Look twenty times, as a process of a node does, and leave a mark for each time it worked."""

    async def main() -> None:
        clock = StandingClock(NOW)
        async with cellar(folder) as store:

            async def work() -> None:
                (marks / f"{int(clock.at.timestamp() // EVERY_S)}-{name}").touch(exist_ok=False)

            duty, _ = Scheduling(store=store, clock=clock, owner=name).once("x", work, EVERY_S)
            for _ in range(20):
                await duty()
                clock.at += timedelta(seconds=EVERY_S / 2)

    asyncio.run(main())


def test_two_processes_on_one_file_do_it_once(tmp_path: Path) -> None:
    """Each period has one mark, whichever process left it."""
    marks = tmp_path / "marks"
    marks.mkdir()
    spawn = multiprocessing.get_context("spawn")
    running = [
        spawn.Process(target=look_in_a_process, args=(tmp_path, name, marks))
        for name in ("one", "other")
    ]
    for each in running:
        each.start()
    for each in running:
        each.join(60)

    periods = sorted(each.name.partition("-")[0] for each in marks.iterdir())
    assert [each.exitcode for each in running] == [0, 0]
    assert len(periods) == len(set(periods))
    assert len(periods) in {10, 11}
