"""The directory of a zip file (APPNOTE 6.3), read without trust: plain, zip64, and inconsistent.

Counts, sizes and places that the file claims are compared with the file itself. Members come out
as chunks, at most as many bytes as asked for.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_TAIL = 65_557 + 20 + 56
_STORED, _DEFLATED, _BZIP2, _LZMA, _XZ = 0, 8, 12, 14, 95
#: Methods beside the two that everybody unpacks (APPNOTE 4.4.5).
_METHODS = {9: "Deflate64", _BZIP2: "BZip2", _LZMA: "LZMA", 93: "Zstandard", _XZ: "XZ", 98: "PPMd"}
_READ = frozenset({_STORED, _DEFLATED, _BZIP2, _LZMA, _XZ})
#: Memory that unpacking a member of LZMA or XZ may ask for; their strongest settings need this.
_MOST_WINDOW = 67_108_864
_LZMA_HEAD = struct.Struct("<HHBL")
_ENCRYPTED, _UTF8 = 0x1, 0x800
_LINK, _KIND = 0o120000, 0o170000
_MARK_16, _MARK_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_EXTRA, _UNICODE_PATH = 0x0001, 0x7075
_CHUNK = 65_536
#: Bytes of a directory that are read: some 20,000 members of ordinary names.
_MOST_DIRECTORY = 4_194_304


class BadZip(Exception):
    """The directory or a member cannot be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member as the directory has it."""

    raw_name: bytes
    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    is_folder: bool
    is_link: bool
    is_encrypted: bool

    @property
    def packing(self) -> str:
        """Return the method where many systems cannot unpack it, else ``""``."""
        if self.method in {_STORED, _DEFLATED}:
            return ""
        return _METHODS.get(self.method, str(self.method))

    @property
    def can_be_unpacked(self) -> bool:
        """Whether the method is read here."""
        return self.method in _READ


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipDirectory:
    """The members in the order of the directory, at most as many as asked for."""

    entries: tuple[Entry, ...]
    count: int  #: as the file claims
    begin: int  #: of the directory in the file
    before: int  #: bytes in front of the archive
    behind: int  #: bytes after its end


class _Decoder(Protocol):
    def decompress(self, data: bytes, max_length: int) -> bytes: ...

    @property
    def eof(self) -> bool: ...


def read_directory(file: BinaryIO, *, most: int) -> ZipDirectory:
    """Read at most *most* entries; raise :class:`BadZip` where there is no directory."""
    size = file.seek(0, 2)
    tail_at = max(0, size - _TAIL)
    tail = _read(file, tail_at, _TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise BadZip("no end of central directory")
    count, length, begin, comment = map(int, _END.unpack_from(tail, at)[4:])
    end = tail_at + at
    behind = max(0, size - end - _END.size - comment)
    if count == _MARK_16 or _MARK_32 in {length, begin}:
        count, length, begin, end = _zip64(file, tail, at, end)
    before = end - length - begin
    if before < 0 or length > end:
        raise BadZip("the central directory lies outside of the file")
    directory = _read(file, begin + before, min(length, _MOST_DIRECTORY))
    entries = tuple(_entries(directory, before, most))
    if len(entries) < min(count, most) and length <= _MOST_DIRECTORY:
        raise BadZip("the central directory is cut")
    return ZipDirectory(
        entries=entries, count=count, begin=begin + before, before=before, behind=behind
    )


def _zip64(file: BinaryIO, tail: bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """Return count, length, begin and end of the directory from the zip64 records."""
    if at < _LOCATOR64.size:
        raise BadZip("no zip64 locator")
    signature, _, offset, _ = _LOCATOR64.unpack_from(tail, at - _LOCATOR64.size)
    if signature != b"PK\x06\x07":
        raise BadZip("no zip64 locator")
    record = _read(file, offset, _END64.size)
    if len(record) < _END64.size or not record.startswith(b"PK\x06\x06") or offset > end:
        raise BadZip("no zip64 end of central directory")
    count, length, begin = _END64.unpack(record)[7:]
    return int(count), int(length), int(begin), int(offset)


def _entries(directory: bytes, before: int, most: int) -> Iterator[Entry]:
    at = 0
    for _ in range(most):
        if len(directory) - at < _ENTRY.size or directory[at : at + 4] != b"PK\x01\x02":
            return
        fields = _ENTRY.unpack_from(directory, at)
        system, flags, method = fields[1] >> 8, fields[3], fields[4]
        crc, packed, size, name_length, extra_length, comment = fields[7:13]
        attributes, offset = fields[15], fields[16]
        name_at = at + _ENTRY.size
        raw_name = directory[name_at : name_at + name_length]
        extra = directory[name_at + name_length : name_at + name_length + extra_length]
        extras = dict(_extras(extra))
        size, packed, offset = _wide((size, packed, offset), extras.get(_ZIP64_EXTRA, b""))
        name = _name(raw_name, flags, extras.get(_UNICODE_PATH, b""))
        yield Entry(
            raw_name=raw_name,
            name=name,
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            offset=offset + before,
            is_folder=name.endswith("/"),
            is_link=system == 3 and attributes >> 16 & _KIND == _LINK,  # noqa: PLR2004 - Unix
            is_encrypted=bool(flags & _ENCRYPTED),
        )
        at = name_at + name_length + extra_length + comment


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _wide(narrow: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """Replace what did not fit into 32 bits by the numbers of the zip64 *extra*."""
    numbers = iter(struct.unpack(f"<{len(extra) // 8}Q", extra[: len(extra) // 8 * 8]))
    size, packed, offset = (
        next(numbers, value) if value == _MARK_32 else value for value in narrow
    )
    return size, packed, offset


def _name(raw: bytes, flags: int, unicode_path: bytes) -> str:
    if unicode_path[:1] == b"\x01":
        raw = unicode_path[5:]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")


def begin_of_data(file: BinaryIO, entry: Entry) -> int:
    """Return where the packed bytes begin; raise BadZip when no such member stands there."""
    local = _read(file, entry.offset, _LOCAL.size)
    if len(local) < _LOCAL.size or not local.startswith(b"PK\x03\x04"):
        raise BadZip("no member where the directory says")
    name_length, extra_length = _LOCAL.unpack(local)[9:11]
    if file.read(name_length) != entry.raw_name:
        raise BadZip("the member bears another name than in the directory")
    return entry.offset + _LOCAL.size + int(name_length) + int(extra_length)


def unpack(file: BinaryIO, entry: Entry, *, most: int) -> Iterator[bytes]:
    """Yield the bytes of a member, at most *most*; raise BadZip where they cannot be read.

    When all came out, size and CRC-32 have been compared.
    """
    at, left, crc, total = begin_of_data(file, entry), entry.packed, 0, 0
    decoder = _decoder(entry.method)
    while left and total < most:
        file.seek(at)
        packed = file.read(min(left, _CHUNK))
        if not packed:
            raise BadZip("the member is cut")
        at, left = at + len(packed), left - len(packed)
        for chunk in _decoded(decoder, packed):
            crc, total = zlib.crc32(chunk, crc), total + len(chunk)
            yield chunk[: len(chunk) - max(0, total - most)]
            if total >= most:
                break
    if total < most and (crc != entry.crc or total != entry.size):
        raise BadZip("size or checksum of the member is wrong")


def read_member(file: BinaryIO, entry: Entry, *, most: int) -> bytes:
    """Return the first *most* bytes of a member, b"" where it cannot be read."""
    try:
        return b"".join(unpack(file, entry, most=most))
    except BadZip:
        return b""


def _decoder(method: int) -> _Decoder | None:
    if method == _STORED:
        return None
    if method == _DEFLATED:
        return zlib.decompressobj(-zlib.MAX_WBITS)
    if method == _BZIP2:
        return bz2.BZ2Decompressor()
    if method == _XZ:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2 * _MOST_WINDOW)
    if method == _LZMA:
        return _Lzma()
    raise BadZip(f"compression method {method} is not read")


class _Lzma:
    """Unpacks LZMA as zip files have it: properties first, without the head of an .lzma file."""

    def __init__(self) -> None:
        self._begin = b""
        self._decoder: lzma.LZMADecompressor | None = None

    @property
    def eof(self) -> bool:
        return self._decoder is not None and self._decoder.eof

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._decoder is None:
            self._begin += data
            if len(self._begin) < _LZMA_HEAD.size:
                return b""
            data = self._begin[_LZMA_HEAD.size :]
            self._decoder = _lzma_decoder(self._begin[: _LZMA_HEAD.size])
        return self._decoder.decompress(data, max_length)


def _lzma_decoder(head: bytes) -> lzma.LZMADecompressor:
    _, length, packed, window = _LZMA_HEAD.unpack(head)
    rest, literals = divmod(packed, 9)
    if length != 5 or packed >= 9 * 5 * 5 or window > _MOST_WINDOW:  # noqa: PLR2004 - the format
        raise lzma.LZMAError("these properties are not read")
    properties = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(window, 4096),
        "lc": literals,
        "lp": rest % 5,
        "pb": rest // 5,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[properties])


def _decoded(decoder: _Decoder | None, packed: bytes) -> Iterator[bytes]:
    """Yield what *packed* unpacks to, in pieces of bounded size."""
    if decoder is None:
        yield packed
        return
    while not decoder.eof:
        try:
            chunk = decoder.decompress(packed, 16 * _CHUNK)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise BadZip("the member cannot be unpacked") from error
        packed = getattr(decoder, "unconsumed_tail", b"")
        if chunk:
            yield chunk
        if not packed and len(chunk) < 16 * _CHUNK:
            return


def _read(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)
