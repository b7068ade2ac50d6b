"""RTF: objects, links and remote templates, found however the control words are broken up."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from gateway.domain.inspection import Observation, Trait
from gateway.formats.image_files import holds_a_bomb

_CHUNK = 1_048_576
_OVERLAP = 1024
_OBJECT = re.compile(rb"\\object(?![a-z])|\\objdata(?![a-z])")
_CLASS = re.compile(rb"\\objclass\s+([\w.\- ]{1,60})")
_FETCHED = re.compile(rb"\\objupdate(?![a-z])|\\objhtml(?![a-z])")
_LINK = re.compile(rb"\\objautlink(?![a-z])|\\objlink(?![a-z])")
_TEMPLATE = re.compile(
    rb"\\\*?\s*\\?template\s+(?:https?|ftp|file://|\\\\\\\\)[^}]{0,200}", re.IGNORECASE
)
_FIELD = re.compile(
    rb"\\fldinst(?![a-z])[^}]{0,300}?\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE)\b[^}]{0,40}",
    re.IGNORECASE,
)
#: How pictures begin that stand as hexadecimal digits, and as much of them as holds their head.
_PICTURE = re.compile(
    rb"(?:89504e470d0a1a0a|ffd8ff|474946383[79]61)[0-9a-f\s]{0,262144}+", re.IGNORECASE
)
#: What Office puts into documents by itself: tables, charts, drawings, formulas.
_USUAL = re.compile(
    rb"(?:Word|Excel|PowerPoint|MSGraph|Equation|Visio|PBrush|Paint\.Picture|StaticMetafile|"
    rb"StaticDib|Photoshop|MSPhotoEd|AcroExch|ChemDraw|MathType|Opendocument|opendocument|soffice)"
    rb"[\w. -]*",
    re.IGNORECASE,
)


def look_into_rtf(file: BinaryIO) -> Iterator[Observation]:
    """Yield the traits of an RTF file, each once."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 64))
    if not file.read().rstrip(b"\0 \r\n\t\x1a").endswith(b"}"):
        yield Observation(trait=Trait.TRUNCATED)
    seen = set()
    for window in _windows(file):
        for observation in _traits(window):
            if observation not in seen:
                seen.add(observation)
                yield observation


def _windows(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    rest = b""
    while chunk := file.read(_CHUNK):
        yield rest + chunk
        rest = chunk[-_OVERLAP:]


def _traits(window: bytes) -> Iterator[Observation]:
    if any(map(holds_a_bomb, (window, *_pictures(window)))):
        yield Observation(trait=Trait.BOMB)
    if _TEMPLATE.search(window) is not None:
        yield Observation(trait=Trait.REMOTE_TEMPLATE)
    if _OBJECT.search(window) is not None:
        yield _object(window)
    if _LINK.search(window) is not None:
        yield Observation(trait=Trait.EXTERNAL_LINK, what="OLE")
    for field in _FIELD.finditer(window):
        word = field.group(1).upper()
        if word.startswith(b"DDE"):
            yield Observation(trait=Trait.COMMAND_FIELD)
        elif b"://" in field.group():
            yield Observation(trait=Trait.EXTERNAL_LINK, what=word.decode())


def _pictures(window: bytes) -> Iterator[bytes]:
    """Yield the beginnings of the pictures that stand in *window* as hexadecimal digits."""
    for found in _PICTURE.finditer(window):
        digits = b"".join(found[0].split())
        yield bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))


def _object(window: bytes) -> Observation:
    """Judge by the class; one that updates itself or hides its class is no ordinary object."""
    named = _CLASS.findall(window)
    usual = named and all(_USUAL.fullmatch(each.strip()) for each in named)
    what = named[0].decode("ascii", "replace") if named else ""
    if not usual or _FETCHED.search(window) is not None:
        return Observation(trait=Trait.EMBEDDED_PROGRAM, what=what)
    return Observation(trait=Trait.EMBEDDED_FILE, what=what)
