"""One document followed across nodes."""

import pytest

from gateway.domain.errors import Forbidden, NotFound
from tests.pipeline.rooms import AUDITOR, READER, Rooms, office


async def test_a_document_is_followed_by_its_code(node: Rooms) -> None:
    """Or by our id."""
    document = await node.sent(READER)
    journey = node.gateway.administration.journey

    ways = [await journey.of(each, AUDITOR) for each in (document.code or "", document.id)]

    assert [each.document.id for each in ways] == [document.id, document.id]


async def test_the_nodes_that_it_passed_are_told_without_this_one(node: Rooms) -> None:
    """Oldest first."""
    document = await node.sent(READER)
    await node.gateway.store.write(lambda tx: tx.vxp.put_trace(document.id, "H40;G22;H13"))

    way = await node.gateway.administration.journey.of(document.id, AUDITOR)

    assert way.hops == ("H40", "G22")


async def test_offices_follow_nothing(node: Rooms) -> None:
    """They see their own documents by the API."""
    document = await node.sent(READER)

    with pytest.raises(Forbidden):
        await node.gateway.administration.journey.of(document.id, office(READER))


async def test_what_is_not_there_is_not_found(node: Rooms) -> None:
    """Whatever is asked for."""
    with pytest.raises(NotFound):
        await node.gateway.administration.journey.of("H99/2026/1", AUDITOR)
