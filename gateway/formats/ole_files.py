"""Old office files (doc, xls, ppt) and OLE objects inside new ones: macros, passwords, packages.

The container is read by olefile; what it holds is told by the names of its streams and by a few
records of [MS-DOC], [MS-XLS] and [MS-PPT].
"""

import struct
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

import olefile

from gateway.domain.inspection import Observation, Trait
from gateway.formats.embedded import Look, look_into_embedded
from gateway.formats.image_files import holds_a_bomb

_MAIN = {
    "application/msword": "WordDocument",
    "application/vnd.ms-powerpoint": "PowerPoint Document",
}
#: Streams in which pictures stand as they are.
_WITH_PICTURES = frozenset({"data", "pictures", "workbook", "worddocument"})
_BOOKS = ("Workbook", "Book")
_PACKAGE = "\x01ole10native"
_END_OF_GLOBALS, _BOUNDSHEET, _FILEPASS = 0x0A, 0x85, 0x2F
_OF_A_FILE = 2
_MOST_RECORDS = 200_000
_LONGEST = 200
_ENCRYPTED_TOKEN = 0xF3D1C4DF
_ERRORS = (
    OSError,
    ValueError,
    struct.error,
    IndexError,
    TypeError,
    KeyError,
    OverflowError,
    RecursionError,
)


class _StreamCut(Exception):
    """A stream is shorter than the directory says."""


def look_into_ole(file: BinaryIO, media_type: str, look: Look) -> Iterator[Observation]:
    """Yield the traits of an OLE2 file; *look* inspects what is packed into it."""
    if media_type == "application/x-encrypted-office":
        yield Observation(trait=Trait.ENCRYPTED)
        return
    if _is_cut(file):
        yield Observation(trait=Trait.TRUNCATED)
        return
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as ole:
            yield from _streams(ole, look)
            yield from _document(ole, media_type)
    except _StreamCut:
        yield Observation(trait=Trait.TRUNCATED)
    except _ERRORS:
        yield Observation(trait=Trait.DAMAGED)


def _is_cut(file: BinaryIO) -> bool:
    """Whether the sectors of the directory or the last used sector lie behind the end."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(512)
    if len(head) < 512:  # noqa: PLR2004 - the header is one sector
        return True
    sector = 1 << min(struct.unpack_from("<H", head, 30)[0], 12)
    last = max(struct.unpack_from("<L", head, at)[0] for at in (48, 76))
    return int((last + 1) * sector) >= size


def _streams(ole: olefile.OleFileIO, look: Look) -> Iterator[Observation]:
    names = [tuple(part.lower() for part in path) for path in ole.listdir(streams=True)]
    if any(
        "_vba_project" in path or "_vba_project_cur" in path or path[-2:-1] == ("vba",)
        for path in names
    ):
        yield Observation(trait=Trait.MACRO, what="VBA")
    if ("encryption",) in names or ("encryptedsummary",) in names:
        yield Observation(trait=Trait.ENCRYPTED)
    for path, original in zip(names, ole.listdir(streams=True), strict=True):
        if path[-1] == _PACKAGE:
            native = ole.openstream(original).read()
            for each in _package(native, look):
                yield replace(each, part="/".join(path[:-1]))
        elif path[-1] in _WITH_PICTURES and holds_a_bomb(ole.openstream(original).read()):
            yield Observation(trait=Trait.BOMB)


def _package(native: bytes, look: Look) -> Iterator[Observation]:
    """Read a packaged file: size, kind, label, name, path, bytes; [MS-OLEDS] says no more.

    Programs of old times keep pictures and formulas here in forms of their own: no package.
    """
    if len(native) < 6 or struct.unpack_from("<H", native, 4)[0] != _OF_A_FILE:  # noqa: PLR2004 - lengths of the format
        return
    label, _, rest = native[6:].partition(b"\0")
    name, _, rest = rest.partition(b"\0")
    path_length = struct.unpack_from("<L", rest, 4)[0] if len(rest) >= 8 else 0  # noqa: PLR2004 - lengths of the format
    file = BytesIO(rest[8 + path_length + 4 :])
    names = [each.decode("latin-1")[:_LONGEST] for each in (label, name)]
    yield Observation(trait=Trait.EMBEDDED_FILE, what=names[0])
    yield from look_into_embedded(file, names, look)


def _document(ole: olefile.OleFileIO, media_type: str) -> Iterator[Observation]:
    if media_type == "application/vnd.ms-excel":
        book = next((name for name in _BOOKS if ole.exists(name)), _BOOKS[0])
        yield from _records(_whole(ole, book))
    elif media_type == "application/msword":
        head = _whole(ole, _MAIN[media_type])[:12]
        if len(head) == 12 and struct.unpack_from("<H", head, 10)[0] & 0x0100:  # noqa: PLR2004 - lengths of the format
            yield Observation(trait=Trait.ENCRYPTED)
    elif media_type == "application/vnd.ms-powerpoint":
        yield from _slides(ole, _whole(ole, _MAIN[media_type]))


def _whole(ole: olefile.OleFileIO, name: str) -> bytes:
    """Return all of a stream; raise _StreamCut when some of it is missing."""
    content: bytes = ole.openstream(name).read()
    if len(content) < ole.get_size(name):
        raise _StreamCut(name)
    return content


def _slides(ole: olefile.OleFileIO, content: bytes) -> Iterator[Observation]:
    if ole.exists("Current User"):
        user = ole.openstream("Current User").read(20)
        if len(user) >= 16 and struct.unpack_from("<L", user, 12)[0] == _ENCRYPTED_TOKEN:  # noqa: PLR2004 - lengths of the format
            yield Observation(trait=Trait.ENCRYPTED)
    at = content.find(struct.pack("<HL", 0x0400, 12))
    if at >= 2 and len(content) >= at + 14 and struct.unpack_from("<L", content, at + 10)[0] == 1:  # noqa: PLR2004 - lengths of the format
        yield Observation(trait=Trait.MACRO, what="VBA")


def _records(book: bytes) -> Iterator[Observation]:
    """Walk the records of the workbook's globals, which stand first."""
    at = 0
    for _ in range(_MOST_RECORDS):
        if at + 4 > len(book):
            return
        kind, length = struct.unpack_from("<HH", book, at)
        body = book[at + 4 : at + 4 + length]
        if kind == _FILEPASS:
            yield Observation(trait=Trait.ENCRYPTED)
            return
        if kind == _BOUNDSHEET and len(body) > 5 and body[5] == 1:  # noqa: PLR2004 - lengths of the format
            yield Observation(trait=Trait.MACRO, what="Excel 4.0")
        if kind == _END_OF_GLOBALS:
            return
        at += 4 + length
