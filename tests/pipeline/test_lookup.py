"""Lookup: everybody sees its own, and who oversees sees data, never content."""

import pytest

from gateway.domain.errors import Forbidden, NotFound
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import Selection
from tests.pipeline.rooms import (
    ADMIN,
    AUDITOR,
    OTHER,
    READER,
    SENDER,
    THIRD,
    Rooms,
    office,
)

OVERSEERS = [ADMIN, AUDITOR]


async def listed(node: Rooms, caller: Caller, **wanted: object) -> list[str]:
    """Return the ids in a caller's list."""
    selection = Selection(**wanted)  # type: ignore[arg-type]
    page = await node.gateway.lookup.documents(selection, caller)
    return [each.document.id for each in page.items]


async def test_the_sender_sees_all(node: Rooms) -> None:
    """Every delivery, the whole history, all findings."""
    document = await node.sent(READER, OTHER, promulgated_on="2026-11-10")
    await node.report(document, "01")

    shown = await node.gateway.lookup.document(document.id, office(SENDER))

    assert (len(shown.document.deliveries), len(shown.document.findings)) == (2, 2)
    assert [each.event for each in shown.history] == ["submitted", "numbered", "arrived"]


async def test_a_recipient_sees_its_own_delivery_and_history(node: Rooms) -> None:
    """And all of `to`, but nothing of what the others did."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "01")
    await node.report(document, "02", by=OTHER, note="sai")

    shown = await node.gateway.lookup.document(document.id, office(READER))

    assert [each.agency for each in shown.document.deliveries] == [READER]
    assert shown.document.metadata.to == (READER, OTHER)
    assert [each.event for each in shown.history] == ["submitted", "numbered", "arrived"]


async def others(node: Rooms) -> Document:
    """Return a document between two offices that are not THIRD."""
    return await node.sent(READER)


async def test_a_strangers_document_is_not_there(node: Rooms) -> None:
    """Neither its data, nor its content, nor its receipts."""
    document = await others(node)
    lookup, stranger = node.gateway.lookup, office(THIRD)

    for look in (lookup.document, lookup.content, lookup.receipts_of):
        with pytest.raises(NotFound):
            await look(document.id, stranger)


async def test_a_strangers_document_is_in_no_list(node: Rooms) -> None:
    """Not by its code either."""
    document = await others(node)

    assert await listed(node, office(THIRD)) == []
    assert await listed(node, office(THIRD), code=document.code) == []


async def test_an_office_cannot_ask_for_anothers_list(node: Rooms) -> None:
    """The agency is the caller's, whatever is asked."""
    await others(node)

    assert await listed(node, office(THIRD), agency=SENDER) == []


async def test_what_is_held_is_its_senders_alone(node: Rooms) -> None:
    """And the administrators'."""
    document = await node.sent(kind="complaint")

    assert await listed(node, office(READER)) == []
    assert [document.id] == await listed(node, office(SENDER))
    assert [document.id] == await listed(node, ADMIN)
    with pytest.raises(NotFound):
        await node.gateway.lookup.content(document.id, office(READER))


@pytest.mark.parametrize("caller", OVERSEERS)
async def test_those_who_oversee_see_the_data_of_all(node: Rooms, caller: Caller) -> None:
    """With every delivery and the whole history."""
    document = await node.sent(READER, OTHER)

    shown = await node.gateway.lookup.document(document.id, caller)

    assert (2, [document.id]) == (len(shown.document.deliveries), await listed(node, caller))


@pytest.mark.parametrize("caller", OVERSEERS)
async def test_those_who_oversee_see_no_content(node: Rooms, caller: Caller) -> None:
    """Not even that of their own agency."""
    document = await node.sent("H13")

    with pytest.raises(Forbidden):
        await node.gateway.lookup.content(document.id, caller)


@pytest.mark.parametrize("caller", [office(SENDER), office(READER)])
async def test_both_ends_have_the_content(node: Rooms, caller: Caller) -> None:
    """The sender and the recipient."""
    document = await node.sent()

    assert document.id == (await node.gateway.lookup.content(document.id, caller)).id


async def test_pages_lead_to_the_end(node: Rooms) -> None:
    """The last page has no next one."""
    documents = [await node.sent() for _ in range(5)]
    seen, after = [], None
    while True:
        selection = Selection(limit=2, before=after)
        page = await node.gateway.lookup.documents(selection, office(READER))
        seen += [each.document.id for each in page.items]
        after = page.next
        if after is None:
            break

    assert [each.id for each in reversed(documents)] == seen


async def test_a_full_last_page_has_no_next(node: Rooms) -> None:
    """Nobody is sent to look at an empty page."""
    for _ in range(2):
        await node.sent()

    page = await node.gateway.lookup.documents(Selection(limit=2), office(SENDER))

    assert (len(page.items), page.next) == (2, None)


async def test_receipts_concern_those_who_see_them(node: Rooms) -> None:
    """The sender sees all, a recipient those that speak of it."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "01")
    await node.report(document, "01", by=OTHER)
    lookup = node.gateway.lookup

    counts = [
        len(await lookup.receipts_of(document.id, caller))
        for caller in (office(SENDER), office(READER), ADMIN)
    ]

    assert counts == [3, 1, 3]


async def test_the_feed_of_receipts_goes_on_where_one_stopped(node: Rooms) -> None:
    """Oldest first, each office its own."""
    document = await node.sent()
    for code in ("01", "03", "06"):
        await node.report(document, code)
    lookup = node.gateway.lookup
    (first,) = await lookup.receipts(office(SENDER), after=0, limit=1)

    rest = await lookup.receipts(office(SENDER), after=first.seq, limit=10)

    assert [each.event for each in rest] == ["arrived", "accepted", "done"]
    assert await lookup.receipts(office(READER), after=0, limit=10) == []
    assert len(await lookup.receipts(AUDITOR, after=0, limit=10)) == 4


async def test_the_stream_tells_each_office_its_own(node: Rooms) -> None:
    """The recipient of the document, the sender of the receipt."""
    document = await node.sent()
    await node.report(document, "01")
    await node.gateway.sealing.seal()
    lookup = node.gateway.lookup

    told = [
        [(each.kind, each.state) for each in await lookup.notices(office(who), after=0, limit=9)]
        for who in (READER, SENDER, OTHER)
    ]

    assert told == [
        [("document", "accepted")],
        [("receipt", "numbered"), ("receipt", "arrived")],
        [],
    ]
    assert await lookup.tip() == 3


@pytest.mark.parametrize("role", [Role.OFFICE, Role.CLERK, Role.VIEWER])
async def test_the_audit_is_for_those_who_oversee(node: Rooms, role: Role) -> None:
    """Nobody else reads who did what."""
    caller = Caller(actor="account:x", agency="H13", role=role)

    with pytest.raises(Forbidden):
        await node.gateway.lookup.audit(caller, after=("", 0), limit=5)


async def test_audit_records_come_in_order(node: Rooms) -> None:
    """From the one after a place."""
    await node.sent()
    records = await node.gateway.lookup.audit(AUDITOR, after=("", 0), limit=100)

    rest = await node.gateway.lookup.audit(AUDITOR, after=("main", 3), limit=2)

    assert records[3:5] == rest


async def test_an_office_that_sends_to_itself_sees_both_sides(node: Rooms) -> None:
    """One document, in the box as well."""
    document = await node.sent(SENDER)

    assert [document.id] == await listed(node, office(SENDER))
    assert [document.id] == await node.lease(SENDER)
    assert (await node.report(document, "06", by=SENDER)).state is DeliveryState.DONE


async def test_a_recipient_does_not_read_what_was_noted_for_others(node: Rooms) -> None:
    """Neither that the document was held, nor why it was let go, nor the sender's reasons."""
    held = await node.sent(kind="complaint")
    await node.gateway.held.release(held.id, ADMIN, note="đã hỏi Thanh tra")
    await node.report(held, "03", note="đã nhận")
    await node.gateway.recalling.recall(held.id, "gửi nhầm", office(SENDER))

    shown = await node.gateway.lookup.document(held.id, office(READER))

    assert [(each.event, each.note) for each in shown.history] == [
        ("submitted", None),
        ("numbered", None),
        ("accepted", "đã nhận"),
        ("recall-requested", None),
    ]
    for caller in (office(SENDER), AUDITOR):
        whole = await node.gateway.lookup.document(held.id, caller)
        assert "đã hỏi Thanh tra" in [each.note for each in whole.history]
