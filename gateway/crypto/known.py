"""Signers whose signatures were judged before: the lane for the plain signed PDF.

The first signature of a signer is judged by pyHanko, in a worker. When it holds, the worker hands
back a *lesson*: what its mould (``plain_cms.py``) is worth, and for which moments. Of the next one
only what is new is looked at: the bytes that it covers, the digest, the signature value, the time.
Whatever does not fit goes the long way again, so that this lane only ever says what pyHanko said of
the same mould: *holds*. A lesson counts for the trust folders as they were, and no longer than
every certificate and list that it rests on.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import core
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from gateway.crypto.cms import CLOCK_TOLERANCE, ZONE_TOLERANCE, Bench
from gateway.crypto.paths import Span, is_within
from gateway.crypto.plain_cms import Cast, take_apart
from gateway.crypto.plain_pdf import PlainPdf, read_plain
from gateway.domain.signatures import Evidence, Reason, Signature, SignatureReport

_MOST_KNOWN = 4096
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a mould is worth."""

    mould: bytes
    epoch: str  #: of the trust folders
    span: Span  #: the moments for which the certificate holds
    certificate: bytes  #: of the signer, DER
    signature: Signature  #: one that holds
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    lesson: Lesson
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    issued_at: datetime


class KnownSigners:
    """Recognises signatures of signers that were judged before. Safe to use from many threads."""

    def __init__(self, *, claimed_time_counts: bool) -> None:
        """Take the policy about times that no time stamp proves."""
        self._claimed_time_counts = claimed_time_counts
        self._known: dict[bytes, _Known] = {}
        self._evidence: dict[str, Evidence] = {}

    def learn(self, lesson: Lesson) -> None:
        """Remember *lesson*, and forget those of other trust folders.

        Raises:
            ValueError: the certificate has a key that is not known here.
        """
        certificate = load_der_x509_certificate(lesson.certificate)
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            raise ValueError("another kind of key")  # noqa: TRY004 - as of other certificates
        known = next(iter(self._known.values()), None)
        is_outdated = known is not None and known.lesson.epoch != lesson.epoch
        if is_outdated or len(self._known) >= _MOST_KNOWN:
            self._known, self._evidence = {}, {}
        # Lists are long, and the same for all signers of an authority.
        kept = tuple(self._evidence.setdefault(each.sha256, each) for each in lesson.evidence)
        self._known[lesson.mould] = _Known(
            lesson=replace(lesson, evidence=kept),
            key=key,
            issued_at=certificate.not_valid_before_utc,
        )

    def recognise(
        self, plain: PlainPdf, data: memoryview, *, at: datetime, epoch: str
    ) -> SignatureReport | None:
        """Return the report on the file *data*, None when it has to be looked into."""
        cast = take_apart(plain.cms)
        known = None if cast is None else self._known.get(cast.mould)
        if cast is None or known is None or known.lesson.epoch != epoch:
            return None
        try:
            claimed = _claimed(cast) or plain.claimed_at
        except ValueError:
            return None
        is_sure = self._holds(known, claimed, at) and _is_signed(cast, known, plain, data)
        return _report(known.lesson, plain, claimed) if is_sure else None

    def _holds(self, known: _Known, claimed: datetime | None, at: datetime) -> bool:
        """Whether the certificate holds beyond doubt; see :func:`gateway.crypto.cms.stand`."""
        if claimed is None:
            return is_within(known.lesson.span, at)
        if not known.issued_at - ZONE_TOLERANCE <= claimed <= at + CLOCK_TOLERANCE:
            return False
        return is_within(known.lesson.span, claimed if self._claimed_time_counts else at)


def lesson_of(
    data: bytes, report: SignatureReport, span: Span | None, bench: Bench
) -> Lesson | None:
    """Return what *report* on the PDF file *data* teaches; it must say the same by this lane."""
    if span is None or [each.reason for each in report.signatures] != [Reason.HOLDS]:
        return None
    with memoryview(data) as view:
        plain = read_plain(view)
        cast = None if plain is None else take_apart(plain.cms)
        if plain is None or cast is None:
            return None
        [signature] = report.signatures
        lesson = Lesson(
            mould=cast.mould,
            epoch=bench.trust.epoch,
            span=span,
            certificate=_certificate(signature, report.evidence),
            signature=signature,
            evidence=report.evidence,
        )
        known = KnownSigners(claimed_time_counts=bench.policy.claimed_time_counts)
        try:
            known.learn(lesson)
        except (ValueError, UnsupportedAlgorithm):
            return None
        again = known.recognise(plain, view, at=bench.at, epoch=lesson.epoch)
        return lesson if again == report else None


def _certificate(signature: Signature, evidence: Sequence[Evidence]) -> bytes:
    return next((each.der for each in evidence if each.sha256 == signature.certificate), b"")


def _claimed(cast: Cast) -> datetime | None:
    if cast.signing_time is None:
        return None
    claimed: datetime = core.UTCTime.load(cast.signing_time).native
    return claimed.astimezone(UTC)


def _is_signed(cast: Cast, known: _Known, plain: PlainPdf, data: memoryview) -> bool:
    """Whether digest and signature value are right."""
    content = hashlib.new(cast.digest, data[: plain.first])
    content.update(data[plain.begin :])
    if content.digest() != cast.message_digest:
        return False
    algorithm, key = _HASHES[cast.digest], known.key
    try:
        match key, cast.mechanism:
            case rsa.RSAPublicKey(), "rsa":
                key.verify(cast.signature, cast.signed, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey(), "ecdsa":
                key.verify(cast.signature, cast.signed, ec.ECDSA(algorithm))
            case _:
                return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _report(lesson: Lesson, plain: PlainPdf, claimed: datetime | None) -> SignatureReport:
    signature = replace(
        lesson.signature, kind=plain.kind, name=plain.name, claimed_at=claimed, covers_whole=True
    )
    return SignatureReport(signatures=(signature,), evidence=lesson.evidence)
