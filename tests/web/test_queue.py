"""The queue through the API: what waits, "try now", and what is asked to come again."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import WORK_THREADS, Executor
from tests.contract.vxp_axis import AxisMood, VxpAxis, a_vxp_axis
from tests.nodes import ADMIN, OFFICE, OTHER, Node, serving
from tests.vxp.three_nodes import until

QUEUE = "/api/v1/queue"
FOREIGN, LANE = "H40.01", "axis:truc"


@pytest.fixture
async def axis() -> AsyncIterator[VxpAxis]:
    """An axis that takes nothing."""
    async with a_vxp_axis() as running:
        running.mood, running.fail_code = AxisMood.REFUSING, "503"
        yield running


@pytest.fixture
async def behind(axis: VxpAxis, node_folder: Path) -> AsyncIterator[Node]:
    """A node behind that axis, which has all the patience of the world."""
    (node_folder / "config" / "truc").write_text("a shared secret", "utf-8")
    table = {
        "name": "truc",
        "adapter": "vxp",
        "endpoint": axis.url,
        "systemid": "sys.h13",
        "secret_file": "config/truc",
    }
    relay = {"poll_s": 0.1, "first_delay_s": 3000.0, "most_waiting": 3}
    async with serving(node_folder, relay=relay, axis=[table]) as node:
        yield node


async def tried(node: Node) -> None:
    """Wait until something was tried in vain."""

    async def look() -> bool:
        items = (await node.get(QUEUE, who=ADMIN)).json()["items"]
        return any(each["destination_circuit"] == "open" for each in items)

    await until(look)


async def test_the_queue_says_what_waits_and_why(behind: Node) -> None:
    """With the circuit of its destination."""
    sent = (await behind.submit(to=[FOREIGN])).json()
    await tried(behind)

    (entry,) = (await behind.get(QUEUE, who=ADMIN)).json()["items"]

    assert (entry["document"], entry["lane"], entry["destination_circuit"]) == (
        sent["id"],
        LANE,
        "open",
    )
    assert "503" in entry["last_error"]


@pytest.mark.parametrize("by", ["ids", "destination"])
async def test_what_waits_is_tried_now(behind: Node, axis: VxpAxis, by: str) -> None:
    """An administrator knows that the axis is well again."""
    await behind.submit(to=[FOREIGN])
    await tried(behind)
    axis.mood = AxisMood.WELL
    (entry,) = (await behind.get(QUEUE, who=ADMIN)).json()["items"]

    asked = {"ids": [entry["id"]]} if by == "ids" else {"destination": LANE}
    answer = await behind.post(f"{QUEUE}/retry", who=ADMIN, json=asked)

    async def gone() -> bool:
        return not (await behind.get(QUEUE, who=ADMIN)).json()["items"]

    assert answer.json() == {"tried": 1}
    assert await until(gone)


async def test_the_queue_is_for_administrators(behind: Node) -> None:
    """It names documents of all agencies."""
    assert (await behind.get(QUEUE, who=OFFICE)).status == 403


@pytest.mark.parametrize("asked", [{}, {"ids": [1], "destination": LANE}])
async def test_one_of_the_two_is_named(behind: Node, asked: dict[str, object]) -> None:
    """Neither and both are mistakes."""
    answer = await behind.post(f"{QUEUE}/retry", who=ADMIN, json=asked)

    assert answer.status == 400


@pytest.mark.parametrize("number", [0, -1, 2**63])
async def test_a_number_that_no_entry_has_is_a_mistake(behind: Node, number: int) -> None:
    """The database counts to 2**63 - 1."""
    answer = await behind.post(f"{QUEUE}/retry", who=ADMIN, json={"ids": [number]})

    assert answer.status in {400, 422}


async def test_the_largest_number_is_merely_unknown(behind: Node) -> None:
    """No entry has it yet."""
    answer = await behind.post(f"{QUEUE}/retry", who=ADMIN, json={"ids": [2**63 - 1]})

    assert answer.status == 404


async def test_the_queue_is_read_page_by_page(behind: Node) -> None:
    """Oldest first, to the end."""
    for n in range(3):
        await behind.submit(to=[FOREIGN], subject=f"Số {n}")

    first = (await behind.get(f"{QUEUE}?limit=2", who=ADMIN)).json()
    second = (await behind.get(f"{QUEUE}?limit=2&after={first['next']}", who=ADMIN)).json()

    ids = [each["id"] for each in (*first["items"], *second["items"])]
    assert (ids, second["next"]) == (sorted(set(ids)), None)
    assert len(ids) == 3


async def test_a_queue_that_is_full_takes_nothing_more(behind: Node) -> None:
    """Nothing is stored; the sender reads when to come again."""
    for n in range(3):
        await behind.submit(to=[FOREIGN], subject=f"Số {n}")
    await asyncio.sleep(1.1)

    answer = await behind.submit(to=[FOREIGN], subject="Một văn bản nữa")

    assert (answer.status, answer.json()["code"]) == (503, "queue-full")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_full_queue_stands_in_nobody_else_s_way(behind: Node) -> None:
    """Other destinations, and offices that fetch, are served."""
    for n in range(3):
        await behind.submit(to=[FOREIGN], subject=f"Số {n}")
    await asyncio.sleep(1.1)

    assert (await behind.submit(to=[OTHER])).status == 201


async def test_a_repeat_is_answered_while_the_queue_is_full(behind: Node) -> None:
    """It was accepted before."""
    key = {"Idempotency-Key": "k-1"}
    first = await behind.submit(to=[FOREIGN], headers=key)
    for n in range(3):
        await behind.submit(to=[FOREIGN], subject=f"Số {n}")
    await asyncio.sleep(1.1)

    again = await behind.submit(to=[FOREIGN], headers=key)

    assert (again.status, again.json()["code"]) == (200, first.json()["code"])


async def test_a_store_that_is_behind_takes_nothing_more(node_folder: Path) -> None:
    """What was accepted is written first."""
    async with serving(node_folder, storage={"minimum_free_mb": 0, "behind_s": 0.2}) as node:
        release = asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(tx: object) -> None:
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

        async with asyncio.TaskGroup() as group:
            group.create_task(node.gateway.store.write(hold))
            await asyncio.sleep(0.1)
            group.create_task(node.gateway.store.write(lambda tx: None))
            await asyncio.sleep(0.3)
            answer = await node.submit()
            release.set()

    assert (answer.status, answer.json()["code"]) == (503, "store-behind")


async def test_a_node_that_is_behind_takes_nothing_more(node_folder: Path) -> None:
    """Who was let in is judged first; who is not hears so at once, with a time to come again."""
    async with serving(node_folder, http={"behind_s": 0.2}) as node:
        release = threading.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(WORK_THREADS + 1):
                group.create_task(node.gateway.run(release.wait))
            await asyncio.sleep(0.3)
            refused = await node.submit()
            release.set()
        taken = await node.submit()

    assert (refused.status, refused.json()["code"], taken.status) == (503, "node-behind", 201)
    assert int(refused.headers["Retry-After"]) > 0


async def test_a_sudden_rush_is_seen_before_anything_in_it_is_old() -> None:
    """What waits is counted with what such work has taken so far."""
    run = Executor(1)
    for _ in range(20):
        await run(lambda: time.sleep(0.01))
    async with asyncio.TaskGroup() as group:
        for _ in range(101):
            group.create_task(run(lambda: time.sleep(0.01)))
        await asyncio.sleep(0)
        behind_s = run.behind_s()
    run.close()

    assert behind_s > 0.3


async def test_work_that_nobody_waits_for_any_more_keeps_nobody_out() -> None:
    """Whoever was cut off while waiting for a thread leaves no trace in the queue."""
    run, release = Executor(1), threading.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run(release.wait))
        gone = group.create_task(run(release.wait))
        await asyncio.sleep(0.05)
        waited_s = run.behind_s()
        gone.cancel()
        await asyncio.sleep(0.05)
        behind_s = run.behind_s()
        release.set()
    run.close()

    assert waited_s > 0
    assert behind_s == 0


async def test_the_back_off_outlives_the_node(node_folder: Path, axis: VxpAxis) -> None:
    """It is stored: after a restart an axis that is ill is tried once, then left alone longer."""
    (node_folder / "config" / "truc").write_text("a shared secret", "utf-8")
    table = {
        "name": "truc",
        "adapter": "vxp",
        "endpoint": axis.url,
        "systemid": "sys.h13",
        "secret_file": "config/truc",
    }
    relay = {"poll_s": 0.1, "first_delay_s": 1000.0}
    async with serving(node_folder, relay=relay, axis=[table]) as node:
        for n in range(3):
            await node.submit(to=[FOREIGN], subject=f"Số {n}")
        await tried(node)
        before = await node.gateway.store.read(lambda tx: tx.destinations.find(LANE))
    async with serving(node_folder, relay=relay, axis=[table]) as node:
        await asyncio.sleep(1.0)

        after = await node.gateway.store.read(lambda tx: tx.destinations.find(LANE))

    assert (before.failures, after.failures) == (1, 2)
    assert before.retry_at is not None
    assert after.retry_at is not None
    assert (after.retry_at - before.retry_at).total_seconds() > 700
