"""Counters and idempotency keys."""

from datetime import timedelta

from gateway.storage.store import SqlStore
from tests.storage.cellar import NOW


async def test_series_count_on_their_own(store: SqlStore) -> None:
    """Each starts at one."""
    taken = await store.write(lambda tx: [tx.numbers.take(each) for each in ("a", "b", "a")])

    assert taken == [1, 1, 2]


async def test_a_raised_series_goes_on_above(store: SqlStore) -> None:
    """A lower value changes nothing."""
    await store.write(lambda tx: tx.numbers.raise_to("a", 40))
    await store.write(lambda tx: tx.numbers.raise_to("a", 7))

    assert await store.write(lambda tx: tx.numbers.take("a")) == 41


async def test_a_key_is_known_by_its_client(store: SqlStore) -> None:
    """Two clients may use one key."""
    await store.write(lambda tx: tx.repeats.add("one", "k", "digest", "doc", NOW))

    first = await store.read(lambda tx: tx.repeats.find("one", "k"))
    other = await store.read(lambda tx: tx.repeats.find("two", "k"))

    assert (first, other) == (("digest", "doc"), None)


async def test_old_keys_are_forgotten(store: SqlStore) -> None:
    """Only those before the instant."""
    old = NOW - timedelta(days=8)
    await store.write(lambda tx: tx.repeats.add("one", "old", "d", "doc", old))
    await store.write(lambda tx: tx.repeats.add("one", "new", "d", "doc", NOW))

    assert await store.write(lambda tx: tx.repeats.purge(NOW - timedelta(days=7))) == 1
    assert await store.read(lambda tx: tx.repeats.find("one", "new")) is not None
