"""Dictionaries are read as pyHanko reads them: values, kinds, places, and every refusal."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.crypto import pdf_tokens
from tests.crypto.corpus import PLAIN
from tests.crypto.honest import HONEST

READER = PdfFileReader(BytesIO(PLAIN))
PARENT = generic.Reference(7, 0, READER)
ORIGINAL = pdf_tokens._original  # noqa: SLF001 - the way that was replaced

BLANKS = st.sampled_from([b" ", b"\n", b"\r\n", b"\t", b"", b" \x00", b"\x0c", b"%c\n", b"\x0b"])
NAMES = st.sampled_from(
    [b"/A", b"/Type", b"/A#42", b"/", b"/a.b-c+d", b"/A/B", b"/\xc3\xa9", b"/a{b", b"/x%y\n"]
)
SCALARS = st.sampled_from(
    [
        *(b"1", b"-7", b"+3", b"007", b"1.5", b".5", b"-", b"1-2", b"1,2", b"99999999999999999"),
        *(b"12 0 R", b"12  0 R", b"0 0 R", b"12 0 Rx", b"12 0 R/", b"012 00 R", b"12 0", b"1 2 3"),
        *(b"12345678 0 R", b"1\n0\nR", b"9 0 R 8 0 R", b"0 1 R", b"-1 0 R", b"12\x0b0 R"),
        *(b"(text)", b"(a\\)b)", b"(a(b)c)", b"(", b"<30>", b"<3>", b"< 30 >", b"<zz>", b"<"),
        *(b"true", b"false", b"null", b"nul", b"tru", b"endobj", b"stream", b"R", b"{", b"}"),
    ]
)
#: A word as PDF has them, or not.
WORDS = st.one_of(NAMES, SCALARS)


def _join(parts: list[bytes]) -> bytes:
    return b"".join(parts)


VALUES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(st.one_of(inner, BLANKS), max_size=5).map(
            lambda each: b"[" + b" ".join(each) + b"]"
        ),
        st.lists(st.one_of(st.tuples(NAMES, BLANKS, inner).map(b"".join)), max_size=4).map(
            lambda each: b"<<" + b" ".join(each) + b">>"
        ),
    ),
    max_leaves=12,
)
ENTRIES = st.lists(st.tuples(NAMES, BLANKS, VALUES, BLANKS).map(b"".join), max_size=6).map(_join)
TAILS = st.sampled_from(
    [
        *(
            b"",
            b" ",
            b"\nendobj",
            b" stream\n",
            b"\nstream\r\nabc\nendstream\nendobj",
            b"x",
            b"%",
            b">",
        ),
        b"\nstream\nabcdefghij\nendstream",
    ]
)


def outcome(read: Any, text: bytes) -> object:  # noqa: ANN401 - one of two readers
    """Return all that *read* makes of *text*: the object as it is, the place, or the refusal."""
    stream = BytesIO(text)
    try:
        value = read(stream, PARENT)
    except Exception as error:  # noqa: BLE001 - compared, not handled
        return type(error)
    return shape(value), stream.tell()


def shape(value: Any, *, depth: int = 0) -> object:  # noqa: ANN401 - any object of a file
    """Return *value* with its kinds, in plain tuples."""
    holder = getattr(value, "container_ref", None) if depth else None
    kind = type(value), holder is PARENT
    if isinstance(value, generic.StreamObject):
        return (*kind, entries(value, depth), value.encoded_data)
    if isinstance(value, generic.DictionaryObject):
        return (*kind, entries(value, depth))
    if isinstance(value, generic.ArrayObject):
        listed = [value.raw_get(place) for place in range(len(value))]
        return (*kind, *(shape(each, depth=depth + 1) for each in listed))
    return (*kind, repr(value))


def entries(value: generic.DictionaryObject, depth: int) -> object:
    """Return the entries of *value* in their order."""
    return [(type(key), str(key), shape(value.raw_get(key), depth=depth + 1)) for key in value]


@settings(max_examples=400)
@given(ENTRIES, TAILS, st.booleans())
def test_a_dictionary_is_read_as_pyhanko_reads_it(body: bytes, tail: bytes, has_end: bool) -> None:  # noqa: FBT001 - hypothesis
    """Whatever stands in it, plain or odd."""
    text = b"<<" + body + (b">>" if has_end else b"") + tail

    assert outcome(pdf_tokens.read_dictionary, text) == outcome(ORIGINAL, text)


@given(st.binary(max_size=40), st.integers(0, 40))
def test_damage_is_read_as_pyhanko_reads_it(noise: bytes, place: int) -> None:
    """Bytes of any kind in the middle of a plain dictionary."""
    plain = b"<</Type/Sig/V 5 0 R/Kids[1 0 R 2 0 R]/N 3/In<</A/B>>/S(x)/H<3031>>>\nendobj"
    text = plain[:place] + noise + plain[place:]

    assert outcome(pdf_tokens.read_dictionary, text) == outcome(ORIGINAL, text)


@pytest.mark.parametrize("depth", [1, 15, 16, 17, 40, 2000])
def test_depth_is_pyhankos_affair(depth: int) -> None:
    """A nest is read, or refused, as by pyHanko."""
    text = b"<</A " * depth + b"1" + b">>" * depth

    assert outcome(pdf_tokens.read_dictionary, text) == outcome(ORIGINAL, text)


@pytest.mark.parametrize("name", ["table", "qdf", "object-streams", "form-filled"])
def test_every_dictionary_of_a_file_is_read_alike(name: str) -> None:
    """From each `<<` of real files, also where there is none."""
    pdf = HONEST[name]
    places = [place for place in range(len(pdf)) if pdf.startswith(b"<<", place)]

    for place in places:
        text = pdf[place : place + 20_000]
        assert outcome(pdf_tokens.read_dictionary, text) == outcome(ORIGINAL, text)
