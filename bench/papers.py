"""Documents to post: metadata, a minimal PDF filled to any size, and the bodies around them."""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

BOUNDARY = "liaison-gateway-bench"
_ZONE = timezone(timedelta(hours=7))
_HEAD = (
    b"%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>\nendobj\n"
    b"4 0 obj\n<</Length %d>>\nstream\n"
)
_TAIL = b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"


def a_pdf(size: int) -> bytes:
    """Return a one-page PDF of exactly *size* bytes (300 or more) whose stream is random."""
    filler = size - len(_HEAD % size) - len(_TAIL)
    head = (_HEAD % filler).ljust(len(_HEAD % size), b"\n")
    return head + secrets.token_bytes(size - len(head) - len(_TAIL)) + _TAIL


def metadata(*, to: Sequence[str], subject: str, **more: object) -> bytes:
    """Return the metadata of an ordinary letter (công văn) of today, JSON."""
    today = datetime.now(UTC).astimezone(_ZONE).date()  # noqa: TID251 - no clock of a node here
    value = {
        "to": list(to),
        "type": "CV",
        "subject": subject,
        "notation": "SNV-VP",
        "promulgated_on": today.isoformat(),
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


def request(body: bytes, *, token: str) -> bytes:
    """Return the whole HTTP request that posts the form *body*."""
    return (
        "POST /api/v1/documents HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
