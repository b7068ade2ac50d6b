"""The text of XML in UTF-8, whatever encoding it is written in.

Not a parser: what is sought in the parts of a package is found by patterns of bytes. The encoding
is told as the standard has it (XML 1.0, appendix F): by a mark, by how the first sign is written,
by the declaration.
"""

import codecs
import re
from collections.abc import Callable

#: Takes the next piece of a part and returns what of it is text, in UTF-8.
XmlText = Callable[[bytes], bytes]

#: How XML begins -> a codec that reads it, or its declaration; the longer marks first.
_BEGINS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0<", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
    (b"<", "utf-8"),
)
_BLANKS = b" \t\r\n"
#: What may be another encoding of 8 bits, which the declaration names.
_UNTIL_DECLARED = frozenset({"utf-8", "cp037"})
_DECLARED = re.compile(r"<\?xml\s[^>]{0,400}?encoding\s*=\s*[\"']([A-Za-z][\w.-]{0,60})[\"']")
#: Bytes by which the encoding is told.
HEAD = 1024


def xml_text(head: bytes) -> XmlText | None:
    """Return what reads the part that begins with *head*, None when it is no XML."""
    begin = head.lstrip(_BLANKS)
    codec = next((codec for mark, codec in _BEGINS if begin.startswith(mark)), None)
    if codec is None:
        return None
    if codec in _UNTIL_DECLARED:
        codec = _declared(begin[:HEAD].decode(codec, "replace")) or codec
    decoder = codecs.getincrementaldecoder(codec)("replace")
    return lambda piece: decoder.decode(piece).encode("utf-8", "replace")


def _declared(head: str) -> str | None:
    """Return the codec of the encoding that a declaration names, None when we have none.

    One of 16 bits cannot be meant where the declaration itself is of 8.
    """
    found = _DECLARED.match(head)
    if found is None:
        return None
    try:
        known = codecs.lookup(found[1])
        is_text = "<".encode(known.name) in {b"<", b"\x4c"}
    except (LookupError, UnicodeError, TypeError, AssertionError):
        return None
    return known.name if is_text else None
