"""Documents handed over in open formats, file by file, wherever the files are put.

documents/<year>/<name>/         document.json, message.edxml, receipts.jws, attachments/…
documents.csv                    one line a document
export.json                      how many there are, what is missing or damaged, where to go on
manifest.csv                     SHA-256, size and path of every other file, last

One file is open at a time, and what is written down at the end lies on the disk meanwhile: it takes
no more memory for a hundred thousand documents than for one. What is missing or cannot be read is
left out and named; what differs from the digest on record is given as it lies, and named as damaged.
An office gets no content that it could not fetch: what was taken back, or has
not arrived yet.
"""

import csv
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import GatewayError, NotFound
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.file_names import safe_name
from gateway.domain.lifecycle import has_arrived
from gateway.pipeline.lookup import OpenBytes, Shown
from gateway.pipeline.movement import delivery_of
from gateway.ports import Selection
from gateway.web.representation import Representation

MANIFEST = "manifest.csv"
_PAGE = 200
_CHUNK = 1 << 20
#: What is written down for the end stays in memory up to this size.
_IN_MEMORY = 1 << 20
_COLUMNS = (
    "id",
    "code",
    "document_id",
    "from",
    "to",
    "type",
    "number",
    "notation",
    "subject",
    "promulgated_on",
    "state",
    "legal_value",
    "submitted_at",
    "sent_at",
    "folder",
)

Chunks = Iterator[bytes]
Notes = SpooledTemporaryFile[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file: where it goes, and what opens its bytes. Blocks: for worker threads."""

    path: str
    open: Callable[[], Chunks]
    sha256: str | None = None  #: on record; None: it is made for the export


class Handover:
    """What *caller* may have of the documents that *wanted* selects, at most so many."""

    def __init__(
        self, gateway: Gateway, caller: Caller, wanted: Selection, *, most: int | None = None
    ) -> None:
        """Begin with the newest document of *wanted*."""
        self._gateway = gateway
        self._caller = caller
        self._wanted = wanted
        self._most = most
        self._show = Representation(gateway.zone)
        self._register, self._manifest = _notes(), _notes()
        self.documents = 0
        self.missing: list[str] = []  #: files that could not be read
        self.damaged: list[str] = []  #: files that are not what the record says
        self.next: int | None = None  #: the place behind the last document, None at the end

    async def entries(self, more: Iterable[Entry] = ()) -> AsyncIterator[Entry]:
        """Yield every file, *more* ones behind those of documents; each is to be read at once."""
        lines = csv.writer(self._register, lineterminator="\n")
        lines.writerow(_COLUMNS)
        csv.writer(self._manifest, lineterminator="\n").writerow(("sha256", "size", "path"))
        async for shown in self._documents():
            said, place = self._show.document(shown), _place(shown.document)
            lines.writerow([*(_cell(said.get(name)) for name in _COLUMNS[:-1]), place])
            for entry in await self._files(shown.document, place, said):
                yield self._noted(entry)
            self.documents += 1
        register = Entry(path="documents.csv", open=lambda: _again(self._register))
        summary = Entry(path="export.json", open=self._summary)
        for entry in (*more, register, summary):
            yield self._noted(entry)
        yield Entry(path=MANIFEST, open=lambda: _again(self._manifest))

    def close(self) -> None:
        """Give up what was written down."""
        self._register.close()
        self._manifest.close()

    def _summary(self) -> Chunks:
        said = {
            "documents": self.documents,
            "missing": self.missing,
            "damaged": self.damaged,
            "next": self.next,
        }
        yield (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()

    async def _documents(self) -> AsyncIterator[Shown]:
        before, left = self._wanted.before, self._most
        while left is None or left > 0:
            limit = _PAGE if left is None else min(_PAGE, left)
            selection = Selection(
                since=self._wanted.since, until=self._wanted.until, before=before, limit=limit
            )
            page = await self._gateway.lookup.documents(selection, self._caller)
            for each in page.items:
                yield each
            before = self.next = page.next
            left = None if left is None else left - len(page.items)
            if before is None:
                return

    async def _files(self, document: Document, place: str, said: object) -> list[Entry]:
        receipts = await self._gateway.lookup.receipts_of(document.id, self._caller)
        text = json.dumps(said, ensure_ascii=False, indent=1)
        entries = [
            _text(f"{place}/document.json", text + "\n"),
            _text(f"{place}/receipts.jws", "".join(f"{each.jws}\n" for each in receipts)),
        ]
        if not await self._may_be_read(document):
            return entries
        if document.envelope is not None or document.frame is not None:
            opening = self._gateway.lookup.open_envelope(document)
            path = f"{place}/message.edxml"
            entries.append(Entry(path=path, open=lambda: _opened(opening), sha256=document.sha256))
        for each in document.attachments:
            path = f"{place}/attachments/{each.n}-{safe_name(each.name)}"
            entries.append(Entry(path=path, open=self._file(each.blob), sha256=each.sha256))
        return entries

    def _file(self, blob: str) -> Callable[[], Chunks]:
        def read() -> Chunks:
            with self._gateway.blobs.open(blob) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk

        return read

    async def _may_be_read(self, document: Document) -> bool:
        """Whether the caller may have the content; the operator hands over all there is."""
        if document.removal is not None:
            return False
        if self._caller.role is not Role.OFFICE or document.sender == self._caller.agency:
            return True
        own = delivery_of(document, self._caller.agency)
        if own is None or not has_arrived(own.state):
            return False
        try:
            await self._gateway.lookup.content(document.id, self._caller)
        except NotFound:
            return False
        return True

    def _noted(self, entry: Entry) -> Entry:
        """Return *entry*, whose digest goes into the manifest once it was read."""

        def read() -> Chunks:
            digest, size = hashlib.sha256(), 0
            try:
                for chunk in entry.open():
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
            except (OSError, GatewayError):
                self.missing.append(entry.path)
                return
            found = digest.hexdigest()
            if entry.sha256 not in {None, found}:
                self.damaged.append(entry.path)
            row = (found, size, entry.path)
            csv.writer(self._manifest, lineterminator="\n").writerow(row)

        return Entry(path=entry.path, open=read)


def _place(document: Document) -> str:
    """Return the folder of a document: by its code where it has one, else by its id."""
    name = (document.code or document.id).replace("/", "-")
    return f"documents/{document.submitted_at:%Y}/{safe_name(name)}-{document.id[:8]}"


def _text(path: str, text: str) -> Entry:
    return Entry(path=path, open=lambda: iter((text.encode(),)))


def _opened(opening: OpenBytes) -> Chunks:
    with opening() as chunks:
        yield from chunks


def _notes() -> Notes:
    """Return a file for what is written down, which is gone once it is closed."""
    return SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="")


def _again(notes: Notes) -> Chunks:
    """Read from its beginning what was written down."""
    notes.seek(0)
    while text := notes.read(_CHUNK):
        yield text.encode()


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula, whatever a stranger wrote."""
    text = " ".join(value) if isinstance(value, list) else value
    risky = isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if risky else text
