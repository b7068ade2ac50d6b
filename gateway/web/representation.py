"""How the things of the house look in JSON: exactly the fields of the public contract."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache

from gateway.domain.exchange import (
    AuditRecord,
    Delivery,
    Document,
    HistoryEvent,
    Notice,
    Receipt,
)
from gateway.domain.findings import Finding
from gateway.domain.metadata import metadata_to_json
from gateway.domain.retention import told
from gateway.domain.signatures import Evidence, Signature
from gateway.pipeline.lookup import Shown
from gateway.pipeline.stamping import Proof

Json = dict[str, object]


class Representation:
    """Renders with the offset of the node's zone; what is unknown is null, never left out."""

    def __init__(self, zone: tzinfo) -> None:
        """Write instants in *zone*."""
        # A document names few instants many times.
        self._text = lru_cache(maxsize=4096)(lambda at: at.astimezone(zone).isoformat())

    def instant(self, at: datetime | None) -> str | None:
        """Return ISO 8601 with offset."""
        return None if at is None else self._text(at)

    def document(self, shown: Shown) -> Json:
        """Return a document."""
        document = shown.document
        return metadata_to_json(document.metadata) | {
            "id": document.id,
            "code": document.code,
            "document_id": document.document_id,
            "from": document.sender,
            "state": document.state.value,
            "legal_value": document.legal_value.value,
            "submitted_at": self.instant(document.submitted_at),
            "sent_at": self.instant(document.sent_at),
            "legal_sent_at": self.instant(document.legal_sent_at),
            "sha256": document.sha256,
            "findings": [finding(each) for each in (*document.findings, *_removed(document))],
            "replaces": document.replaces,
            "replaced_by": document.replaced_by,
            "attachments": [
                {
                    "n": each.n,
                    "name": each.name,
                    "size": each.size,
                    "media_type": each.media_type,
                    "sha256": each.sha256,
                    "signatures": [self.signature(one) for one in each.signatures],
                }
                for each in document.attachments
            ],
            "deliveries": [self.delivery(each) for each in document.deliveries],
            "history": [self.event(each) for each in shown.history],
        }

    def signature(self, signature: Signature) -> Json:
        """Return what is true about one signature."""
        return {
            "kind": signature.kind,
            "signer": signature.signer,
            "issuer": signature.issuer,
            "signed_at": self.instant(signature.signed_at),
            "verdict": signature.verdict.value,
            "covers_whole": signature.covers_whole,
            "detail": signature.detail,
        }

    def signing(self, document: Document, evidence: Sequence[Evidence]) -> Json:
        """Return all that is true about the signatures of a document, and what says so."""
        return {
            "message": [self._signature_whole(each) for each in document.message_signatures],
            "attachments": [
                {
                    "n": each.n,
                    "signatures": [self._signature_whole(one) for one in each.signatures],
                }
                for each in document.attachments
            ],
            "evidence": [
                {"kind": each.kind, "sha256": each.sha256, "size": len(each.der)}
                for each in evidence
            ],
        }

    def _signature_whole(self, signature: Signature) -> Json:
        return self.signature(signature) | {
            "reason": signature.reason.value,
            "indication": signature.indication.value,
            "sub_indication": signature.sub_indication or None,
            "place": signature.name or None,
            "claimed_at": self.instant(signature.claimed_at),
            "proven_at": self.instant(signature.proven_at),
            "subject": dict(signature.subject),
            "certificate": signature.certificate,
            "algorithm": signature.algorithm or None,
            "note": signature.note or None,
        }

    def delivery(self, delivery: Delivery) -> Json:
        """Return one delivery of a document."""
        return {
            "to": delivery.to,
            "state": delivery.state.value,
            "arrival_number": delivery.arrival_number,
            "received_at": self.instant(delivery.received_at),
            "legal_received_at": self.instant(delivery.legal_received_at),
            "updated_at": self.instant(delivery.updated_at),
            "attempts": delivery.attempts,
            "note": delivery.note,
            "staff": delivery.staff,
            "recall": None if delivery.recall is None else delivery.recall.value,
        }

    def event(self, event: HistoryEvent) -> Json:
        """Return one line of a history."""
        return {
            "event": event.event,
            "at": self.instant(event.at),
            "legal_at": self.instant(event.legal_at),
            "by": event.by,
            "to": event.to,
            "note": event.note,
        }

    def receipt(self, receipt: Receipt) -> Json:
        """Return a receipt."""
        return {
            "id": receipt.id,
            "document": receipt.document,
            "code": receipt.code,
            "to": receipt.to,
            "event": receipt.event,
            "at": self.instant(receipt.at),
            "legal_at": self.instant(receipt.legal_at),
            "jws": receipt.jws,
        }

    def proved_receipt(self, receipt: Receipt, proof: Proof | None) -> Json:
        """Return a receipt with its time stamp, null while there is none."""
        return self.receipt(receipt) | {"stamp": None if proof is None else self._stamp(proof)}

    def _stamp(self, proof: Proof) -> Json:
        return {
            "at": self.instant(proof.stamp.at),
            "root": proof.stamp.root,
            "path": [
                {"side": "left" if step.left else "right", "sha256": step.digest.hex()}
                for step in proof.steps
            ],
            "token": b64encode(proof.stamp.token).decode(),
        }

    def notice(self, notice: Notice) -> Json:
        """Return the data of an event of the stream."""
        return {
            "id": notice.document,
            "code": notice.code,
            "state": notice.state,
            "at": self.instant(notice.at),
        }

    def audit(self, record: AuditRecord) -> Json:
        """Return an audit record, byte for byte what was hashed."""
        return {
            "chain": record.chain,
            "seq": record.seq,
            "at": record.at,
            "actor": record.actor,
            "address": record.address,
            "action": record.action,
            "object": record.about,
            "data": record.data,
            "previous": record.previous,
            "hash": record.hash,
        }


def _removed(document: Document) -> tuple[Finding, ...]:
    """Return what is said in the place of content that is not here any more."""
    return () if document.removal is None else (told(document.removal),)


def finding(finding: Finding) -> Json:
    """Return a finding."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "pointer": finding.pointer,
        "message": finding.message,
        "message_en": finding.message_en,
        "remedy": finding.remedy,
        "remedy_en": finding.remedy_en,
        "source": finding.source,
    }


Render = Callable[[Shown], Json]
