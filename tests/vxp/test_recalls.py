"""Business types and recalls through the VXP door, as office systems with the SDK use them."""

import pytest

from gateway.domain.document import Business, BusinessKind
from tests.nodes import OFFICE, OTHER, Node
from tests.pipeline.rooms import a_message
from tests.vxp.messages import a_status
from tests.vxp.sdk import Sdk

FROM = {"from": OFFICE}
STATUS = {"from": OFFICE, "messagetype": "status"}
RECALL = Business(kind=BusinessKind.RECALL, of="TD-1", reason="Gửi nhầm")


async def codes(system: Sdk) -> list[bytes]:
    """Return the status codes that wait for *system*."""
    rows = await system.received("status")
    return [
        (await system.fetch(row["docId"])).split(b"StatusCode>")[1].split(b"<")[0] for row in rows
    ]


@pytest.mark.parametrize("kind", [BusinessKind.RECALL, BusinessKind.UPDATE, BusinessKind.REPLACE])
async def test_every_business_type_is_read_back_as_it_was_sent(
    sender: Sdk, receiver: Sdk, kind: BusinessKind
) -> None:
    """Byte for byte, by the receiver that has the document."""
    await sender.send(a_message(), FROM)
    (first,) = await receiver.received()
    await receiver.fetch(first["docId"])
    await receiver.settle(first["docId"])
    later = a_message(
        content=b"hai",
        document_id="TD-2" if kind is BusinessKind.REPLACE else "TD-1",
        business=Business(kind=kind, of="TD-1", reason="Sai sót"),
    )

    answer = (await sender.send(later, FROM)).json()

    (row,) = await receiver.received()
    assert (answer["status"], await receiver.fetch(row["docId"])) == ("OK", later)


async def test_a_recall_by_status_is_read_back_as_it_was_sent(sender: Sdk, receiver: Sdk) -> None:
    """The receiver, which has the document, is asked for it by the sender's own bytes."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    await receiver.fetch(row["docId"])
    status = a_status("13", sender=OFFICE, to=OTHER, note="Gửi nhầm")

    answer = (await sender.send(status, STATUS)).json()

    (waiting,) = await receiver.received("status")
    assert (answer["status"], await receiver.fetch(waiting["docId"])) == ("OK", status)


async def test_what_was_not_fetched_leaves_the_list(sender: Sdk, receiver: Sdk) -> None:
    """And the sender is told by 15 that it was recalled."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()

    await sender.send(a_status("13", sender=OFFICE, to=OTHER), STATUS)

    fetched = (await receiver.call("getEdoc", {"docId": row["docId"]}, body=b"{}")).json()
    assert (await receiver.received(), fetched["status"]) == ([], "FAIL")
    assert await codes(sender) == [b"15"]


@pytest.mark.parametrize("answer", ["15", "16"])
async def test_the_answer_to_a_recall_lies_in_the_list_of_the_sender(
    sender: Sdk, receiver: Sdk, answer: str
) -> None:
    """Byte for byte, once."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    await receiver.fetch(row["docId"])
    await sender.send(a_status("13", sender=OFFICE, to=OTHER), STATUS)

    for _ in range(2):
        await receiver.send(a_status(answer), {"from": OTHER, "messagetype": "status"})

    assert (await codes(sender))[1:] == [answer.encode()]


async def test_a_recall_of_what_is_done_is_answered_by_16(sender: Sdk, receiver: Sdk) -> None:
    """With words that say that it came too late."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    await receiver.fetch(row["docId"])
    await receiver.send(a_status("06"), {"from": OTHER, "messagetype": "status"})

    await sender.send(a_status("13", sender=OFFICE, to=OTHER), STATUS)

    rows = await sender.received("status")
    last = await sender.fetch(rows[-1]["docId"])
    assert b"StatusCode>16<" in last
    assert "Quá muộn".encode() in last


async def test_a_recall_through_the_api_lies_in_the_list_of_a_system(
    node: Node, sender: Sdk, receiver: Sdk
) -> None:
    """As a status message of the sender, with the reason."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    await receiver.fetch(row["docId"])
    (document,) = (await node.get("/api/v1/documents", who=OFFICE)).json()["items"]

    path = f"/api/v1/documents/{document['id']}/recall"
    await node.post(path, who=OFFICE, json={"reason": "Gửi nhầm"})

    (waiting,) = await receiver.received("status")
    body = await receiver.fetch(waiting["docId"])
    assert b"StatusCode>13<" in body
    assert "Gửi nhầm".encode() in body


async def test_nobody_recalls_for_another(sender: Sdk, receiver: Sdk) -> None:
    """A system speaks for its own codes."""
    await sender.send(a_message(), FROM)

    answer = await receiver.send(a_status("13", sender=OFFICE, to=OTHER), {"from": OTHER})

    assert answer.json()["status"] == "FAIL"
    assert len(await receiver.received()) == 1


async def test_a_recall_message_needs_no_second_word(sender: Sdk, receiver: Sdk) -> None:
    """It is the recall: no status 13 says it again."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    await receiver.fetch(row["docId"])
    await receiver.settle(row["docId"])

    await sender.send(a_message(business=RECALL), FROM)

    assert (len(await receiver.received()), await receiver.received("status")) == (1, [])
