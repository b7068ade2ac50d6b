"""Images walked from block to block: whether the end is there, and what stands behind it.

Nothing is decoded: headers and lengths are read, so an image of any size costs little.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from gateway.domain.inspection import Observation, Trait

#: Blocks, segments or directories walked at most; a camera writes some dozens.
_MOST_STEPS = 100_000
_MOST_PAGES = 10_000
#: Twice a sheet of A0 at 600 dots an inch; whoever opens more needs several GB.
_MOST_PIXELS = 1_200_000_000
_CHUNK = 1_048_576
#: What another kind of file begins with. Phones put films and further pictures behind a picture.
_OTHER = (b"PK\x03\x04", b"%PDF-", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"<html", b"<script")
_TRUNCATED = Observation(trait=Trait.TRUNCATED)
_STRIPS = {273: 279, 324: 325}  #: tag of the places -> tag of their lengths
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 13: 4}


def look_into_image(file: BinaryIO, media_type: str) -> Iterator[Observation]:
    """Yield what is wrong with an image: too large to open, cut off, or joined to another file."""
    if _pixels(file, media_type) > _MOST_PIXELS:
        yield Observation(trait=Trait.BOMB)
    size = file.seek(0, 2)
    end = _ENDS[media_type](file, size)
    if end is None:
        yield _TRUNCATED
        return
    if end == 0:
        return
    file.seek(end)
    behind = file.read(64).lstrip(b"\0 \r\n\t").lower()
    if behind.startswith(tuple(each.lower() for each in _OTHER)):
        yield Observation(trait=Trait.POLYGLOT, what=f"after byte {end}")


def _pixels(file: BinaryIO, media_type: str) -> int:
    """Return how many pixels the head of a PNG or GIF declares; 0 for kinds without a head."""
    if media_type == "image/png":
        width, height = struct.unpack(">LL", _at(file, 16, 8).ljust(8, b"\0"))
    elif media_type == "image/gif":
        width, height = struct.unpack("<HH", _at(file, 6, 4).ljust(4, b"\0"))
    else:
        return 0
    return int(width) * int(height)


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _end_of_jpeg(file: BinaryIO, size: int) -> int | None:
    """Return the place after the end mark of the first picture, None when there is none."""
    at = 2
    for _ in range(_MOST_STEPS):
        marker = _at(file, at, 4)
        if len(marker) < 4 or marker[0] != 0xFF:  # noqa: PLR2004
            return None
        if marker[1] == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1
            continue
        if marker[1] == 0xDA:  # noqa: PLR2004 - the scan begins
            return _find(file, b"\xff\xd9", at, size)
        at += 2 + int.from_bytes(marker[2:], "big")
    return None


def _find(file: BinaryIO, mark: bytes, begin: int, size: int) -> int | None:
    """Return the place after the first *mark* from *begin* on."""
    at = begin
    while at < size:
        found = _at(file, at, _CHUNK).find(mark)
        if found >= 0:
            return at + found + len(mark)
        at += _CHUNK - len(mark) + 1
    return None


def _end_of_png(file: BinaryIO, size: int) -> int | None:
    at = 8
    for _ in range(_MOST_STEPS):
        chunk = _at(file, at, 8)
        if len(chunk) < 8:  # noqa: PLR2004
            return None
        at += 12 + int.from_bytes(chunk[:4], "big")
        if chunk[4:] == b"IEND":
            return at if at <= size else None
    return None


def _end_of_gif(file: BinaryIO, size: int) -> int | None:
    flags = _at(file, 10, 1)
    at = 13 + _colours(flags[0]) if flags else size
    for _ in range(_MOST_STEPS):
        block = _at(file, at, 10)
        kind = block[:1]
        if kind == b";":
            return at + 1
        if kind == b"!":
            at = _after_blocks(file, at + 2, size)
        elif kind == b"," and len(block) == 10:  # noqa: PLR2004
            at = _after_blocks(file, at + 11 + _colours(block[9]), size)
        else:
            return None
    return None


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(file: BinaryIO, at: int, size: int) -> int:
    while at < size:
        length = _at(file, at, 1)
        at += 1 + length[0]
        if not length[0]:
            return at
    return size


def _end_of_tiff(file: BinaryIO, size: int) -> int | None:
    """Return 0 when all strips and tiles lie in the file; a TIFF has no end of its own."""
    order = "<" if _at(file, 0, 1) == b"I" else ">"
    (at,) = struct.unpack(order + "L", _at(file, 4, 4).ljust(4, b"\0"))
    seen: set[int] = set()
    while at:
        count = _at(file, at, 2)
        if at in seen or len(count) < 2 or len(seen) == _MOST_PAGES:  # noqa: PLR2004
            return None
        seen.add(at)
        length = struct.unpack(order + "H", count)[0] * 12
        entries = _at(file, at + 2, length + 4)
        if len(entries) < length or not _strips_are_inside(file, entries[:length], order, size):
            return None
        (at,) = struct.unpack(order + "L", entries[length:].ljust(4, b"\0")[:4])
    return 0 if seen else None


def _strips_are_inside(file: BinaryIO, entries: bytes, order: str, size: int) -> bool:
    fields = {
        struct.unpack_from(order + "H", entries, at)[0]: entries[at : at + 12]
        for at in range(0, len(entries), 12)
    }
    for places, lengths in _STRIPS.items():
        if places not in fields or lengths not in fields:
            continue
        begins = _numbers(file, fields[places], order)
        counts = _numbers(file, fields[lengths], order)
        if begins is None or counts is None:
            return False
        if any(begin + count > size for begin, count in zip(begins, counts, strict=False)):
            return False
    return True


def _numbers(file: BinaryIO, field: bytes, order: str) -> tuple[int, ...] | None:
    """Return the numbers of a *field*, None when they lie outside of the file."""
    kind, count = struct.unpack_from(order + "HL", field, 2)
    width = _TIFF_SIZES.get(kind, 0)
    if width not in {2, 4} or count > _MOST_STEPS:
        return None
    if width * count <= 4:  # noqa: PLR2004 - they stand in the field itself
        raw = field[8 : 8 + width * count]
    else:
        raw = _at(file, struct.unpack_from(order + "L", field, 8)[0], width * count)
    if len(raw) < width * count:
        return None
    return struct.unpack(f"{order}{count}{'H' if width == 2 else 'L'}", raw)  # noqa: PLR2004


_ENDS = {
    "image/jpeg": _end_of_jpeg,
    "image/png": _end_of_png,
    "image/gif": _end_of_gif,
    "image/tiff": _end_of_tiff,
}
IMAGES = frozenset(_ENDS)
