"""UTF-16 without its byte order mark, told by what Vietnamese and Western text is made of.

Windows programs of old times save "Unicode" so. It is text in every respect, but who opens it has
to guess; a guess is only made where nothing else can be meant.
"""

import codecs
import re

#: Letters, marks and signs that such texts consist of, and what lays them out.
_ORDINARY = re.compile(
    "[\t\n\v\f\r -~\u00a0-\u024f\u0300-\u036f\u1e00-\u1eff\u2010-\u203a\u20ab-\u20ac]"
)
_SHORTEST = 8
#: Of a head no more is counted, in bytes.
_COUNTED = 65_536
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def utf16_of(head: bytes) -> str | None:
    """Return the codec of a text in UTF-16 that begins with *head*, by its mark or without one."""
    return "utf-16" if head.startswith(_MARKS) else unmarked_utf16(head)


def unmarked_utf16(head: bytes) -> str | None:
    """Return ``utf-16-le`` or ``utf-16-be`` when *head* is such text without a mark."""
    counted = head[:_COUNTED]
    if len(counted) < _SHORTEST or b"\0" not in counted:
        return None
    low, high = counted[0::2].count(0), counted[1::2].count(0)
    if max(low, high) * 8 < len(counted) or min(low, high) * 16 > max(low, high):
        return None
    codec = "utf-16-le" if high > low else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(codec)().decode(counted)
    except UnicodeDecodeError:
        return None
    return codec if len(_ORDINARY.findall(text)) == len(text) else None
