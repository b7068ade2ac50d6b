"""New office files (OOXML and ODF packages): macros, links, embedded objects, passwords.

Every part is unpacked once, in pieces, so that a cut part or a bomb shows; parts that tell
something are kept while they are small and read by patterns, because a package may hold any bytes
and no parser is needed for what is sought.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

from gateway.domain.inspection import Bounds, Observation, Trait, is_program
from gateway.domain.marks import head_is_marked_secret
from gateway.formats.embedded import OBJECT_MAY_BE, Look, look_into_embedded
from gateway.formats.tails import LOOKED_AT, is_another_file
from gateway.formats.xml_text import HEAD, XmlText, xml_text
from gateway.formats.zip_directory import BadZip, ZipDirectory, unpack

_CHUNK_OVERLAP = 512
_MOST_KEPT = 4_194_304
_MOST_OBJECT = 26_214_400
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_ATTRIBUTE = re.compile(rb"\b(Type|Target|TargetMode)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_REMOTE = re.compile(
    rb"\s*(?:https?:|ftps?:|mhtml:|ms-\w+:|x-usc:|//|\\\\|"
    rb"file:(?:/{2}(?![/\\]|[a-z]:)|/{2,5}[\w.-]+\.[\w.]+/|/{2,5}\\\\))",
    re.IGNORECASE,
)
#: Relations that load what they point to without being asked.
_LOADING = re.compile(rb"/(?:attachedTemplate|oleObject|frame|subDocument|control|package)\Z")
_VBA = re.compile(rb"vbaProject|macrosheet|macroEnabled|xlMacrosheet", re.IGNORECASE)
_INSTRUCTION = re.compile(
    rb"instrText[^>]{0,200}>([^<]{0,2000})<|instr\s*=\s*[\"']([^\"']{0,2000})"
)
_DDE = re.compile(rb"\bDDE(?:AUTO)?\b", re.IGNORECASE)
#: Fields that show another file, and connections to data.
_SHOWN = re.compile(rb"\bINCLUDE(?:PICTURE|TEXT)\b[^\r\n]{0,100}?(?:://|\\\\)", re.IGNORECASE)
_CONNECTION = re.compile(rb"<(?:\w+:)?(?:dbPr|webPr|olapPr)\b")
_ODF_LOADED = re.compile(
    rb"<(?:draw:(?:image|object|object-ole|frame-source|plugin|applet)|text:section-source|"
    rb"table:table-source|table:cell-range-source|form:frame)\b[^>]{0,2000}?xlink:href=[\"']"
    rb"(?:https?:|ftp:|file:|//|\\\\|\.\./\.\./)",
    re.IGNORECASE,
)
_DDE_SOURCE = re.compile(rb"<(?:\w+:)?ddeLink\b|<(?:office|text|table):dde-(?:source|connection)")
_ODF_NO_MODULE = re.compile(r"(?:.*/)?(?:script|dialog)-l[bc]\.xml|.*/|Basic/script-lc\.xml")
#: How programs and scripts begin; only then is it worth asking what the bytes are.
_PROGRAM_HEADS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"L\0\0\0")
#: Roots of the parts whose text has a head, where marks stand; the beginning that is read.
_TEXT = re.compile(rb"<(?:w:(?:document|hdr)|office:document-content)\b")
_MOST_TEXT = 262_144
_PARAGRAPH_END = re.compile(rb"</(?:w:p|text:p|text:h)>")
_TAG = re.compile(rb"<[^<>]*+>")
#: How packages, OLE2 files and pictures begin.
_JUDGED_HEADS = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"II",
    b"MM\0",
)
_HEAD = 4096
_TYPES, _MANIFEST, _RELATIONS = "[content_types].xml", "meta-inf/manifest.xml", ".rels"
_OBJECT = re.compile(
    r".*/(?:embeddings/[^/]+|activeX/[^/]+\.bin|media/[^/]+)|Pictures/[^/]+|Object \d+|ObjBFFF.*"
)


def look_into_package(
    file: BinaryIO,
    directory: ZipDirectory,
    bounds: Bounds,
    look: Look,
) -> Iterator[Observation]:
    """Yield the traits of an office package, each once."""
    seen: set[Observation] = set()
    for observation in _look(file, directory, bounds, look):
        if observation not in seen:
            seen.add(observation)
            yield observation


def _look(
    file: BinaryIO,
    directory: ZipDirectory,
    bounds: Bounds,
    look: Look,
) -> Iterator[Observation]:
    left = bounds.unpacked_bytes
    yield from _joined(file, directory)
    for entry in directory.entries:
        yield from _name(entry.name)
        if left <= 0:
            yield Observation(trait=Trait.BOMB, part=entry.name)
            return
        part = _Part(entry.name)
        try:
            for chunk in unpack(file, entry, most=left):
                left -= len(chunk)
                part.add(chunk)
        except BadZip:
            yield Observation(trait=Trait.UNREADABLE, part=entry.name)
        if entry.size > _MOST_KEPT and entry.size > bounds.ratio * 4 * max(1, entry.packed):
            yield Observation(trait=Trait.BOMB, part=entry.name)
        yield from part.traits(look)


def _joined(file: BinaryIO, directory: ZipDirectory) -> Iterator[Observation]:
    """Tell when another file stands in front of the package or behind it."""
    file.seek(-directory.behind, 2)
    if directory.before:
        yield Observation(trait=Trait.POLYGLOT, what="before")
    elif directory.behind and is_another_file(file.read(LOOKED_AT)):
        yield Observation(trait=Trait.POLYGLOT, what="after")


class _Part:
    """A part that is being unpacked: what it told so far, and what of it is kept.

    Which part tells something its name does not say, for programs go by relations and types: all
    XML is searched, in UTF-8 whatever it was written in.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        low = name.lower()
        is_kept = low in {_TYPES, _MANIFEST} or low.endswith(_RELATIONS)
        self._most = _MOST_KEPT if is_kept else _MOST_OBJECT if _OBJECT.fullmatch(name) else 0
        self._head = b""
        self._kept = bytearray()
        self._reader: XmlText | None = None
        self._rest = b""
        self._instructions = bytearray()
        self._told: set[Trait] = set()
        self._text = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take the next piece; what the part is shows when its head is whole."""
        if len(self._head) >= HEAD:
            self._take(chunk)
        else:
            self._head += chunk
            if len(self._head) >= HEAD:
                self._begin()

    def _begin(self) -> None:
        self._reader = xml_text(self._head)
        self._take(self._head)
        self._head = self._head[:_HEAD]

    def _take(self, chunk: bytes) -> None:
        if self._reader is not None:
            chunk = self._reader(chunk)
            if len(self._text) < _MOST_TEXT:
                self._text += chunk
            window = self._rest + chunk
            self._search(window)
            self._rest = window[-_CHUNK_OVERLAP:]
        if len(self._kept) < self._most:
            self._kept += chunk

    def _search(self, window: bytes) -> None:
        if len(self._instructions) < _MOST_KEPT:
            for one, other in _INSTRUCTION.findall(window):
                self._instructions += one or other
        if _DDE_SOURCE.search(window) is not None:
            self._told.add(Trait.COMMAND_FIELD)
        if _ODF_LOADED.search(window) or _CONNECTION.search(window):
            self._told.add(Trait.EXTERNAL_LINK)

    def traits(self, look: Look) -> Iterator[Observation]:
        if len(self._head) < HEAD:
            self._begin()
        instructions = html.unescape(self._instructions.decode("utf-8", "replace")).encode()
        if _DDE.search(instructions) is not None:
            self._told.add(Trait.COMMAND_FIELD)
        if _SHOWN.search(instructions) is not None:
            self._told.add(Trait.EXTERNAL_LINK)
        text = bytes(self._text)
        if _TEXT.search(text) is not None and head_is_marked_secret(_lines(text)):
            self._told.add(Trait.SECRECY_MARK)
        for trait in sorted(self._told):
            yield Observation(trait=trait, part=self._name)
        if self._is_program(look):
            what = self._name.rpartition("/")[2][:100]
            yield Observation(trait=Trait.EMBEDDED_PROGRAM, part=self._name, what=what)
        yield from self._in_what_was_kept(bytes(self._kept), look)

    def _is_program(self, look: Look) -> bool:
        """Whether the part is a program as it lies there, wherever in the package."""
        begins_so = self._head.startswith(_PROGRAM_HEADS)
        media_type = look(BytesIO(self._head)).media_type if begins_so else ""
        return not self._name.endswith("/") and is_program(self._name, media_type)

    def _in_what_was_kept(self, kept: bytes, look: Look) -> Iterator[Observation]:
        low = self._name.lower()
        if low.endswith(_RELATIONS):
            yield from _relations(kept)
        elif low == _TYPES and _VBA.search(kept) is not None:
            yield Observation(trait=Trait.MACRO)
        elif low == _MANIFEST and b"encryption-data" in kept:
            yield Observation(trait=Trait.ENCRYPTED)
        else:
            yield from self._in_object(kept, look)

    def _in_object(self, kept: bytes, look: Look) -> Iterator[Observation]:
        """Look into what another program made: a workbook, a drawing, a packaged file, a picture."""
        name = self._name.rpartition("/")[2]
        if kept.startswith(_JUDGED_HEADS):
            for each in look_into_embedded(BytesIO(kept), [name], look, may_be=OBJECT_MAY_BE):
                yield replace(each, part=self._name)


def _lines(text: bytes) -> Iterator[str]:
    """Yield the paragraphs of a document's text, the cells of its tables among them."""
    for paragraph in _PARAGRAPH_END.split(text):
        yield html.unescape(_TAG.sub(b"", paragraph).decode("utf-8", "replace")).strip()


def _name(name: str) -> Iterator[Observation]:
    low = name.lower()
    is_module = low.startswith(("basic/", "scripts/")) and not _ODF_NO_MODULE.fullmatch(name)
    if is_module or low.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in low:
        yield Observation(trait=Trait.MACRO)
    elif "/activex/" in low and low.endswith(".xml"):
        yield Observation(trait=Trait.ACTIVE_CONTROL)


def _relations(part: bytes) -> Iterator[Observation]:
    for relation in _RELATION.findall(part):
        attributes = {
            key: html.unescape((one or other).decode("utf-8", "replace")).encode()
            for key, one, other in _ATTRIBUTE.findall(relation)
        }
        kind, target = attributes.get(b"Type", b""), attributes.get(b"Target", b"")
        if kind.endswith((b"/vbaProject", b"/xlMacrosheet")):
            yield Observation(trait=Trait.MACRO)
        if attributes.get(b"TargetMode", b"").lower() != b"external" or kind.endswith(
            b"/hyperlink"
        ):
            continue
        shown = target.decode("utf-8", "replace")[:120]
        if _LOADING.search(kind) is not None and _REMOTE.match(target) is not None:
            yield Observation(trait=Trait.REMOTE_TEMPLATE, what=shown)
        elif not kind.endswith(b"/attachedTemplate"):  # every Word names that of its own disk
            yield Observation(trait=Trait.EXTERNAL_LINK, what=shown)
