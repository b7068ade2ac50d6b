"""Where the objects of a PDF file lie: its tables of places in their plainest spelling.

From the end of the file back through every revision: plain tables, and streams of places. A file
with a hybrid of both, objects of higher generations, encryption, or anything else unusual is odd
(:class:`gateway.domain.pdf_objects.Odd`); so is one whose tables are long.
"""

import re
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from gateway.domain.pdf_objects import Dictionary, Odd, PlainObjects, Reference

_MOST_SECTIONS = 32
_MOST_ENTRIES = 20_000
#: Successive numbers stand together; a revision of a few objects has a run for each at worst.
_MOST_RUNS = 2000
_TAIL = 1024
_EOL = rb"(?:\r\n|\n|\r)"
_START = re.compile(
    rb"[\r\n]startxref" + _EOL + rb"(\d{1,10})" + _EOL + rb"%%EOF" + _EOL + rb"?\Z"
)
_TABLE = re.compile(rb"xref[\t ]*" + _EOL)
_SUBSECTION = re.compile(rb"(\d{1,7}) (\d{1,7})[\t ]*" + _EOL)
_ENTRIES = re.compile(rb"(?:\d{10} \d{5} [nf](?: [\r\n]|\r\n))*+")
_ENTRY_BYTES = 20
_TRAILER = re.compile(rb"trailer[\x00\t\n\x0c\r ]*+(?=<<)")
_STREAM = re.compile(rb"[\x00\t\n\x0c\r ]*+stream(?:\r\n|\n)")
_END_OF_STREAM = re.compile(rb"[\r\n]{0,2}endstream[\x00\t\n\x0c\r ]*+endobj(?=[\x00\t\n\x0c\r ])")
#: What a stream of places may say of itself.
_KEYS = frozenset(
    {
        *(b"/Type", b"/W", b"/Index", b"/Size", b"/Length", b"/Filter", b"/DecodeParms"),
        *(b"/Prev", b"/Root", b"/Info", b"/ID"),
    }
)
_FREE, _IN_FILE, _PACKED = range(3)
_UP = 12  #: predictor: every row is told by its difference to the one above


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Places of objects with successive numbers."""

    first: int
    count: int
    begin: int  #: of the first entry, within the rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one revision lists."""

    begin: int  #: where it lies in the file
    end: int
    runs: Sequence[Run]  #: by their numbers, none twice
    rows: bytes  #: of a stream, unpacked; of a table, as they stand
    widths: tuple[int, int, int] | None  #: of the columns of a stream; None for a table
    trailer: Dictionary

    @property
    def root(self) -> int:
        """The number of the catalogue of this revision."""
        root = self.trailer.get(b"/Root")
        if not isinstance(root, Reference):
            raise Odd("no catalogue")
        return root.number

    @property
    def has_packed_objects(self) -> bool:
        """Whether it says that an object lies within a stream."""
        return self.widths is not None and _PACKED in self.rows[:: sum(self.widths)]

    def place_of(self, number: int) -> int | None:
        """Return where object *number* lies, None when this section does not tell.

        Raises:
            Odd: it is free, packed, or of a higher generation.
        """
        found = bisect_right(self.runs, number, key=_first)
        run = self.runs[found - 1] if found else None
        if run is None or number >= run.first + run.count:
            return None
        return self._place(run, number)

    def _place(self, run: Run, number: int) -> int:
        if self.widths is None:
            begin = run.begin + _ENTRY_BYTES * (number - run.first)
            entry = self.rows[begin : begin + _ENTRY_BYTES]
            if entry[10:18] != b" 00000 n":
                raise Odd("no plain place")
            return int(entry[:10])
        kind, place, generation = self.widths
        width = kind + place + generation
        begin = run.begin + width * (number - run.first)
        row = self.rows[begin : begin + width]
        if row[0] != _IN_FILE or any(row[kind + place :]):
            raise Odd("no plain place")
        return int.from_bytes(row[kind : kind + place])


def sections_of(objects: PlainObjects) -> list[Section]:
    """Return the sections of a file, the oldest first.

    Raises:
        Odd: they are not plain.
    """
    data = objects.data
    tail = _START.search(bytes(data[-_TAIL:]))
    if tail is None:
        raise Odd("no plain end")
    found: list[Section] = []
    seen: set[int] = set()
    place: int | None = int(tail[1])
    while place is not None:
        if place in seen or len(found) >= _MOST_SECTIONS:
            raise Odd("the revisions do not end")
        seen.add(place)
        section = _section_at(objects, place)
        found.append(section)
        if section.trailer.keys() & {b"/Encrypt", b"/XRefStm"}:
            raise Odd("encrypted or hybrid")
        place = _number(section.trailer, b"/Prev") if b"/Prev" in section.trailer else None
    return found[::-1]


def place_of(number: int, sections: Sequence[Section]) -> int:
    """Return where object *number* lies in a file of these *sections*, the oldest first.

    Raises:
        Odd: no section tells, or its place is not plain.
    """
    for each in reversed(sections):
        place = each.place_of(number)
        if place is not None:
            return place
    raise Odd("an object without a place")


def _section_at(objects: PlainObjects, place: int) -> Section:
    table = _TABLE.match(objects.data, place)
    if table is None:
        return _stream_at(objects, place)
    return _table_at(objects, place, table.end())


def _table_at(objects: PlainObjects, begin: int, place: int) -> Section:
    data, runs, end = objects.data, list[Run](), place
    trailer = None
    while trailer is None:
        head = _SUBSECTION.match(data, end)
        if head is None or len(runs) >= _MOST_RUNS:
            raise Odd("no plain table")
        first, count = int(head[1]), int(head[2])
        runs.append(Run(first=first, count=count, begin=head.end() - place))
        end = head.end() + count * _ENTRY_BYTES
        if count > _MOST_ENTRIES or _ENTRIES.fullmatch(data, head.end(), end) is None:
            raise Odd("no plain entries")
        trailer = _TRAILER.match(data, end)
    _check(runs)
    entries, behind = objects.value_at(trailer.end())
    if not isinstance(entries, dict):
        raise Odd("no trailer")
    _number(entries, b"/Size")
    return Section(
        begin=begin,
        end=behind,
        runs=runs,
        rows=bytes(data[place:end]),
        widths=None,
        trailer=entries,
    )


def _stream_at(objects: PlainObjects, place: int) -> Section:
    entries, end = objects.begin_of_object(place, None)
    if not isinstance(entries, dict) or entries.get(b"/Type") != b"/XRef":
        raise Odd("no stream of places")
    if not entries.keys() <= _KEYS:
        raise Odd("an unusual stream of places")
    match entries.get(b"/W"):
        case [1, int(second), int(third)] if 0 < second <= 8 and 0 <= third <= 4:  # noqa: PLR2004 - bytes
            columns = (1, second, third)
        case _:
            raise Odd("no plain columns")
    index = entries.get(b"/Index", [0, _number(entries, b"/Size")])
    width, begin = sum(columns), 0
    runs: list[Run] = []
    for first, count in _pairs(index):
        runs.append(Run(first=first, count=count, begin=begin))
        begin += count * width
    _check(runs)
    raw, end = _payload(objects.data, end, _number(entries, b"/Length"))
    rows = _unpacked(raw, entries, begin, width)
    if set(rows[::width]) - {_FREE, _IN_FILE, _PACKED}:
        raise Odd("entries of an unknown kind")
    return Section(begin=place, end=end, runs=runs, rows=rows, widths=columns, trailer=entries)


def _pairs(index: object) -> list[tuple[int, int]]:
    if not isinstance(index, list) or len(index) % 2:
        raise Odd("no plain index")
    if not all(isinstance(each, int) and each >= 0 for each in index):
        raise Odd("no plain index")
    return list(zip(index[::2], index[1::2], strict=True))


def _first(run: Run) -> int:
    return run.first


def _check(runs: Sequence[Run]) -> None:
    """Raise Odd when numbers overlap, or there are absurdly many."""
    if sum(each.count for each in runs) > _MOST_ENTRIES:
        raise Odd("a long table")
    if any(one.first + one.count > other.first for one, other in pairwise(runs)):
        raise Odd("numbers stand twice")


def _payload(data: memoryview, place: int, length: int) -> tuple[bytes, int]:
    """Return the bytes of the stream that begins at *place*, and the place behind it."""
    head = _STREAM.match(data, place)
    if head is None:
        raise Odd("no stream")
    end = _END_OF_STREAM.match(data, head.end() + length)
    if end is None:
        raise Odd("a stream does not end")
    return bytes(data[head.end() : head.end() + length]), end.end()


def _unpacked(raw: bytes, entries: Dictionary, size: int, width: int) -> bytes:
    """Return the *size* bytes of rows that a stream packs."""
    parameters = entries.get(b"/DecodeParms")
    is_told_by_difference = parameters == {b"/Predictor": _UP, b"/Columns": width}
    if parameters is not None and not is_told_by_difference:
        raise Odd("unusual rows")
    wanted = size + size // width if is_told_by_difference else size
    if entries.get(b"/Filter") == b"/FlateDecode":
        unpacking = zlib.decompressobj()
        try:
            raw = unpacking.decompress(raw, wanted + 1)
        except zlib.error as error:
            raise Odd("a damaged stream") from error
        if not unpacking.eof or unpacking.unused_data:
            raise Odd("a damaged stream")
    elif b"/Filter" in entries:
        raise Odd("an unusual filter")
    if len(raw) != wanted:
        raise Odd("a stream of another length")
    return _summed(raw, width) if is_told_by_difference else raw


def _summed(raw: bytes, width: int) -> bytes:
    """Return rows of which each is told by its difference to the one above."""
    if set(raw[:: width + 1]) - {2}:
        raise Odd("rows told in another way")
    rows = bytearray(len(raw) // (width + 1) * width)
    for column in range(width):
        differences = raw[column + 1 :: width + 1]
        rows[column::width] = bytes(each & 0xFF for each in accumulate(differences))
    return bytes(rows)


def _number(entries: Dictionary, key: bytes) -> int:
    value = entries.get(key)
    if not isinstance(value, int) or value < 0:
        raise Odd(f"no plain {key!r}")
    return value
