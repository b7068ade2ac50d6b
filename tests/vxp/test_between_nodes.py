"""Nodes that speak VXP with each other: documents, statuses, refusals, codes, agencies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.vxp.conftest import OPERATOR
from tests.vxp.three_nodes import HERE, THERE, Provinces, arrived, in_state, three_nodes, until

SENDER, READER, OTHER_READER = f"{HERE}.01", f"{THERE}.01", f"{THERE}.02"


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Provinces]:
    """Three nodes whose provinces know each other's offices."""
    async with three_nodes(tmp_path) as running:
        await running.settled()
        yield running


async def test_a_document_goes_to_another_province(nodes: Provinces) -> None:
    """Its code is the one that its home node gave, its bytes are the same."""
    sent = (await nodes.here.submit(to=[READER])).json()

    item = await arrived(nodes.there, READER)

    theirs = await nodes.there.get(f"/api/v1/documents/{item['id']}/envelope", who=READER)
    ours = await nodes.here.get(f"/api/v1/documents/{sent['id']}/envelope", who=SENDER)
    assert (item["code"], item["from"], theirs.body) == (sent["code"], SENDER, ours.body)


async def test_the_axis_gives_no_number(nodes: Provinces) -> None:
    """Only the home node of the sender numbers."""
    sent = (await nodes.here.submit(to=[READER])).json()
    await arrived(nodes.there, READER)

    found = await nodes.axis.gateway.store.read(lambda tx: tx.documents.by_code(sent["code"]))

    assert found is not None
    assert not found.local


async def test_one_document_to_two_offices_is_one_document_there(nodes: Provinces) -> None:
    """And each of them has its delivery."""
    await nodes.here.submit(to=[READER, OTHER_READER])

    first = await arrived(nodes.there, READER)
    second = await arrived(nodes.there, OTHER_READER)

    assert first["id"] == second["id"]


async def test_statuses_come_home(nodes: Provinces) -> None:
    """Arrived, accepted and done, one after another."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await nodes.there.post("/api/v1/inbox/ack", who=READER, json={"ids": [item["id"]]})
    await in_state(nodes.here, sent["id"], READER, "arrived")
    for code, state in (("03", "accepted"), ("06", "done")):
        await nodes.there.post(
            f"/api/v1/documents/{item['id']}/status", who=READER, json={"code": code}
        )

        await in_state(nodes.here, sent["id"], READER, state)


async def test_every_receipt_comes_home_once(nodes: Provinces) -> None:
    """However many hops have one of their own."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await nodes.there.post("/api/v1/inbox/ack", who=READER, json={"ids": [item["id"]]})
    path = f"/api/v1/documents/{item['id']}/status"
    await nodes.there.post(path, who=READER, json={"code": "06"})
    await in_state(nodes.here, sent["id"], READER, "done")

    answer = await nodes.here.get(f"/api/v1/documents/{sent['id']}/receipts", who=SENDER)

    events = [each["event"] for each in answer.json()["items"]]
    assert events == ["numbered", "handed-over", "arrived", "done"]


async def test_a_refusal_comes_home_with_its_reason(nodes: Provinces) -> None:
    """Status 02."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await nodes.there.post(
        f"/api/v1/documents/{item['id']}/status",
        who=READER,
        json={"code": "02", "note": "Gửi nhầm"},
    )

    refused = await in_state(nodes.here, sent["id"], READER, "refused")

    assert refused["note"] == "Gửi nhầm"


async def test_a_recipient_that_the_axis_does_not_know_is_refused(nodes: Provinces) -> None:
    """And the other one of the same document gets it."""
    sent = (await nodes.here.submit(to=[f"{THERE}.99", READER])).json()

    refused = await in_state(nodes.here, sent["id"], f"{THERE}.99", "refused")

    assert "agency-none" in refused["note"] or "422" in refused["note"]
    assert await arrived(nodes.there, READER)


async def test_agencies_are_known_on_the_other_side(nodes: Provinces) -> None:
    """By name, as the other node lists them, and reached by the axis."""
    directory = await nodes.here.gateway.run(nodes.here.gateway.directory)

    agency = directory.find(READER)

    assert agency is not None
    assert (agency.name, agency.source) == (f"Cơ quan {READER}", "axis:truc")


async def test_an_agency_that_closes_is_closed_everywhere(nodes: Provinces) -> None:
    """The directory follows in the background."""
    await nodes.there.gateway.agencies.close(OTHER_READER, OPERATOR)

    async def closed() -> bool:
        directory = await nodes.here.gateway.run(nodes.here.gateway.directory)
        agency = directory.find(OTHER_READER)
        return agency is not None and agency.valid_to is not None

    assert await until(closed)


async def test_one_closed_office_does_not_refuse_for_the_others(nodes: Provinces) -> None:
    """Closed at its own node a moment ago, when the axis does not know it yet."""
    there = nodes.there.gateway
    sent = (await nodes.here.submit(to=[READER, OTHER_READER])).json()
    await there.agencies.close(OTHER_READER, OPERATOR)

    item = await arrived(nodes.there, READER)

    await nodes.there.post("/api/v1/inbox/ack", who=READER, json={"ids": [item["id"]]})
    assert await in_state(nodes.here, sent["id"], READER, "arrived")
