"""What a file really is, by its bytes: its media type and the extensions that it may bear.

Our own looks come first: they are exact for the formats that offices exchange (TT 39/2017/
TT-BTTTT) and read a bounded head, a zip directory or an OLE2 directory, never the whole file;
they tell HTML and scripts from plain text. libmagic, from the pylibmagic wheel, names the rest, so
that a refusal can say what a file is. What nobody knows may bear no extension at all.
"""

import codecs
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

import pylibmagic  # before magic: it makes magic load the library of the wheel

# isort: split
import magic

from gateway.domain.encodings import utf16_of
from gateway.formats.office_files import look_into_ole2, look_into_zip

#: Bytes of the head that are read.
HEAD = 262_144
_MAGIC_HEAD = 16_384
_PDF_HEAD = 1024
_PDF = b"%PDF-"
_ALIASES = {"jpg": "jpeg", "tif": "tiff"}
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: Media type -> canonical extensions that such bytes may bear.
_CARRIES = {
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/zip": "zip",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.ms-word.document.macroEnabled.12": "docm",
    "application/vnd.ms-excel.sheet.macroEnabled.12": "xlsm",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12": "pptm",
    "application/x-encrypted-office": "docx xlsx pptx",
    "application/pkcs7-mime": "p7s p7m",
    "application/xml": "xml",
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "text/plain": "txt csv",
}
_SIGNATURES = (
    (b"{\\rtf", "application/rtf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00\x08\x00\x00\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+\x00\x08\x00\x00", "image/tiff"),
    (b"-----BEGIN PKCS7-----", "application/pkcs7-mime"),
    (b"-----BEGIN CMS-----", "application/pkcs7-mime"),
)
#: ContentInfo of RFC 5652 with the type signedData, DER or BER.
_PKCS7 = re.compile(
    rb"0(?:\x80|[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    re.DOTALL,
)
#: What may stand before ``%PDF-``: blanks, a byte order mark, printer commands; no other format.
_BEFORE_PDF = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|\x00|\x1b%-12345X|@PJL[^\r\n]*+)*+")
_ACTIVE = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|svg|meta|title|\?php|%|\?=)|#!|@echo\s+off"
    rb"|<\?xml[^>]*>\s*+(?><!--.*?-->\s*)*+<(?:\w+:)?(?:html|svg|script)",
    re.IGNORECASE | re.DOTALL,
)
_COMMENTS = re.compile(rb"\s*+(?><!--.*?-->\s*+)*+", re.DOTALL)
_XML = re.compile(rb"<\?xml\s|<[A-Za-z_][\w.:-]*[\s/>].*>\s*\Z", re.DOTALL)
_NO_TEXT = bytes(set(range(32)) - set(b"\t\n\v\f\r") | {0x7F})
#: What programs of DOS write behind a text.
_END_OF_TEXT = b"\x1a"
_UNKNOWN = "application/octet-stream"
_here = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sniffed:
    """What a file is."""

    media_type: str
    extensions: frozenset[str]  #: canonical ones that such bytes may bear; empty: none


def sniff(path: str) -> Sniffed:
    """Look at the file at *path*; see :func:`inspect`."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path is a plain string here
        return inspect(file)


def inspect(file: BinaryIO) -> Sniffed:
    """Look at an open *file*; read its head and, for containers, their directory."""
    file.seek(0)
    media_type = _media_type(file, file.read(HEAD))
    return Sniffed(media_type=media_type, extensions=_extensions(media_type))


def canonical_extension(name: str) -> str:
    """Return the extension of a file *name*, small, ``jpeg`` for jpg and ``tiff`` for tif."""
    stem, dot, extension = name.rpartition(".")
    extension = extension.strip().lower()
    return _ALIASES.get(extension, extension) if dot and stem else ""


def matches(extension: str, sniffed: Sniffed) -> bool:
    """Whether *extension* (any case, either alias) tells the truth about the bytes."""
    small = extension.lower().removeprefix(".")
    return _ALIASES.get(small, small) in sniffed.extensions


@lru_cache(maxsize=256)
def _extensions(media_type: str) -> frozenset[str]:
    return frozenset(_CARRIES.get(media_type, "").split())


def _media_type(file: BinaryIO, head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return look_into_zip(file)
    if head.startswith(_OLE2):
        return look_into_ole2(file, head)
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    looks: tuple[Callable[[bytes], str | None], ...] = (_pdf, _pkcs7, _text)
    for look in looks:
        found = look(head)
        if found is not None:
            return found
    return _foreign(head)


def _pdf(head: bytes) -> str | None:
    """PDF, ISO 32000: the header stands within the first 1024 bytes."""
    at = head.find(_PDF, 0, _PDF_HEAD + len(_PDF))
    if at < 0 or _BEFORE_PDF.fullmatch(head, 0, at) is None:
        return None
    return "application/pdf"


def _pkcs7(head: bytes) -> str | None:
    return "application/pkcs7-mime" if _PKCS7.match(head) else None


def _text(head: bytes) -> str | None:
    if not head:
        return "application/x-empty"
    plain = _as_utf8(head)
    if plain is None:
        return None
    begin = plain[_COMMENTS.match(plain).end() :].rstrip()  # type: ignore[union-attr]  # matches b""
    if _ACTIVE.match(begin):
        return "text/html" if begin.startswith(b"<") else "text/x-script"
    if _XML.match(begin):
        return "application/xml"
    return "text/plain"


def _as_utf8(head: bytes) -> bytes | None:
    """Return a text as bytes without its mark and without UTF-16; None when it is none.

    Texts of older systems (TCVN3, VNI) are 8-bit: what has no control characters and is mostly
    ASCII counts as text too. What they say is not our business here.
    """
    codec = utf16_of(head)
    if codec is not None:
        try:
            head = codecs.getincrementaldecoder(codec)().decode(head).encode()
        except UnicodeError:
            return None
    head = head.removeprefix(codecs.BOM_UTF8).rstrip(_END_OF_TEXT)
    if len(head.translate(None, _NO_TEXT)) != len(head):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        plain = sum(map(head.count, b" etaoinhcmuglT\r\n0123456789"))
        if plain * 4 < len(head):
            return None
    return head


def _foreign(head: bytes) -> str:
    """Name what is none of ours; it gets no extension, whatever libmagic calls it."""
    named = _ask_libmagic(head[:_MAGIC_HEAD])
    return _UNKNOWN if named in _CARRIES else named


def _ask_libmagic(head: bytes) -> str:
    try:
        return str(_libmagic().from_buffer(head))
    except magic.MagicException:
        return _UNKNOWN


def _libmagic() -> magic.Magic:
    """Return this thread's own libmagic: a handle must not be shared."""
    known: magic.Magic | None = getattr(_here, "magic", None)
    if known is None:
        database = str(pylibmagic.data.joinpath("magic.mgc"))
        known = _here.magic = magic.Magic(mime=True, magic_file=database)
    return known
