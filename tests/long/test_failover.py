"""A standby takes the place of the server: what was answered is there, or nothing is numbered."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.domain.errors import Unavailable, Undecided
from gateway.ports import Transaction
from gateway.storage.store import SqlStore
from tests.postgres import Server, programs, server
from tests.storage.cellar import an_entry, cellar, records

SERIES = "code:H13.01:2026"
_LONGEST_HALT_S = 20.0


@pytest.fixture(name="primary")
def _primary() -> Iterator[Server]:
    """A server of its own, to be lost."""
    if programs() is None:
        pytest.skip("no PostgreSQL here: its programs were not found")
    with server() as running:
        yield running


def take(tx: Transaction) -> int:
    """Take a number and record it, as an acceptance does."""
    number = tx.numbers.take(SERIES)
    tx.audit.append(an_entry(data={"number": number}))
    return number


async def numbers_on_record(store: SqlStore) -> list[object]:
    """Return the numbers that the audit records tell of, in order."""
    return [each.data["number"] for each in await records(store)]


async def write_on(store: SqlStore, taken: list[int], stop: asyncio.Event) -> None:
    """Take numbers until *stop*, whatever the server does."""
    while not stop.is_set():
        try:
            taken.append(await store.write(take, rests_on=(SERIES,)))
        except Unavailable:
            await asyncio.sleep(0.05)


async def test_with_a_synchronous_standby_nothing_is_lost(primary: Server, tmp_path: Path) -> None:
    """The server is lost under load and its standby promoted: every answered number is there."""
    database = primary.database()
    with primary.standby() as second:
        primary.set("synchronous_standby_names", "*")
        taken: list[int] = []
        stop = asyncio.Event()
        async with cellar(tmp_path, primary.with_standby(database, second)) as store:
            async with asyncio.TaskGroup() as group:
                for _ in range(6):
                    group.create_task(write_on(store, taken, stop))
                await asyncio.sleep(1.0)
                await asyncio.to_thread(primary.stop)
                before = len(taken)
                await asyncio.to_thread(second.promote)
                while len(taken) < before + 50:  # noqa: ASYNC110 - the writers work on
                    await asyncio.sleep(0.05)
                stop.set()
            found = await numbers_on_record(store)

    assert before > 0
    assert len(set(taken)) == len(taken)
    assert found == list(range(1, len(found) + 1))
    assert set(taken) <= set(found)


async def test_what_a_standby_lacks_is_not_numbered_again(primary: Server, tmp_path: Path) -> None:
    """Where it had not received all, the node sees that records of its own are missing."""
    database = primary.database()
    with primary.standby() as second:
        async with cellar(tmp_path, primary.with_standby(database, second)) as store:
            await store.write(take)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(second.stop)
            assert await store.write(take) == 2
            await asyncio.to_thread(primary.stop)
            await asyncio.to_thread(second.start)
            await asyncio.to_thread(second.promote)

            with pytest.raises(Unavailable, match="restored"):
                await store.write(take)

            assert await numbers_on_record(store) == [1]
            assert await store.read(lambda tx: tx.numbers.is_blocked())


async def test_what_another_node_had_numbered_is_not_numbered_again(
    primary: Server, tmp_path: Path
) -> None:
    """Nodes hear what others commit: one that did nothing itself knows what is missing, too."""
    database, stop = primary.database(), asyncio.Event()
    with primary.standby() as second:
        url = primary.with_standby(database, second)
        async with cellar(tmp_path, url) as one, cellar(tmp_path, url) as other:
            watching = asyncio.create_task(other.watch(stop))
            await other.write(take)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(second.stop)
            assert [await one.write(take, rests_on=(SERIES,)) for _ in range(3)] == [2, 3, 4]
            await asyncio.sleep(0.5)
            await asyncio.to_thread(primary.stop)
            await asyncio.to_thread(second.start)
            await asyncio.to_thread(second.promote)

            with pytest.raises(Unavailable, match="restored"):
                await other.write(take, rests_on=(SERIES,))

            assert await numbers_on_record(other) == [1]
            stop.set()
            await watching


async def test_other_work_goes_on_where_numbers_are_not_given(
    primary: Server, tmp_path: Path
) -> None:
    """Only who numbers has to wait."""
    database = primary.database()
    with primary.standby() as second:
        async with cellar(tmp_path, primary.with_standby(database, second)) as store:
            await asyncio.to_thread(second.stop)
            await store.write(take)
            await asyncio.to_thread(primary.stop)
            await asyncio.to_thread(second.start)
            await asyncio.to_thread(second.promote)

            await store.write(lambda tx: tx.settings.put("a", "b"))

            assert await store.read(lambda tx: tx.settings.find("a")) == "b"
            assert await store.read(lambda tx: tx.numbers.is_blocked())


async def test_what_the_standby_does_not_have_is_not_answered(
    primary: Server, tmp_path: Path
) -> None:
    """When the server ends to wait for its standby, nobody is told that it is stored."""
    database = primary.database()
    async with cellar(tmp_path, database) as store:
        await store.write(take)
        primary.set("synchronous_standby_names", "nobody")
        writing = asyncio.create_task(store.write(take))
        await asyncio.sleep(0.5)
        assert not writing.done()

        with psycopg.connect(database, autocommit=True) as other:
            other.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            )

        with pytest.raises(Undecided):
            await writing
        primary.set("synchronous_standby_names", "")


async def test_a_node_that_is_halted_holds_others_up_for_a_while_only(
    primary: Server, tmp_path: Path
) -> None:
    """The server cuts it off; what it had begun is undone, and done once when it goes on."""
    database, go_on, begun = primary.database(), threading.Event(), threading.Event()

    def stand_still(tx: Transaction) -> int:
        number = take(tx)
        begun.set()
        go_on.wait(2 * _LONGEST_HALT_S)
        return number

    async with (
        cellar(tmp_path / "one", database) as halted,
        cellar(tmp_path / "two", database) as other,
    ):
        standing = asyncio.create_task(halted.write(stand_still))
        await asyncio.to_thread(begun.wait, 5)
        async with asyncio.timeout(_LONGEST_HALT_S):
            number = await other.write(take)
        go_on.set()

        assert (number, await standing) == (1, 2)
        assert await numbers_on_record(other) == [1, 2]
