"""Held documents: a person decides; until then nobody but the sender knows of them."""

import hashlib
from datetime import date

import pytest

from gateway.domain.errors import Conflict, NotFound, Refused
from gateway.domain.lifecycle import DeliveryState, DocumentState
from tests.pipeline.rooms import (
    ADMIN,
    OTHER,
    READER,
    SENDER,
    START,
    Rooms,
    office,
    payload,
)


async def test_a_held_document_has_no_number(node: Rooms) -> None:
    """It is stored, with a delivery per recipient, and waits for a person."""
    document = await node.sent(READER, OTHER, kind="complaint")

    assert (document.state, document.code, document.sent_at) == (DocumentState.HELD, None, None)
    assert {DeliveryState.WAITING} == {each.state for each in document.deliveries}
    assert "held" in [each.code for each in document.findings]
    assert [each.event for each in await node.history(document)] == ["submitted", "held"]


async def test_a_held_document_reaches_nobody(node: Rooms) -> None:
    """Its recipients cannot lease, acknowledge, report on or see it."""
    document = await node.sent(kind="complaint")

    assert await node.lease() == []
    assert ([], [document.id]) == await node.gateway.inbox.acknowledge(
        office(READER), [document.id]
    )
    with pytest.raises(NotFound):
        await node.report(document, "03")
    with pytest.raises(NotFound):
        await node.gateway.lookup.document(document.id, office(READER))


async def test_a_held_repeat_is_the_held_document(node: Rooms) -> None:
    """The first answer, as the document now is."""
    first = await node.submit(kind="complaint", key="k")

    again = await node.submit(kind="complaint", key="k")

    assert (first.document.id, DocumentState.HELD) == (again.document.id, again.document.state)


async def test_a_released_document_takes_the_number_of_its_release(node: Rooms) -> None:
    """Numbered and timed when it is let go, not when it came."""
    held = await node.sent(kind="complaint")
    await node.sent()
    node.clock.move(600)

    released = await node.gateway.held.release(held.id, ADMIN, note="đã xem xét")

    assert (released.code, released.state) == ("H13.01/2026/2", DocumentState.ACCEPTED)
    assert (START, node.clock.at) == (released.submitted_at, released.sent_at)
    events = [each.event for each in await node.history(held)]
    assert events == ["submitted", "held", "released", "numbered"]
    assert released.id in await node.lease()


async def test_a_released_message_keeps_its_bytes(node: Rooms) -> None:
    """Holding does not touch what was posted."""
    held = await node.sent(kind="complaint", files={"a.txt": b"abc"})

    released = await node.gateway.held.release(held.id, ADMIN, note=None)

    content = await node.envelope(released)
    assert hashlib.sha256(content).hexdigest() == released.sha256


async def test_what_is_not_held_cannot_be_released(node: Rooms) -> None:
    """Twice neither."""
    document = await node.sent()

    with pytest.raises(Conflict):
        await node.gateway.held.release(document.id, ADMIN, note=None)


async def test_a_refused_document_tells_its_sender_why(node: Rooms) -> None:
    """By a signed receipt with the reason; it never takes a number."""
    held = await node.sent(kind="complaint")

    refused = await node.gateway.held.refuse(held.id, "sai thẩm quyền", ADMIN)

    assert (refused.state, refused.code) == (DocumentState.REFUSED, None)
    (receipt,) = await node.gateway.lookup.receipts(office(SENDER), after=0, limit=10)
    said = payload(receipt.jws)
    assert (
        said["event"],
        said["note"],
        said["code"],
    ) == ("refused", "sai thẩm quyền", None)
    assert (await node.sent()).code == "H13.01/2026/1"


async def test_a_document_refused_after_being_held_stays_unknown_to_its_recipient(
    node: Rooms,
) -> None:
    """It was never sent."""
    held = await node.sent(kind="complaint")
    await node.gateway.held.refuse(held.id, "sai thẩm quyền", ADMIN)

    assert ([], [held.id]) == await node.gateway.inbox.acknowledge(office(READER), [held.id])
    with pytest.raises(NotFound):
        await node.report(held, "03")


async def test_a_refusal_needs_its_reason(node: Rooms) -> None:
    """The sender has a right to it."""
    held = await node.sent(kind="complaint")

    with pytest.raises(Refused) as refused:
        await node.gateway.held.refuse(held.id, "  ", ADMIN)

    assert [each.code for each in refused.value.findings] == ["held-reason"]


async def test_a_recipient_closed_while_held_fails_and_names_its_successor(node: Rooms) -> None:
    """The others get it; the failed one waits in the dead letters for a decision."""
    held = await node.sent(READER, OTHER, kind="complaint")
    await node.gateway.agencies.close(OTHER, ADMIN, successor=READER, on=date(2026, 11, 20))

    released = await node.gateway.held.release(held.id, ADMIN, note=None)

    states = {each.agency: each.state for each in released.deliveries}
    assert states == {READER: DeliveryState.WAITING, OTHER: DeliveryState.FAILED}
    failed = await node.delivery(held, OTHER)
    assert READER in str(failed.note)
    assert [
        (each.delivery and each.delivery.agency, each.buried)
        for each in await node.gateway.queue.listing()
    ] == [(OTHER, True)]


async def test_a_failed_recipient_can_be_dropped(node: Rooms) -> None:
    """Then the document can be closed."""
    held = await node.sent(OTHER, kind="complaint")
    await node.gateway.agencies.close(OTHER, ADMIN, on=date(2026, 11, 20))
    await node.gateway.held.release(held.id, ADMIN, note=None)
    (entry,) = await node.gateway.queue.listing()

    await node.gateway.queue.drop(entry.job.id, ADMIN, note="đã đóng")

    document = await node.find(held)
    assert (
        document.state,
        document.deliveries[0].state,
    ) == (DocumentState.CLOSED, DeliveryState.CANCELLED)


async def test_a_document_that_was_held_for_long_is_late(node: Rooms) -> None:
    """The finding is that of intake, once, and never refuses."""
    held = await node.sent(kind="complaint", promulgated_on="2026-11-20")
    node.clock.move(7 * 86_400)

    released = await node.gateway.held.release(held.id, ADMIN, note=None)

    assert [each.code for each in released.findings].count("meta-late-sending") == 1
    assert (await node.find(held)).findings == released.findings


async def test_a_release_is_proved_with_the_number(node: Rooms) -> None:
    """First that a person let it go, then the number that it got, then what became of it."""
    held = await node.sent(kind="complaint")
    await node.gateway.held.release(held.id, ADMIN, note="đúng thẩm quyền")
    await node.report(held, "01")

    receipts = await node.gateway.lookup.receipts_of(held.id, office(SENDER))

    said = [payload(each.jws) for each in receipts]
    assert [each["event"] for each in said] == ["released", "numbered", "arrived"]
    assert {each["code"] for each in said} == {"H13.01/2026/1"}
    assert said[0]["note"] == "đúng thẩm quyền"
