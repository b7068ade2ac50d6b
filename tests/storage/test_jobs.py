"""The queue: one job in flight per lane, urgent first, whatever the clock does."""

from datetime import datetime, timedelta

from gateway.domain.exchange import Destination, Job
from gateway.ports import Transaction
from gateway.storage.store import SqlStore
from tests.storage.cellar import NOW, a_job, later

A, B = "office:A", "office:B"


async def put(store: SqlStore, *jobs: Job) -> None:
    """Queue *jobs*."""

    def unit(tx: Transaction) -> None:
        for each in jobs:
            tx.jobs.put(each)

    await store.write(unit)


async def claim(
    store: SqlStore, now: datetime = NOW, *, owner: str = "w", limit: int = 16
) -> list[Job]:
    """Claim what is due."""
    until = now + timedelta(seconds=120)

    def unit(tx: Transaction) -> list[Job]:
        tx.jobs.expire(now)
        return tx.jobs.claim(owner, tx.jobs.ready(now, limit), now, until)

    return await store.write(unit)


async def items(store: SqlStore, now: datetime = NOW) -> list[str]:
    """Claim what is due and return what it is about."""
    return [each.item for each in await claim(store, now)]


async def test_one_job_is_in_flight_per_lane(store: SqlStore) -> None:
    """The second job of a lane waits until the first is finished."""
    await put(store, a_job(A, item="a1"), a_job(A, item="a2"), a_job(B, item="b1"))

    first = await claim(store)
    assert {"a1", "b1"} == {each.item for each in first}
    assert await claim(store, owner="another") == []

    await store.write(lambda tx: tx.jobs.finish(first[0].id))
    assert await items(store) == ["a2"]


async def test_urgent_jobs_go_first_within_a_lane_and_between_lanes(store: SqlStore) -> None:
    """Priority before age."""
    await put(
        store,
        a_job(A, item="a1"),
        a_job(A, item="a2", priority=2),
        a_job(B, item="b1", priority=3),
    )

    assert await items(store) == ["b1", "a2"]


async def test_no_more_lanes_are_claimed_than_asked_for(store: SqlStore) -> None:
    """A worker takes what it can run."""
    await put(store, a_job(A, item="a"), a_job(B, item="b", priority=1))

    assert [each.item for each in await claim(store, limit=1)] == ["b"]


async def test_a_job_is_not_due_before_its_time(store: SqlStore) -> None:
    """At its instant it is."""
    await put(store, a_job(A, item="a", due_at=later(10)))

    assert await items(store, later(9.9)) == []
    assert await items(store, later(10)) == ["a"]


async def test_what_waits_does_not_stand_in_the_way_of_what_is_due(store: SqlStore) -> None:
    """An urgent job that was postponed lets an ordinary one of its lane pass."""
    await put(store, a_job(A, item="urgent", priority=3, due_at=later(60)), a_job(A, item="plain"))

    assert await items(store) == ["plain"]


async def test_an_expired_claim_is_free_again(store: SqlStore) -> None:
    """A worker that died does not keep its lane."""
    await put(store, a_job(A, item="a"))
    await claim(store)

    assert await items(store, later(119)) == []
    assert await items(store, later(120)) == ["a"]


async def test_a_claim_from_the_future_is_free_again(store: SqlStore) -> None:
    """The clock jumped back by a month: the claim was written by another time."""
    await put(store, a_job(A, item="a", due_at=NOW - timedelta(days=60)))
    await claim(store)

    assert await items(store, NOW - timedelta(days=30)) == ["a"]


async def test_a_due_time_from_the_future_is_due(store: SqlStore) -> None:
    """The clock jumped back by a month: the job does not wait a month."""
    await put(store, a_job(A, item="a"))

    assert await items(store, NOW - timedelta(days=30)) == ["a"]


async def test_a_pausing_destination_is_left_alone(store: SqlStore) -> None:
    """All that waits for it waits; other lanes do not."""
    await put(store, a_job(A, item="a"), a_job(B, item="b"))
    pause = Destination(lane=A, failures=1, retry_at=later(30))
    await store.write(lambda tx: tx.destinations.save(pause))

    assert await items(store) == ["b"]
    assert await items(store, later(30)) == ["a"]


async def test_a_pause_from_the_future_is_over(store: SqlStore) -> None:
    """No pause lasts longer than a day; this one was written by another time."""
    await put(store, a_job(A, item="a"))
    pause = Destination(lane=A, failures=1, retry_at=NOW + timedelta(days=30))
    await store.write(lambda tx: tx.destinations.save(pause))

    assert await items(store) == ["a"]


async def test_a_destination_that_is_heard_of_is_tried_at_once(store: SqlStore) -> None:
    """Its pause ends and all that was postponed is due."""
    await put(store, a_job(A, item="a", due_at=later(600)))
    pause = Destination(lane=A, failures=4, retry_at=later(600), last_error="down")
    await store.write(lambda tx: tx.destinations.save(pause))

    assert await store.write(lambda tx: tx.destinations.heard(A, later(1)))

    assert await items(store, later(1)) == ["a"]
    destination = await store.read(lambda tx: tx.destinations.find(A))
    assert Destination(lane=A, last_ok_at=later(1)) == destination


async def test_a_destination_that_was_well_is_known_to_have_answered(store: SqlStore) -> None:
    """To the minute; nothing had to be cleared."""
    assert not await store.write(lambda tx: tx.destinations.heard(A, NOW))
    assert not await store.write(lambda tx: tx.destinations.heard(A, later(30)))

    destination = await store.read(lambda tx: tx.destinations.find(A))
    assert destination.last_ok_at == NOW


async def test_a_destination_that_a_person_has_tried_was_not_heard_of(store: SqlStore) -> None:
    """Its pause ends; when it answered last stays as it was."""
    pause = Destination(lane=A, failures=4, retry_at=later(600), last_ok_at=NOW)
    await store.write(lambda tx: tx.destinations.save(pause))

    assert await store.write(lambda tx: tx.destinations.try_now(A, later(1)))

    destination = await store.read(lambda tx: tx.destinations.find(A))
    assert Destination(lane=A, last_ok_at=NOW) == destination


async def test_a_postponed_job_counts_its_attempts(store: SqlStore) -> None:
    """And frees its lane for the next."""
    await put(store, a_job(A, item="a"))
    (job,) = await claim(store)

    await store.write(lambda tx: tx.jobs.postpone(job.id, later(5), "down"))

    found = await store.read(lambda tx: tx.jobs.find(job.id))
    assert found is not None
    assert (1, later(5), "down") == (found.attempts, found.due_at, found.last_error)


async def test_a_buried_job_is_kept_out_of_the_way(store: SqlStore) -> None:
    """It is listed and counted as no longer waiting."""
    await put(store, a_job(A, item="a"), a_job(A, item="a2"))
    (job,) = await claim(store)
    await store.write(lambda tx: tx.jobs.bury(job.id, NOW, "gave up"))

    assert await items(store) == ["a2"]
    listing = await store.read(lambda tx: tx.jobs.listing(10))
    assert [(each.item, buried) for each, buried in listing] == [("a", True), ("a2", False)]
    assert await store.read(lambda tx: tx.jobs.depth()) == 1


async def test_a_revived_job_starts_over(store: SqlStore) -> None:
    """Its patience is whole again, or one failure would bury it at once."""
    await put(store, a_job(A, item="a", attempts=8))
    (job,) = await claim(store)
    await store.write(lambda tx: tx.jobs.bury(job.id, NOW, "gave up"))

    await store.write(lambda tx: tx.jobs.revive(job.id, later(9)))

    (again,) = await claim(store, later(9))
    assert (0, later(9)) == (again.attempts, again.created_at)


async def test_a_job_may_be_put_aside_at_once(store: SqlStore) -> None:
    """A dead letter without an attempt."""
    await store.write(lambda tx: tx.jobs.put(a_job(A, last_error="closed"), buried_at=NOW))

    ((job, buried),) = await store.read(lambda tx: tx.jobs.listing(10))
    assert (buried, job.last_error) == (True, "closed")
    assert await claim(store) == []


async def test_a_worker_releases_its_own_claims_only(store: SqlStore) -> None:
    """Those of others go on; all of them are freed at the start of a node."""
    await put(store, a_job(A), a_job(B))
    await claim(store, owner="one", limit=1)
    await claim(store, owner="two", limit=1)

    assert await store.write(lambda tx: tx.jobs.release("one")) == 1
    assert await store.write(lambda tx: tx.jobs.release(None)) == 1


async def test_the_jobs_about_one_thing_are_dropped(store: SqlStore) -> None:
    """By kind and item, no others."""
    await put(store, a_job(A, item="x"), a_job(A, item="x", kind="receipt"), a_job(A, item="y"))

    assert await store.write(lambda tx: tx.jobs.drop_item("document", "x")) == 1
    assert await store.read(lambda tx: tx.jobs.depth()) == 2


async def test_a_claim_that_ran_out_is_told_of(store: SqlStore) -> None:
    """So that nobody writes to free what nobody holds."""
    await put(store, a_job(A))
    assert not await store.read(lambda tx: tx.jobs.is_any_expired(later(200)))

    await claim(store)

    assert not await store.read(lambda tx: tx.jobs.is_any_expired(later(1)))
    assert await store.read(lambda tx: tx.jobs.is_any_expired(later(200)))


async def test_what_is_ready_no_more_is_not_claimed(store: SqlStore) -> None:
    """Between the look and the claim its destination began to pause, or it was claimed."""
    await put(store, a_job(A, item="a"), a_job(B, item="b"), a_job("office:C", item="c"))
    seen = await store.read(lambda tx: tx.jobs.ready(NOW, 16))
    pause = Destination(lane=A, failures=1, retry_at=later(30))
    await store.write(lambda tx: tx.destinations.save(pause))
    await store.write(lambda tx: tx.jobs.claim("other", seen[1:2], NOW, later(60)))

    claimed = await store.write(lambda tx: tx.jobs.claim("w", seen, NOW, later(60)))

    assert [each.item for each in claimed] == ["c"]
