"""Reads plain dictionaries of PDF files many tokens at a time, and gives what pyHanko gives.

pyHanko reads them byte by byte. Here names, whole numbers, references, arrays and dictionaries in
their plainest spelling are taken by one pattern; a value in any other spelling is left to pyHanko
where it stands, and so is a whole dictionary in which anything else is odd: a comment, an escape in
a name, a key that stands twice, deep nesting, a missing end.
"""

import re
from io import BytesIO
from typing import IO, Any

from pyhanko.pdf_utils import generic

#: Deeper ones are left to pyHanko, and to its limit.
_DEEPEST = 16
_BLANK = rb"[\x00\t\n\x0c\r ]"
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]/])"  # of a name or number; not a comment, not a brace
_NAME = rb"(/[!\"$&'*-.0-;=?-Z\\^-z|~]*)" + _END
_KEY = re.compile(_BLANK + rb"*(?:" + _NAME + rb"|(>>))")
#: A number is none when pyHanko could take it for the begin of a reference.
_VALUE = re.compile(
    _BLANK
    + rb"*(?:"
    + _NAME
    + rb"|([1-9]\d{0,6}) (\d{1,5}) R(?![a-zA-Z])(?=.)"
    + rb"|(?!\d+\s+\d+\s+R)([+-]?\d{1,15})"
    + _END
    + rb"|(<<)|(\[)|(\]))",
    re.DOTALL,
)
_SPACE = re.compile(_BLANK + rb"*")
_original: Any = generic.DictionaryObject.read_from_stream


class _Odd(Exception):
    """Something is not plain."""


def read_dictionary(
    stream: IO[bytes],
    container_ref: generic.Dereferenceable,
    as_metadata_stream: bool = False,  # noqa: FBT001, FBT002 - as in pyHanko
    in_content_stream: generic.ContentOpReading = generic.ContentOpReading.NO,
) -> generic.DictionaryObject:
    """Read a dictionary, or a stream, as pyHanko does, and leave *stream* behind it."""
    start = stream.tell()
    if type(stream) is BytesIO and not as_metadata_stream and not in_content_stream:
        try:
            return _Reading(stream, container_ref).top(start)
        except _Odd:
            stream.seek(start)
    found: generic.DictionaryObject = _original(
        stream, container_ref, as_metadata_stream, in_content_stream
    )
    return found


class _Reading:
    """One dictionary while it is read."""

    def __init__(self, stream: BytesIO, container_ref: generic.Dereferenceable) -> None:
        self._stream = stream
        self._data = stream.getvalue()
        self._container_ref = container_ref
        self._handler = container_ref.get_pdf_handler()

    def top(self, place: int) -> generic.DictionaryObject:
        """Return the dictionary at *place*, with the payload that may follow."""
        if not self._data.startswith(b"<<", place):
            raise _Odd
        entries, place = self._entries(place + 2, 0)
        self._stream.seek(place)
        payload = generic._maybe_read_stream_payload(self._stream, entries, self._handler)  # noqa: SLF001 - pyHanko offers no other way to it
        if payload is None:
            return generic.DictionaryObject(entries)
        return generic.StreamObject(entries, encoded_data=payload)

    def _entries(self, place: int, depth: int) -> tuple[dict[Any, Any], int]:
        """Return the entries up to the end of the dictionary, and the place behind it."""
        if depth > _DEEPEST:
            raise _Odd
        entries: dict[Any, Any] = {}
        while True:
            found = _KEY.match(self._data, place)
            if found is None:
                raise _Odd
            place = found.end()
            if found.lastindex != 1:
                return entries, place
            key = generic.NameObject(found[1].decode("ascii"))
            if key in entries:
                raise _Odd
            entries[key], place = self._value(place, depth)

    def _value(self, place: int, depth: int) -> tuple[Any, int]:
        """Return the value at *place*, and the place behind it."""
        found = _VALUE.match(self._data, place)
        kind = 0 if found is None else found.lastindex
        value: Any
        if found is None or kind == _CLOSE:
            value, place = self._other(place)
            return value, place
        place = found.end()
        if kind == _NAMED:
            value = generic.NameObject(found[1].decode("ascii"))
        elif kind == _REFERENCE:
            value = generic.IndirectObject(int(found[2]), int(found[3]), self._handler)
        elif kind == _NUMBER:
            value = generic.NumberObject(found[4])
        elif kind == _DICTIONARY:
            value, place = self._inner(place, depth + 1)
        else:
            value, place = self._array(place, depth + 1)
        value.container_ref = self._container_ref
        return value, place

    def _inner(self, place: int, depth: int) -> tuple[generic.DictionaryObject, int]:
        """Return the dictionary whose entries begin at *place*; a stream is none here."""
        entries, place = self._entries(place, depth)
        behind = _SPACE.match(self._data, place)
        if behind is None or self._data[behind.end() : behind.end() + 1] in {b"s", b"%", b""}:
            raise _Odd
        return generic.DictionaryObject(entries), place

    def _array(self, place: int, depth: int) -> tuple[generic.ArrayObject, int]:
        """Return the array whose values begin at *place*."""
        if depth > _DEEPEST:
            raise _Odd
        values = generic.ArrayObject()
        while True:
            found = _VALUE.match(self._data, place)
            if found is not None and found.lastindex == _CLOSE:
                return values, found.end()
            value, place = self._value(place, depth)
            values.append(value)

    def _other(self, place: int) -> tuple[Any, int]:
        """Have pyHanko read the value at *place*: a string, a constant, or something odd."""
        blank = _SPACE.match(self._data, place)
        begin = place if blank is None else blank.end()
        if self._data[begin : begin + 1] not in _OTHERS:
            raise _Odd
        self._stream.seek(begin)
        value = generic.read_object(self._stream, self._container_ref)
        return value, self._stream.tell()


#: Groups of the pattern of values.
_NAMED, _REFERENCE, _NUMBER, _DICTIONARY, _CLOSE = 1, 3, 4, 5, 7
_OTHERS = frozenset(
    {b"(", b"<", b"t", b"f", b"n", b".", b"-", b"+"} | {b"%d" % n for n in range(10)}
)
