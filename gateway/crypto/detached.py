"""CMS files: a detached signature beside a file (.p7s), or a file within one (.p7m)."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from asn1crypto import cms, pem
from asn1crypto import core as asn1_core

from gateway.crypto.cms import Bench, Judged, judge_signed_data
from gateway.crypto.signer_info import MALFORMED, single_signers
from gateway.domain.signatures import Fault, Reason, Signature, SignatureReport

_MOST_SIGNERS = 20
_PIECE = 1 << 20
_HEAD = 64
_MIME = (b"mime-version:", b"content-type:")


def verify_cms(
    data: bytes, bench: Bench, *, content: Path | bytes | None = None
) -> SignatureReport:
    """Return what is true about the signatures of the CMS file *data*.

    *content* is the signed file of a detached signature. A file within the structure is what was
    signed; with both, they must be the same.
    """
    broken = Signature(kind="cms", reason=Reason.FORMAT)
    if data[:_HEAD].lstrip().lower().startswith(_MIME):
        broken = Signature(kind="cms", reason=Reason.UNSUPPORTED, note="an S/MIME message")
        return SignatureReport(signatures=(broken,))
    try:
        info = cms.ContentInfo.load(_der(data), strict=False)
        if info["content_type"].native != "signed_data":
            note = f"CMS of the kind {info['content_type'].native}"
            broken = Signature(kind="cms", reason=Reason.UNSUPPORTED, note=note)
            return SignatureReport(signatures=(broken,))
        signed = info["content"]
        signers = list(islice(single_signers(signed), _MOST_SIGNERS))
        judged = [_judge(each, bench, content) for each in signers]
    except MALFORMED:
        return SignatureReport(signatures=(broken,), fault=Fault.UNREADABLE)
    if not judged:
        return SignatureReport(signatures=(broken,))
    evidence = {one.sha256: one for each in judged for one in each.evidence}
    return SignatureReport(
        signatures=tuple(each.signature for each in judged), evidence=tuple(evidence.values())
    )


def _der(data: bytes) -> bytes:
    with suppress(*MALFORMED):
        if pem.detect(data):
            return bytes(pem.unarmor(data)[2])
    return data


def _judge(signed: cms.SignedData, bench: Bench, content: Path | bytes | None) -> Judged:
    facts = Signature(kind="cms", reason=Reason.CONTENT_ABSENT, covers_whole=True)
    inner = signed["encap_content_info"]["content"]
    enclosed = None if inner is asn1_core.VOID or inner.native is None else bytes(inner)
    if enclosed is None and content is None:
        return Judged(signature=Signature(kind="cms", reason=Reason.CONTENT_ABSENT))
    if enclosed is not None and content is not None and not _is_same(enclosed, content):
        note = "the file beside is not the file that is signed"
        return Judged(signature=Signature(kind="cms", reason=Reason.HASH, note=note))
    return judge_signed_data(signed, bench, digest=_digester(enclosed, content), facts=facts)


def _is_same(enclosed: bytes, content: Path | bytes) -> bool:
    return _digester(enclosed, None)("sha256") == _digester(None, content)("sha256")


def _digester(enclosed: bytes | None, content: Path | bytes | None) -> Callable[[str], bytes]:
    signed = content if enclosed is None else enclosed

    def digest(algorithm: str) -> bytes:
        if not isinstance(signed, Path):
            return hashlib.new(algorithm, signed or b"").digest()
        found = hashlib.new(algorithm)
        with signed.open("rb") as stream:
            while piece := stream.read(_PIECE):
                found.update(piece)
        return found.digest()

    return digest
