"""The shapes of what the API takes and gives, in JSON Schema 2020-12.

Bodies of requests are the structs that the doors read, so that they cannot differ. In answers
every field is there: what is unknown is null.
"""

import msgspec

from gateway.domain.document import BusinessKind, Priority
from gateway.domain.exchange import LegalValue
from gateway.domain.findings import Severity
from gateway.domain.history import EVENTS
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.web.agencies import AgencyPatch, NewAgency
from gateway.web.announcements import AnnouncementPatch, EndBody, NewAnnouncement
from gateway.web.exchange import AckBody, LeaseBody, RecallBody, StatusBody
from gateway.web.openapi_announcements import of_announcements
from gateway.web.openapi_queue import of_queue
from gateway.web.openapi_reference import of_reference
from gateway.web.openapi_words import (
    SHA256,
    Schema,
    day,
    flag,
    instant,
    many,
    maybe,
    number,
    one_of,
    page,
    ref,
    text,
    thing,
)
from gateway.web.queue import RetryBody


def components() -> dict[str, Schema]:
    """Return every schema by name."""
    return {
        **_bodies(),
        **_common(),
        **_of_documents(),
        **_of_evidence(),
        **of_reference(),
        **of_queue(),
        **of_announcements(),
    }


def _bodies() -> dict[str, Schema]:
    structs = (
        LeaseBody,
        AckBody,
        StatusBody,
        RecallBody,
        NewAgency,
        AgencyPatch,
        RetryBody,
        NewAnnouncement,
        AnnouncementPatch,
        EndBody,
    )
    _, found = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    schemas = {name: dict(schema) for name, schema in found.items()}
    schemas["NewAgency"]["required"] = ["name"]
    schemas["Submission"] = _submission()
    return schemas


def _common() -> dict[str, Schema]:
    finding = {
        "code": text("stable, such as `agency-unknown`"),
        "severity": one_of(Severity),
        "pointer": text("JSON Pointer, or in XML a path of local names, or `line:column`"),
        "message": text("in Vietnamese"),
        "message_en": text("in English"),
        "remedy": text("what to do about it, in Vietnamese"),
        "remedy_en": text("what to do about it, in English"),
        "source": text("article of the regulation or section of the standard"),
    }
    problem = {
        "type": text("`urn:liaison-gateway:problem:` and the code"),
        "title": text("the status in words"),
        "status": number("the HTTP status"),
        "code": text("stable; for programs"),
        "detail": text("one sentence for a person"),
        "findings": many(ref("Finding"), "everything that is wrong, all at once"),
    }
    return {
        "Finding": thing("One statement of one rule.", finding),
        "Problem": thing("An error (RFC 9457).", problem),
    }


def _signer() -> dict[str, Schema]:
    return {
        "competence": text("capacity such as `TM.`, `KT.`, `TL.`"),
        "position": text("chức vụ"),
        "full_name": text("họ và tên"),
    }


def _business() -> dict[str, Schema]:
    return {
        "kind": one_of(BusinessKind, "what the document does to an earlier one"),
        "of": text("code or document_id of the earlier document"),
        "reason": text("why"),
    }


def metadata() -> dict[str, Schema]:
    """Return the data of a document (QĐ 28/2018 art. 10.2), signer and business left open."""
    return {
        "to": many(text(), "agency codes of the recipients, either form"),
        "type": text(
            "official abbreviation of NĐ 30/2020 Annex III with its diacritics, such as `QĐ`, "
            "`TTr`; `CV` for công văn"
        ),
        "subject": text("trích yếu"),
        "notation": text("ký hiệu, such as `UBND-VP`"),
        "number": text("số, the office's own; without it the sequence of the code"),
        "promulgated_on": day("ngày ban hành"),
        "priority": one_of(Priority, "độ khẩn"),
        "reply_requested": flag("an answer is asked for"),
        "due_on": day("hạn trả lời"),
        "reply_to": text("code or document_id of the document that is answered"),
        "paper_copy": flag("a paper copy follows"),
        "place": text("địa danh"),
        "pages": number("of the document", minimum=0),
        "copies": number("how many are issued", minimum=0),
        "security": text("only `normal` can be exchanged"),
        "kind": text("declared kind, for local profiles"),
    }


def _submission() -> Schema:
    closed: dict[str, object] = {"additionalProperties": False}
    capacity = {"competence": maybe(_signer()["competence"])}
    signer = thing("người ký", _signer() | capacity)
    signer = {**signer, "required": ["full_name", "position"], **closed}
    business = thing("", {key: maybe(each) for key, each in _business().items()})
    business = {**business, "required": [], **closed}
    fields = {key: maybe(schema) for key, schema in metadata().items()}
    must = ["to", "type", "subject", "notation", "promulgated_on", "place"]
    fields |= {key: metadata()[key] for key in must}
    schema = thing(
        "The data of a submission; unknown keys are refused with `meta-unknown`.",
        {**fields, "signer": signer, "business": maybe(business)},
    )
    return {**schema, "required": [*must, "signer"], **closed}


def _of_documents() -> dict[str, Schema]:
    known = {key: maybe(schema) for key, schema in metadata().items()}
    known |= {key: metadata()[key] for key in ("to", "priority", "reply_requested", "paper_copy")}
    signer = {key: maybe(schema) for key, schema in _signer().items()}
    business = {**{key: maybe(each) for key, each in _business().items()}}
    business["kind"] = _business()["kind"]
    document = known | {
        "signer": thing("người ký", signer),
        "business": thing("update, replacement or recall of an earlier document", business),
        "id": text("opaque", pattern="^[0-9A-Za-z-]{1,40}$"),
        "code": maybe(text("agency code/year/sequence; null while held")),
        "document_id": maybe(text("the sender's own identifier, as given")),
        "from": text("agency code of the sender"),
        "state": one_of(DocumentState),
        "legal_value": one_of(LegalValue),
        "submitted_at": instant("when the body was complete"),
        "sent_at": maybe(instant()),
        "legal_sent_at": maybe(instant("within office hours")),
        "sha256": maybe(text("of the envelope", pattern=SHA256)),
        "findings": many(ref("Finding")),
        "replaces": maybe(text()),
        "replaced_by": maybe(text()),
        "attachments": many(ref("Attachment")),
        "deliveries": many(ref("Delivery"), "one per recipient; a recipient sees its own"),
        "history": many(ref("HistoryEvent")),
    }
    leased = {"items": many(ref("Document")), "leased_until": instant()}
    acknowledged = {"acknowledged": many(text()), "unknown": many(text())}
    return {
        "Document": thing("An official document (văn bản).", document),
        "DocumentPage": page("Document", "Documents, newest first.", ends=True),
        "Attachment": thing("One attached file.", _attachment()),
        "Signature": thing("What is true about one signature.", _signature()),
        "Signing": thing("All signatures of a document, and their evidence.", _signing()),
        "Delivery": thing("A document on its way to one recipient.", _delivery()),
        "HistoryEvent": thing("One line of a document's history.", _event()),
        "Lease": thing("Documents that are this office's until an instant.", leased),
        "Acknowledged": thing("Ids that are settled, and ids not for this office.", acknowledged),
    }


def _attachment() -> dict[str, Schema]:
    return {
        "n": number("position", minimum=1),
        "name": text("file name"),
        "size": number("bytes", minimum=0),
        "media_type": text("what the bytes are"),
        "sha256": text(pattern=SHA256),
        "signatures": many(ref("Signature")),
    }


def _signature() -> dict[str, Schema]:
    verdicts = ["valid", "invalid", "untrusted", "expired", "revoked", "unknown"]
    return {
        "kind": text(),
        "signer": maybe(text()),
        "issuer": maybe(text()),
        "signed_at": maybe(instant()),
        "verdict": text(enum=verdicts),
        "covers_whole": maybe(flag("the whole file is signed")),
        "detail": maybe(text()),
    }


def _signing() -> dict[str, Schema]:
    whole = _signature() | {
        "reason": text("why, in one word"),
        "indication": text("of ETSI EN 319 102-1"),
        "sub_indication": maybe(text()),
        "place": maybe(text("field of a PDF, or path of an element")),
        "claimed_at": maybe(instant("by the signer")),
        "proven_at": maybe(instant("by a time stamp")),
        "subject": {"type": "object", "additionalProperties": text()},
        "certificate": maybe(text("SHA-256 of the signer's", pattern=SHA256)),
        "algorithm": maybe(text()),
        "note": maybe(text("what more the verifier can say")),
    }
    signatures: Schema = {"type": "array", "items": thing("One signature.", whole)}
    evidence: dict[str, Schema] = {
        "kind": text(enum=["certificate", "crl", "ocsp"]),
        "sha256": text("names it in `/evidence/{sha256}`", pattern=SHA256),
        "size": number("bytes", minimum=0),
    }
    file: dict[str, Schema] = {"n": number("position", minimum=1), "signatures": signatures}
    return {
        "message": signatures,
        "attachments": {"type": "array", "items": thing("One attached file.", file)},
        "evidence": {"type": "array", "items": thing("What verdicts rest on.", evidence)},
    }


def _delivery() -> dict[str, Schema]:
    return {
        "to": text("agency code as the sender wrote it"),
        "state": one_of(DeliveryState),
        "arrival_number": maybe(number("số đến", minimum=1)),
        "received_at": maybe(instant()),
        "legal_received_at": maybe(instant("within office hours")),
        "updated_at": instant(),
        "attempts": number("hand-overs tried", minimum=0),
        "note": maybe(text("the recipient's")),
        "staff": maybe({"type": "object", "additionalProperties": text()}),
        "recall": maybe(one_of(Recall)),
    }


def _event() -> dict[str, Schema]:
    return {
        "event": text(enum=sorted(EVENTS)),
        "at": instant(),
        "legal_at": maybe(instant("within office hours")),
        "by": text("who caused it"),
        "to": maybe(text("agency code of the recipient that it speaks of")),
        "note": maybe(text()),
    }


def _of_evidence() -> dict[str, Schema]:
    receipt = {
        "id": text(),
        "document": text("id of the document"),
        "code": maybe(text("code of the document")),
        "to": maybe(text("agency code of the recipient that it speaks of")),
        "event": text("what happened"),
        "at": instant(),
        "legal_at": instant("within office hours"),
        "jws": text("compact JWS, ES256, certificates in `x5c`"),
    }
    step: dict[str, Schema] = {
        "side": text(enum=["left", "right"]),
        "sha256": text(pattern=SHA256),
    }
    stamp: dict[str, Schema] = {
        "at": instant("when the authority saw it"),
        "root": text("what was stamped", pattern=SHA256),
        "path": {"type": "array", "items": thing("One step from the receipt to the root.", step)},
        "token": text("RFC 3161 time stamp token, base64"),
    }
    proved: dict[str, Schema] = {
        **receipt,
        "stamp": maybe(thing("What proves when the receipt existed.", stamp)),
    }
    record: dict[str, Schema] = {
        "chain": text(),
        "seq": number(minimum=1),
        "at": text(format="date-time"),
        "actor": text("who did it"),
        "address": maybe(text("from where")),
        "action": text("what was done"),
        "object": text("to what"),
        "data": {"type": "object", "description": "what statistics group by"},
        "previous": text("hash of the record before"),
        "hash": text("SHA-256 of the RFC 8785 form of the rest", pattern=SHA256),
    }
    return {
        "Receipt": thing("A signed statement about a document.", receipt),
        "ProvedReceipt": thing("A signed statement and its time stamp.", proved),
        "ReceiptPage": page("Receipt", "All receipts of one document, oldest first.", ends=True),
        "ReceiptFeed": page("Receipt", "Receipts, oldest first.", ends=False),
        "AuditRecord": thing("A link of the audit chain.", record),
        "Statistics": thing(
            "Figures of a period.",
            {
                "from": day(),
                "to": day(),
                "by": text("which dates count", enum=["legal", "actual"]),
                "group": {"type": "array", "items": text()},
                "rows": {
                    "type": "array",
                    "items": {"type": "object"},
                    "description": "the values of the groups, then every count and interval",
                },
            },
        ),
        "AuditFeed": page("AuditRecord", "Audit records, oldest first.", ends=False),
    }
