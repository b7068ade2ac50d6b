"""The inspection of one file: what it really is and what it holds, each format by its own room.

Most files are settled at a glance in the calling thread. What is risky to read (archives, office
files, a PDF that acts) is inspected by path in a worker process that can be cut off.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

from gateway.domain.inspection import Bounds, Inspected, Observation, Trait
from gateway.formats import attachments
from gateway.formats.archives import look_into_archive
from gateway.formats.embedded import MOST_LEVELS, Look
from gateway.formats.image_files import IMAGES, look_into_image
from gateway.formats.ole_files import look_into_ole
from gateway.formats.package_files import look_into_package
from gateway.formats.pdf_files import look_into_pdf
from gateway.formats.pdf_glance import Glance, glance
from gateway.formats.rtf_files import look_into_rtf
from gateway.formats.text_files import look_into_text
from gateway.formats.zip_directory import BadZip, read_directory
from gateway.ports import CutOff, Isolated

_PDF = "application/pdf"
_ZIP = "application/zip"
_OLE2 = frozenset(
    {
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/x-ole-storage",
        "application/x-encrypted-office",
    }
)
_PACKAGES = ("application/vnd.openxmlformats", "application/vnd.oasis", "application/vnd.ms-")
_TEXT = "text/plain"
_RTF = "application/rtf"
_ZIP_END = b"PK\x05\x06"
_MOST_PARTS = 20_000
#: Of a file no more is searched for the end of a zip, which may be followed by a comment.
_TAIL = 65_557
#: A zip that a PDF embeds is followed by the end of the PDF, one that was joined to it is not; in
#: an OLE2 file the rest of its sector follows.
_MOST_BEHIND = 64
#: Images whose walk costs little whatever they hold.
_CHEAP = frozenset({"image/jpeg", "image/png"})
#: Other images and texts up to this size are read in the calling thread.
_SMALL = 131_072


class Inspector:
    """Inspects files; see :class:`gateway.ports.Inspect`."""

    def __init__(self, isolated: Isolated, bounds: Bounds, *, patience_s: float) -> None:
        """Hand what is risky to *isolated*; open archives within *bounds*.

        When the files of a submission took *patience_s*, no further one is handed over.
        """
        self._isolated = isolated
        self._bounds = bounds
        self._patience_s = patience_s

    def __call__(self, file: BinaryIO, *, spent_s: float = 0.0) -> Inspected:
        """Return what *file* is and holds. Blocks: never on the event loop."""
        seen, is_settled = _glance(file)
        if is_settled:
            return seen
        source = file.getvalue() if isinstance(file, BytesIO) else file.name
        found: Inspected | CutOff = CutOff(reason="time")
        if spent_s < self._patience_s:
            found = self._isolated(inspect, source, self._bounds)
        if isinstance(found, CutOff):
            unchecked = Observation(trait=Trait.UNCHECKED, what=found.reason)
            return replace(seen, observations=(*seen.observations, unchecked))
        return found


def inspect(source: str | bytes, bounds: Bounds) -> Inspected:
    """Inspect the file at a path, or bytes, to the end; for a process that can be cut off."""
    if isinstance(source, bytes):
        return look(BytesIO(source), bounds)
    with open(source, "rb") as file:  # noqa: PTH123 - a path is a plain string here
        return look(file, bounds)


def look(file: BinaryIO, bounds: Bounds, depth: int = 1, level: int = 1) -> Inspected:
    """Inspect *file* to the end in this process.

    *depth* counts archives, *level* the documents in one another, both from 1.
    """
    seen, is_settled = _glance(file)
    if is_settled:
        return seen
    if seen.media_type == _ZIP:
        if depth > bounds.depth:
            return replace(seen, observations=(Observation(trait=Trait.NESTED),))
        return look_into_archive(
            file, seen, bounds, depth=depth, look=lambda inner, at: look(inner, bounds, at, level)
        )
    if level > MOST_LEVELS:
        return replace(seen, observations=(Observation(trait=Trait.NESTED),))
    found = tuple(
        _deep(file, seen.media_type, bounds, lambda inner: look(inner, bounds, depth, level + 1))
    )
    return replace(seen, observations=seen.observations + found)


def _glance(file: BinaryIO) -> tuple[Inspected, bool]:
    """Return what a quick look shows, and whether no other is needed."""
    sniffed = attachments.inspect(file)
    media_type = sniffed.media_type
    found: tuple[Observation, ...] = ()
    is_settled = may_be_signed = True
    if media_type in IMAGES or media_type == _TEXT:
        is_settled = media_type in _CHEAP or file.seek(0, os.SEEK_END) <= _SMALL
        found = tuple(_shallow(file, media_type)) if is_settled else ()
    elif media_type == _PDF:
        seen = _pdf_glance(file)
        is_settled, may_be_signed = seen.is_quiet, seen.may_be_signed
    elif _needs_a_deep_look(media_type):
        is_settled = False
    behind = 0 if media_type in _OLE2 else _MOST_BEHIND if media_type == _PDF else _TAIL
    if not media_type.startswith(_PACKAGES) and media_type != _ZIP and _ends_as_zip(file, behind):
        found += (Observation(trait=Trait.POLYGLOT, what="zip"),)
    return (
        Inspected(
            media_type=media_type,
            extensions=sniffed.extensions,
            observations=found,
            may_be_signed=may_be_signed,
        ),
        is_settled,
    )


def _shallow(file: BinaryIO, media_type: str) -> Iterator[Observation]:
    return look_into_text(file) if media_type == _TEXT else look_into_image(file, media_type)


def _needs_a_deep_look(media_type: str) -> bool:
    return media_type in {_ZIP, _RTF, *_OLE2} or media_type.startswith(_PACKAGES)


def _pdf_glance(file: BinaryIO) -> Glance:
    if isinstance(file, BytesIO):
        with file.getbuffer() as content:
            return glance(content)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return glance(mapped)


def _ends_as_zip(file: BinaryIO, most_behind: int) -> bool:
    """Whether the directory of a zip ends where *file* does, at most so many bytes before."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(_ZIP_END)
    if at < 0:
        return False
    try:
        directory = read_directory(file, most=1)
    except BadZip:
        return False
    return bool(directory.entries) and directory.behind <= most_behind


def _deep(file: BinaryIO, media_type: str, bounds: Bounds, inside: Look) -> Iterator[Observation]:
    if media_type in IMAGES or media_type == _TEXT:
        yield from _shallow(file, media_type)
    elif media_type == _PDF:
        yield from look_into_pdf(file, bounds, inside)
    elif media_type == _RTF:
        yield from look_into_rtf(file)
    elif media_type in _OLE2:
        yield from look_into_ole(file, media_type, inside)
    else:
        try:
            directory = read_directory(file, most=_MOST_PARTS)
        except BadZip:
            yield Observation(trait=Trait.TRUNCATED)
            return
        yield from look_into_package(file, directory, bounds, inside)
