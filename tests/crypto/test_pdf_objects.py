"""Plain objects of PDF files are what pyHanko reads there, or odd."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from gateway.domain.pdf_objects import Odd, PlainObjects, Reference, Text, Value
from tests.crypto.test_pdf_tokens import ENTRIES, PARENT, VALUES


@settings(max_examples=600)
@given(st.one_of(VALUES, ENTRIES.map(lambda each: b"<<" + each + b">>")))
def test_a_plain_value_is_what_pyhanko_reads(text: bytes) -> None:
    """Kind, value and end, whatever stands there; what is odd is left to pyHanko."""
    text = text.lstrip(b"\x00\t\n\x0c\r ") + b" /"
    try:
        value, end = PlainObjects(memoryview(text)).value_at(0)
    except Odd:
        return
    stream = BytesIO(text)

    theirs = generic.read_object(stream, PARENT)

    assert stream.tell() == end
    assert is_alike(value, theirs, text)


def is_alike(value: Value, theirs: object, text: bytes) -> bool:
    """Whether *value* says of *theirs* what it can say."""
    match theirs:
        case generic.ArrayObject():
            inner = [theirs.raw_get(place) for place in range(len(theirs))]
            return isinstance(value, list) and all(
                is_alike(*each, text) for each in zip(value, inner, strict=True)
            )
        case generic.DictionaryObject():
            return isinstance(value, dict) and all(
                is_alike(each, theirs.raw_get(key.decode("ascii")), text)
                for key, each in value.items()
            )
        case generic.TextStringObject() | generic.ByteStringObject():
            return isinstance(value, Text) and text[value.begin : value.begin + 1] in {b"(", b"<"}
        case _:
            return value == plain(theirs)


def plain(theirs: object) -> Value:
    """Return a scalar of pyHanko as it is told here; None for what is never asked for."""
    match theirs:
        case generic.IndirectObject(generation=0):
            return Reference(theirs.idnum)
        case generic.NumberObject():
            return int(theirs)
        case generic.NameObject():
            return str(theirs).encode("ascii")
        case _:
            return None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"<<" * 20 + b">>" * 20, id="deep"),
        pytest.param(b"[" * 20 + b"]" * 20, id="deep arrays"),
        pytest.param(b"<</A 1/A 2>>", id="twice the same key"),
        pytest.param(b"<</A 1%c\n>>", id="a comment"),
        pytest.param(b"<</#41 1>>", id="an escape in a name"),
        pytest.param(b"[" + b"/A " * 5000 + b"]", id="many words"),
        pytest.param(b"[" + b"1 " * 5000 + b"]", id="many numbers"),
        pytest.param(b"[" + b"1" * 5000 + b"]", id="a long number"),
        pytest.param(b"(a(b)c)", id="brackets in a string"),
        pytest.param(b"<</A", id="no end"),
    ],
)
def test_what_is_not_plain_is_odd(text: bytes) -> None:
    """In bounded time, without guessing."""
    with pytest.raises(Odd):
        PlainObjects(memoryview(text + b" ")).value_at(0)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_odd(noise: bytes) -> None:
    """Nothing else is ever raised."""
    with suppress(Odd):
        _, end = PlainObjects(memoryview(b"<<" + noise)).value_at(0)
        assert end <= len(noise) + 2
