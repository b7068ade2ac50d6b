"""One document, however many recipients and ways it has: uploaded once, and one where it arrives."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contract.vxp_axis import AxisMood, VxpAxis, a_vxp_axis
from tests.nodes import OFFICE, OTHER, Node, free_port, serving
from tests.pipeline.rooms import a_message
from tests.vxp.conftest import OPERATOR
from tests.vxp.sdk import Sdk
from tests.vxp.three_nodes import until

FOREIGN = ("H40.01", "H40.02", "H40.03")


@pytest.fixture
async def axis() -> AsyncIterator[VxpAxis]:
    """An axis in the hands of the test."""
    async with a_vxp_axis() as running:
        yield running


@pytest.fixture
async def behind(axis: VxpAxis, node_folder: Path) -> AsyncIterator[Node]:
    """A real node that is a system of that axis."""
    async with a_system(node_folder, axis.url, first_delay_s=0.1, longest_delay_s=0.3) as node:
        yield node


@asynccontextmanager
async def a_system(folder: Path, endpoint: str, **relay: float) -> AsyncIterator[Node]:
    """Run the node in *folder* as a system of the axis at *endpoint*."""
    (folder / "config" / "truc").write_text("a shared secret", "utf-8")
    table = {
        "name": "truc",
        "adapter": "vxp",
        "endpoint": endpoint,
        "systemid": "sys.h13",
        "secret_file": "config/truc",
    }
    async with serving(folder, relay={"poll_s": 0.05, **relay}, axis=[table]) as node:
        yield node


def uploads(axis: VxpAxis) -> list[str]:
    """Return the parameter `to` of every document that came to the axis."""
    return [
        each.parameters["to"] for each in axis.sent if each.parameters["messagetype"] == "edoc"
    ]


async def states(node: Node, document: str) -> set[str]:
    """Return the states of the deliveries of a document."""
    shown = await node.get(f"/api/v1/documents/{document}", who=OFFICE)
    return {each["state"] for each in shown.json()["deliveries"]}


async def sent(node: Node, *to: str, **changes: Any) -> Any:  # noqa: ANN401 - JSON
    """Submit a document and wait until nothing of it waits here."""
    document = (await node.submit(to=[*to], **changes)).json()

    async def gone() -> bool:
        return await states(node, document["id"]) == {"handed-over"}

    await until(gone)
    return document


async def test_a_document_for_several_behind_one_axis_is_uploaded_once(
    behind: Node, axis: VxpAxis
) -> None:
    """The header names all of them."""
    await sent(behind, *FOREIGN)

    assert uploads(axis) == ['["H40.01", "H40.02", "H40.03"]']


async def test_after_an_outage_it_is_uploaded_once_too(behind: Node, axis: VxpAxis) -> None:
    """Whatever was tried before."""
    axis.mood, axis.fail_code = AxisMood.REFUSING, "503"
    document = (await behind.submit(to=[*FOREIGN])).json()

    async def tried() -> bool:
        queued = await behind.gateway.queue.listing()
        return any(each.job.attempts > 1 for each in queued)

    await until(tried)
    axis.mood = AxisMood.WELL

    async def gone() -> bool:
        return await states(behind, document["id"]) == {"handed-over"}

    await until(gone)
    assert len(uploads(axis)) == 1


async def test_what_waited_goes_out_in_its_order(behind: Node, axis: VxpAxis) -> None:
    """Urgent ones first, then as they were sent."""
    axis.mood, axis.fail_code = AxisMood.REFUSING, "503"
    codes = []
    for n, priority in enumerate(("normal", "normal", "express", "normal", "express")):
        document = (
            await behind.submit(
                ("n.txt", str(n).encode()), to=[FOREIGN[0]], subject=f"Số {n}", priority=priority
            )
        ).json()
        codes.append(document["code"])
    axis.mood = AxisMood.WELL

    async def all_there() -> bool:
        return len(uploads(axis)) == len(codes)

    await until(all_there)
    order = [each.parameters["doccode"] for each in axis.sent]
    assert order == [codes[n] for n in (2, 4, 0, 1, 3)]


async def test_what_an_axis_does_not_take_now_holds_up_no_other(
    behind: Node, axis: VxpAxis
) -> None:
    """It says so of that one alone; the destination is well."""
    axis.declined = "H13.01/2026/1"
    await behind.submit(to=[FOREIGN[0]])

    await sent(behind, FOREIGN[0], subject="Văn bản khác")

    (left,) = await behind.gateway.queue.listing()
    assert (left.job.lone, left.destination.failures) == (True, 0)


async def test_a_receipt_waits_in_the_same_queue(behind: Node, axis: VxpAxis) -> None:
    """It goes before documents that came later, so that neither holds the other up for good."""
    doc_id = axis.leave(a_message(sender=FOREIGN[0]))

    async def settled() -> bool:
        return doc_id in axis.updates

    await until(settled)
    (item,) = (await behind.get("/api/v1/documents?box=in", who=OTHER)).json()["items"]
    axis.mood, axis.fail_code = AxisMood.REFUSING, "503"
    await behind.post(f"/api/v1/documents/{item['id']}/status", who=OTHER, json={"code": "03"})

    async def waits() -> bool:
        return bool(await behind.gateway.queue.listing())

    await until(waits)
    await behind.submit(to=[FOREIGN[0]])
    axis.mood = AxisMood.WELL

    async def both_there() -> bool:
        return {each.parameters["messagetype"] for each in axis.sent} == {"edoc", "status"}

    await until(both_there)
    assert axis.sent[0].parameters["messagetype"] == "status"


async def test_an_axis_that_comes_back_is_tried_at_once(node_folder: Path) -> None:
    """However long it was to be left alone: our look for what waits there was answered."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/vxp"
    async with a_system(node_folder, endpoint, first_delay_s=3000.0) as node:
        document = (await node.submit(to=[FOREIGN[0]])).json()

        async def tried() -> bool:
            (queued,) = await node.gateway.queue.listing()
            return queued.destination.unreachable

        await until(tried)
        async with a_vxp_axis(port) as axis:

            async def gone() -> bool:
                return await states(node, document["id"]) == {"handed-over"}

            assert await until(gone)
            assert len(uploads(axis)) == 1


async def test_a_document_by_the_old_axis_and_by_ours_is_one(behind: Node, axis: VxpAxis) -> None:
    """While offices move over; the second comes from a node that passes ours, with the code."""
    message = a_message(sender=FOREIGN[0])
    await behind.gateway.agencies.add(OPERATOR, name="Tỉnh bên", code="H40")
    given = await behind.gateway.credentials.add("H40", OPERATOR, name="nút H40")
    doc_id = axis.leave(message.replace(b"><", b">\r\n<"))

    async def settled() -> bool:
        return doc_id in axis.updates

    await until(settled)
    peer = Sdk(url=f"{behind.url}/vxp", systemid=given.client.systemid, secret=given.secret)
    body = json.dumps({"code": FOREIGN[0], "name": "Sở bên", "pcode": "H40"}).encode()
    await peer.call("registerAgency", body=body)
    answer = await peer.send(message, {"from": FOREIGN[0], "trace": "H40", "doccode": _CODE})

    listed = (await behind.get("/api/v1/documents?box=in", who=OTHER)).json()["items"]
    assert answer.json()["status"] == "OK"
    assert len(listed) == 1


_CODE = f"{FOREIGN[0]}/2026/7"
