"""A file of receipts and what it proves: nothing is asked of anybody, only the anchors are trusted.

A file holds receipts as compact JWS, one a line, or JSON: a receipt, or a list of them, as the REST
API gives them, each with its time stamp where it has one.
"""

import hashlib
import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509

from gateway.crypto.receipts import examine_receipt
from gateway.crypto.timestamps import verify_stamp
from gateway.domain import merkle
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding, Severity
from gateway.domain.receipts import (
    Evidence,
    Verdict,
    Verified,
    chain_findings,
    digest_of,
    document_findings,
    fault,
    read_payload,
    refusal,
)

#: A file of receipts; a bundle of 20,000 has some 40 MB.
_LARGEST_FILE = 64 << 20
_MOST_RECEIPTS = 100_000
_LONGEST_PATH = 64
_CHUNK = 1 << 20


def verify_file(
    file: Path,
    anchors: Sequence[x509.Certificate],
    *,
    stamps: Sequence[x509.Certificate],
    documents: Sequence[Path],
    must_be_complete: bool,
) -> Verdict:
    """Judge the receipts of *file* with nothing but *anchors*, and compare *documents* with them.

    Time stamps are judged by the anchors *stamps*.
    *must_be_complete* says that a receipt that is missing from a chain speaks against the file.
    """
    try:
        items = list(_items(_content(file)))
    except Refused as error:
        return Verdict(receipts=(), findings=(refusal(error, pointer=""),))
    receipts: list[Verified] = []
    findings: list[Finding] = []
    evidence: list[Evidence] = []
    for place, item in enumerate(items):
        verified, found = _verify(item, anchors, stamps, place)
        receipts.append(verified)
        findings += found
        if verified.said is not None:
            evidence.append(Evidence(place=place, digest=verified.digest, said=verified.said))
    findings += chain_findings(evidence, must_be_complete=must_be_complete)
    findings += document_findings(evidence, {str(path): _digest(path) for path in documents})
    return Verdict(receipts=tuple(receipts), findings=tuple(findings))


def _verify(
    item: Mapping[str, Any],
    anchors: Sequence[x509.Certificate],
    stamps: Sequence[x509.Certificate],
    place: int,
) -> tuple[Verified, list[Finding]]:
    jws, pointer = str(item["jws"]).strip(), f"/receipts/{place}"
    try:
        examined = examine_receipt(jws, anchors)
        said = read_payload(examined.payload)
    except Refused as error:
        verified = Verified(digest=digest_of(jws), said=None)
        return verified, [refusal(error, pointer=pointer)]
    findings, stamped_at = [], None
    try:
        stamped_at = _stamped_at(item.get("stamp"), jws, stamps)
    except Refused as error:
        weak = error.code == "receipt-stamp-untrusted"
        severity = Severity.WARNING if weak else Severity.ERROR
        findings.append(
            fault(code=error.code, pointer=pointer, detail=error.message, severity=severity)
        )
    verified = Verified(
        digest=digest_of(jws),
        said=said,
        signer=examined.signer,
        serial=examined.serial,
        stamped_at=stamped_at,
    )
    return verified, findings


def _stamped_at(stamp: object, jws: str, anchors: Sequence[x509.Certificate]) -> str | None:
    """Return when the receipt was stamped, None without a stamp; raise Refused for a wrong one."""
    if stamp is None:
        return None
    try:
        token, steps = _read_stamp(stamp)
    except (KeyError, TypeError, ValueError, NotBase64) as error:
        raise Refused(f"the time stamp is unreadable: {error}", code="receipt-stamp") from error
    root = merkle.climb(merkle.leaf(jws.encode()), steps)
    return verify_stamp(token, root, anchors).isoformat()


def _read_stamp(stamp: Any) -> tuple[bytes, list[merkle.Step]]:  # noqa: ANN401 - JSON
    if len(stamp["path"]) > _LONGEST_PATH:
        raise ValueError("its path is too long")
    steps = [
        merkle.Step(left=each["side"] == "left", digest=bytes.fromhex(each["sha256"]))
        for each in stamp["path"]
    ]
    return b64decode(stamp["token"], validate=True), steps


def _items(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the receipts of a file as JSON objects with at least ``jws``."""
    if not text.lstrip().startswith(("{", "[")):
        lines = text.split()
        if not lines or len(lines) > _MOST_RECEIPTS:
            raise Refused("no receipt, or too many", code="receipt-unreadable")
        yield from ({"jws": line} for line in lines)
        return
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"this is no JSON: {error}", code="receipt-unreadable") from error
    items = body.get("items", [body]) if isinstance(body, dict) else body
    if not isinstance(items, list) or not 0 < len(items) <= _MOST_RECEIPTS:
        raise Refused("no receipt, or too many", code="receipt-unreadable")
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("jws"), str):
            raise Refused("an object without `jws`", code="receipt-unreadable")
        yield item


def _content(file: Path) -> str:
    """Return the text of *file*; raise Refused for one that cannot hold receipts."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}", code="receipt-unreadable") from error
    if len(content) > _LARGEST_FILE:
        raise Refused("the file is too large", code="receipt-unreadable")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("the file is not text in UTF-8", code="receipt-unreadable") from error


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
