"""The small parts of the protocol, over all that may come."""

import hashlib
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Refused
from gateway.domain.vxp_signing import java_order, unpadded
from gateway.domain.wire import hops, sender_id, span_of
from gateway.web.vxp_file import PassingFile
from gateway.web.vxp_request import recipients


@given(st.lists(st.binary(max_size=9), max_size=9), st.booleans(), st.booleans())
def test_a_file_passes_whole_however_it_is_cut(
    parts: list[bytes],
    ends: bool,  # noqa: FBT001
    padded: bool,  # noqa: FBT001
) -> None:
    """Its line end is left behind, if it has one."""
    whole = b"".join(parts)
    digest = hashlib.sha256(whole).digest()
    file = PassingFile(digest.hex() if padded else unpadded(digest), keep=1000)

    passed = b"".join(file.feed(part) for part in parts)
    passed += b"".join(file.rest([b"\r\n"] if ends else []))

    assert (passed, file.whole) == (whole, whole)


@given(st.binary(max_size=30))
def test_another_file_never_passes(body: bytes) -> None:
    """Whatever was signed, it was not this."""
    file = PassingFile(hashlib.sha256(body + b"x").hexdigest(), keep=10)

    with pytest.raises(Refused):
        list(file.rest([body]))


def test_the_id_of_a_sender_leads_back_to_its_document() -> None:
    """And to no other."""
    document = str(uuid4())
    span = span_of(sender_id(document))

    assert span is not None
    assert span[0] <= document < span[1]


@given(st.text(max_size=40))
def test_no_text_breaks_the_search_for_a_document(text: str) -> None:
    """An id comes from outside."""
    span_of(text)
    recipients(text)
    hops(text)


def test_names_stand_in_the_order_of_java() -> None:
    """As a HashMap of Java 17 gave them."""
    put = "timestamp systemid Content-Type from servicetype messagetype to packet doccode trace"
    names = [*put.split(), "hash-file", "docId", "filePath"]

    assert ";".join(java_order(names)) == (
        "systemid;messagetype;docId;filePath;packet;servicetype;trace;hash-file;from;to;"
        "timestamp;Content-Type;doccode"
    )


@pytest.mark.parametrize(
    "text",
    ['["H13.01","H13.02"]', '"[\\"H13.01\\",\\"H13.02\\"]"', "H13.01,H13.02", "H13.01, H13.02"],
)
def test_recipients_are_read_in_every_form(text: str) -> None:
    """An array, text that holds one, a list with commas."""
    assert recipients(text) == ("H13.01", "H13.02")
