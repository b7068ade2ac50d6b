"""edXML messages of our own: composed at the commit, made again from the frame when read."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4
from xml.sax.saxutils import escape

from gateway.domain.directory import Directory
from gateway.domain.document import Organisation
from gateway.domain.exchange import Document
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import Frame, decode_frame, encode_frame, frame_size, render
from gateway.pipeline.lookup import OpenBytes
from gateway.ports import Blobs, Composed

_CHUNK = 1 << 18


#: Up to this size the base64 of the attachments is kept from the draft to the commit.
_KEPT_BYTES = 1 << 20
#: What the draft says where the commit decides; random, so that no sender can have written it.
_CODE, _NUMBER = f"code-{uuid4()}", f"number-{uuid4()}"


class Draft:
    """See `ports.Draft`."""

    def __init__(
        self, frame: Frame, *, size: int, render: Callable[[Frame], Iterator[bytes]]
    ) -> None:
        """Keep the *frame* with its marks; small messages are rendered once, here."""
        self._frame = frame
        self._size = size
        self._render = render
        self._rest = b"".join(render(_tail(frame))) if size <= _KEPT_BYTES else None

    def complete(self, *, code: str, number: str) -> Composed:
        """Fill in the document code and the number; cheap, for inside a unit."""
        first = self._frame.pieces[0]
        head = first.replace(_CODE.encode(), code.encode()).replace(
            _NUMBER.encode(), escape(number).encode()
        )
        frame = replace(self._frame, pieces=(head, *self._frame.pieces[1:]))
        digest = hashlib.sha256(head)
        for chunk in self._render(_tail(frame)) if self._rest is None else (self._rest,):
            digest.update(chunk)
        return Composed(
            frame=encode_frame(frame),
            sha256=digest.hexdigest(),
            size=self._size + len(head) - len(first),
        )


class Composer:
    """Drafts the message of a submission of data and files; see `ports.ComposeEnvelope`."""

    def __init__(self, *, blobs: Blobs, directory: Callable[[], Directory]) -> None:
        """Read attachments from *blobs*, names of agencies from the directory."""
        self._blobs = blobs
        self._directory = directory

    def __call__(self, document: Document) -> Draft:
        """Draft it. Reads the attachments: never on the event loop."""
        directory = self._directory()
        metadata = document.metadata
        frame = write_document(
            document_id=_CODE,
            sender=_organisation(document.sender, directory),
            recipients=[_organisation(code, directory) for code in metadata.to],
            metadata=replace(metadata, number=_NUMBER),
            attachments=document.attachments,
            trace=[(document.sender, document.submitted_at)],
        )
        keys = {each.n: each.blob for each in document.attachments}
        return Draft(
            frame,
            size=frame_size(frame, {each.n: each.size for each in document.attachments}),
            render=lambda part: render(part, lambda n: self._blobs.open(keys[n])),
        )


def _tail(frame: Frame) -> Frame:
    """Return *frame* without its first piece."""
    return replace(frame, pieces=(b"", *frame.pieces[1:]))


def _organisation(code: str, directory: Directory) -> Organisation:
    agency = directory.find(code)
    contact = {} if agency is None else agency.contact or {}
    return Organisation(
        code=code, name=None if agency is None else agency.name, email=contact.get("email")
    )


def open_envelope(blobs: Blobs, document: Document) -> OpenBytes:
    """Return what opens the message of *document* as chunks, in a worker thread."""

    @contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        if document.envelope is not None:
            with blobs.open(document.envelope) as file:
                yield iter(lambda: file.read(_CHUNK), b"")
            return
        keys = {each.n: each.blob for each in document.attachments}
        frame = decode_frame(document.frame or b"")
        yield render(frame, lambda n: blobs.open(keys[n]))

    return opened
