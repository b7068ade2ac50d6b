"""Writes document messages exactly in the form of the axis SDK.

The root and AttachmentEncoded stand in the default namespace, the envelope and the content of an
attachment bear the prefix ``edXML`` (a receiver is said to refuse anything else), the elements
come in the SDK's order, empty values are left out, dates are ``yyyy/MM/dd``. Unlike the SDK the
node does not zip files: an attachment goes as it is, under its true media type.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.document import (
    Answered,
    Attachment,
    Business,
    BusinessKind,
    Metadata,
    Organisation,
)
from gateway.formats.codelists import business_types, document_types
from gateway.formats.edxml_dates import write_date, write_time
from gateway.formats.edxml_names import NAMESPACE, ORGANISATION
from gateway.formats.edxml_text import XmlText
from gateway.formats.frame import Frame

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_PREFIXED = f' xmlns:edXML="{NAMESPACE}"'
#: DocumentType/Type: administrative documents (văn bản hành chính).
_ADMINISTRATIVE = 2


def write_document(
    *,
    document_id: str,
    sender: Organisation,
    recipients: Sequence[Organisation],
    metadata: Metadata,
    attachments: Sequence[Attachment],
    trace: Sequence[tuple[str, datetime]],
    answered: Answered | None = None,
) -> Frame:
    """Compose a document message around *attachments*, which are read when it is rendered.

    Args:
        document_id: edXML DocumentId; in the node's own messages the document code.
        sender: From; its code is what matters, the rest is written where known.
        recipients: To, in order; their codes are those of ``metadata.to``.
        metadata: ``number`` is given, the caller falls back to the sequence of the code.
        attachments: named by their ``n``, which the frame's slots refer to.
        trace: (agency code, aware instant) of every hop, oldest first.
        answered: what ``metadata.reply_to`` names, as far as it is known; None: its name alone.

    Raises:
        ValueError: a value holds a character that XML does not know.
    """
    xml = XmlText()
    open_envelope(xml)
    xml.open("MessageHeader")
    write_organisation(xml, "From", sender)
    for recipient in recipients:
        write_organisation(xml, "To", recipient)
    xml.leaf("DocumentId", document_id)
    _write_metadata(xml, metadata)
    if metadata.reply_to:
        _write_answered(xml, answered or Answered(document_id=metadata.reply_to))
    xml.close("MessageHeader")
    _write_trace(xml, metadata, recipients, trace)
    xml.close("edXMLHeader")
    _write_manifest(xml, attachments)
    xml.close("edXMLEnvelope")
    pieces = [*_write_attachments(xml, attachments)]
    return Frame(pieces=tuple(pieces), slots=tuple(each.n for each in attachments))


def open_envelope(xml: XmlText) -> None:
    """Write everything down to the open edXMLHeader."""
    xml.line(_DECLARATION)
    xml.prefix = ""
    xml.open("edXML", f' xmlns="{NAMESPACE}"')
    xml.prefix = "edXML:"
    xml.open("edXMLEnvelope", _PREFIXED)
    xml.open("edXMLHeader")


def write_organisation(xml: XmlText, name: str, organisation: Organisation) -> None:
    """Write From or To."""
    xml.open(name)
    for element, field in ORGANISATION:
        xml.leaf(element, getattr(organisation, field))
    xml.close(name)


def _write_group(xml: XmlText, name: str, values: Sequence[tuple[str, str | int | None]]) -> None:
    """Write *name* with its leaves, nothing when all of them are empty."""
    if all(value is None or value == "" for _, value in values):
        return
    xml.open(name)
    for element, value in values:
        xml.leaf(element, value)
    xml.close(name)


def _write_metadata(xml: XmlText, metadata: Metadata) -> None:
    promulgated, due = metadata.promulgated_on, metadata.due_on
    signer = metadata.signer
    _write_group(
        xml, "Code", (("CodeNumber", metadata.number), ("CodeNotation", metadata.notation))
    )
    _write_group(
        xml,
        "PromulgationInfo",
        (
            ("Place", metadata.place),
            ("PromulgationDate", write_date(promulgated) if promulgated else None),
        ),
    )
    _write_type(xml, metadata.type)
    xml.leaf("Subject", metadata.subject)
    _write_group(
        xml,
        "SignerInfo",
        (
            ("Competence", signer.competence),
            ("Position", signer.position),
            ("FullName", signer.full_name),
        ),
    )
    xml.leaf("DueDate", write_date(due) if due else None)
    _write_group(
        xml,
        "OtherInfo",
        (
            ("Priority", metadata.priority.rank),
            ("PromulgationAmount", metadata.copies),
            ("PageAmount", metadata.pages),
        ),
    )


def _write_answered(xml: XmlText, answered: Answered) -> None:
    day = answered.promulgated_on
    _write_group(
        xml,
        "ResponseFor",
        (
            ("OrganId", answered.sender),
            ("Code", answered.number_notation),
            ("DocumentId", answered.document_id),
            ("PromulgationDate", write_date(day) if day else None),
        ),
    )


def _write_type(xml: XmlText, abbreviation: str) -> None:
    known = document_types().get(abbreviation)
    _write_group(
        xml,
        "DocumentType",
        (
            ("Type", _ADMINISTRATIVE if known else None),
            ("TypeDetail", known.type_detail if known else None),
            ("TypeName", known.short_name if known else abbreviation),
        ),
    )


def _write_trace(
    xml: XmlText,
    metadata: Metadata,
    recipients: Sequence[Organisation],
    trace: Sequence[tuple[str, datetime]],
) -> None:
    xml.open("TraceHeaderList")
    _write_business(xml, metadata, recipients)
    for code, instant in trace:
        _write_group(xml, "TraceHeader", (("OrganId", code), ("Timestamp", write_time(instant))))
    xml.close("TraceHeaderList")


def _write_business(xml: XmlText, metadata: Metadata, recipients: Sequence[Organisation]) -> None:
    business = metadata.business
    replaces = business.kind is BusinessKind.REPLACE
    named = business.of if business.kind in (BusinessKind.RECALL, BusinessKind.UPDATE) else None
    xml.open("Bussiness")
    xml.leaf("DocumentId", named)
    xml.leaf("BussinessDocType", _wire_value(business.kind))
    xml.leaf("BussinessDocReason", business.reason)
    xml.leaf("Paper", int(metadata.paper_copy))
    if business.kind is BusinessKind.UPDATE:
        _write_changes(xml, business)
    if replaces and business.of:
        _write_replaced(xml, business, recipients)
    xml.close("Bussiness")


def _write_changes(xml: XmlText, business: Business) -> None:
    """Write that the document changed, and which receivers were removed (0) and added (1)."""
    receivers = [(code, 0) for code in business.removed] + [(code, 1) for code in business.added]
    xml.open("BussinessDocumentInfo")
    xml.leaf("DocumentInfo", 1)
    xml.leaf("DocumentReceiver", int(bool(receivers)))
    if receivers:
        xml.open("ReceiverList")
        for code, kind in receivers:
            _write_group(xml, "Receiver", (("OrganId", code), ("ReceiverType", kind)))
        xml.close("ReceiverList")
    xml.close("BussinessDocumentInfo")


def _wire_value(kind: BusinessKind) -> int:
    return next(each.value for each in business_types().values() if each.kind is kind)


def _write_replaced(xml: XmlText, business: Business, recipients: Sequence[Organisation]) -> None:
    xml.open("ReplacementInfoList")
    for replaced in (business.of, *business.also):
        xml.open("ReplacementInfo")
        xml.leaf("DocumentId", replaced)
        _write_group(xml, "OrganIdList", [("OrganId", each.code) for each in recipients])
        xml.close("ReplacementInfo")
    xml.close("ReplacementInfoList")


def _write_manifest(xml: XmlText, attachments: Sequence[Attachment]) -> None:
    xml.open("edXMLBody")
    xml.open("edXMLManifest", ' version="1.0"')
    for each in attachments:
        xml.open("Reference")
        xml.leaf("ContentId", f"cid:{each.n}")
        xml.leaf("ContentType", each.media_type)
        xml.leaf("AttachmentName", each.name)
        xml.close("Reference")
    xml.close("edXMLManifest")
    xml.close("edXMLBody")


def _write_attachments(xml: XmlText, attachments: Sequence[Attachment]) -> list[bytes]:
    pieces = []
    xml.prefix = ""
    xml.open("AttachmentEncoded")
    for each in attachments:
        xml.open("Attachment")
        xml.leaf("ContentId", f"cid:{each.n}")
        xml.leaf("AttachmentName", each.name)
        xml.leaf("ContentType", each.media_type)
        xml.start_of_line(f"<edXML:ContentTransferEncoded{_PREFIXED}>")
        pieces.append(xml.take())
        xml.end_of_line("</edXML:ContentTransferEncoded>")
        xml.close("Attachment")
    xml.close("AttachmentEncoded")
    xml.close("edXML")
    pieces.append(xml.take())
    return pieces
