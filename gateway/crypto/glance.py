"""A quick look over a file, in the calling thread: whether it can bear a signature at all.

Most files bear none, and a worker process need not be asked about those. The look is never the
verdict: it says no only where the readers of this room would find nothing either.
"""

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

PDF = "application/pdf"
_WINDOW = 1 << 18
#: Longer than any mark, so that none is cut in two by the edge of a window.
_OVERLAP = 64
#: A signed PDF shows its byte range in the file itself; each letter of the name may be escaped. A
#: forged one may show no range, but the kind of its signature.
_PDF = re.compile(
    rb"/ByteRange|/SubFilter|/(?:B|#42)(?:y|#79)(?:t|#74)(?:e|#65)"
    rb"(?:R|#52)(?:a|#61)(?:n|#6[eE])(?:g|#67)(?:e|#65)"
)
_XML = re.compile(re.escape(b"http://www.w3.org/2000/09/xmldsig#"))
#: Names of entries stand in a package as they are.
_PACKAGE = re.compile(rb"_xmlsignatures/|META-INF/documentsignatures\.xml")
_MARKS = {PDF: _PDF, "application/xml": _XML, "text/xml": _XML}
_PACKAGES = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
)
_CMS = "application/pkcs7-"


def may_be_signed(file: BinaryIO, media_type: str) -> bool:
    """Whether *file* could bear a signature; its bytes are *media_type*."""
    if media_type.startswith(_CMS):
        return True
    mark = _PACKAGE if media_type.startswith(_PACKAGES) else _MARKS.get(media_type)
    return mark is not None and any(mark.search(window) for window in _windows(file))


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
