"""An envelope as a frame: its text around the places where attachments go.

A message with attachments of 25 MB is stored as a few kilobytes; the envelope is made again from
the frame and the attachment files, byte for byte the same, in flat memory.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import pybase64

_MARK = b"frame1\n"
_COUNT = struct.Struct(">I")
_SLOT = struct.Struct(">IQ")
#: Bytes of a file that are encoded at a time: groups of three, so that nothing is padded between.
_CHUNK = 3 * 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Text pieces with the base64 (one line) of attachment ``slots[i]`` after ``pieces[i]``."""

    pieces: tuple[bytes, ...]  #: one more than slots
    slots: tuple[int, ...] = ()  #: numbers of attachments, from 1


def render(frame: Frame, open_attachment: Callable[[int], BinaryIO]) -> Iterator[bytes]:
    """Yield the envelope in chunks; *open_attachment* opens the file of an attachment's number."""
    yield frame.pieces[0]
    for slot, piece in zip(frame.slots, frame.pieces[1:], strict=True):
        with open_attachment(slot) as file:
            yield from _encoded(file)
        yield piece


def _encoded(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := file.read(_CHUNK):
        held = rest + chunk if rest else chunk
        whole = len(held) - len(held) % 3
        rest = held[whole:]
        yield pybase64.b64encode(memoryview(held)[:whole])  # not copied
    if rest:
        yield pybase64.b64encode(rest)


def frame_size(frame: Frame, sizes: Mapping[int, int]) -> int:
    """Return the bytes of the envelope; *sizes* are those of the files by attachment number."""
    return sum(map(len, frame.pieces)) + sum((sizes[n] + 2) // 3 * 4 for n in frame.slots)


def encode_frame(frame: Frame) -> bytes:
    """Return *frame* as one value for storage."""
    heads = [_COUNT.pack(len(frame.slots)), struct.pack(">Q", len(frame.pieces[0]))]
    heads += [
        _SLOT.pack(slot, len(piece))
        for slot, piece in zip(frame.slots, frame.pieces[1:], strict=True)
    ]
    return b"".join((_MARK, *heads, *frame.pieces))


def decode_frame(value: bytes) -> Frame:
    """Return the frame that ``encode_frame`` made *value* of.

    Raises:
        ValueError: it did not.
    """
    if not value.startswith(_MARK):
        raise ValueError("not a stored frame")
    try:
        return _decode(value)
    except struct.error as error:
        raise ValueError("a stored frame is cut off") from error


def _decode(value: bytes) -> Frame:
    at = len(_MARK)
    (count,) = _COUNT.unpack_from(value, at)
    at += _COUNT.size
    (first,) = struct.unpack_from(">Q", value, at)
    at += 8
    slots, lengths = [], [first]
    for _ in range(count):
        slot, length = _SLOT.unpack_from(value, at)
        slots.append(slot)
        lengths.append(length)
        at += _SLOT.size
    pieces = []
    for length in lengths:
        pieces.append(value[at : at + length])
        at += length
    if at != len(value):
        raise ValueError("a stored frame has the wrong length")
    return Frame(pieces=tuple(pieces), slots=tuple(slots))
