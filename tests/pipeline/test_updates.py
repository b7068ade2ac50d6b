"""Updates and replacements are tied to the documents that they speak of."""

import pytest

from gateway.domain.document import Business, BusinessKind
from gateway.domain.errors import Refused
from tests.pipeline.rooms import (
    AXIS,
    OTHER,
    Rooms,
    a_message,
    codes,
)


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


RECALL = Business(kind=BusinessKind.RECALL, of="TD-1", reason="gửi nhầm")


async def test_a_recall_is_no_document(node: Rooms) -> None:
    """It takes no number; the finding says how a document is asked back."""
    await node.posted(a_message())

    with pytest.raises(Refused) as refused:
        await node.post(a_message(document_id="TD-2", business=RECALL))

    (finding,) = [each for each in refused.value.findings if each.code == "edxml-recall"]
    assert finding.pointer.endswith("Bussiness/BussinessDocType")
    assert "POST /api/v1/documents/{id}/recall" in finding.remedy_en
    assert (await node.sent()).code == "H13.01/2026/2"


async def test_a_recall_from_an_axis_goes_back(node: Rooms) -> None:
    """Nobody gets it as a new document."""
    assert not await node.take_in(AXIS, a_message(sender="H40.01", business=RECALL))

    assert await node.lease() == []


async def test_data_cannot_name_a_recall(node: Rooms) -> None:
    """A document is new, an update or a replacement."""
    with pytest.raises(Refused) as refused:
        await node.submit(business={"kind": "recall", "of": "H13.01/2026/1", "reason": "nhầm"})

    assert codes(refused.value) == {"meta-value"}
