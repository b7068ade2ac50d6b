"""Images walked from block to block: whether the end is there, and what stands behind it.

Nothing is decoded: headers and lengths are read, so an image of any size costs little.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from gateway.domain.inspection import Observation, Trait
from gateway.formats.tails import LOOKED_AT, is_another_file
from gateway.formats.tiff_files import pages

#: Blocks, segments or directories walked at most; a camera writes some dozens.
_MOST_STEPS = 100_000
#: Twice a sheet of A0 at 600 dots an inch; whoever opens more needs several GB.
_MOST_PIXELS = 1_200_000_000
_CHUNK = 1_048_576
_TRUNCATED = Observation(trait=Trait.TRUNCATED)
#: Heads of a JPEG's frame (SOF), which tell its size; C4, C8 and CC are something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA
_MOST_PICTURES = 1_000
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_BEGINNINGS = re.compile(b"|".join(map(re.escape, _KINDS)))
_TIFF = "image/tiff"


def look_into_image(file: BinaryIO, media_type: str) -> Iterator[Observation]:
    """Yield what is wrong with an image: too large to open, cut off, or joined to another file."""
    if is_too_large(file, media_type):
        yield Observation(trait=Trait.BOMB)
    size = file.seek(0, 2)
    if media_type == _TIFF:
        if not all(page is not None and page.is_whole for page in pages(file, size)):
            yield _TRUNCATED
        return
    end = _ENDS[media_type](file, size)
    if end is None:
        yield _TRUNCATED
        return
    file.seek(end)
    if is_another_file(file.read(LOOKED_AT)):
        yield Observation(trait=Trait.POLYGLOT, what=f"after byte {end}")


def is_too_large(file: BinaryIO, media_type: str) -> bool:
    """Whether an image, or the beginning of one, declares more pixels than anybody can open."""
    if media_type == _TIFF:
        size = file.seek(0, 2)
        return any(page is not None and is_bomb(page.pixels) for page in pages(file, size))
    sides = _SIDES[media_type](file) if media_type in _SIDES else (0, 0)
    return is_bomb(sides[0] * sides[1])


def is_bomb(pixels: int) -> bool:
    """Whether so many *pixels* cannot be held by the memory of an ordinary computer."""
    return pixels > _MOST_PIXELS


def holds_a_bomb(content: bytes) -> bool:
    """Whether a picture that stands somewhere in *content* declares too many pixels."""
    found = islice(_BEGINNINGS.finditer(content), _MOST_PICTURES)
    return any(
        is_too_large(BytesIO(content[each.start() : each.start() + _CHUNK]), _KINDS[each.group()])
        for each in found
    )


def _sides_of_png(file: BinaryIO) -> tuple[int, int]:
    return struct.unpack(">LL", _at(file, 16, 8).ljust(8, b"\0"))


def _sides_of_gif(file: BinaryIO) -> tuple[int, int]:
    return struct.unpack("<HH", _at(file, 6, 4).ljust(4, b"\0"))


def _sides_of_jpeg(file: BinaryIO) -> tuple[int, int]:
    for marker, at in _segments(file):
        if marker in _FRAMES:
            return struct.unpack(">HH", _at(file, at + 5, 4).ljust(4, b"\0"))
    return 0, 0


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the markers of a JPEG and their places, up to the first scan."""
    at = 2
    for _ in range(_MOST_STEPS):
        marker = _at(file, at, 4)
        if len(marker) < 4 or marker[0] != 0xFF:  # noqa: PLR2004 - what every marker begins with
            return
        if marker[1] == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1
            continue
        yield marker[1], at
        if marker[1] == _SCAN:
            return
        at += 2 + int.from_bytes(marker[2:], "big")


def _end_of_jpeg(file: BinaryIO, size: int) -> int | None:
    """Return the place after the end mark of the first picture, None when there is none."""
    scans = (at for marker, at in _segments(file) if marker == _SCAN)
    scan = next(scans, None)
    return None if scan is None else _find(file, b"\xff\xd9", scan, size)


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
        if len(chunk) < 8:  # noqa: PLR2004 - the length of the block in the format
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
        elif kind == b"," and len(block) == 10:  # noqa: PLR2004 - the length of the block in the format
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


_ENDS = {
    "image/jpeg": _end_of_jpeg,
    "image/png": _end_of_png,
    "image/gif": _end_of_gif,
}
_SIDES: Mapping[str, Callable[[BinaryIO], tuple[int, int]]] = {
    "image/jpeg": _sides_of_jpeg,
    "image/png": _sides_of_png,
    "image/gif": _sides_of_gif,
}
IMAGES = frozenset({*_ENDS, _TIFF})
