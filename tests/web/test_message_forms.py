"""edXML over the REST API: what is wrong is said at its place, what is wrapped is unwrapped."""

import pytest

from tests.nodes import OFFICE, OTHER, Node
from tests.samples.edxml_corpus import DOCUMENTS, REFUSED
from tests.samples.edxml_messages import TEXT, second_file, set_text, wrapped

API = "/api/v1"
XML = {"Content-Type": "application/xml"}


def ours(message: bytes) -> bytes:
    """Return *message* with recipients of this node alone."""
    return message.replace(b"000.00.12.G22", b"H13")


async def test_a_wrapped_file_is_served_as_itself(node: Node) -> None:
    """The message stays as it came."""
    message = ours(second_file(wrapped(TEXT, "0f8e.txt"), kind="application/zip"))
    sent = await node.post(f"{API}/documents", who=OFFICE, data=message, headers=XML)
    assert sent.status == 201, sent.body
    document = sent.json()["id"]

    file = await node.get(f"{API}/documents/{document}/attachments/2", who=OTHER)
    envelope = await node.get(f"{API}/documents/{document}/envelope", who=OTHER)

    assert (file.body, envelope.body) == (TEXT, message)


@pytest.mark.parametrize("name", ["as the SDK writes", "one prefix everywhere", "no namespace"])
async def test_a_message_in_any_namespace_is_accepted(node: Node, name: str) -> None:
    """It is numbered without a word."""
    answer = await node.post(
        f"{API}/documents", who=OFFICE, data=ours(DOCUMENTS[name]), headers=XML
    )

    assert (answer.status, answer.json()["document_id"]) == (
        201,
        "H13.01,2026/11/20,7816/SNV-TTĐT",
    )


@pytest.mark.parametrize("name", ["junk in front", "prefix without a namespace", "UTF-16"])
async def test_unreadable_xml_is_400_with_line_and_column(node: Node, name: str) -> None:
    """The finding has the place and what to do."""
    message, code, pointer = REFUSED[name]

    answer = await node.post(f"{API}/documents", who=OFFICE, data=message, headers=XML)

    finding = answer.json()["findings"][0]
    assert (answer.status, finding["code"], finding["pointer"]) == (400, code, pointer)
    assert finding["remedy"]


async def test_a_value_outside_its_list_is_422_with_the_list(node: Node) -> None:
    """Path, what was found and what was expected."""
    message = ours(set_text("OtherInfo", "Priority", text="9"))

    answer = await node.post(f"{API}/documents", who=OFFICE, data=message, headers=XML)

    (finding,) = (each for each in answer.json()["findings"] if each["severity"] == "error")
    assert (answer.status, finding["pointer"]) == (
        422,
        "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo/Priority",
    )
    assert "“9”" in finding["message"]
    assert "0, 1, 2, 3, 4" in finding["message"]
