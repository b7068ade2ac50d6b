"""A quick look over a PDF: cheap, in the calling thread, and never wrong in calling it harmless.

The bytes are searched for the few names (ISO 32000) under which a PDF acts, or may hold a picture
too large to open, each letter plain or as ``#xx``, and the object streams are unpacked and searched too. What has none of them and ends
as it should needs no further look. Everything else is for :mod:`gateway.formats.pdf_files`, which
reads the objects.
"""

import mmap
import re
import zlib
from collections.abc import Iterator

_NAMES = (
    "AdditionalStreams",
    "JavaScript",
    "JS",
    "Launch",
    "SubmitForm",
    "ImportData",
    "EmbeddedFile",
    "EmbeddedFiles",
    "RichMedia",
    "XFA",
    "GoToE",
    "GoToR",
    "Encrypt",
    "ObjStm",
)
_OBJECT_STREAM = b"ObjStm"
_DELIMITER = rb"(?=[\s\0/<>\[\](){}%]|\Z)"
#: A number of its own and no reference to one.
_NUMBER = rb"[\s\0]{0,8}\d{1,4}(?=[\s\0/>\]])(?![\s\0]+\d+[\s\0]+R)"
#: Names under which a PDF acts but for what is harmless behind them: a link into the web, the
#: sides of a picture that is not huge.
_HARMLESS = {
    "URI": rb"[\s\0]{0,8}(?:\((?:https?:|mailto:|tel:|www\.)|[/>])",
    "Width": _NUMBER,
    "Height": _NUMBER,
}
#: Another file, by its name or embedded. Names so short are often seen in packed bytes, hence
#: what must follow.
_REFERENCE = rb"\d{1,10}[\s\0]+\d{1,5}[\s\0]+R\b"
_FILE = (
    rb"F[\s\0]{0,8}(?:\([\w./\\: -]{3}|<[0-9A-Fa-f\s]{4}|" + _REFERENCE + b")"
    rb"|EF[\s\0]{0,8}(?:<<|" + _REFERENCE + b")"
)


def _written(name: str) -> bytes:
    """Return a pattern for *name*, each letter plain or escaped."""
    return b"".join(b"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in name.encode())


#: How any of the names begins: most slashes of compressed bytes are passed over by this alone.
_BEGINS = b"".join(sorted({name[:1].encode() for name in (*_NAMES, *_HARMLESS, "F", "EF")})) + b"#"
_ACTING = re.compile(
    b"/(?=["
    + _BEGINS
    + b"])(?:("
    + b"|".join(map(_written, _NAMES))
    + b")"
    + _DELIMITER
    + b"".join(
        b"|" + _written(name) + _DELIMITER + b"(?!" + harmless + b")"
        for name, harmless in _HARMLESS.items()
    )
    + b"|"
    + _FILE
    + b")"
)
_FILTER = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])" + _DELIMITER)
_UNUSUAL = re.compile(rb"/(?:DecodeParms|F|FFilter|Crypt)" + _DELIMITER + rb"|#")
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_LONGEST_DICTIONARY = 2048
_TAIL = 1024
_PIECE = 65_536
_WINDOW = 1 << 18
#: No name is longer, each letter as ``#xx``, with what stands behind it.
_LONGEST_NAME = 96
_MOST_STREAMS = 256
_MOST_UNPACKED = 8_388_608


def needs_no_further_look(content: memoryview | mmap.mmap) -> bool:
    """Whether the PDF *content* can do nothing by itself and ends as a PDF does."""
    with memoryview(content) as view:
        return _ends_well(view) and _is_quiet(view, content)


def _ends_well(view: memoryview) -> bool:
    end = _END.search(bytes(view[-_TAIL:]).rstrip(b"\0"))
    if end is None:
        return False
    begin = int(end.group(1))
    return _XREF.match(bytes(view[begin : begin + 64])) is not None


def _is_quiet(view: memoryview, content: memoryview | mmap.mmap) -> bool:
    left, streams = _MOST_UNPACKED, 0
    for found in _acting(view, content):
        if found.group(1) != _OBJECT_STREAM or streams == _MOST_STREAMS:
            return False
        objects = _unpack(view, found.end(), left)
        if objects is None or _ACTING.search(objects) is not None:
            return False
        left, streams = left - len(objects), streams + 1
    return True


def _acting(view: memoryview, content: memoryview | mmap.mmap) -> Iterator[re.Match[bytes]]:
    """Yield the names under which a PDF acts, window by window.

    A search holds the interpreter's lock until it ends, so it must not be long; what is behind it
    need not stay in memory.
    """
    for start in range(0, len(view), _WINDOW):
        for found in _ACTING.finditer(view, start, start + _WINDOW + _LONGEST_NAME):
            if found.start() < start + _WINDOW:
                yield found
        if isinstance(content, mmap.mmap):
            content.madvise(mmap.MADV_DONTNEED, start, min(_WINDOW, len(view) - start))


def _unpack(view: memoryview, at: int, most: int) -> bytes | None:
    """Return the objects of the stream whose type stands before *at*; None if in doubt."""
    around = bytes(view[max(0, at - _LONGEST_DICTIONARY) : at + _LONGEST_DICTIONARY])
    here = min(at, _LONGEST_DICTIONARY)
    begin = around.rfind(b"obj", 0, here - len(b"/ObjStm"))
    end = around.find(b"stream", here)
    dictionary = around[begin:end]
    if begin < 0 or end < 0 or b"endobj" in dictionary or _UNUSUAL.search(dictionary) is not None:
        return None
    if _FILTER.search(dictionary) is None:
        return b"" if b"/Filter" not in dictionary else None
    end += len(b"stream")
    end += 2 if around[end : end + 2] == b"\r\n" else 1
    return _inflate(view, at - here + end, most)


def _inflate(view: memoryview, at: int, most: int) -> bytes | None:
    """Return what is packed from *at* on, read in pieces; None if there is no end to it."""
    unpacker = zlib.decompressobj()
    objects = b""
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or view[at : at + _PIECE]
        at += 0 if unpacker.unconsumed_tail else _PIECE
        if not packed or len(objects) >= most:
            return None
        try:
            objects += unpacker.decompress(packed, most - len(objects))
        except zlib.error:
            return None
    return objects
