"""PDF files whose objects have to be read: actions, scripts, embedded files, passwords, damage.

qpdf (pikepdf) reads the objects, object streams and encryption included. It trusts a file more
than a thread may: this runs in a worker process with limits.
"""

import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

import pikepdf

from gateway.domain.inspection import Bounds, Observation, Trait
from gateway.formats.embedded import Look, look_into_embedded
from gateway.formats.pdf_actions import actions_of
from gateway.formats.tails import LOOKED_AT, is_another_file

#: An embedded file may be kept once for each family of systems.
_KEPT_FOR = ("/F", "/UF", "/Unix", "/DOS", "/Mac")
#: Key of the trailer under which a hybrid PDF of LibreOffice has its source.
_HYBRID = "AdditionalStreams"
_MOST_BESIDE = 16
_MOST_DEPTH = 64
#: Smaller embedded files may shrink as they like.
_NO_BOMB = 1_048_576
_END = b"%%EOF"
_OBJECT = re.compile(rb"\b\d+\s+\d+\s+obj\b")
_CUT = Observation(trait=Trait.TRUNCATED)
_DAMAGED = Observation(trait=Trait.DAMAGED)


def look_into_pdf(file: BinaryIO, bounds: Bounds, look: Look) -> Iterator[Observation]:
    """Yield the traits of a PDF, each once; *look* inspects what is embedded."""
    yield from _end(file)
    seen: set[Observation] = set()
    for observation in _read(file, bounds, look):
        if observation not in seen:
            seen.add(observation)
            yield observation


def _end(file: BinaryIO) -> Iterator[Observation]:
    """Tell when the last revision has no end, or another file stands behind it."""
    with _in_place(file) as content:
        end = content.rfind(_END)
        behind = end + len(_END)
        if end < 0 or _OBJECT.search(content, end) is not None:
            yield _CUT
        elif is_another_file(content[behind : behind + LOOKED_AT]):
            yield Observation(trait=Trait.POLYGLOT, what=f"after byte {behind}")


@contextmanager
def _in_place(file: BinaryIO) -> Iterator[bytes | mmap.mmap]:
    """Give the bytes of *file* without a copy of them: of a large one only the end is looked at."""
    if isinstance(file, BytesIO):
        yield file.getvalue()
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def _read(file: BinaryIO, bounds: Bounds, look: Look) -> Iterator[Observation]:
    file.seek(0)
    try:
        with pikepdf.open(file) as pdf:
            for each in pdf.objects:
                if _hides_objects(each):
                    yield _DAMAGED
                for one in _dictionaries(each):
                    yield from actions_of(one)
                    yield from _embedded(one, bounds, look)
            yield from _hybrid(pdf.trailer, bounds, look)
            if not len(pdf.pages):
                yield _DAMAGED
    except pikepdf.PasswordError:
        yield Observation(trait=Trait.ENCRYPTED)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, AttributeError):
        yield _DAMAGED


def _hides_objects(indirect: pikepdf.Object) -> bool:
    """Whether a stream is laid out to hold objects and does not say so: some readers take them."""
    return (
        isinstance(indirect, pikepdf.Stream)
        and {"/N", "/First"} <= set(indirect.keys())
        and indirect.get("/Type") != pikepdf.Name.ObjStm
    )


def _dictionaries(indirect: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries and streams that an object is or that stand directly in it."""
    waiting = [(indirect, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, pikepdf.Array):
            children: list[object] = list(each)
        elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield each
            children = [each.get(key) for key in each.keys()]  # noqa: SIM118 - a stream is no dict
        else:
            continue
        if depth < _MOST_DEPTH:
            waiting += [
                (child, depth + 1)
                for child in children
                if isinstance(child, pikepdf.Object) and not child.is_indirect
            ]


def _embedded(specification: pikepdf.Object, bounds: Bounds, look: Look) -> Iterator[Observation]:
    """Look into the file that a file specification embeds, if it does."""
    embedded = specification.get("/EF")
    if not isinstance(embedded, pikepdf.Dictionary):
        return
    name = str(specification.get("/UF", specification.get("/F", "")))
    yield Observation(trait=Trait.EMBEDDED_FILE, what=name[:200])
    streams = [embedded.get(key) for key in _KEPT_FOR]
    kept = {each.objgen: each for each in streams if isinstance(each, pikepdf.Stream)}
    for stream in kept.values():
        yield from _file(stream, name, bounds, look)


def _hybrid(trailer: pikepdf.Object, bounds: Bounds, look: Look) -> Iterator[Observation]:
    """Look into the document of which the PDF was made, where LibreOffice put it beside."""
    beside = trailer.get(f"/{_HYBRID}")
    streams = list(beside)[:_MOST_BESIDE] if isinstance(beside, pikepdf.Array) else []
    for stream in streams:
        if isinstance(stream, pikepdf.Stream):
            yield Observation(trait=Trait.EMBEDDED_FILE, what=_HYBRID)
            yield from _file(stream, _HYBRID, bounds, look)


def _file(stream: pikepdf.Stream, name: str, bounds: Bounds, look: Look) -> Iterator[Observation]:
    raw = bytes(stream.read_raw_bytes())
    most = min(bounds.unpacked_bytes, max(_NO_BOMB, bounds.ratio * len(raw)))
    content = _unpacked(stream, raw, most + 1)
    if len(content) > most:
        yield Observation(trait=Trait.BOMB, what=name[:200])
    else:
        yield from look_into_embedded(BytesIO(content), [name], look)


def _unpacked(stream: pikepdf.Stream, raw: bytes, most: int) -> bytes:
    """Return at most *most* bytes of an embedded file; what cannot be unpacked is left out."""
    filters = stream.get("/Filter")
    if filters is None:
        return raw[:most]
    if str(filters) in {"/FlateDecode", "[ /FlateDecode ]"} and "/DecodeParms" not in stream:
        try:
            return zlib.decompressobj().decompress(raw, most)
        except zlib.error:
            return b""
    return bytes(stream.read_bytes())[:most]
