"""The operations of an office in words: documents, the pull box, reports, receipts, events."""

from gateway.domain.figures import ACTUAL, GROUPS, LEGAL, ROLL_UPS
from gateway.domain.lifecycle import DocumentState
from gateway.web import openapi_examples as example
from gateway.web.openapi_operation import (
    AFTER,
    API,
    BINARY,
    DIGEST,
    DOCUMENT_ID,
    FORM,
    LIMIT,
    NUMBER,
    XML,
    Answer,
    Operation,
    Parameter,
    json_body,
    query,
)
from gateway.web.openapi_words import day, one_of, text

_DOCUMENT = Answer(about="The document.", of="Document", example=example.DOCUMENT)

DOCUMENTS = (
    Operation(
        name="submitDocument",
        method="POST",
        path=f"{API}/documents",
        tag="Documents",
        summary="Submit a document",
        about=(
            "Either an edXML message with its attachments, or a form whose first part is "
            "`metadata` (JSON), followed by parts named `attachment`. A document is answered after "
            "it was stored durably; one that is refused leaves nothing but the audit record."
        ),
        parameters=(
            Parameter(
                name="Idempotency-Key",
                place="header",
                schema=text(minLength=1, maxLength=200),
                about=(
                    "kept 7 days per credential: the same key with the same content answers the "
                    "document as it now is; with other content 422"
                ),
                example="snv-2026-1204",
            ),
        ),
        body={
            "multipart/form-data": (FORM, None),
            "application/xml": (XML, None),
        },
        answers={
            201: Answer(
                about="Stored and numbered.",
                of="Document",
                headers=("Location",),
                example=example.DOCUMENT,
            ),
            202: Answer(
                about="Stored and held for a decision: no code yet.",
                of="Document",
                headers=("Location",),
            ),
            200: Answer(
                about="A repeat: the document as it now is.", of="Document", headers=("Location",)
            ),
        },
        problems=(408, 409, 411, 413, 415, 422, 429),
    ),
    Operation(
        name="listDocuments",
        method="GET",
        path=f"{API}/documents",
        tag="Documents",
        summary="List documents, newest first",
        about="An office sees those of its own agency; administrators and auditors see all.",
        parameters=(
            query("box", text(enum=["in", "out"]), "received or sent; default both"),
            query("code", text(), "document code: one item or none"),
            query("state", one_of(DocumentState), "of the document"),
            query("type", text(), "such as `CV`"),
            query("counterpart", text(), "code of the agency on the other side"),
            query("from", day(), "submitted on this day or later"),
            query("to", day(), "submitted on this day or earlier"),
            query("q", text(), "words of the subject; accents are optional"),
            AFTER,
            LIMIT,
        ),
        answers={200: Answer(about="A page.", of="DocumentPage")},
    ),
    Operation(
        name="getDocument",
        method="GET",
        path=f"{API}/documents/{{id}}",
        tag="Documents",
        summary="Read one document",
        parameters=(DOCUMENT_ID,),
        answers={200: _DOCUMENT},
        problems=(404,),
    ),
    Operation(
        name="getSignatures",
        method="GET",
        path=f"{API}/documents/{{id}}/signatures",
        tag="Documents",
        summary="Read all that is true about the signatures",
        about=(
            "Of the files, and of a posted message itself, in the words of ETSI EN 319 102-1, with "
            "the certificates and revocation data that they were judged by (TT 41/2017/TT-BTTTT "
            "art. 9.1)."
        ),
        parameters=(DOCUMENT_ID,),
        answers={200: Answer(about="The signatures.", of="Signing")},
        problems=(404,),
    ),
    Operation(
        name="getEvidence",
        method="GET",
        path=f"{API}/documents/{{id}}/evidence/{{sha256}}",
        tag="Documents",
        summary="Fetch a certificate or revocation data behind a verdict, in DER",
        parameters=(DOCUMENT_ID, DIGEST),
        answers={200: Answer(about="The bytes.", media="*/*", schema=BINARY)},
        problems=(404,),
    ),
    Operation(
        name="getEnvelope",
        method="GET",
        path=f"{API}/documents/{{id}}/envelope",
        tag="Documents",
        summary="Fetch the edXML message",
        about=(
            "Byte for byte as it was sent. The recipient's first fetch is the arrival. "
            "Administrators and auditors never read content (403)."
        ),
        parameters=(DOCUMENT_ID,),
        answers={
            200: Answer(
                about="The message.",
                media="application/xml",
                schema=XML,
                headers=("ETag", "Content-Disposition"),
            )
        },
        problems=(404,),
    ),
    Operation(
        name="getAttachment",
        method="GET",
        path=f"{API}/documents/{{id}}/attachments/{{n}}",
        tag="Documents",
        summary="Fetch the bytes of one attachment",
        about="The media type is that of the file. A fetch of the recipient is the arrival.",
        parameters=(
            DOCUMENT_ID,
            NUMBER,
            Parameter(
                name="Range",
                place="header",
                schema=text(),
                about="one range of bytes",
                example="bytes=0-65535",
            ),
        ),
        answers={
            200: Answer(
                about="The whole file.",
                media="*/*",
                schema=BINARY,
                headers=("ETag", "Content-Disposition", "Accept-Ranges"),
            ),
            206: Answer(
                about="The range that was asked for.",
                media="*/*",
                schema=BINARY,
                headers=("ETag", "Content-Disposition", "Content-Range"),
            ),
            304: Answer(about="Unchanged, when If-None-Match names its ETag.", headers=("ETag",)),
        },
        problems=(404, 416),
    ),
)

EXCHANGE = (
    Operation(
        name="reportStatus",
        method="POST",
        path=f"{API}/documents/{{id}}/status",
        tag="Exchange",
        summary="Report what became of a document",
        about=(
            "By the recipient. Codes 01 to 06 move the delivery forwards; 02 needs a note; 15 and "
            "16 answer a recall. A repeat gives the same answer, a step back is 409."
        ),
        parameters=(DOCUMENT_ID,),
        body=json_body("StatusBody", example.STATUS),
        answers={200: _DOCUMENT},
        problems=(404, 408, 409, 413, 415, 422),
    ),
    Operation(
        name="recallDocument",
        method="POST",
        path=f"{API}/documents/{{id}}/recall",
        tag="Exchange",
        summary="Ask a document back",
        about="By the sender. What nobody has yet is taken back at once; the rest is asked for.",
        parameters=(DOCUMENT_ID,),
        body=json_body("RecallBody", example.RECALL),
        answers={200: _DOCUMENT},
        problems=(404, 408, 409, 413, 415, 422),
    ),
    Operation(
        name="leaseInbox",
        method="POST",
        path=f"{API}/inbox/lease",
        tag="Exchange",
        summary="Lease what waits for this office",
        about="Urgent first. What is not acknowledged comes again when the lease is over.",
        body=json_body("LeaseBody", example.LEASE),
        body_required=False,
        answers={200: Answer(about="Documents, none when nothing waits.", of="Lease")},
        problems=(408, 413, 415),
    ),
    Operation(
        name="acknowledgeInbox",
        method="POST",
        path=f"{API}/inbox/ack",
        tag="Exchange",
        summary="Acknowledge documents that are in the office's system",
        about="A late or repeated one counts.",
        body=json_body("AckBody", example.ACK),
        answers={200: Answer(about="What was settled.", of="Acknowledged")},
        problems=(408, 413, 415),
    ),
    Operation(
        name="listReceiptsOfDocument",
        method="GET",
        path=f"{API}/documents/{{id}}/receipts",
        tag="Exchange",
        summary="Read the signed receipts of one document",
        parameters=(DOCUMENT_ID,),
        answers={200: Answer(about="All of them, oldest first.", of="ReceiptPage")},
        problems=(404,),
    ),
    Operation(
        name="listReceipts",
        method="GET",
        path=f"{API}/receipts",
        tag="Exchange",
        summary="Follow all receipts and recalls for this office",
        about="Oldest first; `next` is always there, also when `items` is empty.",
        parameters=(AFTER, LIMIT),
        answers={
            200: Answer(
                about="A page of the feed.",
                of="ReceiptFeed",
                example={"items": [example.RECEIPT], "next": "4711"},
            )
        },
    ),
    Operation(
        name="getReceipt",
        method="GET",
        path=f"{API}/receipts/{{receipt}}",
        tag="Exchange",
        summary="Read one signed receipt with its time stamp",
        about=(
            "The answer proves by itself: the certificate of the node verifies `jws`; its SHA-256 "
            "leaf (RFC 9162) and `path` lead to the root that the RFC 3161 `token` stamps."
        ),
        parameters=(
            Parameter(
                name="receipt",
                place="path",
                schema=text(),
                about="id of the receipt",
                example=str(example.RECEIPT["id"]),
            ),
        ),
        answers={200: Answer(about="The receipt.", of="ProvedReceipt")},
        problems=(404,),
    ),
    Operation(
        name="streamEvents",
        method="GET",
        path=f"{API}/events",
        tag="Exchange",
        summary="Hear of documents, receipts and recalls as they happen",
        about=(
            "Server-sent events `document`, `receipt`, `recall` with the data "
            '`{"id","code","state","at"}`, and a comment at least every 15 seconds. '
            "`reminder` tells of a missed duty, a duplicate or a refused recall; `state` says which. "
            "`report` tells that the figures of a `month`, `quarter`, `half` or `year` were reported. "
            "`incident` and `maintenance` are for everybody: `id` is the number of the notice, "
            "`state` is what happened to it (`opened`, `planned`, `changed`, `reminded`, "
            "`acknowledged`, `closed`, `cancelled`)."
        ),
        parameters=(
            Parameter(
                name="Last-Event-ID",
                place="header",
                schema=text(pattern="^[0-9]{1,18}$"),
                about="go on behind this event",
            ),
        ),
        answers={
            200: Answer(
                about="The stream.",
                media="text/event-stream",
                schema=text(),
                example=example.EVENT_STREAM,
            )
        },
        problems=(429,),
    ),
    Operation(
        name="listAudit",
        method="GET",
        path=f"{API}/audit",
        tag="Oversight",
        summary="Follow the audit chain",
        about="For auditors and administrators. Oldest first; `next` is always there.",
        parameters=(AFTER, LIMIT),
        answers={200: Answer(about="A page of the chain.", of="AuditFeed")},
    ),
    Operation(
        name="getStatistics",
        method="GET",
        path=f"{API}/statistics",
        tag="Oversight",
        summary="Count what was exchanged",
        about=(
            "Auditors and administrators: all; an office: what its own agency sent and received. "
            "A document to several recipients is one `sent` and several `deliveries`; each count "
            "lies in the period of its own event. Grouped by `agency`, a row has what that agency "
            "sent and what it received; `direction` tells them apart."
        ),
        parameters=(
            query("from", text(format="date"), "first day, in the zone of the node"),
            query("to", text(format="date"), "last day, inclusive"),
            query("group", text(), f"comma-separated, of {', '.join(GROUPS)}"),
            query("by", text(enum=[LEGAL, ACTUAL], default=LEGAL), "which dates count"),
            query(
                "agency",
                text(),
                "only what this agency sent and received; with `roll_up` also what counts for it",
            ),
            query(
                "roll_up",
                text(enum=list(ROLL_UPS)),
                "where figures count, too: for the agencies above, for the successor of a closed one, "
                "or for both; an office gets its own figures alone",
            ),
            query(
                "format",
                text(enum=["json", "csv", "xlsx", "svg", "png"], default="json"),
                "form of the answer; svg and png are charts",
            ),
        ),
        answers={200: Answer(about="The figures.", of="Statistics")},
    ),
)
