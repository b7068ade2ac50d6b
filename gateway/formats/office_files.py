"""Looks into the directories of office files: zip (OOXML, ODF) and OLE2 (doc, xls, ppt).

Bounded whatever a file claims: sizes and counts in it are never trusted, at most 1 MB is read and
unpacked, and nothing here judges what an archive holds.
"""

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from gateway.formats.zip_directory import BadZip, read_directory, read_member

_MOST = 1_048_576  #: bytes of a zip directory or of an unpacked member
_MOST_ENTRIES = 20_000
_ZIP = "application/zip"
_JAVA = "application/java-archive"
_TYPES_PART = b"[Content_Types].xml"
_ODF = re.compile(rb"application/vnd\.(?:oasis\.opendocument|sun\.xml)\.[a-z.-]{1,60}")
#: Main part of an OOXML package (ECMA-376 Part 1) -> media type of the package.
_MAIN_PARTS = tuple(
    (re.compile(rb"ContentType\s*=\s*[\"']" + re.escape(main) + rb"[\"']"), media_type)
    for main, media_type in (
        (
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
            "application/vnd.ms-word.document.macroEnabled.12",
        ),
        (
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            "application/vnd.ms-excel.sheet.macroEnabled.12",
        ),
        (
            b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
            "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
        ),
    )
)
_OTHER_OOXML = "application/vnd.openxmlformats-officedocument"

_SECTOR_SIZES = {9: 512, 12: 4096}
_MOST_SECTORS = 64
_LAST_SECTOR = 0xFFFFFFFA  #: from here on: end of chain, free, FAT
_OLE_STREAMS = (
    ("EncryptedPackage", "application/x-encrypted-office"),
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
)
_OLE = "application/x-ole-storage"


def look_into_zip(file: BinaryIO) -> str:
    """Return the media type of a zip file: an office format, a Java archive, or plain zip."""
    try:
        directory = read_directory(file, most=_MOST_ENTRIES)
    except BadZip:
        return _ZIP
    members = {each.raw_name: each for each in directory.entries}
    mimetype = members.get(b"mimetype")
    if mimetype is not None:
        named = _ODF.fullmatch(read_member(file, mimetype, most=_MOST).strip())
        if named is not None:
            return named.group().decode("ascii")
    types = members.get(_TYPES_PART)
    if types is not None:
        return _package_type(read_member(file, types, most=_MOST))
    if b"META-INF/MANIFEST.MF" in members or b"AndroidManifest.xml" in members:
        return _JAVA
    return _ZIP


def _package_type(content_types: bytes) -> str:
    for pattern, media_type in _MAIN_PARTS:
        if pattern.search(content_types):
            return media_type
    return _OTHER_OOXML


def _read(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(max(0, min(count, _MOST)))


def look_into_ole2(file: BinaryIO, head: bytes) -> str:
    """Return the media type of an OLE2 file ([MS-CFB]) by the names in its directory."""
    if len(head) < 512:  # noqa: PLR2004 - the header is one sector
        return _OLE
    names = set(_stream_names(file, head))
    for name, media_type in _OLE_STREAMS:
        if name in names:
            return media_type
    return _OLE


def _stream_names(file: BinaryIO, head: bytes) -> Iterator[str]:
    size = _SECTOR_SIZES.get(struct.unpack_from("<H", head, 30)[0])
    if size is None:
        return
    (sector,) = struct.unpack_from("<L", head, 48)
    fat = struct.unpack_from("<109L", head, 76)
    for _ in range(_MOST_SECTORS):
        if sector >= _LAST_SECTOR:
            return
        content = _read(file, (sector + 1) * size, size)
        for at in range(0, len(content) - 127, 128):
            length = struct.unpack_from("<H", content, at + 64)[0]
            if 2 <= length <= 64:  # noqa: PLR2004 - bytes of UTF-16 with its closing null
                yield content[at : at + length - 2].decode("utf-16-le", "replace")
        sector = _next_sector(file, fat, sector, size)


def _next_sector(file: BinaryIO, fat: tuple[int, ...], sector: int, size: int) -> int:
    index, position = divmod(sector, size // 4)
    if index >= len(fat) or fat[index] >= _LAST_SECTOR:
        return _LAST_SECTOR
    entry = _read(file, (fat[index] + 1) * size + 4 * position, 4)
    return int(struct.unpack("<L", entry)[0]) if len(entry) == 4 else _LAST_SECTOR  # noqa: PLR2004 - an entry of the table
