"""Recalls, updates, reminders and states as a program sees them over HTTP."""

import asyncio
from typing import Any

import pytest

from gateway.domain.document import Business, BusinessKind
from tests.nodes import OFFICE, OTHER, Node
from tests.pipeline.rooms import a_message

API = "/api/v1"
RECALL = Business(kind=BusinessKind.RECALL, of="TD-1", reason="Gửi nhầm")


async def post(node: Node, message: bytes) -> Any:  # noqa: ANN401 - JSON
    """Post an edXML message as the sender; return the document."""
    answer = await node.post(
        f"{API}/documents", who=OFFICE, data=message, headers={"Content-Type": "application/xml"}
    )
    assert answer.status == 201, answer.body
    return answer.json()


async def fetched(node: Node) -> Any:  # noqa: ANN401 - JSON
    """Let the recipient lease and fetch what waits; return the document."""
    (item,) = (await node.post(f"{API}/inbox/lease", who=OTHER, json={})).json()["items"]
    await node.get(f"{API}/documents/{item['id']}/envelope", who=OTHER)
    return item


async def recall(node: Node, document: str) -> Any:  # noqa: ANN401 - JSON
    """Ask *document* back; return the answer's document."""
    path = f"{API}/documents/{document}/recall"
    return (await node.post(path, who=OFFICE, json={"reason": "Gửi nhầm"})).json()


async def report(node: Node, document: str, code: str) -> int:
    """Report as the recipient."""
    path = f"{API}/documents/{document}/status"
    return (await node.post(path, who=OTHER, json={"code": code, "note": "lý do"})).status


async def heard(node: Node, who: str, wanted: str) -> list[str]:
    """Return the data of the events *wanted* in the stream of *who*, from the beginning."""
    headers = {"Authorization": f"Bearer {node.tokens[who]}", "Last-Event-ID": "0"}
    found: list[str] = []
    async with node.session.get(f"{node.url}{API}/events", headers=headers) as stream:
        event = ""
        async with asyncio.timeout(10):
            async for raw in stream.content:
                line = raw.decode().strip()
                if line.startswith("event:"):
                    event = line.partition(": ")[2]
                elif line.startswith("data:") and event == wanted:
                    found.append(line.partition(": ")[2])
                    break
    return found


async def test_a_recall_message_is_a_document_that_recalls(node: Node) -> None:
    """201, and the earlier document is taken back."""
    earlier = await post(node, a_message(OTHER))

    later = await post(node, a_message(OTHER, business=RECALL))

    now = (await node.get(f"{API}/documents/{earlier['id']}", who=OFFICE)).json()
    assert (later["business"]["kind"], now["state"]) == ("recall", "recalled")


async def test_a_recall_is_heard_in_the_stream(node: Node) -> None:
    """Of the one that has the document."""
    document = await post(node, a_message(OTHER))
    await fetched(node)

    await recall(node, document["id"])

    (data,) = await heard(node, OTHER, "recall")
    assert '"state":"recall-requested"' in data


@pytest.mark.parametrize("part", ["envelope", "attachments/1"])
async def test_content_that_was_taken_back_is_gone(node: Node, part: str) -> None:
    """404, with a code of its own; the sender still has it."""
    document = await post(node, a_message(OTHER))
    await fetched(node)
    await recall(node, document["id"])
    await report(node, document["id"], "15")

    answer = await node.get(f"{API}/documents/{document['id']}/{part}", who=OTHER)

    assert (answer.status, answer.json()["code"]) == (404, "recalled")
    ours = await node.get(f"{API}/documents/{document['id']}/{part}", who=OFFICE)
    assert ours.status == 200


async def test_a_leased_document_that_is_asked_back_is_not_given(node: Node) -> None:
    """Nobody had taken its content: it is recalled."""
    document = await post(node, a_message(OTHER))
    await node.post(f"{API}/inbox/lease", who=OTHER, json={})
    await recall(node, document["id"])

    answer = await node.get(f"{API}/documents/{document['id']}/envelope", who=OTHER)

    now = (await node.get(f"{API}/documents/{document['id']}", who=OFFICE)).json()
    assert (answer.status, now["state"]) == (404, "recalled")


async def test_every_recipient_has_its_outcome(node: Node) -> None:
    """One document, two recipients, two answers."""
    document = (await node.submit(to=[OTHER, "H13"])).json()
    await fetched(node)

    answer = await recall(node, document["id"])

    found = {each["to"]: (each["state"], each["recall"]) for each in answer["deliveries"]}
    assert found == {OTHER: ("arrived", "requested"), "H13": ("recalled", None)}


async def test_a_reminder_is_heard_in_the_stream_and_counted(node: Node) -> None:
    """Sent a week after it was signed."""
    await node.submit(promulgated_on="2026-11-02")

    (data,) = await heard(node, OFFICE, "reminder")
    meters = (await node.get("/metrics")).body.decode()
    assert '"state":"late-sending"' in data
    assert 'gateway_reminders_open{kind="late-sending"} 1.0' in meters


async def test_the_state_model_tells_of_recalls(node: Node) -> None:
    """What may follow, who may cause it, what is final."""
    model = (await node.get(f"{API}/states", who=OFFICE)).json()

    found = {each["recall"]: each for each in model["recalls"]}
    assert found["requested"]["moves_to"] == ["agreed", "refused", "too-late"]
    assert [found[each]["final"] for each in ("agreed", "refused", "too-late")] == [
        True,
        False,
        True,
    ]
