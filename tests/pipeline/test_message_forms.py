"""Messages in every form that occurs, taken in by a node: read, numbered, handed on untouched."""

import pytest

from gateway.domain.errors import Refused
from tests.pipeline.rooms import AXIS, READER, SENDER, Rooms
from tests.samples.edxml_corpus import DOCUMENTS, REFUSED
from tests.samples.edxml_forms import Element, leaf, written
from tests.samples.edxml_messages import MESSAGE, PDF, TEXT, plain, second_file, wrapped


def ours(message: bytes) -> bytes:
    """Return *message* with recipients of this node alone."""
    return message.replace(b"000.00.12.G22", b"H13.03")


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_every_form_is_taken_in_and_handed_on_byte_for_byte(node: Rooms, name: str) -> None:
    """The recipient gets what the sender wrote, whatever its form."""
    message = ours(DOCUMENTS[name])

    document = await node.posted(message)

    assert (document.code, await node.envelope(document)) == (f"{SENDER}/2026/1", message)


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_read_is_refused_and_leaves_no_file(node: Rooms, name: str) -> None:
    """The findings say why; unreadable XML is told apart from a message that breaks rules."""
    message, code, _ = REFUSED[name]

    with pytest.raises(Refused) as refused:
        await node.post(message)

    expected = "unreadable" if code.startswith("xml-") else "refused"
    assert code in {each.code for each in refused.value.findings}
    assert (refused.value.code, node.files()) == (expected, [])


async def test_a_wrapped_file_is_served_without_its_wrapping(node: Rooms) -> None:
    """The attachment is the file inside; only what is needed is kept on disk."""
    message = ours(second_file(wrapped(TEXT, "0f8e.txt"), kind="application/zip"))

    document = await node.posted(message)

    contents = [file.read_bytes() for file in node.files()]
    assert [(each.name, each.size, each.media_type) for each in document.attachments] == [
        ("7816.pdf", len(PDF), "application/pdf"),
        ("ghi-chu.txt", len(TEXT), "text/plain"),
    ]
    assert sorted(contents) == sorted([message, PDF, TEXT])


async def test_a_wrapped_file_of_another_kind_is_refused(node: Rooms) -> None:
    """Its name says text, and the bytes are a zip of something else."""
    message = ours(second_file(wrapped(TEXT, "a.exe"), kind="application/zip"))

    with pytest.raises(Refused) as refused:
        await node.post(message)

    assert "/attachments/2" in {each.pointer for each in refused.value.findings}


async def test_a_message_of_an_axis_may_name_a_recipient_by_both_codes(node: Rooms) -> None:
    """It is delivered once; that it was named twice is a warning."""
    both = [
        Element(name="To", children=(leaf("OrganId", code),)) for code in (READER, "000.00.02.H13")
    ]
    foreign = plain().with_child(
        MESSAGE,
        lambda each: each.but(
            children=[
                Element(name="From", children=(leaf("OrganId", "000.00.00.G22"),)),
                *both,
                *(child for child in each.children if child.name not in {"From", "To"}),
            ]
        ),
    )

    assert await node.take_in(AXIS, written(foreign))


async def test_the_same_message_again_is_a_repeat(node: Rooms) -> None:
    """Also where its files were wrapped."""
    message = ours(second_file(wrapped(TEXT, "0f8e.txt"), kind="application/zip"))
    first = await node.posted(message)

    again = await node.posted(message)

    assert (again.id, len(node.files())) == (first.id, 3)
