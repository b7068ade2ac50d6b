"""Takes the file out of a zip that wraps exactly one, in bounded memory and time.

The name of the entry never becomes a name of ours; only its extension is compared. What is no
plain wrapping (several entries, another extension, encrypted, damaged, unusual) stays as it came,
for the rules on files to judge.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from gateway.formats.attachments import canonical_extension
from gateway.ports import Spool

_END = struct.Struct("<4s4H2LH")  #: end of central directory, APPNOTE 4.3.16
_END_MARK = b"PK\x05\x06"
_ZIP64_MARK = b"PK\x06\x07"
_ZIP64_LOCATOR = 20
_LONGEST_COMMENT = 65_535
#: One entry with the longest name, extra field and comment.
_LONGEST_DIRECTORY = 46 + 3 * 65_535
_ENCRYPTED = 0x1
_LOCAL = 30  #: bytes of a local header without its name and extra field
_LOCAL_LENGTHS = 26  #: where it says how long these are
_LONGEST_DESCRIPTOR = 24  #: sizes that stand behind the entry, with a mark and in zip64 form
_PIECE = 65_536
_UNREADABLE = (
    BadZipFile,
    EOFError,
    IndexError,
    OSError,
    RuntimeError,  # an unusual method or version
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrapped:
    """The file inside; beyond the limit *size* says so and the rest is not written."""

    path: str
    size: int
    sha256: str


def unwrap(
    file: BinaryIO, *, extension: str, limit: int, room: int, spool: Callable[[], Spool]
) -> Unwrapped | None:
    """Write the only entry of the zip *file* to a *spool*, None when it is no such zip.

    Args:
        file: a zip file, seekable.
        extension: canonical, of the name that the file goes by; that of the entry must be equal.
        limit: bytes to write at most; of a larger file they are its beginning.
        room: bytes that may be written at all; what needs more stays wrapped.
        spool: opens the file to write.

    Raises:
        Unavailable: it cannot be written.
    """
    if not _has_one_entry(file):
        return None
    try:
        with ZipFile(file) as archive:
            entry = archive.infolist()[0]
            size = min(entry.file_size, limit)
            if size > room or not _is_plain(archive, entry, file, extension):
                return None
            with archive.open(entry) as content:
                return _spooled(content, entry.file_size, size, spool())
    except _UNREADABLE:
        return None


def _has_one_entry(file: BinaryIO) -> bool:
    """Whether the directory, as its end record says, is small enough to be read at all."""
    size = file.seek(0, 2)
    for comment in (0, _LONGEST_COMMENT):
        begin = max(0, size - _ZIP64_LOCATOR - _END.size - comment)
        file.seek(begin)
        tail = file.read()
        at = tail.rfind(_END_MARK)
        if at < 0 or len(tail) - at < _END.size:
            continue
        end = _END.unpack_from(tail, at)
        is_zip64 = tail[max(0, at - _ZIP64_LOCATOR) : at].startswith(_ZIP64_MARK)
        return end[4] == 1 and end[5] <= _LONGEST_DIRECTORY and not is_zip64
    return False


def _is_plain(archive: ZipFile, entry: ZipInfo, file: BinaryIO, extension: str) -> bool:
    """Whether every reader sees the same one file: by the directory, or from the beginning on."""
    if (
        entry.is_dir()
        or entry.flag_bits & _ENCRYPTED
        or entry.header_offset
        or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}
    ):
        return False
    file.seek(_LOCAL_LENGTHS)
    name, extra = struct.unpack("<2H", file.read(4))
    behind = archive.start_dir - _LOCAL - name - extra - entry.compress_size
    return 0 <= behind <= _LONGEST_DESCRIPTOR and canonical_extension(entry.filename) == extension


def _spooled(content: IO[bytes], size: int, written: int, spool: Spool) -> Unwrapped:
    """Write the first *written* bytes of *content*, which has *size*."""
    is_complete = False
    try:
        while piece := content.read(min(_PIECE, written - spool.size)):
            spool.write(piece)
        is_complete = spool.size == written
    finally:
        if not is_complete:
            spool.abandon()
    if not is_complete:
        raise BadZipFile("the entry is shorter than its directory says")
    return Unwrapped(path=spool.key, size=size, sha256=spool.finish())
