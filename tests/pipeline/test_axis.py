"""The axis: documents come in and go out, reports travel both ways, nothing loops."""

import asyncio
import json
from datetime import date

import pytest

from gateway.crypto.specimen import make_specimen
from gateway.domain.document import Organisation, StatusMessage
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState
from gateway.formats.edxml import EdxmlReader
from gateway.formats.status import write_status
from tests.formats.samples import Spools
from tests.pipeline.rooms import (
    ADMIN,
    AXIS,
    PUSHED,
    READER,
    SENDER,
    START,
    Rooms,
    a_message,
    lane,
)

D = DeliveryState
FOREIGN = "H40.01"
LANE = lane(PUSHED)


def from_axis(*to: str, **changes: object) -> bytes:
    """Return a message from an agency behind the axis."""
    return a_message(*(to or (READER,)), sender=FOREIGN, **changes)  # type: ignore[arg-type]


async def only_document(node: Rooms, of: str = READER) -> Document:
    """Return the one document in the pull box of an office."""
    (found,) = await node.lease(of)
    return await node.find(found)


async def test_a_document_from_the_axis_keeps_its_identifier(node: Rooms) -> None:
    """It is not numbered here; its code is what its home node sent."""
    assert await node.take_in(AXIS, from_axis(), code="H40.01/2026/3")

    document = await only_document(node)
    assert (
        document.document_id,
        document.code,
        document.sender,
    ) == ("TD-1", "H40.01/2026/3", FOREIGN)


@pytest.mark.parametrize("code", [None, "H13.01/2026/1", "H40.02/2026/1", "nonsense"])
async def test_a_code_that_is_not_the_senders_is_none(node: Rooms, code: str | None) -> None:
    """A peer cannot use up the codes of others, least of all ours."""
    assert await node.take_in(AXIS, from_axis(), code=code)

    assert (await only_document(node)).code is None
    assert (await node.sent()).code == "H13.01/2026/1"


async def test_a_code_that_another_document_bears_goes_back(node: Rooms) -> None:
    """A code is never given twice; the second message is refused, not retried for ever."""
    assert await node.take_in(AXIS, from_axis(), code="H40.01/2026/3")

    assert not await node.take_in(AXIS, from_axis(document_id="TD-2"), code="H40.01/2026/3")


async def test_only_our_recipients_are_served(node: Rooms) -> None:
    """Those behind the axis are its business; `to` stays whole."""
    assert await node.take_in(AXIS, from_axis(READER, "H40.02", "H40.03"))

    document = await only_document(node)
    assert (
        document.metadata.to,
        [each.agency for each in document.deliveries],
    ) == ((READER, "H40.02", "H40.03"), [READER])


async def test_a_message_for_nobody_here_goes_back(node: Rooms) -> None:
    """All its recipients are behind the axis that it came from."""
    assert not await node.take_in(AXIS, from_axis("H40.02"))

    (outcome,) = node.peer(AXIS).outcomes.values()
    assert b"agency-none" in (outcome.report or b"")
    assert node.files() == []


async def test_a_recipient_named_twice_is_served_once(node: Rooms) -> None:
    """From an axis that is only a warning."""
    assert await node.take_in(AXIS, from_axis(READER, "000.00.02.H13"))

    assert len((await only_document(node)).deliveries) == 1


async def test_the_same_message_again_is_a_repeat(node: Rooms) -> None:
    """A loop: the same sender and identifier come back."""
    assert await node.take_in(AXIS, from_axis())
    assert await node.take_in(AXIS, from_axis())

    assert len(await node.lease()) == 1


async def test_the_same_identifier_with_other_content_goes_back(node: Rooms) -> None:
    """A conflict is told to the peer."""
    assert await node.take_in(AXIS, from_axis())

    assert not await node.take_in(AXIS, from_axis(content=b"changed"))


async def test_our_own_documents_do_not_come_back(node: Rooms) -> None:
    """A sender of this node cannot arrive from outside."""
    assert not await node.take_in(AXIS, a_message(sender=SENDER))


def statuses(node: Rooms) -> list[StatusMessage]:
    """Return the status messages that went to the axis."""
    found = []
    for each in node.peer(AXIS).received:
        reader = EdxmlReader(Spools(), 1000, local=False)
        reader.feed(each.body)
        message = reader.close().message
        if isinstance(message, StatusMessage):
            found.append(message)
    return found


async def test_reports_travel_back_over_the_axis(node: Rooms) -> None:
    """By the sender's identifier, each with its own note; not every event of ours."""
    await node.take_in(AXIS, from_axis())
    document = await only_document(node)
    await node.report(document, "03", note="đã nhận", staff={"name": "Lan"})
    await node.report(document, "06", note="xong")

    await node.relay_all()

    assert [(each.code, each.note, each.document_id, each.to) for each in statuses(node)] == [
        ("03", "đã nhận", "TD-1", FOREIGN),
        ("06", "xong", "TD-1", FOREIGN),
    ]
    assert {READER} == {each.sender.code for each in statuses(node)}


async def test_a_note_with_control_characters_does_not_stop_the_queue(node: Rooms) -> None:
    """XML cannot hold them; they are spelled out."""
    await node.take_in(AXIS, from_axis())
    document = await only_document(node)

    await node.report(document, "02", note="sai\x01 thẩm quyền")
    await node.relay_all()

    (status,) = statuses(node)
    assert "thẩm quyền" in str(status.note)


def a_status(code: str, document: Document, *, by: str = FOREIGN, note: str = "") -> bytes:
    """Return a status message about a document of SENDER."""
    return write_status(
        StatusMessage(
            sender=Organisation(code=by),
            to=document.sender,
            code=code,
            document_id=document.document_id,
            promulgated_on=date(2026, 11, 20),
            note=note or None,
        )
    )


async def test_a_status_from_the_axis_moves_its_delivery(node: Rooms) -> None:
    """By the agency that it is from."""
    document = await node.sent(FOREIGN)
    await node.relay_all()

    assert await node.take_in(AXIS, a_status("01", document))
    assert await node.take_in(AXIS, a_status("03", document))

    delivery = await node.delivery(document, FOREIGN)
    assert (D.ACCEPTED, node.clock.at) == (delivery.state, delivery.received_at)


async def test_a_status_before_the_answer_of_the_axis_counts(node: Rooms) -> None:
    """The peer was faster than our own commit."""
    document = await node.sent(FOREIGN)

    assert await node.take_in(AXIS, a_status("03", document))
    await node.relay_all()

    assert (await node.delivery(document, FOREIGN)).state is D.ACCEPTED


async def test_an_axis_cannot_report_for_an_office_of_ours(node: Rooms) -> None:
    """It is recorded without effect."""
    document = await node.sent(READER)

    await node.take_in(AXIS, a_status("06", document, by=READER))

    assert (await node.delivery(document)).state is D.WAITING
    assert (await node.audit())[-1].action == "status-without-effect"


async def test_what_is_not_heard_of_fails_and_can_be_retried(node: Rooms) -> None:
    """After the deadline for receipts, with a dead letter."""
    document = await node.sent(FOREIGN)
    await node.relay_all()
    node.clock.move(721 * 3600)

    await node.gateway.housekeeping.fail_unheard()
    await node.gateway.housekeeping.fail_unheard()

    assert (await node.delivery(document, FOREIGN)).state is D.FAILED
    (entry,) = await node.gateway.queue.listing()
    await node.gateway.queue.retry(entry.job.id, ADMIN)
    await node.relay_all()
    assert (await node.delivery(document, FOREIGN)).state is D.HANDED_OVER


async def test_an_office_may_leave_a_document_and_a_status(node: Rooms) -> None:
    """By the same door as its deliveries."""
    document = await node.sent(PUSHED)
    await node.relay_all()

    assert await node.take_in(LANE, a_message(sender=PUSHED))
    assert await node.take_in(LANE, a_status("03", document, by=PUSHED))

    assert [
        len(await node.lease()),
        (await node.delivery(document, PUSHED)).state,
    ] == [1, D.ACCEPTED]


async def test_an_office_leaves_nothing_for_another(node: Rooms) -> None:
    """Neither a document nor a status."""
    document = await node.posted(a_message())

    assert not await node.take_in(LANE, a_message(sender=SENDER))
    assert not await node.take_in(LANE, a_status("06", document, by=READER))


async def test_what_is_refused_goes_back_with_its_findings(node: Rooms) -> None:
    """And what comes after it is taken in."""
    assert not await node.take_in(LANE, b"<no message>")
    assert await node.take_in(LANE, a_message(sender=PUSHED))

    first = next(iter(node.peer(LANE).outcomes.values()))
    assert b"findings" in (first.report or b"")


async def test_an_attempt_that_was_given_up_on_may_have_succeeded(node: Rooms) -> None:
    """Its claim ran out and the next attempt failed; then the first answer came after all."""
    document = await node.sent(FOREIGN)
    (first,) = await node.begin()
    node.clock.move(121)
    node.peer(AXIS).down = True
    await node.relay_once()
    node.peer(AXIS).down = False

    await node.gateway.relay.run(first)

    assert (await node.delivery(document, FOREIGN)).state is D.HANDED_OVER
    assert await node.gateway.queue.listing() == []


async def test_a_tampered_document_goes_back_with_the_reason(node: Rooms) -> None:
    """A broken signature is refused from an axis, too, and the axis is told which and where."""
    specimen = await asyncio.to_thread(make_specimen, lines=("Cong van",), at=START)
    signed = specimen.pdf
    place = signed.index(b"MediaBox") + 12
    tampered = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]

    assert not await node.take_in(AXIS, from_axis(content=tampered))

    (outcome,) = node.peer(AXIS).outcomes.values()
    told = {each["code"]: each for each in json.loads(outcome.report or b"")["findings"]}
    assert "revision 3, bytes 0-" in told["sig-broken"]["message_en"]
    assert await node.lease(READER) == []
