"""Updates and replacements are tied to the documents that they speak of."""

import re

import pytest

from gateway.domain.document import Business, BusinessKind, Organisation, StatusMessage
from gateway.domain.errors import Refused
from gateway.domain.lifecycle import DeliveryState, Recall
from tests.pipeline.rooms import (
    OTHER,
    READER,
    SENDER,
    THIRD,
    Rooms,
    a_message,
    codes,
    office,
    told,
)

D = DeliveryState


@pytest.mark.parametrize(("kind", "event"), [("update", "updated"), ("replace", "replaced")])
async def test_an_update_or_replacement_is_tied_to_the_earlier_document(
    node: Rooms, kind: str, event: str
) -> None:
    """Both ways, with an event in the history of the earlier one."""
    earlier = await node.sent()

    later = await node.sent(business={"kind": kind, "of": earlier.code, "reason": "sửa"})

    earlier = await node.find(earlier)
    assert (earlier.code, later.code) == (later.replaces, earlier.replaced_by)
    assert event in [each.event for each in await node.history(earlier)]


async def test_an_update_may_name_the_identifier_of_a_message(node: Rooms) -> None:
    """And bear it again."""
    earlier = await node.posted(a_message())
    business = Business(kind=BusinessKind.UPDATE, of="TD-1", reason="sửa")

    later = await node.posted(a_message(content=b"sua", business=business))

    assert (earlier.code, "TD-1") == (later.replaces, later.document_id)


async def test_an_update_of_nothing_is_refused(node: Rooms) -> None:
    """Neither of an unknown document nor of another agency's."""
    foreign = await node.sent(sender=OTHER)

    for of in ("H13.01/2026/77", foreign.code):
        with pytest.raises(Refused) as refused:
            await node.submit(business={"kind": "update", "of": of, "reason": "sửa"})
        assert "meta-reference" in codes(refused.value)


@pytest.mark.parametrize("kind", [BusinessKind.RECALL, BusinessKind.UPDATE, BusinessKind.REPLACE])
async def test_what_went_out_before_by_another_system_may_be_spoken_of(
    node: Rooms, kind: BusinessKind
) -> None:
    """The node warns, and hands it on: the recipients may know the document."""
    business = Business(kind=kind, of="H13.01,2019/01/02,5/SNV-VP")

    document = await node.posted(a_message(document_id="TD-9", business=business))

    assert told(document.findings) == ["meta-reference"]
    assert await node.lease() == [document.id]


async def test_a_recipient_that_an_update_leaves_out_is_asked_for_the_document(
    node: Rooms,
) -> None:
    """As by a recall, for that recipient alone; a new one gets the update."""
    earlier = await node.sent(READER, OTHER)
    await node.report(earlier, "01", by=OTHER)

    later = await node.sent(
        READER, THIRD, business={"kind": "update", "of": earlier.code, "reason": "sửa nơi nhận"}
    )

    now = await node.find(earlier)
    assert [each.recall for each in now.deliveries] == [None, Recall.REQUESTED]
    assert (await node.lease(THIRD), later.metadata.business.removed) == ([later.id], (OTHER,))


async def test_the_changed_receivers_are_written_into_the_message(node: Rooms) -> None:
    """0 removes, 1 adds, so that other systems can follow."""
    earlier = await node.sent(READER, OTHER)

    later = await node.sent(READER, THIRD, business={"kind": "update", "of": earlier.code})

    written = (await node.envelope(later)).decode()
    receivers = re.findall(r"OrganId>([^<]+)</[^>]*>\s*<[^>]*ReceiverType>(\d)<", written)
    assert receivers == [(OTHER, "0"), (THIRD, "1")]


async def test_a_message_names_who_is_removed(node: Rooms) -> None:
    """Whoever it does not name keeps the document."""
    earlier = await node.posted(a_message(READER, OTHER, THIRD))
    removed = Business(kind=BusinessKind.UPDATE, of="TD-1", removed=("000.00.03.H13",))

    await node.posted(a_message(READER, business=removed))

    now = await node.find(earlier)
    assert [each.state for each in now.deliveries] == [D.WAITING, D.RECALLED, D.WAITING]


async def test_a_recalled_document_is_not_updated(node: Rooms) -> None:
    """It is frozen; a replacement may follow."""
    earlier = await node.sent()
    await node.gateway.recalling.recall(earlier.id, "gửi nhầm", office(SENDER))

    with pytest.raises(Refused) as refused:
        await node.submit(business={"kind": "update", "of": earlier.code})

    assert "meta-recalled" in codes(refused.value)
    assert (await node.sent(business={"kind": "replace", "of": earlier.code})).replaces


async def test_a_replacement_may_take_the_place_of_several(node: Rooms) -> None:
    """Each of them says so."""
    first = await node.posted(a_message(document_id="TD-1", number="15"))
    second = await node.posted(a_message(document_id="TD-2", number="16"))
    business = Business(kind=BusinessKind.REPLACE, of="TD-1", also=("TD-2",))

    later = await node.posted(a_message(document_id="TD-3", number="17", business=business))

    assert [(await node.find(each)).replaced_by for each in (first, second)] == [later.code] * 2
    assert later.replaces == first.code


async def test_a_report_is_about_the_newest_that_it_can_be_about(node: Rooms) -> None:
    """An update bears the identifier of its document."""
    earlier = await node.posted(a_message())
    await tell(node, "03")
    business = Business(kind=BusinessKind.UPDATE, of="TD-1")
    later = await node.posted(a_message(content=b"sua", business=business))

    await tell(node, "03")

    assert [(await node.delivery(each)).state for each in (earlier, later)] == [D.ACCEPTED] * 2


async def test_an_update_may_be_agreed_to(node: Rooms) -> None:
    """15: it arrived and was taken over, once."""
    earlier = await node.sent()
    later = await node.sent(business={"kind": "update", "of": earlier.code})

    await node.report(later, "15")
    delivery = await node.report(later, "15")

    events = [(each.event, each.to) for each in await node.history(later)]
    assert (delivery.state, events.count(("updated", READER))) == (D.ARRIVED, 1)


async def test_an_update_may_be_refused(node: Rooms) -> None:
    """16: the document stands as it was."""
    earlier = await node.sent()
    later = await node.sent(business={"kind": "update", "of": earlier.code})

    delivery = await node.report(later, "16", note="đã ban hành")

    assert (delivery.state, (await node.delivery(earlier)).state) == (D.REFUSED, D.WAITING)


async def tell(node: Rooms, code: str) -> None:
    """Let READER report on what SENDER calls TD-1."""
    status = StatusMessage(
        sender=Organisation(code=READER), to=SENDER, code=code, document_id="TD-1"
    )
    await node.gateway.acknowledge.message(status, office(READER), from_axis=False)


async def test_data_cannot_name_a_recall(node: Rooms) -> None:
    """A document is new, an update or a replacement."""
    with pytest.raises(Refused) as refused:
        await node.submit(business={"kind": "recall", "of": "H13.01/2026/1", "reason": "nhầm"})

    assert codes(refused.value) == {"meta-value"}


async def test_an_answer_says_on_the_wire_what_it_answers(node: Rooms) -> None:
    """Agency, number and notation, identifier and day, where the document is at hand."""
    asked = await node.sent(READER, number="15")

    answer = await node.sent(SENDER, sender=READER, reply_to=asked.code)

    written = (await node.envelope(answer)).decode()
    response = written.partition("ResponseFor>")[2].partition("</edXML:ResponseFor>")[0]
    assert re.findall(r">([^<>\s][^<>]*)<", response) == [
        SENDER,
        "15/SNV-VP",
        asked.code,
        "2026/11/20",
    ]


async def test_an_answer_says_nothing_of_what_its_sender_does_not_know(node: Rooms) -> None:
    """A stranger learns nothing by answering."""
    asked = await node.sent(READER, number="15")

    answer = await node.sent(SENDER, sender=OTHER, reply_to=asked.code)

    written = (await node.envelope(answer)).decode()
    response = written.partition("ResponseFor>")[2].partition("</edXML:ResponseFor>")[0]
    assert re.findall(r">([^<>\s][^<>]*)<", response) == [asked.code]
