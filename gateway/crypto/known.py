"""Signers whose signatures were judged before: the lane for the plain signed PDF.

The first signature of a signer is judged by pyHanko, in a worker. When it holds, the worker hands
back a *lesson*: what its mould (``plain_cms.py``) is worth, and for which moments. Of the next one
only what is new is looked at: the bytes that it covers, the digest, the signature value, the time.
Whatever does not fit goes the long way again, so that this lane only ever says what pyHanko said of
the same mould: *holds*. A lesson counts for the trust folders as they were, and no longer than
every certificate and list that it rests on. What is said of a signer holds of the authority that
put a time stamp on the signature, too.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import core
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import Certificate, load_der_x509_certificate

from gateway.crypto.cms import CLOCK_TOLERANCE, ZONE_TOLERANCE, Basis, Bench
from gateway.crypto.paths import is_within
from gateway.crypto.plain_cms import Cast, take_apart
from gateway.crypto.plain_pdf import PlainPdf, read_plain
from gateway.domain.signatures import Evidence, Reason, Signature, SignatureReport

_Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
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
    basis: Basis
    signature: Signature  #: one that holds
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    lesson: Lesson
    key: _Key
    issued_at: datetime
    stamp_key: _Key | None


class KnownSigners:
    """Recognises signatures of signers that were judged before. Safe to use from many threads."""

    def __init__(self, *, claimed_time_counts: bool) -> None:
        """Take the policy about times that no time stamp proves."""
        self._claimed_time_counts = claimed_time_counts
        self._epoch = ""  #: of what is known
        self._known: dict[bytes, _Known] = {}
        self._evidence: dict[str, Evidence] = {}

    def learn(self, lesson: Lesson) -> None:
        """Remember *lesson*, and forget those of other trust folders.

        Raises:
            ValueError: a certificate cannot be read.
            TypeError: it has a key that is not known here.
        """
        signer = _certificate(lesson, lesson.signature.certificate)
        stamp = lesson.basis.stamp
        if lesson.epoch != self._epoch or len(self._known) >= _MOST_KNOWN:
            self._known, self._evidence = {}, {}
            self._epoch = lesson.epoch
        # Lists are long, and the same for all signers of an authority.
        kept = tuple(self._evidence.setdefault(each.sha256, each) for each in lesson.evidence)
        self._known[lesson.mould] = _Known(
            lesson=replace(lesson, evidence=kept),
            key=_key(signer),
            issued_at=signer.not_valid_before_utc,
            stamp_key=None if stamp is None else _key(_certificate(lesson, stamp.certificate)),
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
            claimed, proven = _claimed(cast) or plain.claimed_at, _stamped_at(cast)
        except ValueError:
            return None
        if proven is None:
            holds = self._holds(known, claimed, at)
        else:
            holds = _stamp_holds(cast, known, proven, at) and is_within(
                known.lesson.basis.span, proven
            )
        if not (holds and _is_signed(cast, known, plain, data)):
            return None
        return _report(known.lesson, plain, claimed, proven)

    def _holds(self, known: _Known, claimed: datetime | None, at: datetime) -> bool:
        """Whether the certificate holds beyond doubt; see :func:`gateway.crypto.cms.stand`."""
        span = known.lesson.basis.span
        if claimed is None:
            return is_within(span, at)
        if not known.issued_at - ZONE_TOLERANCE <= claimed <= at + CLOCK_TOLERANCE:
            return False
        return is_within(span, claimed if self._claimed_time_counts else at)


def lesson_of(
    data: bytes, report: SignatureReport, basis: Basis | None, bench: Bench
) -> Lesson | None:
    """Return what *report* on the PDF file *data* teaches; it must say the same by this lane."""
    if basis is None or [each.reason for each in report.signatures] != [Reason.HOLDS]:
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
            basis=basis,
            signature=signature,
            evidence=report.evidence,
        )
        known = KnownSigners(claimed_time_counts=bench.policy.claimed_time_counts)
        try:
            known.learn(lesson)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return None
        again = known.recognise(plain, view, at=bench.at, epoch=lesson.epoch)
        return lesson if again == report else None


def _certificate(lesson: Lesson, sha256: str | None) -> Certificate:
    found = next((each.der for each in lesson.evidence if each.sha256 == sha256), b"")
    return load_der_x509_certificate(found)


def _key(certificate: Certificate) -> _Key:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise TypeError("another kind of key")
    return key


def _claimed(cast: Cast) -> datetime | None:
    if cast.signing_time is None:
        return None
    claimed: datetime = core.UTCTime.load(cast.signing_time).native
    return claimed.astimezone(UTC)


def _stamped_at(cast: Cast) -> datetime | None:
    if cast.stamp is None:
        return None
    at = core.GeneralizedTime.load(cast.stamp.at).native
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise ValueError("no instant")
    return at


def _stamp_holds(cast: Cast, known: _Known, proven: datetime, at: datetime) -> bool:
    """Whether the time stamp proves *proven*; see :func:`gateway.crypto.cms.judge_stamp`."""
    stamp, basis = cast.stamp, known.lesson.basis.stamp
    if stamp is None or basis is None or known.stamp_key is None:
        return False
    imprint = hashlib.new(stamp.digest, cast.signature).digest()
    content = hashlib.new(stamp.cast.digest, stamp.content).digest()
    return (
        imprint == stamp.imprint
        and content == stamp.cast.message_digest
        and proven <= at + CLOCK_TOLERANCE
        and is_within(basis.span, proven)
        and _verifies(stamp.cast, known.stamp_key)
    )


def _is_signed(cast: Cast, known: _Known, plain: PlainPdf, data: memoryview) -> bool:
    """Whether digest and signature value are right."""
    content = hashlib.new(cast.digest, data[: plain.first])
    content.update(data[plain.begin :])
    return content.digest() == cast.message_digest and _verifies(cast, known.key)


def _verifies(cast: Cast, key: _Key) -> bool:
    algorithm = _HASHES[cast.digest]
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


def _report(
    lesson: Lesson, plain: PlainPdf, claimed: datetime | None, proven: datetime | None
) -> SignatureReport:
    signature = replace(
        lesson.signature,
        kind=plain.kind,
        name=plain.name,
        claimed_at=claimed,
        proven_at=proven,
        covers_whole=True,
    )
    return SignatureReport(signatures=(signature,), evidence=lesson.evidence)
