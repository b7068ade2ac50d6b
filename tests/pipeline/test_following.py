"""Agencies move between axes and are succeeded while things wait for them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.domain.directory import Agency
from gateway.domain.document import Organisation, StatusMessage
from gateway.domain.exchange import Caller, Role
from gateway.domain.lifecycle import DeliveryState as D
from tests.pipeline.rooms import (
    ADMIN,
    OTHER,
    READER,
    SENDER,
    Rooms,
    a_message,
    office,
    reopened,
    rooms,
)

FOREIGN = "H40.01"
OLD, NEW = "axis:cu", "axis:moi"
AXES = [
    {"name": "cu", "adapter": "loopback", "codes": ["*"]},
    {"name": "moi", "adapter": "loopback", "codes": ["G99"]},
]
AT_AXIS = Caller(actor=OLD, agency="cu", role=Role.OFFICE, client=OLD)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A node with an old and a new axis."""
    async with rooms(tmp_path / "node", axis=AXES) as opened:
        yield opened


async def list_at(node: Rooms, lane: str) -> None:
    """Let the axis behind *lane* list the foreign agency."""
    agency = Agency(code=FOREIGN, name="Sở", valid_from=date(2020, 1, 1), source=lane)
    await node.gateway.store.write(lambda tx: tx.directory.put([agency]))


async def close(node: Rooms, code: str, successor: str) -> None:
    """Close an agency of ours in favour of another, as of yesterday."""
    await node.gateway.agencies.close(code, ADMIN, successor=successor)
    found = await node.read(lambda tx: tx.directory.find(code))
    assert found is not None
    yesterday = node.clock.at.date() - timedelta(days=1)
    closed = replace(found, valid_to=yesterday)
    await node.gateway.store.write(lambda tx: tx.directory.put([closed]))


async def test_what_waits_follows_its_recipient_to_another_axis(node: Rooms) -> None:
    """The old axis was down; the new one gets it, once."""
    await list_at(node, OLD)
    document = await node.sent(FOREIGN)
    node.peer(OLD).down = True
    await node.relay_once()
    await list_at(node, NEW)

    await node.gateway.following.look()
    await node.relay_all()

    assert len(node.peer(NEW).received) == 1
    assert (await node.delivery(document, FOREIGN)).state is D.HANDED_OVER


async def test_what_has_its_way_stays(node: Rooms) -> None:
    """A look moves nothing by itself."""
    await list_at(node, OLD)
    await node.sent(FOREIGN)

    await node.gateway.following.look()
    await node.relay_all()

    assert (len(node.peer(OLD).received), len(node.peer(NEW).received)) == (1, 0)


async def test_a_receipt_goes_home_the_way_its_document_came(node: Rooms) -> None:
    """Also when its origin has another way by now."""
    await list_at(node, NEW)
    await node.take_in(OLD, a_message(sender=FOREIGN))
    found = await node.read(lambda tx: tx.documents.by_identifier(FOREIGN, "TD-1"))
    assert found is not None
    await node.report(found, "03")

    await node.gateway.following.look()
    await node.relay_all()

    assert (len(node.peer(OLD).received), len(node.peer(NEW).received)) == (1, 0)


async def test_a_receipt_goes_another_way_when_its_own_fails(node: Rooms) -> None:
    """The old axis will not have it."""
    await list_at(node, NEW)
    await node.take_in(OLD, a_message(sender=FOREIGN))
    found = await node.read(lambda tx: tx.documents.by_identifier(FOREIGN, "TD-1"))
    assert found is not None
    node.peer(OLD).refusal = "unknown receiver"
    await node.report(found, "03")
    await node.relay_all()

    await node.gateway.following.look()
    await node.relay_all()

    assert [each.packet.event for each in node.peer(NEW).received] == ["status"]


async def test_an_axis_that_is_gone_leaves_its_documents_to_the_other(tmp_path: Path) -> None:
    """After a change of the configuration."""
    async with rooms(tmp_path / "node", axis=AXES) as node:
        await node.sent(FOREIGN)
    left = {**AXES[1], "codes": ["*"]}
    async with reopened(tmp_path / "node", axis=[left]) as node:
        await node.gateway.following.look()
        await node.relay_all()

        assert len(node.peer(NEW).received) == 1


async def test_late_receipts_are_for_the_successor(node: Rooms) -> None:
    """Of an agency that was closed after it sent."""
    document = await node.sent(READER)
    await close(node, SENDER, OTHER)

    await node.report(document, "03")

    receipts = await node.gateway.lookup.receipts(office(OTHER), after=0, limit=10)
    assert [each.event for each in receipts] == ["accepted"]


async def test_the_successor_of_a_recipient_may_report(node: Rooms) -> None:
    """On what its predecessor got, by status message."""
    document = await node.posted(a_message())
    await node.report(document, "01")
    await close(node, READER, OTHER)
    status = StatusMessage(
        sender=Organisation(code=OTHER), to=SENDER, code="03", document_id="TD-1"
    )

    assert await node.gateway.acknowledge.message(status, office(OTHER), from_axis=False)

    assert (await node.delivery(document)).state is D.ACCEPTED
