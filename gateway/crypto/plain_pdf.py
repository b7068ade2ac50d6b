"""The plain signed PDF: one signature, over the whole file, in the plainest spelling.

What is read here gives the same as pyHanko finds (``pdf.py``), for a small part of the time; the
least doubt, and the file is none of these: more than one field, a signature that leaves out more
than itself, a revision that may have lost a signature, a store of validation data, objects packed
in streams. All of the file but the signature's own digits is signed, so that whoever bends the
structure breaks the signature.
"""

import re
from binascii import Error as NotHexadecimal
from binascii import unhexlify
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from gateway.domain.characters import legible
from gateway.domain.pdf_objects import Dictionary, Odd, PlainObjects, Reference, Text, Value
from gateway.domain.pdf_sections import Section, place_of, sections_of

KINDS = {b"/ETSI.CAdES.detached": "pades", b"/adbe.pkcs7.detached": "pkcs7"}
_HEAD = re.compile(rb"%PDF-[12]\.\d[\r\n]")
_RANGE = b"/ByteRange"
#: In a file up to this size a byte range that stands once shows that no signature was lost.
_LITTLE = 1 << 18
_LONGEST_NAME = 80
_MOST_FIELDS = 32
_PLAIN_TEXT = re.compile(rb"\((?:[\w :+'.-]|\\[0-7]{3})*+\)", re.ASCII)
_ESCAPE = re.compile(rb"\\([0-7]{3})")
_BRACKETS = (ord("<"), ord(">"))
_DATE = re.compile(
    r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)(?:'(\d\d))?'?)", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPdf:
    """The one signature of a file."""

    kind: str  #: as in :class:`gateway.domain.signatures.Signature`
    name: str  #: of its field
    claimed_at: datetime | None  #: by the dictionary of the signature
    cms: bytes  #: with what fills its place
    first: int  #: bytes before the signature
    begin: int  #: of the bytes behind it, which end with the file


def read_plain(data: memoryview) -> PlainPdf | None:
    """Return the signature of the PDF file *data*, None when it is not of the plain kind."""
    try:
        return _read(data)
    except (Odd, ValueError, OverflowError):
        return None


def _read(data: memoryview) -> PlainPdf:
    if _HEAD.match(data) is None:
        raise Odd("no plain head")
    objects = PlainObjects(data)
    sections = sections_of(objects)
    [field] = _fields(objects, sections)
    if field.keys() & {b"/Kids", b"/Parent"} or field.get(b"/FT") != b"/Sig":
        raise Odd("no plain field")
    if not isinstance(field.get(b"/V"), Reference):
        raise Odd("no plain field")
    signature = _dictionary(objects, sections, field.get(b"/V"))
    match signature.get(b"/ByteRange"), signature.get(b"/Contents"):
        case [0, int(first), int(begin), int(length)], Text(start, end):
            pass
        case _:
            raise Odd("no plain signature")
    if (start, end, len(data)) != (first, begin, begin + length):
        raise Odd("not all but the signature is signed")
    if _may_have_lost(objects, sections):
        raise Odd("an earlier revision has to be looked at")
    return PlainPdf(
        kind=_kind(signature.get(b"/SubFilter")),
        name=_name(data, field.get(b"/T")),
        claimed_at=_date(data, signature.get(b"/M")),
        cms=_digits(data, first, begin),
        first=first,
        begin=begin,
    )


def _fields(objects: PlainObjects, sections: Sequence[Section]) -> list[Dictionary]:
    """Return the fields of the form, as the last of *sections* has it."""
    root = _dictionary(objects, sections, Reference(sections[-1].root))
    if b"/DSS" in root:
        raise Odd("the file brings data to verify it with")
    if b"/AcroForm" not in root:
        return []
    form = _dictionary(objects, sections, root[b"/AcroForm"])
    fields = _resolved(objects, sections, form.get(b"/Fields"))
    if not isinstance(fields, list) or not all(isinstance(each, Reference) for each in fields):
        raise Odd("no plain form")
    if len(fields) > _MOST_FIELDS:
        raise Odd("many fields")
    return [_dictionary(objects, sections, each) for each in fields]


def _may_have_lost(objects: PlainObjects, sections: Sequence[Section]) -> bool:
    """Whether a revision before the last may hold a signature; see ``pdf.py``."""
    if len(objects.data) <= _LITTLE and bytes(objects.data).count(_RANGE) == 1:
        return False
    return any(
        field.keys() & {b"/V", b"/Kids"}
        for count in range(1, len(sections))
        for field in _fields(objects, sections[:count])
    )


def _dictionary(objects: PlainObjects, sections: Sequence[Section], value: Value) -> Dictionary:
    found = _resolved(objects, sections, value)
    if not isinstance(found, dict):
        raise Odd("no dictionary")
    return found


def _resolved(objects: PlainObjects, sections: Sequence[Section], value: Value) -> Value:
    """Return *value*, or the object to which it refers."""
    if not isinstance(value, Reference):
        return value
    return objects.object_at(place_of(value.number, sections), value.number)


def _kind(subfilter: Value) -> str:
    if not isinstance(subfilter, bytes) or subfilter not in KINDS:
        raise Odd("another kind of signature")
    return KINDS[subfilter]


def _name(data: memoryview, value: Value) -> str:
    name = _text(data, value)
    if not 0 < len(name) <= _LONGEST_NAME or legible(name) != name:
        raise Odd("an unusual name")
    return name


def _date(data: memoryview, value: Value) -> datetime | None:
    """Return the time that the signer states; none is none."""
    if value is None:
        return None
    found = _DATE.fullmatch(_text(data, value))
    if found is None:
        raise Odd("no plain date")
    offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    zone = timezone(-offset if found[7] == "-" else offset)
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _text(data: memoryview, value: Value) -> str:
    """Return a string of plain letters."""
    if not isinstance(value, Text):
        raise Odd("no string")
    raw = bytes(data[value.begin : value.end])
    if _PLAIN_TEXT.fullmatch(raw) is None:
        raise Odd("no plain letters")
    text = _ESCAPE.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), raw[1:-1])
    if not (text.isascii() and text.decode("latin-1").isprintable()):
        raise Odd("no plain letters")
    return text.decode("ascii")


def _digits(data: memoryview, first: int, begin: int) -> bytes:
    """Return the bytes that stand in hexadecimal digits between brackets, which nobody signs."""
    if (data[first], data[begin - 1]) != _BRACKETS:
        raise Odd("no digits")
    try:
        return unhexlify(data[first + 1 : begin - 1])
    except NotHexadecimal as error:
        raise Odd("no digits") from error
