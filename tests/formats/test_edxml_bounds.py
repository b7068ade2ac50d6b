"""Messages that want to cost much: time and memory stay bounded."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import Message
from gateway.domain.findings import refuses
from tests.formats.samples import codes, read
from tests.samples.edxml_corpus import DOCUMENTS, REFUSED
from tests.samples.edxml_forms import Element, leaf, no_prefix, written
from tests.samples.edxml_messages import (
    MESSAGE,
    PDF,
    TEXT,
    added,
    changed,
    encoded,
    plain,
)


@pytest.mark.parametrize(
    "more",
    [
        "<SteeringType>x</SteeringType>" * 95_000,
        "<DueDate>x</DueDate>" * 20_000,
        ("<To><OrganId>" + "1" * 51 + "</OrganId></To>") * 20_000,
        "<a>" * 50 + "<b/>" * 20_000 + "</a>" * 50,
        "".join(f"<{'n' * 1000}{n}>" for n in range(50))
        + "<b>x</b>" * 20_000
        + "".join(f"</{'n' * 1000}{n}>" for n in reversed(range(50))),
    ],
    ids=["numbers", "dates", "recipients", "depth", "long paths"],
)
def test_many_faults_take_no_long_time(more: str) -> None:
    """What costs most is found out early, and only some of it is told."""
    message = changed(MESSAGE, lambda each: each.but(markup=more), no_prefix(""))
    begun = time.thread_time()

    found = read(message).findings

    assert (len(found) <= 100, time.thread_time() - begun < 3) == (True, True)


@pytest.mark.parametrize("kind", ["&#65;", "<![CDATA[A]]>", "<!---->A"])
def test_base64_written_letter_by_letter_is_bounded(kind: str) -> None:
    """References, sections and comments between letters cost time; there are limits on them."""
    text = kind * 800_000
    message = written(plain()).replace(encoded(PDF).encode(), text.encode())
    begun = time.thread_time()

    read(message)

    assert time.thread_time() - begun < 5


def test_content_that_is_no_base64_is_said_once() -> None:
    """The attachment is named."""
    message = written(plain()).replace(encoded(TEXT).encode(), b"not base64!")

    assert [(each.code, each.pointer) for each in read(message).findings] == [
        ("edxml-base64", "/attachments/2")
    ]


def test_base64_of_samples_has_no_line_breaks() -> None:
    """The corpus writes what the SDK writes."""
    assert base64.b64encode(PDF) in written(plain())


def test_five_thousand_recipients_with_all_their_data_are_read() -> None:
    """As many as a node takes by default, each with everything that an organisation may say."""
    fields = {
        "OrganizationInCharge": "Ủy ban nhân dân tỉnh Ví Dụ thuộc vùng thử nghiệm",
        "OrganName": "Ủy ban nhân dân xã Thí Dụ, tỉnh Ví Dụ",
        "OrganAdd": "Số 1 đường Thử Nghiệm, xã Thí Dụ, tỉnh Ví Dụ, Việt Nam",
        "Email": "vanthu.xathidu@vidu.example.gov.vn",
        "Telephone": "0200 3 000 000",
        "Fax": "0200 3 000 001",
        "Website": "https://xathidu.vidu.example.gov.vn",
    }
    more = [leaf(name, text) for name, text in fields.items()]
    recipients = [
        Element(name="To", children=(leaf("OrganId", f"H98.{n:04}"), *more)) for n in range(4998)
    ]
    begun = time.thread_time()

    reading = read(added(MESSAGE, *recipients))

    assert isinstance(reading.message, Message)
    assert (len(reading.message.recipients), codes(reading)) == (5000, [])
    assert time.thread_time() - begun < 3


@given(
    st.sampled_from([*DOCUMENTS.values(), *(message for message, _, _ in REFUSED.values())]),
    st.lists(
        st.tuples(
            st.integers(0, 8_000),
            st.integers(0, 40),
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from(
                    [b"<", b">", b"</", b"&", b"]]>", b"<!--", b"<![CDATA[", b"\0", b"\xff", b"="]
                ),
            ),
        ),
        max_size=4,
    ),
    st.integers(1, 20_000),
)
def test_a_mangled_message_is_read_or_refused(
    message: bytes, cuts: list[tuple[int, int, bytes]], step: int
) -> None:
    """Whatever is cut out and put in, the reader does not raise, and says why it has no message."""
    mangled = bytearray(message)
    for at, length, patch in cuts:
        mangled[at : at + length] = patch

    reading = read(bytes(mangled), step=step)

    assert reading.message is not None or refuses(reading.findings)
