"""A document from another node comes to its recipients one after the other; recalls between them."""

import asyncio

import pytest

from gateway.domain.document import Business, BusinessKind
from gateway.domain.errors import GatewayError, NotFound
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.lifecycle import DeliveryState as D
from gateway.domain.lifecycle import DocumentState
from gateway.pipeline.submission import Accepted, Channel
from tests.pipeline.rooms import AXIS, OTHER, READER, THIRD, Rooms, a_message, office
from tests.pipeline.test_recall_messages import FOREIGN, recall_by_status, statuses

MESSAGE = a_message(READER, OTHER, THIRD, sender=FOREIGN)


async def hop(node: Rooms, to: str, message: bytes = MESSAGE) -> Document:
    """Let the axis bring a message to one of its recipients."""
    caller = Caller(actor=AXIS, agency="truc", role=Role.OFFICE, client=AXIS)
    only = frozenset({to})
    arrival = node.gateway.receive.arrive(Channel(origin=AXIS, caller=caller, only=only))
    await asyncio.to_thread(arrival.write, message)
    accepted = await arrival.complete()
    assert isinstance(accepted, Accepted)
    return accepted.document


async def states(node: Rooms, document: Document) -> dict[str, D]:
    """Return the states of the deliveries by agency."""
    return {each.agency: each.state for each in (await node.find(document)).deliveries}


async def recalled_hop(node: Rooms) -> Document:
    """Bring the message to one recipient, recall it there, and remove its files."""
    document = await hop(node, READER)
    await recall_by_status(node, READER)
    await node.gateway.erasing.erase()
    return document


async def test_a_recall_of_one_recipient_leaves_the_copy_of_another(node: Rooms) -> None:
    """It is one document here, and open again."""
    document = await recalled_hop(node)

    await hop(node, OTHER)

    assert await states(node, document) == {READER: D.RECALLED, OTHER: D.WAITING}
    assert (await node.find(document)).state is DocumentState.ACCEPTED


async def test_the_copy_of_another_has_its_content(node: Rooms) -> None:
    """Message and files, whatever was removed before."""
    document = await recalled_hop(node)
    await hop(node, OTHER)

    assert await node.lease(OTHER) == [document.id]
    await node.gateway.erasing.erase()

    found = await node.gateway.lookup.content(document.id, office(OTHER))
    assert await node.envelope(found) == MESSAGE
    assert [each.name for each in found.attachments] == ["cong-van.txt"]


async def test_whose_copy_was_recalled_has_none_again(node: Rooms) -> None:
    """The content of the others is not theirs."""
    document = await recalled_hop(node)

    await hop(node, OTHER)

    assert await node.lease(READER) == []
    with pytest.raises(NotFound):
        await node.gateway.lookup.content(document.id, office(READER))


async def test_a_repeated_copy_of_what_was_recalled_opens_nothing(node: Rooms) -> None:
    """The recipient that the recall named stays without; no byte stays either."""
    document = await recalled_hop(node)

    await hop(node, READER)

    assert (await node.find(document)).state is DocumentState.RECALLED
    assert node.files() == []


async def test_a_recipient_that_was_recalled_before_its_copy_came_gets_none(node: Rooms) -> None:
    """Its recall waited, is obeyed and answered; the content goes again."""
    document = await recalled_hop(node)
    await recall_by_status(node, OTHER)

    await hop(node, OTHER)
    await node.gateway.erasing.erase()

    assert await states(node, document) == {READER: D.RECALLED, OTHER: D.RECALLED}
    assert [(each.code, each.sender.code) for each in await statuses(node)] == [
        ("15", READER),
        ("15", OTHER),
    ]
    assert node.files() == []


async def test_a_recall_message_names_recipients_whose_copy_has_yet_to_come(node: Rooms) -> None:
    """Those that it is for, and no other."""
    document = await hop(node, READER)
    recall = Business(kind=BusinessKind.RECALL, of="TD-1", reason="gửi nhầm")
    message = a_message(READER, OTHER, sender=FOREIGN, business=recall)
    await hop(node, READER, message)
    await hop(node, OTHER, message)

    await hop(node, OTHER)
    await hop(node, THIRD)

    assert await states(node, document) == {
        READER: D.RECALLED,
        OTHER: D.RECALLED,
        THIRD: D.WAITING,
    }


async def test_a_document_that_was_done_opens_for_the_next_recipient(node: Rooms) -> None:
    """And closes when that one is done, too."""
    document = await hop(node, READER)
    await node.report(document, "06")
    await hop(node, OTHER)
    between = (await node.find(document)).state

    await node.report(document, "06", by=OTHER)

    assert (between, (await node.find(document)).state) == (
        DocumentState.ACCEPTED,
        DocumentState.CLOSED,
    )


async def test_a_copy_for_nobody_here_leaves_no_byte(node: Rooms) -> None:
    """No way leads to its recipient."""
    message = a_message(READER, "G12.01", sender=FOREIGN)
    await hop(node, READER, message)
    await recall_by_status(node, READER)
    await node.gateway.erasing.erase()

    with pytest.raises(GatewayError):
        await hop(node, "G12.01", message)

    assert node.files() == []
