"""PDF objects in their plainest spelling, read where they stand.

Not a PDF parser: what most programs write is read (names without escapes, whole numbers, references,
strings, arrays, dictionaries), and everything else raises :class:`Odd`: a comment, a key that
stands twice, deep nesting, any surprise. Who asks then has a real parser look at the file. Bounded
in time and memory whatever the bytes are.
"""

import re
from typing import NamedTuple, TypeAlias

#: Deeper ones are odd.
_DEEPEST = 12
#: So many names, numbers and brackets are read of one file, and strings of so many bytes.
_MOST_TOKENS = 4000
_LONGEST_STRING = 1 << 20
_BLANK = rb"[\x00\t\n\x0c\r ]"
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]/])"  # of a name or number; not a comment, not a brace
_NAME = rb"(/[!\"$&'*-.0-;=?-Z\\^-z|~]*+)" + _END
_KEY = re.compile(_BLANK + rb"*+(?:" + _NAME + rb"|(>>))")
_SCALARS = (
    _NAME
    + rb"|([1-9]\d{0,6}) 0 R(?![a-zA-Z])(?=.)"
    + rb"|(?!\d+\s+\d+\s+R)([+-]?\d{1,15})"
    + _END
    + rb"|\["
    + _BLANK
    + rb"*+((?:\d{1,15}(?=[\x00\t\n\x0c\r \]])"
    + _BLANK
    + rb"*+){0,2000}+)\]"
)
_VALUE = re.compile(
    _BLANK
    + rb"*+(?:"
    + _SCALARS
    + rb"|(<<)|(\[)|(\])"
    + rb"|<([0-9A-Fa-f]{0,%d}+)>" % _LONGEST_STRING
    + rb"|\(((?:[^()\\]|\\.){0,%d}+)\)" % _LONGEST_STRING
    + rb"|(?:true|false|null|[+-]?\d{0,10}\.\d{0,10})"
    + _END
    + rb")",
    re.DOTALL,
)
#: Most entries, key and value, are read at once.
_ENTRY = re.compile(_BLANK + rb"*+" + _NAME + _BLANK + rb"*+(?:" + _SCALARS + rb")", re.DOTALL)
_NAMED, _REFERENCE, _NUMBER, _NUMBERS = range(1, 5)
#: Of what stands between numbers only zero bytes are no space in Python.
_SPACES = bytes.maketrans(b"\0", b" ")
_DICTIONARY, _ARRAY, _CLOSE, _HEXADECIMAL, _LITERAL = range(5, 10)
_HEAD = re.compile(rb"([1-9]\d{0,6}) 0 obj(?=[\x00\t\n\x0c\r <\[])")
_END_OF_OBJECT = re.compile(_BLANK + rb"*+endobj(?![a-zA-Z])")


class Odd(Exception):
    """Something is not spelled in the plainest way; a real parser has to look at it."""


class Reference(NamedTuple):
    """An indirect object, by its number; the generation is 0."""

    number: int


class Text(NamedTuple):
    """A string, by where it stands with its brackets."""

    begin: int
    end: int


#: A name with its slash, a number, a reference, a string; None for what is never asked for.
Value: TypeAlias = "bytes | int | Reference | Text | list[Value] | Dictionary | None"
Dictionary: TypeAlias = dict[bytes, Value]


class PlainObjects:
    """The objects of one file."""

    def __init__(self, data: memoryview) -> None:
        """Read from *data*, the whole file."""
        self.data = data
        self._left = _MOST_TOKENS

    def object_at(self, place: int, number: int) -> Value:
        """Return the object *number*, which lies at *place*; a stream is odd.

        Raises:
            Odd: it is not there, or not plain.
        """
        value, end = self.begin_of_object(place, number)
        if _END_OF_OBJECT.match(self.data, end) is None:
            raise Odd("an object does not end")
        return value

    def begin_of_object(self, place: int, number: int | None) -> tuple[Value, int]:
        """Return the value that the object at *place* begins with, and the place behind it.

        Raises:
            Odd: the object is another one than *number*, or not plain.
        """
        head = _HEAD.match(self.data, place)
        if head is None or number not in {None, int(head[1])}:
            raise Odd("no object")
        return self.value_at(head.end())

    def value_at(self, place: int, depth: int = 0) -> tuple[Value, int]:
        """Return the value at *place*, and the place behind it; raise Odd for what is not plain."""
        return self._value(self._take(_VALUE, place), depth)

    def _value(self, found: re.Match[bytes], depth: int) -> tuple[Value, int]:
        kind, end = found.lastindex or 0, found.end()
        value: Value = None
        if 0 < kind <= _NUMBERS:
            value = _scalar(found, kind, kind)
        elif kind == _DICTIONARY:
            value, end = self._entries(end, depth + 1)
        elif kind == _ARRAY:
            value, end = self._items(end, depth + 1)
        elif kind in {_HEXADECIMAL, _LITERAL}:
            value = Text(found.start(kind) - 1, end)
        elif kind == _CLOSE:
            raise Odd("a bracket that closes nothing")
        return value, end

    def _entries(self, place: int, depth: int) -> tuple[Dictionary, int]:
        """Return the entries up to the end of a dictionary, and the place behind it."""
        entries: Dictionary = {}
        while depth <= _DEEPEST:
            found = _ENTRY.match(self.data, place)
            if found is None:
                found = self._take(_KEY, place)
                if found.lastindex != _NAMED:
                    return entries, found.end()
                value, place = self.value_at(found.end(), depth)
            else:
                self._spend()
                kind = found.lastindex or 0
                value, place = _scalar(found, kind - 1, kind), found.end()
            if found[1] in entries:
                raise Odd("a key stands twice")
            entries[found[1]] = value
        raise Odd("deep nesting")

    def _items(self, place: int, depth: int) -> tuple[list[Value], int]:
        """Return the values up to the end of an array, and the place behind it."""
        items: list[Value] = []
        while depth <= _DEEPEST:
            found = self._take(_VALUE, place)
            if found.lastindex == _CLOSE:
                return items, found.end()
            value, place = self._value(found, depth)
            items.append(value)
        raise Odd("deep nesting")

    def _take(self, pattern: re.Pattern[bytes], place: int) -> re.Match[bytes]:
        self._spend()
        found = pattern.match(self.data, place)
        if found is None:
            raise Odd("not plain")
        return found

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Odd("too much")


def _scalar(found: re.Match[bytes], kind: int, group: int) -> Value:
    """Return the value of *kind* that *group* holds."""
    text = found[group]
    if kind == _NAMED:
        return text
    if kind == _REFERENCE:
        return Reference(int(text))
    if kind == _NUMBER:
        return int(text)
    return [int(each) for each in text.translate(_SPACES).split()]
