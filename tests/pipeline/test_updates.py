"""Updates and replacements are tied to the documents that they speak of."""

import pytest

from gateway.domain.document import Business, BusinessKind
from gateway.domain.errors import Refused
from tests.pipeline.rooms import (
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
