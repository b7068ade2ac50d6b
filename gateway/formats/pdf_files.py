"""PDF files whose objects have to be read: actions, scripts, embedded files, passwords, damage.

qpdf (pikepdf) reads the objects, object streams and encryption included. It trusts a file more
than a thread may: this runs in a worker process with limits.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO

import pikepdf

from gateway.domain.inspection import Observation, Trait, is_program

_ACTIONS = {
    "/Launch": Trait.PDF_LAUNCH,
    "/SubmitForm": Trait.PDF_SUBMIT,
    "/ImportData": Trait.PDF_SUBMIT,
    "/JavaScript": Trait.PDF_SCRIPT,
}
_SCRIPTED = ("/JS", "/XFA")
#: Office formats that exist to hold macros.
_MACRO_EXTENSIONS = frozenset(
    {"docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam"}
)
_HEAD = 65_536
_MOST_DEPTH = 64
_OBJECT = re.compile(rb"\b\d+\s+\d+\s+obj\b")
_CUT = Observation(trait=Trait.TRUNCATED)
_DAMAGED = Observation(trait=Trait.DAMAGED)


def look_into_pdf(
    file: BinaryIO, media_type_of: Callable[[BinaryIO], str]
) -> Iterator[Observation]:
    """Yield the traits of a PDF, each once; *media_type_of* names what is embedded."""
    if _is_cut(file):
        yield _CUT
    seen: set[Observation] = set()
    for observation in _read(file, media_type_of):
        if observation not in seen:
            seen.add(observation)
            yield observation


def _is_cut(file: BinaryIO) -> bool:
    """Whether the last revision has no end: nothing ends it, or objects stand behind its end."""
    file.seek(0)
    content = file.read()
    end = content.rfind(b"%%EOF")
    return end < 0 or _OBJECT.search(content, end) is not None


def _read(file: BinaryIO, media_type_of: Callable[[BinaryIO], str]) -> Iterator[Observation]:
    file.seek(0)
    try:
        with pikepdf.open(file) as pdf:
            for each in pdf.objects:
                yield from _traits(each, media_type_of)
            if not len(pdf.pages):
                yield _DAMAGED
    except pikepdf.PasswordError:
        yield Observation(trait=Trait.ENCRYPTED)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, AttributeError):
        yield _DAMAGED


def _traits(
    indirect: pikepdf.Object, media_type_of: Callable[[BinaryIO], str]
) -> Iterator[Observation]:
    """Yield the traits of an object and of what stands directly in it."""
    waiting = [(indirect, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, pikepdf.Array):
            children: list[object] = list(each)
        elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield from _dictionary(each, media_type_of)
            children = [each.get(key) for key in each.keys()]  # noqa: SIM118 - a stream is no dict
        else:
            continue
        if depth < _MOST_DEPTH:
            waiting += [
                (child, depth + 1)
                for child in children
                if isinstance(child, pikepdf.Object) and not child.is_indirect
            ]


def _dictionary(
    each: pikepdf.Object, media_type_of: Callable[[BinaryIO], str]
) -> Iterator[Observation]:
    action = _ACTIONS.get(str(each.get("/S")))
    if action is not None:
        yield Observation(trait=action)
    for key in _SCRIPTED:
        if key in each:
            yield Observation(trait=Trait.PDF_SCRIPT, what=key.removeprefix("/"))
    if str(each.get("/Subtype")) == "/RichMedia":
        yield Observation(trait=Trait.EMBEDDED_FILE, what="RichMedia")
    embedded = each.get("/EF")
    if isinstance(embedded, pikepdf.Dictionary):
        yield _embedded(each, embedded, media_type_of)


def _embedded(
    specification: pikepdf.Object,
    embedded: pikepdf.Object,
    media_type_of: Callable[[BinaryIO], str],
) -> Observation:
    name = str(specification.get("/UF", specification.get("/F", "")))
    stream = embedded.get("/F", embedded.get("/UF"))
    head = _head(stream) if isinstance(stream, pikepdf.Stream) else b""
    media_type = media_type_of(BytesIO(head))
    if name.rpartition(".")[2].lower() in _MACRO_EXTENSIONS:
        return Observation(trait=Trait.MACRO, what=name[:200])
    program = is_program(name, media_type)
    return Observation(
        trait=Trait.EMBEDDED_PROGRAM if program else Trait.EMBEDDED_FILE, what=name[:200]
    )


def _head(stream: pikepdf.Stream) -> bytes:
    """Return the first bytes of an embedded file; a bomb is never unpacked."""
    raw = bytes(stream.read_raw_bytes())
    if str(stream.get("/Filter")) in {"/FlateDecode", "[ /FlateDecode ]"}:
        try:
            return zlib.decompressobj().decompress(raw, _HEAD)
        except zlib.error:
            return b""
    return raw[:_HEAD]
