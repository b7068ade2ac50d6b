"""Two stores on one database, as two processes have them."""

import asyncio
from pathlib import Path

from gateway.domain.exchange import Client, Role
from tests.storage.cellar import NOW, an_entry, broken_links, cellar, records

CLIENT = Client(
    id="c1",
    agency="H13.01",
    name="office",
    role=Role.OFFICE,
    token_hash="00",
    systemid="s1",
    secret=b"sealed",
    created_at=NOW,
)


async def test_numbers_of_both_are_one_series(tmp_path: Path) -> None:
    """Whoever writes first, nothing is given twice and nothing is left out."""
    async with (
        cellar(tmp_path) as one,
        cellar(tmp_path) as other,
        asyncio.TaskGroup() as group,
    ):
        tasks = [
            group.create_task(store.write(lambda tx: tx.numbers.take("s")))
            for _ in range(100)
            for store in (one, other)
        ]

    assert sorted(task.result() for task in tasks) == list(range(1, 201))


async def test_records_of_both_are_one_chain(tmp_path: Path) -> None:
    """Each goes on from the record that the other wrote."""
    async with cellar(tmp_path) as one, cellar(tmp_path) as other:
        for n in range(6):
            store = (one, other)[n % 2]
            await store.write(lambda tx, n=n: tx.audit.append(an_entry(f"unit-{n}")))  # type: ignore[misc]
        found = await records(one)

    assert ([each.about for each in found], broken_links(found)) == (
        [f"unit-{n}" for n in range(6)],
        [],
    )


async def test_listeners_hear_of_the_commits_of_others(tmp_path: Path) -> None:
    """Soon, as long as the store watches."""
    stopping, heard = asyncio.Event(), asyncio.Queue[int]()
    async with cellar(tmp_path) as one, cellar(tmp_path) as other:
        one.on_commit(lambda: heard.put_nowait(one.version()))
        watching = asyncio.create_task(one.watch(stopping))
        async with asyncio.timeout(5):
            before = await heard.get()
            await other.write(lambda tx: tx.audit.append(an_entry()))
            after = await heard.get()
        stopping.set()
        await watching

    assert after != before


async def test_a_credential_of_another_process_is_seen_at_once(tmp_path: Path) -> None:
    """The version of a table counts its own changes alone, whoever makes them."""
    async with cellar(tmp_path) as one, cellar(tmp_path) as other:
        before = one.version("clients")
        await other.write(lambda tx: tx.audit.append(an_entry()))
        between = one.version("clients")
        await other.write(lambda tx: tx.clients.add(CLIENT))

        assert (between, one.version("clients") > between) == (before, True)
