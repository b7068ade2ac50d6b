"""Documents with their attachments and deliveries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from gateway.domain.document import Attachment, Metadata
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Delivery, Document, LegalValue, Removal
from gateway.domain.findings import Finding
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.domain.signatures import Evidence, Signature
from gateway.domain.text import fold, words_of
from gateway.ports import Selection
from gateway.storage.deliveries import delivery_of, delivery_row
from gateway.storage.lists import questions
from gateway.storage.registry import Numbers
from gateway.storage.rows import Connection, Row, instant, json_text, moment, moment_of

_METADATA = msgspec.json.Decoder(Metadata)
_FINDINGS = msgspec.json.Decoder(tuple[Finding, ...])
_SIGNATURES = msgspec.json.Decoder(tuple[Signature, ...])
_REMOVAL = msgspec.json.Decoder(Removal)
_NONE = "[]"


class Documents:
    """See :class:`gateway.ports.Documents`."""

    def __init__(self, connection: Connection, numbers: Numbers) -> None:
        """Work on *connection*, inside its transaction; positions are *numbers* of their own."""
        self._db = connection
        self._numbers = numbers

    def add(self, document: Document) -> int:
        """Store *document* with attachments and deliveries; return its position."""
        position = self._numbers.position()
        row = _columns(document) | _fixed(document) | {"position": position}
        self._db.put_off("add_document", row)
        self._db.put_off("add_words", _words(document, position))
        for each in document.attachments:
            self._db.put_off("add_attachment", _attachment_row(document.id, each))
        self.extend(replace(document, position=position), document.deliveries)
        return position

    def extend(self, document: Document, deliveries: Sequence[Delivery]) -> None:
        """Store *deliveries* of a stored *document*."""
        due = document.metadata.due_on
        shown = {
            "position": document.position,
            "open": int(document.state is not DocumentState.HELD),
            "document_state": document.state.value,
            "sender": document.sender,
            "priority": document.metadata.priority.rank,
            "due_on": None if due is None else due.isoformat(),
        }
        for delivery in deliveries:
            self._db.put_off("add_delivery", delivery_row(delivery) | shown)

    def save(self, document: Document) -> Document:
        """Write the columns that change, by compare-and-set on ``version``; raise Conflict."""
        columns = _columns(document) | {"id": document.id, "version": document.version}
        if self._db.run("save_document", columns) != 1:
            raise Conflict("the document changed meanwhile")
        if document.state is DocumentState.ACCEPTED:
            self._db.run("save_words", _words(document, document.position))
        shown = int(document.was_sent)
        told = {"document": document.id, "open": shown, "state": document.state.value}
        self._db.run("open_deliveries", told)
        return replace(document, version=document.version + 1)

    def keep_evidence(self, document: str, evidence: Sequence[Evidence]) -> None:
        """Store what the signatures of a new document were judged by; the same bytes once."""
        for n, each in enumerate(evidence, start=1):
            row: dict[str, object] = {"sha256": each.sha256, "kind": each.kind, "der": each.der}
            self._db.run("add_evidence", row)
            told: dict[str, object] = {"document": document, "n": n, "sha256": each.sha256}
            self._db.put_off("add_document_evidence", told)

    def evidence(self, document: str) -> list[Evidence]:
        """Return what the signatures of a document were judged by."""
        rows = self._db.all("evidence", {"document": document})
        return [Evidence(kind=row[0], sha256=row[1], der=bytes(row[2])) for row in rows]

    def recent_certificates(self, *, documents: int, limit: int) -> list[bytes]:
        """Return certificates (DER) that the newest *documents* were judged by, newest first."""
        rows = self._db.all("recent_certificates", {"documents": documents, "limit": limit})
        return [bytes(row[0]) for row in rows]

    def find(self, document: str) -> Document | None:
        """Return a document by id, whole."""
        found = self.find_many([document])
        return found[0] if found else None

    def find_many(self, documents: Sequence[str]) -> list[Document]:
        """Return documents by id, whole, in the order asked for; unknown ones are left out."""
        ids = {"ids": json_text(documents)}
        if not documents:
            return []
        found = self._db.together(("documents", "attachments", "deliveries"), ids)
        rows = {row[1]: row for row in found[0]}
        files: dict[str, list[Attachment]] = defaultdict(list)
        for row in found[1]:
            files[row[0]].append(_attachment(row))
        ways: dict[str, list[Delivery]] = defaultdict(list)
        for row in found[2]:
            ways[row[1]].append(delivery_of(row))
        return [
            _document(rows[id_], tuple(files[id_]), tuple(ways[id_]))
            for id_ in documents
            if id_ in rows
        ]

    def by_code(self, code: str) -> Document | None:
        """Return a document by its document code."""
        return self._first("document_by_code", {"code": code})

    def by_identifier(self, sender: str, document_id: str) -> Document | None:
        """Return the new (type 0) document that *sender* identified so and that stands."""
        return self._first(
            "document_by_identifier", {"sender": sender, "document_id": document_id}
        )

    def by_notation(self, sender: str, number: str, notation: str) -> list[Document]:
        """Return the documents of *sender* with that number and notation, newest first."""
        rows = self._db.all(
            "documents_by_notation", {"sender": sender, "number": number, "notation": notation}
        )
        return self.find_many([row[0] for row in rows])

    def identified(self, sender: str, document_id: str) -> list[Document]:
        """Return whatever *sender* sent under an identifier, newest first."""
        wanted = {"sender": sender, "document_id": document_id}
        return self.find_many([row[0] for row in self._db.all("documents_identified", wanted)])

    def following(self, sender: str, named: str) -> list[Document]:
        """Return what *sender* sent to update or replace a document, oldest first."""
        wanted = {"sender": sender, "named": named}
        return self.find_many([row[0] for row in self._db.all("documents_following", wanted)])

    def recall_early(
        self, sender: str, document_id: str, recipient: str, note: str | None, at: datetime
    ) -> None:
        """Keep the recall of a document that is not here yet."""
        row = {"sender": sender, "document_id": document_id, "recipient": recipient}
        self._db.run("add_early_recall", row | {"note": note, "at": instant(at)})

    def recalled_early(self, sender: str, document_id: str) -> list[tuple[str, str | None]]:
        """Return recipients and reasons of the recalls that came before a document."""
        wanted = {"sender": sender, "document_id": document_id}
        return [(row[0], row[1]) for row in self._db.all("early_recalls", wanted)]

    def recalled_at_last(self, sender: str, document_id: str, recipient: str) -> None:
        """Forget a recall that was obeyed when its document came."""
        row = {"sender": sender, "document_id": document_id, "recipient": recipient}
        self._db.run("drop_early_recall", row)

    def purge_early_recalls(self, before: datetime) -> int:
        """Forget recalls of documents that never came."""
        return self._db.run("purge_early_recalls", {"before": instant(before)})

    def forget_content(self, document: str, removal: Removal) -> None:
        """Let go of the message and the files of a document; they are removed soon."""
        wanted = {"document": document}
        for name in ("forget_files", "forget_blobs"):
            self._db.run(name, wanted)
        self._db.run("forget_message", wanted | {"removal": json_text(removal)})

    def regain_content(self, document: Document) -> None:
        """Store message and files of a document that let go of them before."""
        self._db.run("regain_envelope", {"document": document.id, "envelope": document.envelope})
        self._db.run("drop_attachments", {"document": document.id})
        for each in document.attachments:
            self._db.put_off("add_attachment", _attachment_row(document.id, each))

    def with_content(
        self, after: int, before: datetime, limit: int
    ) -> list[tuple[int, str, str, str, datetime]]:
        """Return what was submitted before an instant and has content, behind a position.

        Position, id, state, type, and when something last happened to it.
        """
        wanted = {"after": after, "before": instant(before), "limit": limit}
        return [
            (row[0], row[1], row[2], row[3], moment_of(max(row[4], row[5] or "")))
            for row in self._db.all("documents_with_content", wanted)
        ]

    def to_erase(self, limit: int) -> list[str]:
        """Return files that no document has any more."""
        return [str(row[0]) for row in self._db.all("files_to_erase", {"limit": limit})]

    def erased(self, keys: Sequence[str]) -> None:
        """Note that files were removed."""
        for key in keys:
            self._db.run("erased", {"key": key})

    def received(self, agency: str, number: str, notation: str) -> list[Document]:
        """Return what *agency* received with that number and notation, newest first."""
        wanted = {"agency": agency, "number": number, "notation": notation}
        return self.find_many([row[0] for row in self._db.all("documents_received", wanted)])

    def owns(self, document: str, blob: str) -> bool:
        """Whether the document refers to a blob."""
        return self._db.one("blob_known", {"document": document, "blob": blob}) is not None

    def delivery_states(self, document: str) -> set[DeliveryState]:
        """Return the states that the deliveries of a document are in."""
        rows = self._db.all("delivery_states", {"document": document})
        return {DeliveryState(row[0]) for row in rows}

    def select(self, selection: Selection) -> list[Document]:
        """Return a page of documents, newest first."""
        if selection.code is not None:
            return self._by_code_for(selection)
        found: dict[str, int] = {}
        for name, wanted in questions(selection):
            found |= {row[0]: row[1] for row in self._db.all(name, wanted)}
        newest = sorted(found, key=lambda id_: -found[id_])[: selection.limit]
        return self.find_many(newest)

    def register_in(
        self,
        agency: str,
        year: int,
        *,
        after: int,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Document]:
        """Return what *agency* entered in *year* above an arrival number, by these numbers."""
        wanted = {"agency": agency, "year": year, "after": after, "limit": limit}
        period = {"since": instant(since), "until": instant(until)}
        return self.find_many([row[0] for row in self._db.all("register_in", wanted | period)])

    def register_out(
        self, agency: str, *, since: datetime, until: datetime, after: datetime | None, limit: int
    ) -> list[Document]:
        """Return what *agency* sent in a period and after an instant, in the order of sending."""
        wanted = {
            "agency": agency,
            "since": instant(since),
            "until": instant(until),
            "after": instant(after) or "",
            "limit": limit,
        }
        return self.find_many([row[0] for row in self._db.all("register_out", wanted)])

    def _by_code_for(self, selection: Selection) -> list[Document]:
        document = self.by_code(selection.code or "")
        if document is None or selection.before is not None:
            return []
        return [document] if _concerns(document, selection) else []

    def _first(self, name: str, parameters: dict[str, str]) -> Document | None:
        row = self._db.one(name, parameters)
        return None if row is None else self.find(row[0])


def _concerns(document: Document, selection: Selection) -> bool:
    if selection.agency is None:
        return True
    sent = document.sender == selection.agency
    received = document.was_sent and any(
        each.agency == selection.agency for each in document.deliveries
    )
    return {"in": received, "out": sent}.get(selection.box or "", sent or received)


def _words(document: Document, position: int) -> dict[str, object]:
    """Return the words by which *document* is found."""
    data = document.metadata
    marks = f"{data.number or ''} {data.notation} {document.code or document.document_id or ''}"
    return {
        "position": position,
        "subject": " ".join(words_of(data.subject)),
        "marks": " ".join(words_of(marks)),
    }


def _columns(document: Document) -> dict[str, object]:
    return {
        "code": document.code,
        "document_id": document.document_id,
        "state": document.state.value,
        "number": document.metadata.number,
        "metadata": json_text(document.metadata),
        "legal_value": document.legal_value.value,
        "sent_at": instant(document.sent_at),
        "legal_sent_at": instant(document.legal_sent_at),
        "sha256": document.sha256,
        "size": document.size,
        "frame": document.frame,
        "findings": json_text(document.findings),
        "replaces": document.replaces,
        "replaced_by": document.replaced_by,
    }


def _fixed(document: Document) -> dict[str, object]:
    return {
        "id": document.id,
        "sender": document.sender,
        "origin": document.origin,
        "local": int(document.local),
        "business": document.business.value,
        "type": document.metadata.type,
        "notation": document.metadata.notation,
        "subject_folded": fold(document.metadata.subject),
        "submitted_at": instant(document.submitted_at),
        "envelope": document.envelope,
        "digest": document.digest,
        "message_signatures": json_text(document.message_signatures),
    }


def _attachment_row(document: str, attachment: Attachment) -> dict[str, object]:
    return {
        "document": document,
        "n": attachment.n,
        "name": attachment.name,
        "size": attachment.size,
        "media_type": attachment.media_type,
        "announced_type": attachment.announced_type,
        "sha256": attachment.sha256,
        "blob": attachment.blob,
        "signatures": json_text(attachment.signatures),
    }


def _attachment(row: Row) -> Attachment:
    return Attachment(
        n=row[1],
        name=row[2],
        size=row[3],
        media_type=row[4],
        announced_type=row[5],
        sha256=row[6],
        blob=row[7],
        signatures=_signatures(row[8]),
    )


def _signatures(text: str) -> tuple[Signature, ...]:
    return () if text == _NONE else _SIGNATURES.decode(text)


def _document(
    row: Row, attachments: tuple[Attachment, ...], deliveries: tuple[Delivery, ...]
) -> Document:
    return Document(
        position=row[0],
        id=row[1],
        code=row[2],
        document_id=row[3],
        sender=row[4],
        state=DocumentState(row[5]),
        origin=row[6],
        local=bool(row[7]),
        metadata=_METADATA.decode(row[8]),
        legal_value=LegalValue(row[9]),
        submitted_at=moment_of(row[10]),
        sent_at=moment(row[11]),
        legal_sent_at=moment(row[12]),
        sha256=row[13],
        size=row[14],
        envelope=row[15],
        frame=None if row[16] is None else bytes(row[16]),
        digest=row[17],
        findings=_FINDINGS.decode(row[18]),
        replaces=row[19],
        replaced_by=row[20],
        version=row[21],
        message_signatures=_signatures(row[22]),
        removal=None if row[23] is None else _REMOVAL.decode(row[23]),
        attachments=attachments,
        deliveries=deliveries,
    )
