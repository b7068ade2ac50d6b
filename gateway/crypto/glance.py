"""A quick look over a file, in the calling thread: whether it can bear a signature at all.

Most files bear none, and a worker process need not be asked about those. The look is never the
verdict: it says no only where the readers of this room would find nothing either.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

#: What a window of a file is looked over with; anything true is a mark.
Look = Callable[[bytes], object]
PDF = "application/pdf"
_WINDOW = 1 << 18
#: Longer than any mark, so that none is cut in two by the edge of a window.
_OVERLAP = 64


def _written(name: str) -> bytes:
    """Return a pattern for *name* in a PDF, each letter plain or as ``#xx``."""
    return b"".join(
        b"(?:%s|#(?i:%02x))" % (re.escape(bytes([letter])), letter) for letter in name.encode()
    )


def _names(*names: str) -> re.Pattern[bytes]:
    return re.compile(b"/(?:" + b"|".join(map(_written, names)) + b")")


#: A signed PDF shows its byte range in the file itself. A forged one may show no range, but the
#: kind of its signature.
_SIGNED = ("ByteRange", "SubFilter")
#: What may hold a signature that does not show: packed objects, and forms.
_HIDING = ("ObjStm", "XRef", "AcroForm")
_PDF_SHOWS = _names(*_SIGNED)
_PDF = _names(*_SIGNED, *_HIDING)
_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})")
_TABLE = re.compile(rb"\s*xref\b")
_TAIL = 2048
_DSIG = b"http://www.w3.org/2000/09/xmldsig#"
#: What begins as the namespace does and goes on with a reference to a letter.
_DSIG_SPELT = re.compile(
    b"[\"'](?:" + b"|".join(re.escape(_DSIG[:n]) for n in range(len(_DSIG))) + b")&"
)
#: Names of entries stand in a package as they are.
_PACKAGE = re.compile(rb"_xmlsignatures/|META-INF/documentsignatures\.xml")
_PACKAGES = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
)
_CMS = "application/pkcs7-"


def may_be_signed(file: BinaryIO, media_type: str) -> bool:
    """Whether *file* could bear a signature; its bytes are *media_type*."""
    if media_type.startswith(_CMS):
        return True
    look = _PACKAGE.search if media_type.startswith(_PACKAGES) else _LOOKS.get(media_type)
    if look is None:
        return False
    return _shows(file, look) or (media_type == PDF and _has_no_table(file))


def pdf_shows_a_signature(file: BinaryIO) -> bool:
    """Whether what only signed PDF files have stands in *file* in the clear."""
    return _shows(file, _PDF_SHOWS.search)


def _names_dsig(window: bytes) -> bool:
    """Whether the namespace of signatures stands in *window*, as it is or with references.

    In what is long in a message, files as base64, there is no reference at all: plain searches for
    a few bytes pass over it many times as fast as a pattern does.
    """
    return _DSIG in window or (b"&" in window and _DSIG_SPELT.search(window) is not None)


_LOOKS: dict[str, Look] = {
    PDF: _PDF.search,
    "application/xml": _names_dsig,
    "text/xml": _names_dsig,
}


def _shows(file: BinaryIO, look: Look) -> bool:
    return any(look(window) for window in _windows(file))


def _has_no_table(file: BinaryIO) -> bool:
    """Whether the objects of a PDF are listed by something other than a plain table."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
    places = _STARTXREF.findall(file.read())
    if not places:
        return False
    file.seek(int(places[-1]))
    return _TABLE.match(file.read(64)) is None


def _windows(file: BinaryIO) -> Iterator[bytes]:
    """Yield *file* piece by piece, each with the begin of the one behind it.

    The last piece comes first: most signatures stand at the end.
    """
    begin, behind = file.seek(0, os.SEEK_END), b""
    while begin > 0:
        size = min(begin, _WINDOW)
        begin = file.seek(begin - size)
        piece = file.read(size)
        yield piece + behind
        behind = piece[:_OVERLAP]
