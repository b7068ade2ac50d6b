"""A node that asks what waits for it hears at once; offices are answered as ever."""

import asyncio
import json
from typing import Any

import pytest

from tests.nodes import Node
from tests.vxp.conftest import OPERATOR
from tests.vxp.sdk import Response, Sdk

READER = "H40.01"
_SOON_S = 3.0


@pytest.fixture
async def peer(node: Node) -> Sdk:
    """The system of another node, H40, with the office H40.01 below it."""
    await node.gateway.agencies.add(OPERATOR, name="Tỉnh bên", code="H40")
    given = await node.gateway.credentials.add("H40", OPERATOR, name="nút H40")
    system = Sdk(url=f"{node.url}/vxp", systemid=given.client.systemid, secret=given.secret)
    system.headers["trace"] = "H40"
    body = json.dumps({"code": READER, "name": "Sở bên", "pcode": "H40"}).encode()
    await system.call("registerAgency", body=body)
    return system


async def ask(system: Sdk, wait: str) -> Response:
    """Ask for the documents that wait, and let the question wait."""
    wanted = {"servicetype": "eDoc", "messagetype": "edoc", "wait": wait}
    return await system.call("getReceivedEdocList", wanted)


def rows(response: Response) -> list[Any]:
    """Return the rows of a list."""
    found: list[Any] = response.json()["data"]
    return found


async def test_a_node_hears_of_a_document_at_once(node: Node, peer: Sdk) -> None:
    """The answer that was held comes with it."""
    asking = asyncio.create_task(ask(peer, "20"))
    await asyncio.sleep(0.5)
    assert not asking.done()

    await node.submit(to=[READER])

    async with asyncio.timeout(_SOON_S):
        (row,) = rows(await asking)
    assert row["toCode"] == READER


async def test_a_document_for_somebody_else_ends_no_waiting(node: Node, peer: Sdk) -> None:
    """The question goes on."""
    asking = asyncio.create_task(ask(peer, "2"))
    await asyncio.sleep(0.2)

    await node.submit()
    await asyncio.sleep(0.5)

    assert not asking.done()
    assert rows(await asking) == []


async def test_what_waits_already_is_answered_at_once(node: Node, peer: Sdk) -> None:
    """There is nothing to wait for."""
    await node.submit(to=[READER])

    async with asyncio.timeout(_SOON_S):
        assert len(rows(await ask(peer, "20"))) == 1


async def test_a_code_that_was_just_registered_is_waited_for(node: Node, peer: Sdk) -> None:
    """A question that was held before does not miss it."""
    asking = asyncio.create_task(ask(peer, "20"))
    await asyncio.sleep(0.3)
    other = Sdk(url=peer.url, systemid=peer.systemid, secret=peer.secret, headers={"trace": "H40"})
    body = json.dumps({"code": "H40.02", "name": "Sở khác", "pcode": "H40"}).encode()
    await other.call("registerAgency", body=body)

    async with asyncio.timeout(_SOON_S):
        assert rows(await asking) == []  # it asks again, for what it now has


async def test_an_office_is_never_kept_waiting(receiver: Sdk) -> None:
    """Its calls stay as they are, whatever they send."""
    async with asyncio.timeout(_SOON_S):
        assert rows(await ask(receiver, "20")) == []


@pytest.mark.parametrize("wait", ["-1", "x", "1e9", ""])
async def test_nonsense_does_not_wait(peer: Sdk, wait: str) -> None:
    """It is answered at once."""
    async with asyncio.timeout(_SOON_S):
        assert (await ask(peer, wait)).status == 200


async def test_a_node_has_two_questions_waiting_at_most(peer: Sdk) -> None:
    """A third is answered at once."""
    others = [
        Sdk(url=peer.url, systemid=peer.systemid, secret=peer.secret, headers=dict(peer.headers))
        for _ in range(3)
    ]
    held = [asyncio.create_task(ask(each, "20")) for each in others[:2]]
    await asyncio.sleep(0.5)

    async with asyncio.timeout(_SOON_S):
        assert rows(await ask(others[2], "20")) == []

    for each in held:
        each.cancel()


async def test_rows_for_nodes_name_the_digest(node: Node, peer: Sdk) -> None:
    """So that one document for several of its offices is fetched once."""
    sent = await node.submit(to=[READER])

    (row,) = rows(await ask(peer, "5"))

    assert row["sha256"] == sent.json()["sha256"]
