"""Messages that want to cost much: time and memory stay bounded."""

import base64
import time

import pytest

from tests.formats.samples import read
from tests.samples.edxml_forms import no_prefix, written
from tests.samples.edxml_messages import (
    MESSAGE,
    PDF,
    TEXT,
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
