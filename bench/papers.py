"""Documents to post: metadata, a minimal PDF of any size, bodies and messages around it."""

import hashlib
import io
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from gateway.domain.document import Attachment, Metadata, Organisation, Signer
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import render

BOUNDARY = "liaison-gateway-bench"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
XML = "application/xml"
_ZONE = timezone(timedelta(hours=7))
_OBJECTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
)


def a_pdf(size: int, place: bytes = b"") -> bytes:
    """Return a one-page PDF of exactly *size* bytes (600 or more) whose stream is random.

    At the start of the stream stands *place*, within zeros that show in base64 too.
    """
    marked = bytes(24) + place + bytes(24)
    filler = size - len(_pdf(b"")) - 8  # the digits of the length and of the places
    stream = marked + secrets.token_bytes(filler - len(marked))
    short = size - len(_pdf(stream))
    return _pdf(stream + secrets.token_bytes(short))


def _pdf(stream: bytes) -> bytes:
    """Return the file with its table of places, as any program writes it."""
    objects = (*_OBJECTS, b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream))
    body, places = b"%PDF-1.4\n", []
    for n, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (n, each)
    table = b"".join(b"%010d 00000 n \n" % each for each in places)
    return body + (
        b"xref\n0 5\n0000000000 65535 f \n%s"
        b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%010d\n%%%%EOF\n" % (table, len(body))
    )


def today() -> date:
    """Return the day in the zone of the node."""
    return datetime.now(UTC).astimezone(_ZONE).date()  # noqa: TID251 - no clock of a node here


def metadata(*, to: Sequence[str], subject: str, **more: object) -> bytes:
    """Return the metadata of an ordinary letter (công văn) of today, JSON."""
    value = {
        "to": list(to),
        "type": "CV",
        "subject": subject,
        "notation": "SNV-VP",
        "promulgated_on": today().isoformat(),
        "place": "Hà Nội",
        "signer": {"full_name": "Nguyễn Văn A", "position": "Giám đốc"},
    }
    return json.dumps(value | more, ensure_ascii=False).encode()


def form(raw_metadata: bytes, files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the body of a submission, ``multipart/form-data`` with :data:`BOUNDARY`."""
    mark = f"--{BOUNDARY}\r\n".encode()
    parts = [
        mark,
        b'Content-Disposition: form-data; name="metadata"\r\n',
        b"Content-Type: application/json\r\n\r\n",
        raw_metadata,
        b"\r\n",
    ]
    for name, content in files:
        parts += [
            mark,
            f'Content-Disposition: form-data; name="attachment"; filename="{name}"\r\n'.encode(),
            b"Content-Type: application/pdf\r\n\r\n",
            content,
            b"\r\n",
        ]
    return b"".join((*parts, f"--{BOUNDARY}--\r\n".encode()))


def message(
    *,
    sender: str,
    to: Sequence[str],
    document_id: str,
    subject: str,
    files: Sequence[bytes],
    promulgated_on: str | None = None,
) -> bytes:
    """Return an edXML message in the form of the axis SDK, of today, with PDF *files*."""
    attachments = [
        Attachment(
            n=n,
            name=f"cong-van-{n}.pdf",
            size=len(content),
            media_type="application/pdf",
            sha256=hashlib.sha256(content).hexdigest(),
            blob="",
        )
        for n, content in enumerate(files, start=1)
    ]
    frame = write_document(
        document_id=document_id,
        sender=Organisation(code=sender),
        recipients=[Organisation(code=code) for code in to],
        metadata=Metadata(
            to=tuple(to),
            type="CV",
            subject=subject,
            number="12",
            notation="SNV-VP",
            promulgated_on=today()
            if promulgated_on is None
            else date.fromisoformat(promulgated_on),
            place="Hà Nội",
            signer=Signer(position="Giám đốc", full_name="Nguyễn Văn A"),
        ),
        attachments=attachments,
        trace=[],
    )
    return b"".join(render(frame, lambda n: io.BytesIO(files[n - 1])))


def request(body: bytes, *, token: str, media_type: str = FORM) -> bytes:
    """Return the whole HTTP request that posts *body*."""
    return (
        "POST /api/v1/documents HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Content-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
