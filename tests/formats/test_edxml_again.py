"""What was read and is written again means the same."""

import io

import pytest

from gateway.domain.document import Attachment, Message
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import render
from tests.formats.samples import Spools, codes, meaning, read
from tests.samples.edxml_corpus import DOCUMENTS


def rewritten(message: bytes) -> bytes:
    """Return what the node writes of what it read."""
    spools = Spools()
    found = read(message, spools=spools).message
    assert isinstance(found, Message)
    contents = {each.key: bytes(each.content) for each in spools.opened.values()}
    paths = {n: each.path for n, each in enumerate(found.attachments, start=1)}
    frame = write_document(
        document_id=found.document_id or "",
        sender=found.sender,
        recipients=found.recipients,
        metadata=found.metadata,
        attachments=[
            Attachment(
                n=n,
                name=each.name,
                size=each.size,
                media_type=each.announced_type or "",
                sha256=each.sha256,
                blob=each.path,
            )
            for n, each in enumerate(found.attachments, start=1)
        ],
        trace=[(code, at) for code, at in found.trace if at is not None],
    )
    return b"".join(render(frame, lambda n: io.BytesIO(contents[paths[n]])))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_read_and_written_again_means_the_same(name: str) -> None:
    """Whatever form came in, the SDK's form goes out with the same meaning and without findings."""
    again = read(rewritten(DOCUMENTS[name]))

    assert (meaning(again), codes(again)) == (meaning(read(DOCUMENTS[name])), [])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_writing_again_changes_nothing_more(name: str) -> None:
    """The form that goes out is a fixed point, byte for byte."""
    once = rewritten(DOCUMENTS[name])

    assert rewritten(once) == once
