"""A repeat leaves no second trace, by whichever way and of whatever kind it is."""

import pytest

from gateway.domain.document import Business, BusinessKind, Organisation, StatusMessage
from gateway.domain.lifecycle import DeliveryState
from gateway.formats.status import write_status
from tests.pipeline.rooms import AXIS, PUSHED, SENDER, Rooms, a_message, lane

FOREIGN = "H40.01"
KINDS = [BusinessKind.NEW, BusinessKind.UPDATE, BusinessKind.REPLACE]


def a_business(kind: BusinessKind, of: str) -> Business:
    """Return what a document of *kind* says of an earlier one."""
    return Business() if kind is BusinessKind.NEW else Business(kind=kind, of=of, reason="sửa")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_an_office_left_is_stored_once(node: Rooms, kind: BusinessKind) -> None:
    """The node died between its commit and letting go of the file, which it finds again."""
    earlier = await node.sent(sender=PUSHED)
    message = a_message(sender=PUSHED, business=a_business(kind, str(earlier.code)))

    assert await node.take_in(lane(PUSHED), message)
    assert await node.take_in(lane(PUSHED), message)

    assert len(await node.lease()) == 2
    assert (await node.sent(sender=PUSHED)).code == "H13.05/2026/3"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_an_axis_left_is_stored_once(node: Rooms, kind: BusinessKind) -> None:
    """As with an office; its home node has numbered it."""
    message = a_message(sender=FOREIGN, business=a_business(kind, "H40.01/2026/1"))

    assert await node.take_in(AXIS, message, code="H40.01/2026/2")
    assert await node.take_in(AXIS, message, code="H40.01/2026/2")

    assert len(await node.lease()) == 1


async def test_a_second_update_under_one_identifier_is_another_document(node: Rooms) -> None:
    """Only the same bytes are a repeat."""
    business = a_business(BusinessKind.UPDATE, "H40.01/2026/1")
    for content in (b"mot", b"hai"):
        assert await node.take_in(
            AXIS, a_message(sender=FOREIGN, business=business, content=content)
        )

    assert len(await node.lease()) == 2


async def test_a_status_that_is_left_twice_counts_once(node: Rooms) -> None:
    """One arrival number, one event."""
    document = await node.sent(PUSHED)
    await node.relay_all()
    status = write_status(
        StatusMessage(
            sender=Organisation(code=PUSHED),
            to=SENDER,
            code="03",
            document_id=document.document_id,
        )
    )

    assert await node.take_in(lane(PUSHED), status)
    assert await node.take_in(lane(PUSHED), status)

    delivery = await node.delivery(document, PUSHED)
    assert (delivery.state, delivery.arrival_number) == (DeliveryState.ACCEPTED, 1)
    assert [each.event for each in await node.history(document)].count("accepted") == 1


async def test_a_repeat_under_a_new_key_makes_the_key_known(node: Rooms) -> None:
    """Other content under that key is then refused, as after any first use."""
    first = await node.posted(a_message())
    again = await node.post(a_message(), key="k")

    held = await node.read(lambda tx: tx.repeats.find(SENDER, "k"))

    assert getattr(again, "repeated", False)
    assert held == (first.digest, first.id)
