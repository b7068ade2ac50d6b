"""The whole life of a document over three real nodes: every step comes home, once each."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import Node, serving
from tests.vxp.three_nodes import (
    AXIS,
    HERE,
    THERE,
    Provinces,
    a_province,
    arrived,
    delivery,
    in_state,
    make_node,
    three_nodes,
    until,
)

SENDER, READER, OTHER_READER = f"{HERE}.01", f"{THERE}.01", f"{THERE}.02"


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Provinces]:
    """Three nodes whose provinces know each other's offices."""
    async with three_nodes(tmp_path) as running:
        await running.settled()
        yield running


async def acknowledge(node: Node, item: Any, who: str = READER) -> None:  # noqa: ANN401 - JSON
    """Let *who* take *item* into its system."""
    await node.post("/api/v1/inbox/ack", who=who, json={"ids": [item["id"]]})


async def report(
    node: Node,
    item: Any,  # noqa: ANN401 - JSON
    code: str,
    who: str = READER,
    note: str | None = None,
) -> int:
    """Let *who* report on *item*; return the status of the answer."""
    body = {"code": code, "note": note}
    answer = await node.post(f"/api/v1/documents/{item['id']}/status", who=who, json=body)
    return answer.status


async def recall(nodes: Provinces, document: Any) -> None:  # noqa: ANN401 - JSON
    """Let the sender ask *document* back."""
    path = f"/api/v1/documents/{document['id']}/recall"
    await nodes.here.post(path, who=SENDER, json={"reason": "Gửi nhầm"})


async def asked(node: Node, item: Any, who: str = READER) -> Any:  # noqa: ANN401 - JSON
    """Wait until *who* is asked for *item*; return its delivery."""

    async def look() -> Any:  # noqa: ANN401 - JSON
        shown = (await node.get(f"/api/v1/documents/{item['id']}", who=who)).json()
        (own,) = shown["deliveries"]
        return own if own["recall"] == "requested" else None

    return await until(look)


async def with_outcome(nodes: Provinces, document: Any, outcome: str) -> Any:  # noqa: ANN401 - JSON
    """Wait until the recall of the delivery to READER has an *outcome*."""

    async def look() -> Any:  # noqa: ANN401 - JSON
        found = await delivery(nodes.here, document["id"], READER)
        return found if found["recall"] == outcome else None

    return await until(look)


async def events(nodes: Provinces, document: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return the events of the receipts that the sender has of *document*."""
    path = f"/api/v1/documents/{document['id']}/receipts"
    answer = await nodes.here.get(path, who=SENDER)
    return [each["event"] for each in answer.json()["items"] if each["to"] == READER]


async def test_what_nobody_fetched_is_recalled(nodes: Provinces) -> None:
    """It leaves the box at the other end, and the sender hears that it was done."""
    sent = (await nodes.here.submit(to=[READER])).json()
    await in_state(nodes.here, sent["id"], READER, "handed-over")

    await recall(nodes, sent)

    await in_state(nodes.here, sent["id"], READER, "recalled")
    assert (await nodes.there.post("/api/v1/inbox/lease", who=READER, json={})).json()[
        "items"
    ] == []
    shown = await nodes.here.get(f"/api/v1/documents/{sent['id']}", who=SENDER)
    assert shown.json()["state"] == "recalled"


async def test_the_files_of_what_was_recalled_are_gone(nodes: Provinces) -> None:
    """From the node of the recipient and from the axis."""
    sent = (await nodes.here.submit(to=[READER])).json()
    await in_state(nodes.here, sent["id"], READER, "handed-over")
    await recall(nodes, sent)
    await in_state(nodes.here, sent["id"], READER, "recalled")

    for node in (nodes.axis, nodes.there):
        await node.gateway.erasing.erase()
        folder = node.gateway.config.folder / "data" / "documents"
        left = [path for path in folder.glob("[0-9]*/*/*/*") if path.is_file()]
        assert left == []


async def test_a_recipient_agrees_to_a_recall(nodes: Provinces) -> None:
    """Its arrival number stays used; the content is not given any more."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await acknowledge(nodes.there, item)
    await report(nodes.there, item, "03")
    await in_state(nodes.here, sent["id"], READER, "accepted")
    await recall(nodes, sent)
    await asked(nodes.there, item)

    await report(nodes.there, item, "15")

    agreed = await with_outcome(nodes, sent, "agreed")
    content = await nodes.there.get(f"/api/v1/documents/{item['id']}/envelope", who=READER)
    shown = (await nodes.there.get(f"/api/v1/documents/{item['id']}", who=READER)).json()
    assert (agreed["state"], content.status, shown["deliveries"][0]["arrival_number"]) == (
        "recalled",
        404,
        1,
    )
    assert await events(nodes, sent) == [
        "handed-over",
        "arrived",
        "accepted",
        "recall-requested",
        "recalled",
    ]


async def test_a_recipient_refuses_a_recall(nodes: Provinces) -> None:
    """With its reason; the work goes on."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await acknowledge(nodes.there, item)
    await in_state(nodes.here, sent["id"], READER, "arrived")
    await recall(nodes, sent)
    await asked(nodes.there, item)

    await report(nodes.there, item, "16", note="Đã ban hành quyết định")

    await with_outcome(nodes, sent, "refused")
    await report(nodes.there, item, "06")
    await in_state(nodes.here, sent["id"], READER, "done")
    assert await events(nodes, sent) == [
        "handed-over",
        "arrived",
        "recall-requested",
        "recall-refused",
        "done",
    ]


async def test_a_recall_comes_too_late(nodes: Provinces) -> None:
    """Done is done, although the sender did not know it yet."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await acknowledge(nodes.there, item)
    await in_state(nodes.here, sent["id"], READER, "arrived")
    await recall(nodes, sent)
    await asked(nodes.there, item)

    await report(nodes.there, item, "06")

    await with_outcome(nodes, sent, "too-late")
    assert await report(nodes.there, item, "15") == 409


async def test_an_update_adds_and_removes_recipients(nodes: Provinces) -> None:
    """The one that is left out gives the document back, the new one gets the update."""
    earlier = (await nodes.here.submit(to=[READER])).json()
    await in_state(nodes.here, earlier["id"], READER, "handed-over")

    update = {"kind": "update", "of": earlier["code"], "reason": "Sửa nơi nhận"}
    later = (await nodes.here.submit(to=[OTHER_READER], business=update)).json()

    item = await arrived(nodes.there, OTHER_READER)
    await in_state(nodes.here, earlier["id"], READER, "recalled")
    assert (item["code"], item["business"]["kind"], item["business"]["of"]) == (
        later["code"],
        "update",
        earlier["code"],
    )


async def test_a_replacement_is_linked_at_the_other_end(nodes: Provinces) -> None:
    """Both ways, there as here."""
    earlier = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await acknowledge(nodes.there, item)

    business = {"kind": "replace", "of": earlier["code"], "reason": "Sai nội dung"}
    later = (await nodes.here.submit(to=[READER], business=business)).json()

    second = await arrived(nodes.there, READER)
    first = (await nodes.there.get(f"/api/v1/documents/{item['id']}", who=READER)).json()
    ours = (await nodes.here.get(f"/api/v1/documents/{earlier['id']}", who=SENDER)).json()
    assert second["replaces"] == earlier["code"] == later["replaces"]
    assert first["replaced_by"] == later["code"] == ours["replaced_by"]


async def test_a_wrongly_addressed_document_is_returned(nodes: Provinces) -> None:
    """Status 02 with the reason, and the delivery is over."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)

    await report(nodes.there, item, "02", note="Gửi không đúng nơi nhận")

    refused = await in_state(nodes.here, sent["id"], READER, "refused")
    shown = (await nodes.here.get(f"/api/v1/documents/{sent['id']}", who=SENDER)).json()
    assert (refused["note"], shown["state"]) == ("Gửi không đúng nơi nhận", "closed")


async def test_a_reply_is_linked_with_what_it_answers(nodes: Provinces) -> None:
    """By the code that both nodes know."""
    sent = (await nodes.here.submit(to=[READER], due_on="2026-12-31")).json()
    item = await arrived(nodes.there, READER)
    await acknowledge(nodes.there, item)

    await nodes.there.submit(who=READER, to=[SENDER], reply_to=item["code"])

    answer = await arrived(nodes.here, SENDER)
    assert (answer["reply_to"], item["due_on"]) == (sent["code"], "2026-12-31")


async def test_every_status_comes_home_once(nodes: Provinces) -> None:
    """01, 03, 04, 05 and 06, in their order."""
    sent = (await nodes.here.submit(to=[READER])).json()
    item = await arrived(nodes.there, READER)
    await acknowledge(nodes.there, item)
    for code in ("03", "04", "05", "06"):
        await report(nodes.there, item, code)

    await in_state(nodes.here, sent["id"], READER, "done")

    assert await events(nodes, sent) == [
        "handed-over",
        "arrived",
        "accepted",
        "assigned",
        "in-progress",
        "done",
    ]


async def test_a_recall_waits_for_a_node_that_is_down(tmp_path: Path) -> None:
    """It is obeyed after the start, and the answer comes home once."""
    async with AsyncExitStack() as stack:
        given = await make_node(tmp_path / AXIS, AXIS, HERE, THERE)
        axis = await stack.enter_async_context(serving(tmp_path / AXIS, node={"code": AXIS}))
        for code in (HERE, THERE):
            await make_node(tmp_path / code, code, f"{code}.01", f"{code}.02")
        here = await stack.enter_async_context(
            a_province(tmp_path / HERE, HERE, axis.url, given[HERE])
        )
        async with a_province(tmp_path / THERE, THERE, axis.url, given[THERE]) as there:
            nodes = Provinces(axis=axis, here=here, there=there)
            await nodes.settled()
            sent = (await here.submit(to=[READER])).json()
            item = await arrived(there, READER)
            await acknowledge(there, item)
            await in_state(here, sent["id"], READER, "arrived")
        await recall(nodes, sent)

        async with a_province(tmp_path / THERE, THERE, axis.url, given[THERE]) as there:
            await asked(there, item)
            await report(there, item, "15")
            await in_state(here, sent["id"], READER, "recalled")

        assert await events(nodes, sent) == [
            "handed-over",
            "arrived",
            "recall-requested",
            "recalled",
        ]
