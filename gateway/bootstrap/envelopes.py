"""edXML messages of our own: composed at the commit, made again from the frame when read."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import uuid4
from weakref import finalize
from xml.sax.saxutils import escape

from gateway.domain.directory import Directory
from gateway.domain.document import Answered, Organisation
from gateway.domain.exchange import Document
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import Frame, decode_frame, encode_frame, frame_size, render
from gateway.pipeline.lookup import OpenBytes
from gateway.ports import Blobs, Composed, Store, Transaction

_CHUNK = 1 << 18


#: Up to this size the base64 of the attachments is kept from the draft to the commit.
_KEPT_BYTES = 1 << 20
#: Recipients of which the answered document is looked for.
_MOST_ASKED = 20
#: What the draft says where the commit decides; random, so that no sender can have written it.
_CODE, _NUMBER = f"code-{uuid4()}", f"number-{uuid4()}"


class Draft:
    """See `ports.Draft`."""

    def __init__(
        self,
        frame: Frame,
        *,
        size: int,
        render: Callable[[Frame], Iterator[bytes]],
        scratch: Path | None,
    ) -> None:
        """Keep the *frame* with its marks; small messages are rendered once, here.

        With *scratch*, a folder, the others are rendered here, too, into a file without a name:
        reading the attachments takes longer than a commit may wait.
        """
        self._frame = frame
        self._size = size
        self._render = render
        self._rest = b"".join(render(_tail(frame))) if size <= _KEPT_BYTES else None
        self._file: BinaryIO | None = None
        if scratch is not None and self._rest is None:
            self._file = _rendered(render(_tail(frame)), scratch)
            finalize(self, self._file.close)

    def complete(self, *, code: str, number: str) -> Composed:
        """Fill in the document code and the number; cheap, for inside a unit."""
        first = self._frame.pieces[0]
        head = first.replace(_CODE.encode(), code.encode()).replace(
            _NUMBER.encode(), escape(number).encode()
        )
        frame = replace(self._frame, pieces=(head, *self._frame.pieces[1:]))
        digest = hashlib.sha256(head)
        for chunk in self._after(frame):
            digest.update(chunk)
        return Composed(
            frame=encode_frame(frame),
            sha256=digest.hexdigest(),
            size=self._size + len(head) - len(first),
        )

    def _after(self, frame: Frame) -> Iterator[bytes]:
        """Return the bytes behind the first piece."""
        if self._rest is not None:
            return iter((self._rest,))
        if self._file is None:
            return self._render(_tail(frame))
        self._file.seek(0)
        return iter(partial(self._file.read, _CHUNK), b"")


def _rendered(chunks: Iterator[bytes], scratch: Path) -> BinaryIO:
    file: BinaryIO = TemporaryFile(dir=scratch)  # noqa: SIM115 - closed with the draft
    try:
        file.writelines(chunks)
    except BaseException:
        file.close()
        raise
    return file


class Composer:
    """Drafts the message of a submission of data and files; see `ports.ComposeEnvelope`."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        directory: Callable[[], Directory],
        store: Store,
        scratch: Path | None,
    ) -> None:
        """Read attachments from *blobs*, names from the directory, answered documents from *store*.

        *scratch* is a folder for large drafts where reading *blobs* may take long, else None.
        """
        self._blobs = blobs
        self._store = store
        self._directory = directory
        self._scratch = scratch

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
            answered=self._answered(document, directory),
        )
        keys = {each.n: each.blob for each in document.attachments}
        return Draft(
            frame,
            size=frame_size(frame, {each.n: each.size for each in document.attachments}),
            render=lambda part: render(part, lambda n: self._blobs.open(keys[n])),
            scratch=self._scratch,
        )

    def _answered(self, document: Document, directory: Directory) -> Answered | None:
        """Return what is known of the document that *document* answers, None when it is not here."""
        named = document.metadata.reply_to
        if not named:
            return None
        agencies = (directory.find(code) for code in document.metadata.to[:_MOST_ASKED])
        senders = [each.code for each in agencies if each is not None]

        def look(tx: Transaction) -> Document | None:
            by_name = (tx.documents.by_identifier(each, named) for each in senders)
            return tx.documents.by_code(named) or next(filter(None, by_name), None)

        found = self._store.read_here(look)
        if found is None or document.sender not in _parties(found):
            return None
        metadata = found.metadata
        return Answered(
            document_id=found.document_id or named,
            sender=found.sender,
            number_notation=f"{metadata.number or ''}/{metadata.notation}",
            promulgated_on=metadata.promulgated_on,
        )


def _parties(document: Document) -> set[str]:
    """Return who may know *document*: to answer it says nothing to others of it."""
    recipients = (each.agency for each in document.deliveries) if document.was_sent else ()
    return {document.sender, *recipients}


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
