"""The attachments of a message: joined to what the manifest says of them, and unwrapped.

The axis SDK puts every file but pdf, doc, docx and zip into a zip of one entry and announces it as
``application/zip``; others wrap files and announce what is inside. That is a way of transport like
base64, so the file inside is the attachment; the message itself is kept and handed on as it came.
Bytes decide, never the announced type.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.domain.document import SpooledFile
from gateway.formats.attachments import canonical_extension
from gateway.formats.edxml_builder import Part
from gateway.formats.tree import Node
from gateway.formats.wrapping import unwrap
from gateway.ports import Spool

_ZIP_TYPES = frozenset({"application/zip", "application/x-zip", "application/x-zip-compressed"})
#: All that one message may have unwrapped, in attachments of the largest size.
_MOST_UNWRAPPED = 8
_NOBODY = Node("Reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Every attachment with its Reference, and the references without an attachment."""

    parts: tuple[tuple[Part, Node], ...]
    missing: tuple[Node, ...]


def link(parts: Sequence[Part], references: Sequence[Node]) -> Linked:
    """Join attachments and references by ContentId, what is left by position."""
    named = [reference for reference in references if reference.children]
    by_id: dict[str, deque[Node]] = {}
    for reference in named:
        by_id.setdefault(_content_id(reference.value("ContentId")), deque()).append(reference)
    found: dict[int, Node] = {}
    for part in parts:
        content_id = _content_id(part.fields.get("ContentId", ""))
        if content_id and by_id.get(content_id):
            found[part.n] = by_id[content_id].popleft()
    taken = {id(reference) for reference in found.values()}
    left = deque(reference for reference in named if id(reference) not in taken)
    linked = tuple(
        (part, found.get(part.n) or (left.popleft() if left else _NOBODY)) for part in parts
    )
    return Linked(parts=linked, missing=tuple(left))


def _content_id(text: str) -> str:
    """Return *text* without its leading ``cid:``s: the SDK writes ``cid:cid:`` at times."""
    text = text.strip()
    while text[:4].lower() == "cid:":
        text = text[4:].lstrip()
    return text


class Files:
    """Makes the files of one message out of its attachments."""

    def __init__(self, spool: Callable[[int], Spool], *, attachment_limit: int) -> None:
        """Write what is unwrapped of attachment n to ``spool(n)``, at most so many bytes each."""
        self._spool = spool
        self._limit = attachment_limit
        self._room = _MOST_UNWRAPPED * attachment_limit
        self._written: Spool | None = None

    def of(self, part: Part, reference: Node) -> SpooledFile:
        """Return the file that *part* is."""
        name = part.fields.get("AttachmentName") or reference.value("AttachmentName")
        content = part.content
        file = SpooledFile(
            name=name,
            path=content.path,
            size=content.size,
            sha256=content.sha256,
            announced_type=_announced(part, reference, name),
        )
        return self._unwrapped(part, file) if content.is_zip and content.is_whole else file

    def _unwrapped(self, part: Part, file: SpooledFile) -> SpooledFile:
        extension = canonical_extension(file.name)
        if extension in {"", "zip"}:
            return file
        with part.content.open() as wrapping:
            inner = unwrap(
                wrapping,
                extension=extension,
                limit=self._limit,
                room=self._room,
                spool=lambda: self._opened(part.n),
            )
        self._charge()
        if inner is None:
            return file
        return replace(file, path=inner.path, size=inner.size, sha256=inner.sha256)

    def _opened(self, n: int) -> Spool:
        self._written = self._spool(n)
        return self._written

    def _charge(self) -> None:
        """Take what was written from the room, also where it came to nothing."""
        if self._written is not None:
            self._room -= self._written.size
        self._written = None


def _announced(part: Part, reference: Node, name: str) -> str | None:
    """Return the type that is announced for the file; ``zip`` speaks of the wrapping only."""
    is_archive = canonical_extension(name) == "zip"
    for announced in (
        part.fields.get("ContentType", ""),
        reference.value("ContentType"),
        part.fields.get("MimeType", ""),
    ):
        if announced and (is_archive or announced.lower() not in _ZIP_TYPES):
            return announced
    return None
