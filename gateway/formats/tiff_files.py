"""TIFF and BigTIFF (TIFF 6.0; the form for more than 4 GB): pages, their size, their strips.

Directories and the places of strips and tiles are read; nothing is decoded.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

_MOST_PAGES = 10_000
#: Places and lengths of strips or tiles that are compared with the file, of all pages together.
_MOST_NUMBERS = 1_000_000
#: Entries of a directory; the standard knows some hundred tags.
_MOST_ENTRIES = 4_096
_WIDTH, _HEIGHT = 256, 257
_STRIPS = {273: 279, 324: 325}  #: tag of the places -> tag of their lengths
_NUMBERS = {3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}  #: type of a field -> its numbers
_BIG = frozenset({b"II+\0", b"MM\0+"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One picture of a TIFF."""

    pixels: int
    is_whole: bool  #: all its strips lie in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How numbers are written: the order of bytes, the width of places and of counts."""

    order: str
    place: str
    count: str
    first: int  #: where the place of the first directory stands

    @property
    def entry(self) -> struct.Struct:
        """Return tag, type and count of a field; its value follows in the width of a place."""
        return struct.Struct(f"{self.order}HH{self.place}")

    def size(self, code: str) -> int:
        """Return how many bytes a number takes."""
        return struct.calcsize(self.order + code)

    def number(self, code: str, raw: bytes) -> int:
        """Return the number that *raw* is."""
        return int(struct.unpack(self.order + code, raw)[0])


def pages(file: BinaryIO, size: int) -> Iterator[Page | None]:
    """Yield the pages of a TIFF of *size* bytes, and None where it breaks off."""
    walk = _Walk(file, size)
    at, seen = walk.number_at(walk.form.first, walk.form.place), set[int]()
    if not at:
        yield None
    while at:
        fields = walk.directory(at) if at not in seen and len(seen) < _MOST_PAGES else None
        if fields is None:
            yield None
            return
        seen.add(at)
        behind = file.tell()
        yield walk.page(fields)
        # a writer that stops after the last entry leaves the end of the chain out
        at = walk.number_at(behind, walk.form.place)


class _Walk:
    """Reads what directories say, at most so many numbers in all."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._left = _MOST_NUMBERS
        head = self._read(0, 4)
        order = "<" if head.startswith(b"I") else ">"
        place, count, first = ("Q", "Q", 8) if head in _BIG else ("L", "H", 4)
        self.form = _Form(order=order, place=place, count=count, first=first)

    def number_at(self, at: int, code: str) -> int | None:
        """Read the number at *at*, None behind the end; the file stands behind it then."""
        raw = self._read(at, self.form.size(code))
        return self.form.number(code, raw) if len(raw) == self.form.size(code) else None

    def _read(self, at: int, count: int) -> bytes:
        if at > self._size:
            return b""
        self._file.seek(at)
        return self._file.read(count)

    def directory(self, at: int) -> Mapping[int, bytes] | None:
        """Read the fields of the directory at *at* by their tags; the file stands behind them."""
        count, form = self.number_at(at, self.form.count), self.form
        if count is None or count > _MOST_ENTRIES:
            return None
        width = form.entry.size + form.size(form.place)
        entries = self._file.read(count * width)
        if len(entries) < count * width:
            return None
        fields = (entries[begin : begin + width] for begin in range(0, len(entries), width))
        return {form.number("H", each[:2]): each for each in fields}

    def page(self, fields: Mapping[int, bytes]) -> Page:
        """Read what *fields* say of a page."""
        sides = [self._numbers(fields.get(tag)) or (0,) for tag in (_WIDTH, _HEIGHT)]
        is_whole = all(
            self._are_inside(fields[places], fields[lengths])
            for places, lengths in _STRIPS.items()
            if places in fields and lengths in fields
        )
        return Page(pixels=sides[0][0] * sides[1][0], is_whole=is_whole)

    def _are_inside(self, places: bytes, lengths: bytes) -> bool:
        begins, counts = self._numbers(places), self._numbers(lengths)
        if begins is None or counts is None:
            return False
        return all(
            begin + count <= self._size for begin, count in zip(begins, counts, strict=False)
        )

    def _numbers(self, field: bytes | None) -> tuple[int, ...] | None:
        """Return the numbers of a *field*, None when there are none, too many, or outside."""
        if field is None:
            return None
        form = self.form
        _, kind, count = form.entry.unpack_from(field)
        code = _NUMBERS.get(kind)
        if code is None or count > self._left:
            return None
        self._left -= count
        length, value = count * form.size(code), field[form.entry.size :]
        if length > len(value):
            value = self._read(form.number(form.place, value), length)
        if len(value) < length:
            return None
        return struct.unpack(f"{form.order}{count}{code}", value[:length])
