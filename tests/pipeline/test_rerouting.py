"""What waits in a pull box goes its new way when the office is sent to from now on."""

from pathlib import Path

from gateway.bootstrap.recovery import begin_anew
from gateway.domain.lifecycle import DeliveryState as D
from tests.pipeline.rooms import READER, reopened, rooms


async def test_an_office_that_is_sent_to_now_gets_what_waited_for_it(tmp_path: Path) -> None:
    """The box is empty afterwards, and the document goes once."""
    async with rooms(tmp_path / "node") as node:
        await node.sent(READER)

    pushed = {"agency": READER, "delivery": "loopback"}
    async with reopened(tmp_path / "node", office=[pushed]) as node:
        await begin_anew(node.gateway)
        left = await node.lease(READER)
        await node.relay_all()

        assert (left, len(node.peer(f"office:{READER}").received)) == ([], 1)


async def test_what_waited_for_an_office_with_a_desk_now_lies_there(tmp_path: Path) -> None:
    """It has arrived, with its receipt."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent(READER)

    desk = {"agency": READER, "delivery": "desk"}
    async with reopened(tmp_path / "node", office=[desk]) as node:
        await begin_anew(node.gateway)

        assert (await node.delivery(document, READER)).state is D.ARRIVED


async def test_a_box_that_is_still_one_is_left_alone(tmp_path: Path) -> None:
    """A start moves nothing that has its way."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent(READER)
        await begin_anew(node.gateway)

        assert await node.lease(READER) == [document.id]
