"""Recall: what is not out is taken back at once, the rest is asked back, the end stays."""

import pytest

from gateway.domain.errors import Conflict, NotFound, Refused
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.pipeline.acknowledge import Report
from tests.pipeline.rooms import ADMIN, OTHER, PUSHED, READER, SENDER, THIRD, Rooms, lane, office

D = DeliveryState


async def recall(node: Rooms, document: Document, *, by: str = SENDER) -> Document:
    """Ask *document* back."""
    return await node.gateway.recalling.recall(document.id, "gửi nhầm", office(by))


async def events(node: Rooms, document: Document) -> list[str]:
    """Return the events in the history of *document*."""
    return [each.event for each in await node.history(document)]


async def test_what_waits_is_recalled_at_once(node: Rooms) -> None:
    """And is in nobody's box any more."""
    document = await recall(node, await node.sent())

    assert (document.state, document.deliveries[0].state) == (DocumentState.RECALLED, D.RECALLED)
    assert await node.lease() == []
    assert (await events(node, document))[-2:] == ["recall-requested", "recalled"]


async def test_what_waits_to_be_sent_is_never_sent(node: Rooms) -> None:
    """Its job is gone."""
    await recall(node, await node.sent(PUSHED))

    await node.relay_all()

    assert node.peer(lane(PUSHED)).attempts == 0


async def test_a_leased_document_is_asked_back(node: Rooms) -> None:
    """Its recipient hears of it; the sender waits for the answer."""
    document = await node.sent()
    await node.lease()

    document = await recall(node, document)

    delivery = document.deliveries[0]
    assert (delivery.state, delivery.recall) == (D.SENDING, Recall.REQUESTED)
    (receipt,) = await node.gateway.lookup.receipts(office(READER), after=0, limit=10)
    assert (receipt.event, receipt.to) == ("recall-requested", READER)
    notices = await node.gateway.lookup.notices(office(READER), after=0, limit=10)
    assert [each.kind for each in notices] == ["document", "recall"]


async def test_a_lease_that_runs_out_ends_the_waiting(node: Rooms) -> None:
    """It is recalled, not leased again."""
    document = await node.sent()
    other = await node.sent()
    await node.lease(limit=1, lease_s=60)
    await recall(node, document)
    node.clock.move(61)

    assert [other.id] == await node.lease()
    assert (await node.delivery(document)).state is D.RECALLED
    assert (await node.find(document)).state is DocumentState.RECALLED


@pytest.mark.parametrize("status", ["01", "03", "04", "05"])
async def test_what_the_recipient_has_is_asked_back(node: Rooms, status: str) -> None:
    """The state of its work stays until it answers."""
    document = await node.sent()
    before = await node.report(document, status)

    after = (await recall(node, document)).deliveries[0]

    assert (before.state, Recall.REQUESTED) == (after.state, after.recall)


async def test_the_recipient_agrees(node: Rooms) -> None:
    """15: the delivery is recalled, its arrival number stays used."""
    document, other = await node.sent(), await node.sent()
    await node.report(document, "03")
    await recall(node, document)

    delivery = await node.report(document, "15")

    assert (
        delivery.state,
        delivery.recall,
        delivery.arrival_number,
    ) == (D.RECALLED, Recall.AGREED, 1)
    assert (await events(node, document))[-2:] == ["recall-agreed", "recalled"]
    assert (await node.find(document)).state is DocumentState.RECALLED
    assert (await node.report(other, "03")).arrival_number == 2


async def test_the_recipient_refuses(node: Rooms) -> None:
    """16: the work goes on, the sender gets the reason."""
    document = await node.sent()
    await node.report(document, "03")
    await recall(node, document)

    delivery = await node.report(document, "16", note="đã xử lý")

    assert (delivery.state, delivery.recall) == (D.ACCEPTED, Recall.REFUSED)
    receipts = await node.gateway.lookup.receipts(office(SENDER), after=0, limit=10)
    assert receipts[-1].event == "recall-refused"
    assert (await node.report(document, "06")).state is D.DONE


@pytest.mark.parametrize("answer", ["15", "16"])
async def test_a_repeated_answer_is_the_same_answer(node: Rooms, answer: str) -> None:
    """It leaves no second trace."""
    document = await node.sent()
    await node.report(document, "01")
    await recall(node, document)
    first = await node.report(document, answer)

    assert first == await node.report(document, answer)


@pytest.mark.parametrize("answer", ["15", "16"])
async def test_an_answer_without_a_question_is_a_conflict(node: Rooms, answer: str) -> None:
    """Nobody asked the document back."""
    document = await node.sent()

    with pytest.raises(Conflict):
        await node.report(document, answer)


async def test_what_is_final_stays(node: Rooms) -> None:
    """Nothing can be recalled any more, and the deliveries say nothing else."""
    document = await node.sent()
    await node.report(document, "06")

    with pytest.raises(Conflict):
        await recall(node, document)

    assert (await node.delivery(document)).recall is None


async def test_each_recipient_as_it_stands(node: Rooms) -> None:
    """One taken back, one asked, one too late."""
    document = await node.sent(READER, OTHER, THIRD)
    await node.report(document, "01", by=OTHER)
    await node.report(document, "06", by=THIRD)

    document = await recall(node, document)

    assert [(each.state, each.recall) for each in document.deliveries] == [
        (D.RECALLED, None),
        (D.ARRIVED, Recall.REQUESTED),
        (D.DONE, Recall.TOO_LATE),
    ]
    assert document.state is DocumentState.ACCEPTED


async def test_a_second_recall_changes_nothing(node: Rooms) -> None:
    """While the answer is open the same is said once."""
    document = await node.sent()
    await node.report(document, "01")
    await recall(node, document)
    trace = len(await node.audit())

    await recall(node, document)

    assert trace == len(await node.audit())


async def test_a_refused_recall_may_be_asked_again(node: Rooms) -> None:
    """What was taken back before stays so."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "01", by=OTHER)
    await recall(node, document)
    await node.report(document, "16", by=OTHER)

    document = await recall(node, document)

    assert [each.recall for each in document.deliveries] == [None, Recall.REQUESTED]


@pytest.mark.parametrize("by", [READER, OTHER])
async def test_only_the_sender_recalls(node: Rooms, by: str) -> None:
    """For others it is no document of theirs."""
    document = await node.sent()

    with pytest.raises(NotFound):
        await recall(node, document, by=by)


async def test_a_recall_needs_a_reason(node: Rooms) -> None:
    """The recipient is told why."""
    document = await node.sent()

    with pytest.raises(Refused) as refused:
        await node.gateway.recalling.recall(document.id, " ", office(SENDER))

    assert [each.code for each in refused.value.findings] == ["recall-reason"]


async def test_a_held_document_is_taken_back_unseen(node: Rooms) -> None:
    """It was never sent: no number, and its recipient never knows."""
    document = await node.sent(kind="complaint")

    document = await recall(node, document)

    assert (document.state, document.code) == (DocumentState.RECALLED, None)
    with pytest.raises(NotFound):
        await node.gateway.lookup.document(document.id, office(READER))
    assert (await node.sent()).code == "H13.01/2026/1"


async def test_a_recall_reaches_an_office_that_is_sent_to(node: Rooms) -> None:
    """As a packet of its own."""
    document = await node.sent(PUSHED)
    await node.relay_all()

    await recall(node, document)
    await node.relay_all()

    packets = [each.packet for each in node.peer(lane(PUSHED)).received]
    assert [each.event for each in packets] == ["document", "recall"]


async def test_a_recall_under_way_stops_the_next_attempt(node: Rooms) -> None:
    """An attempt failed, nobody knows how far it came: the peer hears of the recall alone."""
    document = await node.sent(PUSHED)
    node.peer(lane(PUSHED)).down = True
    await node.relay_once()
    node.peer(lane(PUSHED)).down = False

    asked = await recall(node, document)
    node.clock.move(3600)
    await node.relay_all()  # the document's turn comes first, and is let go of
    await node.relay_all()

    assert asked.deliveries[0].recall is Recall.REQUESTED
    packets = [each.packet for each in node.peer(lane(PUSHED)).received]
    assert [each.event for each in packets] == ["recall"]


async def test_work_may_end_while_a_recall_waits(node: Rooms) -> None:
    """Done is done; the answer comes too late."""
    document = await node.sent()
    await node.report(document, "03")
    await recall(node, document)

    done = await node.report(document, "06")

    assert (done.state, done.recall) == (D.DONE, Recall.TOO_LATE)
    with pytest.raises(Conflict):
        await node.gateway.acknowledge.report(document.id, Report(code="15"), office(READER))


async def test_what_failed_after_it_was_sent_is_asked_back(node: Rooms) -> None:
    """Nobody answered, so its recipient may have it: it is asked, and may agree."""
    document = await node.sent(PUSHED)
    node.peer(lane(PUSHED)).down = True
    for _ in range(3):
        node.clock.move(90 * 86_400)
        await node.relay_once()
    assert (await node.delivery(document, PUSHED)).state is D.FAILED

    asked = (await recall(node, document)).deliveries[0]

    assert (asked.state, asked.recall) == (D.FAILED, Recall.REQUESTED)
    agreed = await node.report(document, "15", by=PUSHED)
    assert (agreed.state, agreed.recall) == (D.RECALLED, Recall.AGREED)


async def test_what_failed_before_it_was_sent_is_recalled_at_once(node: Rooms) -> None:
    """Its recipient's code was closed while it was held: nobody has it."""
    held = await node.sent(THIRD, kind="complaint")
    await node.gateway.agencies.close(THIRD, ADMIN, successor=READER)
    node.clock.move(2 * 86_400)
    await node.gateway.held.release(held.id, ADMIN, note=None)
    assert (await node.delivery(held, THIRD)).state is D.FAILED

    assert (await recall(node, held)).deliveries[0].state is D.RECALLED
