"""A quick look over a PDF: cheap, in the calling thread, and never wrong in calling it harmless.

The bytes are searched for the few names (ISO 32000) under which a PDF acts, or may hold a picture
too large to open, each letter plain or as ``#xx``. That says something only of a PDF whose objects
all lie in the clear: all its revisions list places in plain tables, or in plain streams that list no
packed object, and no object stream is named. What has none of the names and ends as it should needs no further look. Everything else is
for :mod:`gateway.formats.pdf_files`, which reads the objects.

On the way it sees the names that only a signed file has, so that who verifies need not search again.
"""

import mmap
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain.pdf_objects import Odd, PlainObjects
from gateway.domain.pdf_sections import Section, sections_of

_NAMES = (
    "AdditionalStreams",
    "JavaScript",
    "JS",
    "Launch",
    "SubmitForm",
    "ImportData",
    "EmbeddedFile",
    "EmbeddedFiles",
    "EF",
    "RichMedia",
    "XFA",
    "GoToE",
    "GoToR",
    "Encrypt",
    "ObjStm",
    "XRef",
    "XRefStm",
)
_DELIMITER = rb"(?=[\s\0/<>\[\](){}%]|\Z)"
#: A number of its own and no reference to one.
_NUMBER = rb"[\s\0]{0,8}\d{1,4}(?=[\s\0/>\]])(?![\s\0]+\d+[\s\0]+R)"
#: Without any of these, be it as the beginning of a longer one, a PDF in the clear bears no signature.
_SIGNING = ("ByteRange", "SubFilter", "AcroForm", "ObjStm", "XRef")
#: Names under which a PDF acts but for what is harmless behind them: a link into the web, the
#: sides of a picture that is not huge.
_HARMLESS = {
    "URI": rb"[\s\0]{0,8}(?:\((?:https?:|mailto:|tel:|www\.)|[/>])",
    "Width": _NUMBER,
    "Height": _NUMBER,
}


def _written(name: str) -> bytes:
    """Return a pattern for *name*, each letter plain or escaped."""
    return b"".join(b"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in name.encode())


#: Another file, by its name. A name so short is often seen in packed bytes, and the flags of a
#: comment have it, too, hence what must follow: a string, a dictionary, a reference, a comment or
#: so many blanks that anything may follow.
_FILE = (
    _written("F")
    + rb"(?:[\s\0]{9}|[\s\0]{0,8}(?:[(%]|<[<>0-9A-Fa-f\s\0])"
    + rb"|[\s\0]{1,8}\+?(?:\d{20}|\d{1,19}(?:[\s\0]{9}|[\s\0]{0,8}%|[\s\0]{1,8}\d)))"
)
#: Leads from a revision to the table of the one before; from a chapter to another one by an object.
#: Some readers take the number of an object for a place all the same.
_PREV = (
    _written("Prev")
    + _DELIMITER
    + rb"(?:[\s\0]{0,8}(?:(?P<object>\d{1,10})[\s\0]+\d{1,5}[\s\0]+R\b"
    + rb"|(?P<place>\d{1,10})(?=[\s\0/>])))?"
)
#: How any of the names begins: most slashes of compressed bytes are passed over by this alone.
_BEGINS = (
    b"".join(sorted({name[:1].encode() for name in (*_NAMES, *_SIGNING, *_HARMLESS, *"EFP")}))
    + b"#"
)
_ACTING = re.compile(
    b"/(?=["
    + _BEGINS
    + b"])(?:(?:"
    + b"|".join(map(_written, _NAMES))
    + b")"
    + _DELIMITER
    + b"|"
    + _PREV
    + b"".join(
        b"|" + _written(name) + _DELIMITER + b"(?!" + harmless + b")"
        for name, harmless in _HARMLESS.items()
    )
    + b"|"
    + _FILE
    + b"|(?P<signing>"
    + b"|".join(map(_written, _SIGNING))
    + b"))"
)
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_TABLE = re.compile(rb"\s*xref\b")
_BLANK = rb"(?:[\s\0]|%[^\r\n]*+(?:[\r\n]|\Z))"
#: An object, or a comment so long that one may follow.
_OBJECT = re.compile(_BLANK + rb"*+(?:\d+" + _BLANK + rb"++\d+" + _BLANK + rb"++obj|\Z)")
_HEAD = b"%PDF-"
_STREAM_OF_PLACES = b"/XRef"
_TAIL = 1024
_WINDOW = 1 << 18
#: Revisions and chapters of a file that is settled at a glance.
_MOST_STEPS = 2000
#: So much of the processor is a glance worth: nearly every file takes a hundredth of it.
_LONGEST_S = 1.0
#: No name is longer, each letter as ``#xx``, with what stands behind it.
_LONGEST_NAME = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a quick look says of a PDF; where it is not sure, that it is not quiet and may be."""

    is_quiet: bool  #: can do nothing by itself and ends as a PDF does: it needs no further look
    may_be_signed: bool


_UNSURE = Glance(is_quiet=False, may_be_signed=True)


def glance(content: memoryview | mmap.mmap) -> Glance:
    """Look over the PDF *content*."""
    with memoryview(content) as view:
        # Behind anything else readers do not agree from where places are counted.
        if view[: len(_HEAD)] != _HEAD:
            return _UNSURE
        streams = () if _ends_with_table(view) else _streams_of_places(view)
        return _UNSURE if streams is None else _look(view, content, streams)


def _ends_with_table(view: memoryview) -> bool:
    end = _END.search(bytes(view[-_TAIL:]).rstrip(b"\0"))
    return end is not None and _is_table(view, int(end.group(1)))


def _streams_of_places(view: memoryview) -> Sequence[Section] | None:
    """Return the streams that list objects, None when one lists packed objects, or is odd."""
    try:
        sections = sections_of(PlainObjects(view))
    except Odd:
        return None
    if any(each.has_packed_objects for each in sections):
        return None
    return [each for each in sections if each.widths is not None]


def _is_table(view: memoryview, place: int) -> bool:
    """Whether the objects are listed at *place* in the clear, not by a stream."""
    return _TABLE.match(bytes(view[place : place + 64])) is not None


def _look(view: memoryview, content: memoryview | mmap.mmap, streams: Sequence[Section]) -> Glance:
    may_be_signed, steps = False, 0
    for found in _acting(view, content):
        if found is None:
            return _UNSURE
        if found["signing"] is not None:
            may_be_signed = True
        elif steps < _MOST_STEPS and (
            _names(found, streams) or _leads_to_the_clear(found, view, streams)
        ):
            steps += 1
        else:
            return _UNSURE
    return Glance(is_quiet=True, may_be_signed=may_be_signed)


def _names(found: re.Match[bytes], streams: Sequence[Section]) -> bool:
    """Whether *found* is the name of one of the *streams* of places, where it stands."""
    return found[0] == _STREAM_OF_PLACES and any(
        each.begin < found.start() < each.end for each in streams
    )


def _leads_to_the_clear(
    found: re.Match[bytes], view: memoryview, streams: Sequence[Section]
) -> bool:
    """Whether *found* is nothing but a step to a plain table, a known stream or a chapter."""
    if found["place"] is not None:
        place = int(found["place"])
        return _is_table(view, place) or any(each.begin == place for each in streams)
    if found["object"] is None:
        return False
    place = int(found["object"])
    return _OBJECT.match(bytes(view[place : place + _TAIL])) is None


def _acting(view: memoryview, content: memoryview | mmap.mmap) -> Iterator[re.Match[bytes] | None]:
    """Yield the names under which a PDF acts or is signed, window by window; None to give up.

    A search holds the interpreter's lock until it ends, so it must not be long; what is behind it
    need not stay in memory.
    """
    until = time.thread_time() + _LONGEST_S
    for start in range(0, len(view), _WINDOW):
        if time.thread_time() > until:
            yield None
            return
        for found in _ACTING.finditer(view, start, start + _WINDOW + _LONGEST_NAME):
            if found.start() < start + _WINDOW:
                yield found
        if isinstance(content, mmap.mmap):
            content.madvise(mmap.MADV_DONTNEED, start, min(_WINDOW, len(view) - start))
