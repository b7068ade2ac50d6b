"""edXML messages of our own: composed at the commit, made again from the frame when read."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.domain.directory import Directory
from gateway.domain.document import Organisation
from gateway.domain.exchange import Document
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import decode_frame, encode_frame, frame_size, render
from gateway.pipeline.lookup import OpenBytes
from gateway.ports import Composed
from gateway.storage.blobs import FolderBlobs

_CHUNK = 1 << 18


class Composer:
    """Writes the message of a submission of data and files; see `ports.ComposeEnvelope`."""

    def __init__(self, *, blobs: FolderBlobs, directory: Callable[[], Directory]) -> None:
        """Read attachments from *blobs*, names of agencies from the directory."""
        self._blobs = blobs
        self._directory = directory

    def __call__(self, document: Document) -> Composed:
        """Compose; the code is known. Reads the attachments: never on the event loop."""
        directory = self._directory()
        frame = write_document(
            document_id=document.code or document.id,
            sender=_organisation(document.sender, directory),
            recipients=[_organisation(code, directory) for code in document.metadata.to],
            metadata=document.metadata,
            attachments=document.attachments,
            trace=[(document.sender, document.submitted_at)],
        )
        keys = {each.n: each.blob for each in document.attachments}
        digest = hashlib.sha256()
        for chunk in render(frame, lambda n: self._blobs.open(keys[n])):
            digest.update(chunk)
        return Composed(
            frame=encode_frame(frame),
            sha256=digest.hexdigest(),
            size=frame_size(frame, {each.n: each.size for each in document.attachments}),
        )


def _organisation(code: str, directory: Directory) -> Organisation:
    agency = directory.find(code)
    contact = {} if agency is None else agency.contact or {}
    return Organisation(
        code=code, name=None if agency is None else agency.name, email=contact.get("email")
    )


def open_envelope(blobs: FolderBlobs, document: Document) -> OpenBytes:
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
