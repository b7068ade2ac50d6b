"""Recalls on the wire: status 13 and recall messages, both ways, obeyed and answered."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.document import Business, BusinessKind, Organisation, StatusMessage
from gateway.domain.errors import Conflict, NotFound
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.formats.edxml import EdxmlReader
from gateway.formats.status import write_status
from tests.formats.samples import Spools
from tests.pipeline.rooms import AXIS, OTHER, READER, SENDER, Rooms, a_message, office

D = DeliveryState
FOREIGN = "H40.01"
RECALL = Business(kind=BusinessKind.RECALL, of="TD-1", reason="gửi nhầm")


def a_status(code: str, *, by: str, to: str, about: str = "TD-1", note: str = "") -> bytes:
    """Return a status message; 13 speaks of a document of *by*, the others of one of *to*."""
    return write_status(
        StatusMessage(
            sender=Organisation(code=by),
            to=to,
            code=code,
            document_id=about,
            promulgated_on=date(2026, 11, 20),
            note=note or None,
        )
    )


def read(body: bytes) -> StatusMessage:
    """Return the status message in *body*."""
    reader = EdxmlReader(Spools(), attachment_limit=1000, local=False)
    reader.feed(body)
    message = reader.close().message
    assert isinstance(message, StatusMessage)
    return message


async def statuses(node: Rooms) -> list[StatusMessage]:
    """Return the status messages that the axis got."""
    await node.relay_all()
    return [read(each.body) for each in node.peer(AXIS).received if each.packet.event == "status"]


async def incoming(node: Rooms, *to: str) -> Document:
    """Let a document come from the axis; return it."""
    assert await node.take_in(AXIS, a_message(*(to or (READER,)), sender=FOREIGN))
    found = await node.read(lambda tx: tx.documents.by_identifier(FOREIGN, "TD-1"))
    assert found is not None
    return found


async def recall_by_status(node: Rooms, to: str = READER) -> bool:
    """Let the axis ask the document back from *to*."""
    return await node.take_in(AXIS, a_status("13", by=FOREIGN, to=to, note="gửi nhầm"))


async def test_a_recall_goes_to_the_axis_as_status_13(node: Rooms) -> None:
    """From the sender to the recipient, with the reason."""
    document = await node.sent(FOREIGN)
    await node.relay_all()

    await node.gateway.recalling.recall(document.id, "gửi nhầm", office(SENDER))

    (status,) = await statuses(node)
    assert (status.code, status.sender.code, status.to, status.document_id, status.note) == (
        "13",
        SENDER,
        FOREIGN,
        document.code,
        "gửi nhầm",
    )


@pytest.mark.parametrize(
    ("code", "state", "recall"),
    [("15", D.RECALLED, Recall.AGREED), ("16", D.HANDED_OVER, Recall.REFUSED)],
)
async def test_the_answer_of_the_axis_counts(
    node: Rooms, code: str, state: D, recall: Recall
) -> None:
    """15 agrees, 16 refuses."""
    document = await node.sent(FOREIGN)
    await node.relay_all()
    await node.gateway.recalling.recall(document.id, "gửi nhầm", office(SENDER))

    await node.take_in(AXIS, a_status(code, by=FOREIGN, to=SENDER, about=document.code or ""))

    delivery = await node.delivery(document, FOREIGN)
    assert (delivery.state, delivery.recall) == (state, recall)


async def test_what_was_not_fetched_is_recalled_and_the_axis_hears_15(node: Rooms) -> None:
    """A recall is obeyed: nobody gets the document any more."""
    document = await incoming(node)

    await recall_by_status(node)

    assert (await node.lease(), (await node.find(document)).state) == ([], DocumentState.RECALLED)
    assert [(each.code, each.sender.code, each.to) for each in await statuses(node)] == [
        ("15", READER, FOREIGN)
    ]


async def test_the_files_of_what_was_recalled_are_removed(node: Rooms) -> None:
    """Message and attachment; the record of the recall stays."""
    document = await incoming(node)
    await recall_by_status(node)

    await node.gateway.erasing.erase()

    assert node.files() == []
    assert "recalled" in [each.event for each in await node.history(document)]


async def test_an_outgoing_document_is_frozen_and_kept(node: Rooms) -> None:
    """Its sender keeps what it issued."""
    document = await node.sent()
    before = await node.envelope(document)
    await node.gateway.recalling.recall(document.id, "gửi nhầm", office(SENDER))

    await node.gateway.erasing.erase()

    assert await node.envelope(await node.find(document)) == before


async def test_what_was_fetched_is_asked_for(node: Rooms) -> None:
    """The office hears of it and answers; its arrival number stays."""
    document = await incoming(node)
    await node.report(document, "03")
    await recall_by_status(node)
    asked = await node.delivery(document)

    agreed = await node.report(document, "15")

    assert (asked.recall, agreed.state, agreed.arrival_number) == (
        Recall.REQUESTED,
        D.RECALLED,
        1,
    )
    assert [each.code for each in await statuses(node)] == ["03", "15"]


async def test_a_refusal_of_a_recall_goes_home(node: Rooms) -> None:
    """16 with the reason; the work goes on."""
    document = await incoming(node)
    await node.report(document, "03")
    await recall_by_status(node)

    await node.report(document, "16", note="đã xử lý")

    last = (await statuses(node))[-1]
    assert (last.code, last.note) == ("16", "đã xử lý")


async def test_a_recall_that_comes_too_late_is_answered(node: Rooms) -> None:
    """16, with words that say why."""
    document = await incoming(node)
    await node.report(document, "06")

    await recall_by_status(node)

    last = (await statuses(node))[-1]
    assert last.code == "16"
    assert "Quá muộn" in (last.note or "")
    assert (await node.delivery(document)).recall is Recall.TOO_LATE


@pytest.mark.parametrize("before", [None, "03", "06"])
async def test_a_repeated_recall_is_answered_once(node: Rooms, before: str | None) -> None:
    """An axis may hand it over twice."""
    document = await incoming(node)
    if before:
        await node.report(document, before)
    await recall_by_status(node)
    first = [each.code for each in await statuses(node)]

    await recall_by_status(node)

    assert [each.code for each in await statuses(node)] == first


async def test_an_axis_does_not_recall_a_document_of_ours(node: Rooms) -> None:
    """Only its own node does."""
    document = await node.posted(a_message())

    await node.take_in(AXIS, a_status("13", by=SENDER, to=READER))

    assert (await node.delivery(document)).state is D.WAITING


async def test_content_that_was_recalled_is_not_given(node: Rooms) -> None:
    """Neither message nor files; the recipient still sees that there was something."""
    document = await incoming(node)
    await node.report(document, "01")
    await recall_by_status(node)
    await node.report(document, "15")

    with pytest.raises(NotFound) as gone:
        await node.gateway.lookup.content(document.id, office(READER))

    shown = (await node.gateway.lookup.document(document.id, office(READER))).document
    assert (gone.value.code, shown.attachments, shown.deliveries[0].state) == (
        "recalled",
        (),
        D.RECALLED,
    )


async def test_a_leased_document_that_is_asked_back_is_not_fetched(node: Rooms) -> None:
    """What was never taken is recalled at the first try."""
    document = await incoming(node)
    await node.lease()
    await recall_by_status(node)

    with pytest.raises(NotFound):
        await node.gateway.inbox.fetched(await node.find(document), office(READER))

    assert (await node.delivery(document)).state is D.RECALLED


async def test_a_recall_message_is_handed_on_and_asks_back(node: Rooms) -> None:
    """Byte for byte, to its recipients, and with the effect of a recall."""
    document = await node.posted(a_message())
    await node.report(document, "01")
    message = a_message(business=RECALL)

    recall = await node.posted(message)

    assert (await node.delivery(document)).recall is Recall.REQUESTED
    assert recall.id in await node.lease()
    assert await node.envelope(await node.find(recall)) == message


async def test_a_recall_message_needs_only_what_it_recalls(node: Rooms) -> None:
    """Neither subject nor signer nor file."""
    document = await node.posted(a_message())

    await node.posted(a_message(business=RECALL, subject="", place="", promulgated_on=None))

    assert (await node.find(document)).state is DocumentState.RECALLED


async def test_a_recall_message_may_name_the_document_as_what_it_answers(node: Rooms) -> None:
    """In ResponseFor, with an identifier of its own."""
    document = await node.posted(a_message())
    recall = Business(kind=BusinessKind.RECALL)

    await node.posted(a_message(document_id="TH-1", business=recall, reply_to="TD-1"))

    assert (await node.find(document)).state is DocumentState.RECALLED


async def test_a_recall_message_concerns_its_recipients_alone(node: Rooms) -> None:
    """The others keep the document."""
    document = await node.posted(a_message(READER, OTHER))

    await node.posted(a_message(READER, business=RECALL))

    now = await node.find(document)
    assert [each.state for each in now.deliveries] == [D.RECALLED, D.WAITING]


async def test_a_recall_message_that_comes_too_late_is_a_conflict(node: Rooms) -> None:
    """For an office of ours, as through the API; nothing is stored, no number used."""
    document = await node.posted(a_message())
    await node.report(document, "06")

    with pytest.raises(Conflict) as late:
        await node.post(a_message(business=RECALL))

    assert (late.value.code, (await node.sent()).code) == ("recall-late", "H13.01/2026/2")


async def test_a_recall_message_from_the_axis_is_obeyed(node: Rooms) -> None:
    """And answered for whoever had nothing yet."""
    document = await incoming(node)

    await node.take_in(AXIS, a_message(sender=FOREIGN, business=RECALL))

    assert (await node.delivery(document)).state is D.RECALLED
    assert [each.code for each in await statuses(node)] == ["15"]


async def test_a_recall_message_travels_to_the_axis_alone(node: Rooms) -> None:
    """No status 13 says the same again."""
    document = await node.posted(a_message(FOREIGN))
    await node.relay_all()

    await node.posted(a_message(FOREIGN, business=RECALL))

    assert await statuses(node) == []
    assert [each.packet.event for each in node.peer(AXIS).received] == ["document", "document"]
    assert (await node.delivery(document, FOREIGN)).recall is Recall.REQUESTED


async def test_a_recall_may_come_before_its_document(node: Rooms) -> None:
    """An axis keeps no order: it waits, and is obeyed for whom it is."""
    await recall_by_status(node)

    document = await incoming(node, READER, OTHER)

    assert [each.state for each in (await node.find(document)).deliveries] == [
        D.RECALLED,
        D.WAITING,
    ]
    assert [each.code for each in await statuses(node)] == ["15"]


async def test_a_recall_message_may_come_before_its_document(node: Rooms) -> None:
    """The same for business type 1."""
    await node.take_in(AXIS, a_message(sender=FOREIGN, business=RECALL))

    document = await incoming(node)

    assert (await node.delivery(document)).state is D.RECALLED


async def test_nobody_recalls_what_another_sent(node: Rooms) -> None:
    """Neither by its identifier nor by its number."""
    document = await node.posted(a_message())
    for to in (READER, SENDER):
        status = replace(read(a_status("13", by=READER, to=to)), number_notation="15/SNV-VP")
        await node.gateway.acknowledge.message(status, office(READER), from_axis=False)

    assert (await node.delivery(document)).state is D.WAITING


async def test_an_office_asks_back_by_status_13(node: Rooms) -> None:
    """What it sent to one recipient."""
    document = await node.posted(a_message(READER, OTHER))
    status = read(a_status("13", by=SENDER, to=READER))

    assert await node.gateway.acknowledge.message(status, office(SENDER), from_axis=False)

    now = await node.find(document)
    assert [each.state for each in now.deliveries] == [D.RECALLED, D.WAITING]
