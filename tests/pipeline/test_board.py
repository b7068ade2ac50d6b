"""The board: what needs a hand, and how destinations are doing."""

from gateway.domain.lifecycle import DeliveryState
from gateway.pipeline.board import Health, Overlook, Trouble
from tests.pipeline.rooms import ADMIN, AT_DESK, PUSHED, READER, Rooms

LANE = f"office:{PUSHED}"


async def look(node: Rooms) -> Overlook:
    """Return the board."""
    return await node.gateway.administration.board.look()


def troubles(board: Overlook) -> list[Trouble]:
    """Return why things need a hand, in the order of the board."""
    return [each.trouble for each in board.items]


async def test_a_quiet_node_needs_no_hand(node: Rooms) -> None:
    """What arrived is counted."""
    await node.sent(AT_DESK)

    board = await look(node)

    assert (board.counts.delivered, board.items) == (1, ())


async def test_what_waits_past_the_next_morning_is_late(node: Rooms) -> None:
    """Signed on Tuesday, tried, and not out on Friday."""
    node.peer(LANE).down = True
    await node.sent(PUSHED, promulgated_on="2026-11-17")
    await node.relay_once()

    board = await look(node)

    assert (troubles(board), board.counts.late) == ([Trouble.UNSENT], 1)


async def test_what_was_signed_today_is_not_late(node: Rooms) -> None:
    """Whatever its destination does."""
    node.peer(LANE).down = True
    await node.sent(PUSHED)
    await node.relay_once()

    assert (await look(node)).counts.late == 0


async def test_what_is_not_accepted_on_its_day_is_late_the_next(node: Rooms) -> None:
    """Until it is accepted."""
    document = await node.sent(AT_DESK)
    node.clock.move(86_400)
    late = troubles(await look(node))
    await node.report(document, "03", by=AT_DESK)

    assert (late, troubles(await look(node))) == ([Trouble.UNACCEPTED], [])


async def test_a_held_document_waits_for_a_decision(node: Rooms) -> None:
    """And is counted."""
    await node.sent(READER, kind="complaint")

    board = await look(node)

    assert (troubles(board), board.counts.held) == ([Trouble.HELD], 1)


async def test_the_urgent_comes_first(node: Rooms) -> None:
    """Then what has waited longest."""
    await node.sent(READER, kind="complaint", number="1")
    await node.sent(READER, kind="complaint", number="2", priority="express")

    board = await look(node)

    numbers = [each.document.metadata.number for each in board.items if each.document]
    assert numbers == ["2", "1"]


async def test_a_destination_that_fails_is_unstable_then_down(node: Rooms) -> None:
    """By its attempts."""
    node.peer(LANE).down = True
    await node.sent(PUSHED)
    seen = []
    for _ in range(3):
        await node.relay_once()
        seen += [each.health for each in (await look(node)).ways if each.lane == LANE]
        node.clock.move(3_600)

    assert seen == [Health.UNSTABLE, Health.UNSTABLE, Health.DOWN]


async def test_a_destination_is_tried_at_once(node: Rooms) -> None:
    """Its pause ends."""
    node.peer(LANE).down = True
    document = await node.sent(PUSHED)
    await node.relay_once()
    node.peer(LANE).down = False
    await node.gateway.queue.try_lane(LANE, ADMIN)

    assert await node.relay_once() == 1
    assert (await node.delivery(document, PUSHED)).state is DeliveryState.ARRIVED


async def test_a_box_that_nobody_empties_is_pointed_at(node: Rooms) -> None:
    """After a day."""
    await node.sent(READER)
    before = [each.health for each in (await look(node)).ways if each.agency == READER]
    node.clock.move(90_000)
    after = [each.health for each in (await look(node)).ways if each.agency == READER]

    assert (before, after) == ([Health.WORKING], [Health.UNCOLLECTED])
