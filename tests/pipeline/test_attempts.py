"""Attempts to sign in: counted by address, over all processes that share a store."""

from gateway.pipeline.attempts import Attempts
from tests.pipeline.rooms import Rooms


def two(rooms: Rooms) -> tuple[Attempts, Attempts]:
    """Return the counters of two processes, three attempts a minute."""
    first, second = (
        Attempts(store=rooms.gateway.store, clock=rooms.clock, most=3) for _ in range(2)
    )
    return first, second


async def test_processes_count_together(node: Rooms) -> None:
    """Whoever guesses gains nothing by being served by another process."""
    first, second = two(node)
    for each in (first, second, first):
        assert await each.count("10.0.0.7") is None

    assert await second.count("10.0.0.7") is not None


async def test_another_address_is_not_held_up(node: Rooms) -> None:
    """The limit is that of an address."""
    first, second = two(node)
    for _ in range(4):
        await first.count("10.0.0.7")

    assert await second.count("10.0.0.8") is None


async def test_a_minute_later_it_may_be_tried_again(node: Rooms) -> None:
    """The answer says when."""
    first, _ = two(node)
    for _ in range(3):
        await first.count("10.0.0.7")
    wait_s = await first.count("10.0.0.7")
    assert wait_s is not None

    node.clock.move(wait_s)

    assert await first.count("10.0.0.7") is None
