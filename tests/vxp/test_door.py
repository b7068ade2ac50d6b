"""The VXP door as the SDK meets it: signatures, envelopes, every call, every oddity observed."""

import base64
import json

import pytest

from tests.nodes import OFFICE, OTHER, Node
from tests.pipeline.rooms import a_message
from tests.vxp.conftest import OPERATOR, Connect
from tests.vxp.messages import a_status
from tests.vxp.sdk import PREFIX, Sdk, java_hash, post, sign

FROM = {"from": OFFICE}


# --- who calls ------------------------------------------------------------------------------------


async def test_the_answer_is_always_200_ascii_json(sender: Sdk) -> None:
    """An error, too: the SDK looks at no HTTP status."""
    sender.secret = "wrong"

    response = await sender.call("getReceivedEdocList")

    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert response.body.isascii()


async def test_a_refusal_has_every_part_of_the_envelope(sender: Sdk) -> None:
    """Status, code and text are there and not null."""
    sender.secret = "wrong"

    answer = (await sender.call("getAgenciesList")).json()

    assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "403")
    assert "systemid" in answer["ErrorDesc"]


async def test_an_unknown_system_and_a_wrong_secret_are_told_alike(sender: Sdk) -> None:
    """Nobody learns which systems there are."""
    stranger = Sdk(url=sender.url, systemid="sys.nobody", secret=sender.secret)
    sender.secret = "wrong"

    answers = [(await each.call("getAgenciesList")).body for each in (stranger, sender)]

    assert answers[0] == answers[1]


async def test_a_revoked_credential_is_worthless(node: Node, sender: Sdk) -> None:
    """At once."""
    client = sender.systemid
    listed = await node.gateway.credentials.listing()
    (id_,) = [each.id for each in listed if each.systemid == client]

    await node.gateway.credentials.revoke(id_, OPERATOR)

    assert (await sender.call("getAgenciesList")).json()["status"] == "FAIL"


async def test_an_old_timestamp_is_good(sender: Sdk) -> None:
    """A client sets it once and lives for days."""
    sender.timestamp = "01012020T000000+0001"

    assert (await sender.call("getReceivedEdocList")).json()["status"] == "OK"


async def test_a_header_that_differs_from_what_was_signed_is_refused(sender: Sdk) -> None:
    """Only the signed text counts, and a plain header may not say something else."""
    response = await sender.call("getReceivedEdocList", extra=[(f"{PREFIX}docId", b"not signed")])

    assert response.json()["status"] == "FAIL"


async def test_twins_that_differ_in_case_are_both_signed(sender: Sdk) -> None:
    """An application that uses docId and docid on one object sends both."""
    await sender.call("updateStatus", {"docid": "b", "status": "done"}, body=b"{}")

    answer = (await sender.call("getEdoc", {"docId": "a"}, body=b"{}")).json()

    assert answer["ErrorCode"] == "404"
    assert "a " in answer["ErrorDesc"]


async def test_a_non_ascii_value_in_utf8_is_verified_as_bytes(sender: Sdk) -> None:
    """The signature is over bytes; what the SDK's other stack garbles cannot be verified."""
    response = await sender.call("getReceivedEdocList", {"note": "Sở Nội vụ"})

    assert response.json()["status"] == "OK"


async def test_a_signed_text_that_is_no_json_is_refused(node: Node, sender: Sdk) -> None:
    """No stack trace, no 500."""
    text = b"[1, 2"
    lines = [
        (f"{PREFIX}sign-header", text),
        (f"{PREFIX}hash-header", sign(sender.secret, text).encode()),
    ]

    response = await post(sender.url, "getAgenciesList", lines, b"")

    assert (response.status, response.json()["status"]) == (200, "FAIL")


@pytest.mark.parametrize("value", ["\\ud800", "x" * 1000, "\\u0000", "'; --"])
async def test_any_value_is_answered_in_the_envelope(sender: Sdk, value: str) -> None:
    """Nothing that can be signed fails inside."""
    for name, parameter in (("getEdoc", "docId"), ("deleteAgency", "AgencyCode")):
        text = (
            f'{{"{PREFIX}systemid":"{sender.systemid}","{PREFIX}{parameter}":"{value}"}}'.encode()
        )
        lines = [
            (f"{PREFIX}sign-header", text),
            (f"{PREFIX}hash-header", sign(sender.secret, text).encode()),
        ]

        answer = (await post(sender.url, name, lines, b"{}")).json()

        assert (answer["status"], answer["ErrorCode"] in {"404", "422"}) == ("FAIL", True)


async def test_an_unknown_call_is_told_in_the_envelope(sender: Sdk) -> None:
    """Under /vxp everything speaks the protocol."""
    assert (await sender.call("getSomething")).json()["status"] == "FAIL"


async def test_a_body_is_asked_for_by_100_continue(sender: Sdk) -> None:
    """The client waits for it."""
    response = await sender.call("updateStatus", {"docid": "x", "status": "done"}, body=b"{}")

    assert response.continued


async def test_a_header_of_a_hundred_thousand_characters_passes(sender: Sdk) -> None:
    """A list of recipients is repeated in the signed text."""
    codes = json.dumps([f"H13.{n}" for n in range(13000)])

    response = await sender.call("getReceivedEdocList", {"to": codes})

    assert response.json()["status"] == "OK"


async def test_elsewhere_a_long_header_is_still_refused(node: Node) -> None:
    """The allowance is for this door."""
    answer = await node.get("/healthz", headers={"X-Long": "x" * 20_000})

    assert answer.status == 431


async def test_the_sdk_s_connection_is_closed_after_the_answer(sender: Sdk) -> None:
    """It opens one for every call and never closes it."""
    response = await sender.call("getReceivedEdocList")

    assert response.headers["connection"] == "close"


# --- sending and receiving ------------------------------------------------------------------------


async def test_a_document_arrives_byte_for_byte(sender: Sdk, receiver: Sdk) -> None:
    """Sent, listed, fetched."""
    message = a_message()
    sent = (await sender.send(message, FROM)).json()

    (row,) = await receiver.received()

    assert len(sent["DocId"]) == 24
    assert (row["from"], row["to"], row["status"]) == (OFFICE, OTHER, "inbox")
    assert await receiver.fetch(row["docId"]) == message


async def test_a_document_is_downloaded_raw(sender: Sdk, receiver: Sdk) -> None:
    """The call downloadEdoc is a GET that answers the bytes themselves."""
    message = a_message()
    await sender.send(message, FROM)
    (row,) = await receiver.received()

    response = await receiver.call("downloadEdoc", {"docId": row["docId"]}, method="GET")

    assert response.body == message


async def test_a_download_that_fails_is_empty(receiver: Sdk) -> None:
    """Whatever it gets, the SDK saves it as the document."""
    response = await receiver.call("downloadEdoc", {"docId": "nothing"}, method="GET")

    assert (response.status, response.body) == (200, b"")


@pytest.mark.parametrize("line_end", [b"\r\n", b""])
@pytest.mark.parametrize("tail", [b"", b"\r\n", b"\r\n\r\n"])
async def test_exactly_one_line_end_is_not_the_file_s(
    sender: Sdk, receiver: Sdk, line_end: bytes, tail: bytes
) -> None:
    """Whatever the file ends with; a client that adds none is understood, too."""
    message = a_message() + tail
    await sender.send(message, FROM, line_end=line_end)

    (row,) = await receiver.received()

    assert await receiver.fetch(row["docId"]) == message


async def test_a_file_that_is_not_the_signed_one_is_refused(sender: Sdk, receiver: Sdk) -> None:
    """The body is bound by its digest alone."""
    answer = (await sender.send(a_message(), FROM | {"hash-file": java_hash(b"another")})).json()

    assert (answer["status"], answer["DocId"]) == ("FAIL", "0")
    assert await receiver.received() == []


async def test_an_identical_repeat_is_answered_alike(sender: Sdk, receiver: Sdk) -> None:
    """Java may send a POST again by itself."""
    first = await sender.send(a_message(), FROM)

    again = await sender.send(a_message(), FROM)

    assert first.body == again.body
    assert len(await receiver.received()) == 1


async def test_a_repeat_without_an_identifier_is_one_document(sender: Sdk, receiver: Sdk) -> None:
    """Careless senders give no DocumentId."""
    message = a_message().replace(b"TD-1", b"")
    await sender.send(message, FROM)

    await sender.send(message, FROM)

    assert len(await receiver.received()) == 1


async def test_a_sender_that_is_not_the_system_s_is_refused(sender: Sdk) -> None:
    """In the axis's own words."""
    answer = (await sender.send(a_message(sender=OTHER), {"from": OTHER})).json()

    assert answer["status"] == "FAIL"
    assert f"Don vi gui {OTHER} khong dung voi ma da dang ky" in answer["ErrorDesc"]


async def test_a_message_of_another_sender_is_refused(sender: Sdk) -> None:
    """What the header says does not help."""
    answer = (await sender.send(a_message(sender=OTHER), FROM)).json()

    assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "403")


async def test_findings_are_readable_in_the_refusal(sender: Sdk) -> None:
    """As a clerk would write, in JSON of ASCII."""
    response = await sender.send(a_message("H13.99"), FROM)

    assert response.body.isascii()
    assert "H13.99" in response.json()["ErrorDesc"]
    assert "danh bạ" in response.json()["ErrorDesc"]


@pytest.mark.parametrize("to", ['["H13.02"]', '"[\\"H13.02\\"]"', "H13.02", "H13.02,H13.01"])
async def test_recipients_are_those_of_the_message(sender: Sdk, receiver: Sdk, to: str) -> None:
    """A header `to` may be left over from an earlier call: it neither adds nor removes."""
    await sender.send(a_message(), FROM | {"to": to})

    assert [row["to"] for row in await receiver.received()] == [OTHER]
    assert await sender.received() == []


async def test_a_sent_document_says_so(sender: Sdk) -> None:
    """Until somebody fetches it, it lies in the receiver's box."""
    answer = (await sender.send(a_message(), FROM)).json()

    (row,) = await sender.sent(answer["DocId"])

    assert (row["sendStatus"], row["receiveStatus"], row["notation"]) == (
        "done",
        "inbox",
        "15/SNV-VP",
    )


async def test_a_settled_document_leaves_the_list(sender: Sdk, receiver: Sdk) -> None:
    """A fetched one stays until then."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    await receiver.fetch(row["docId"])
    still = await receiver.received()

    await receiver.settle(row["docId"])

    assert ([each["docId"] for each in still], await receiver.received()) == ([row["docId"]], [])


@pytest.mark.parametrize("state", ["done", "fail"])
async def test_a_transport_state_does_not_end_the_processing(
    sender: Sdk, receiver: Sdk, state: str
) -> None:
    """03 and 06 may follow."""
    answer = (await sender.send(a_message(), FROM)).json()
    (row,) = await receiver.received()
    await receiver.settle(row["docId"], state)

    for code in ("03", "06"):
        await receiver.send(a_status(code), {"from": OTHER, "messagetype": "status"})

    (shown,) = await sender.sent(answer["DocId"])
    codes = [
        (await sender.fetch(each["docId"])).split(b"StatusCode>")[1][:2]
        for each in await sender.received("status")
    ]
    assert shown["receiveStatus"] == state
    assert codes[-2:] == [b"03", b"06"]


async def test_fetching_is_arriving(node: Node, sender: Sdk, receiver: Sdk) -> None:
    """The document entered the recipient's system."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()

    await receiver.fetch(row["docId"])

    listed = (await node.get("/api/v1/documents", who=OFFICE)).json()["items"]
    assert [each["deliveries"][0]["state"] for each in listed] == ["arrived"]


async def test_a_report_before_fetching_keeps_the_document_listed(
    sender: Sdk, receiver: Sdk
) -> None:
    """Some systems say 01 first and fetch then."""
    await sender.send(a_message(), FROM)

    await receiver.send(a_status("01"), {"from": OTHER, "messagetype": "status"})

    assert len(await receiver.received()) == 1


async def test_a_status_reaches_the_origin_byte_for_byte(sender: Sdk, receiver: Sdk) -> None:
    """Once, although it also moves the delivery."""
    await sender.send(a_message(), FROM)
    (row,) = await receiver.received()
    status = a_status("03")

    answer = (await receiver.send(status, {"from": OTHER, "messagetype": "status"})).json()

    (waiting,) = await sender.received("status")
    assert answer["status"] == "OK"
    assert await sender.fetch(waiting["docId"]) == status
    assert row["docId"] != waiting["docId"]


async def test_a_status_of_the_rest_api_lies_in_the_list_of_the_origin(
    node: Node, sender: Sdk
) -> None:
    """It is written by the node."""
    await sender.send(a_message(), FROM)
    (item,) = (await node.post("/api/v1/inbox/lease", who=OTHER, json={})).json()["items"]
    await node.post(f"/api/v1/documents/{item['id']}/status", who=OTHER, json={"code": "03"})

    (waiting,) = await sender.received("status")

    body = await sender.fetch(waiting["docId"])
    assert b"<edXML:StatusCode>03</edXML:StatusCode>" in body


async def test_a_status_that_matches_nothing_still_reaches_its_addressee(
    sender: Sdk, receiver: Sdk
) -> None:
    """It is a message to it; without effect here."""
    await sender.received("status")
    status = a_status("05", document_id="nothing")

    answer = (await receiver.send(status, {"from": OTHER, "messagetype": "status"})).json()

    (waiting,) = await sender.received("status")
    assert (answer["status"], await sender.fetch(waiting["docId"])) == ("OK", status)


async def test_a_repeated_status_lies_there_once(sender: Sdk, receiver: Sdk) -> None:
    """Java may send it twice."""
    await sender.received("status")
    for _ in range(2):
        await receiver.send(
            a_status("05", document_id="nothing"), {"from": OTHER, "messagetype": "status"}
        )

    assert len(await sender.received("status")) == 1


async def test_a_status_of_a_foreign_code_is_refused(sender: Sdk) -> None:
    """Nobody reports for others."""
    answer = (await sender.send(a_status("03"), {"from": OFFICE, "messagetype": "status"})).json()

    assert (answer["status"], answer["DocId"]) == ("FAIL", "0")


async def test_counts_tell_what_waits(sender: Sdk, receiver: Sdk) -> None:
    """Integers, documents and statuses apart."""
    await sender.send(a_message(), FROM)

    documents = (await receiver.call("countReceiveEdoc", body=b"{}")).json()
    statuses = (await receiver.call("countReceiveStatus", body=b"{}")).json()

    assert (documents["count"], statuses["count"]) == (1, 0)


async def test_the_list_is_cut_by_dates(sender: Sdk, receiver: Sdk) -> None:
    """Both are optional."""
    await sender.send(a_message(), FROM)

    answer = (await receiver.call("getReceivedEdocList", {"toDate": "01/01/2020 00:00:00"})).json()

    assert answer["data"] == []


async def test_another_system_s_documents_are_not_there(
    connect: Connect, sender: Sdk, receiver: Sdk
) -> None:
    """Neither to read nor to settle, by whatever id."""
    stranger = await connect("H13")
    sent = (await sender.send(a_message(), FROM)).json()["DocId"]
    (row,) = await receiver.received()

    fetched = await stranger.call("getEdoc", {"docId": row["docId"]}, body=b"{}")
    settled = await stranger.settle(row["docId"])

    assert (fetched.json()["status"], fetched.json()["data"]) == ("FAIL", "")
    assert (settled["status"], await stranger.sent(sent)) == ("FAIL", [])
    assert len(await receiver.received()) == 1


async def test_the_sent_list_has_a_row_for_each_receiver(sender: Sdk) -> None:
    """With both ids, so that the two sides can speak of one document."""
    sent = (await sender.send(a_message(OTHER, "H13"), FROM)).json()["DocId"]

    rows = await sender.sent(sent)

    assert {(row["senderDocId"], row["toCode"]) for row in rows} == {
        (sent, OTHER),
        (sent, "H13"),
    }


async def test_twelve_megabytes_go_there_and_back(sender: Sdk, receiver: Sdk) -> None:
    """Streamed on both ways."""
    message = a_message(content=b"Xin chao. " * 1_200_000)
    await sender.send(message, FROM)
    (row,) = await receiver.received()

    response = await receiver.call("getEdoc", {"docId": row["docId"]}, body=b"{}")

    assert base64.b64decode(response.json()["data"]) == message


async def test_a_held_document_is_not_listed_and_says_so(
    node: Node, sender: Sdk, receiver: Sdk
) -> None:
    """It waits for a person's decision."""
    await node.submit(kind="complaint")

    (row,) = await sender.sent()

    assert (row["sendStatus"], await receiver.received()) == ("held", [])
