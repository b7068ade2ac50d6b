"""CMS signatures (RFC 5652): the core that PDF files and .p7s/.p7m files share.

The digest of the content comes from the caller. Here the signature value, its certificate, its
time stamps and the certificate path are judged, in that order, and every failure is a reason.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from asn1crypto import cms, x509
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    validate_sig_integrity,
)
from pyhanko_certvalidator.errors import AlgorithmNotSupported

from gateway.crypto.paths import Paths, Span, Standing, Usage
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.revocation import Brought, evidence_for
from gateway.crypto.signer_info import (
    MALFORMED,
    Unsupported,
    algorithm,
    check_mechanism,
    describe,
    digest_name,
    joined,
    own_data,
    reason_of,
    signing_time,
    weakness,
)
from gateway.crypto.trust import Trust
from gateway.domain.signatures import Evidence, Reason, Signature

#: Clocks of signers run a little ahead at times.
CLOCK_TOLERANCE = timedelta(minutes=5)
#: Some write the time of their zone for that of UTC.
ZONE_TOLERANCE = timedelta(hours=12)
_MOST_STAMPS = 8
Digest = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every verification of one file works with."""

    policy: VerificationPolicy
    paths: Paths
    trust: Trust
    at: datetime  #: the moment of validation


@dataclass(frozen=True, slots=True, kw_only=True)
class StampBasis:
    """What a time stamp that holds rests on."""

    certificate: str | None  #: of the authority, SHA-256 of the DER
    span: Span  #: the moments for which it holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a signature that holds rests on, when the same can be concluded of another like it."""

    span: Span  #: the moments for which the signer's certificate holds
    stamp: StampBasis | None  #: of the one time stamp on the signature value, if it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A signature and the evidence behind its verdict."""

    signature: Signature
    evidence: tuple[Evidence, ...] = ()
    basis: Basis | None = None


def judge_signed_data(
    signed: cms.SignedData,
    bench: Bench,
    *,
    digest: Digest,
    facts: Signature,
    brought: Brought | None = None,
    proven_at: datetime | None = None,
) -> Judged:
    """Judge a SignedData with exactly one signer.

    Args:
        signed: the structure.
        bench: what to judge with.
        digest: gives the digest of the content for the name of an algorithm.
        facts: what is known already: kind, name, claimed time.
        brought: what the file brings beside the structure.
        proven_at: a time that something else proves, such as a document time stamp.
    """
    try:
        return _judge(signed, bench, digest, facts, brought or Brought(), proven_at)
    except (Unsupported, AlgorithmNotSupported) as error:
        return Judged(signature=_with(facts, Reason.UNSUPPORTED, str(error)))
    except MALFORMED as error:
        return Judged(signature=_with(facts, reason_of(error), str(error)))


def _judge(
    signed: cms.SignedData,
    bench: Bench,
    digest: Digest,
    facts: Signature,
    brought: Brought,
    proven_at: datetime | None,
) -> Judged:
    [info] = signed["signer_infos"]
    found = extract_certs_for_validation(signed)
    certificate = found.signer_cert
    facts = describe(facts, certificate)
    claimed = signing_time(info) or facts.claimed_at
    facts = _with(facts, claimed_at=claimed, algorithm=algorithm(info))
    name = digest_name(info["digest_algorithm"]["algorithm"].native)
    check_mechanism(info, certificate)
    intact, valid = validate_sig_integrity(
        info,
        certificate,
        expected_content_type=signed["encap_content_info"]["content_type"].native,
        actual_digest=digest(name),
    )
    if not (intact and valid):
        return Judged(signature=_with(facts, Reason.HASH if valid else Reason.CRYPTO))
    weak = weakness(info, certificate, bench.policy.algorithms())
    if weak:
        return Judged(signature=_with(facts, Reason.WEAK, weak))
    brought = joined(
        brought, Brought(certificates=tuple(found.other_certs)), own_data(signed, info)
    )
    stamped = _stamps(info, brought, bench)
    proofs = [each for each in (proven_at, *(stamp.proven_at for stamp in stamped)) if each]
    proven = min(proofs, default=None)
    standing = stand(certificate, brought, bench, proven=proven, claimed=claimed)
    if standing.reason is Reason.HOLDS and any(map(_is_broken, stamped)):
        standing = replace(standing, reason=Reason.STAMP_BROKEN)
    signature = _with(facts, standing.reason, standing.note, proven_at=proven)
    evidence = [*standing.evidence, *(one for stamp in stamped for one in stamp.evidence)]
    basis = None if proven_at is not None else _basis(standing, stamped)
    return Judged(signature=signature, evidence=tuple(evidence), basis=basis)


def stand(
    certificate: x509.Certificate,
    brought: Brought,
    bench: Bench,
    *,
    proven: datetime | None,
    claimed: datetime | None,
) -> Standing:
    """Return how the signer's *certificate* stands at the best time that is known.

    A time that is only claimed is no proof: a stolen key could claim any. So the certificate is
    judged at the moment of validation; when it has expired or was revoked since the claimed time,
    nothing is decided, unless the policy believes the claim. Who claims a time before the
    certificate was issued says himself that it was not valid. The signer's certificate is evidence
    whatever comes of it (TT 41/2017/TT-BTTTT art. 9.1).
    """
    found = _stand(certificate, brought, bench, proven=proven, claimed=claimed)
    return found if found.evidence else replace(found, evidence=(evidence_for(certificate),))


def _stand(
    certificate: x509.Certificate,
    brought: Brought,
    bench: Bench,
    *,
    proven: datetime | None,
    claimed: datetime | None,
) -> Standing:
    def judge(moment: datetime) -> Standing:
        return bench.paths.judge(
            certificate, brought, bench.trust, usage=Usage.DOCUMENT, moment=moment
        )

    if proven is None and claimed is not None and claimed > bench.at + CLOCK_TOLERANCE:
        now = judge(bench.at)
        return replace(now, reason=Reason.IN_FUTURE) if now.reason is Reason.HOLDS else now
    believed = claimed if bench.policy.claimed_time_counts else None
    now = judge(proven or believed or bench.at)
    if proven is not None or believed is not None or claimed is None:
        return now
    issued_at = certificate.not_valid_before
    if now.reason in _NOT_AGAINST and claimed < issued_at - ZONE_TOLERANCE:
        return replace(now, reason=Reason.NOT_YET_VALID, since=issued_at)
    if now.reason not in _UNPROVEN or now.since is None or claimed >= now.since:
        return now
    then = judge(claimed)
    if then.reason in _NOT_AGAINST:
        return Standing(reason=_UNPROVEN[now.reason], since=now.since, note=now.note)
    return then


_NOT_AGAINST = frozenset({Reason.HOLDS, Reason.NO_REVOCATION_DATA})
_UNPROVEN = {
    Reason.EXPIRED: Reason.EXPIRED_UNPROVEN,
    Reason.REVOKED: Reason.REVOKED_UNPROVEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time stamp token that was judged; without a proven time it proves nothing."""

    signature: Signature
    proven_at: datetime | None
    evidence: tuple[Evidence, ...] = ()
    span: Span | None = None  #: as of :class:`gateway.crypto.paths.Standing`


def judge_stamp(
    signed: cms.SignedData, bench: Bench, *, imprint: Digest, brought: Brought, name: str = ""
) -> Stamp:
    """Judge a time stamp token (RFC 3161) over what *imprint* gives the digest of."""
    facts = Signature(kind="timestamp", reason=Reason.FORMAT, name=name)
    try:
        return _judge_stamp(signed, bench, imprint, brought, facts)
    except (Unsupported, AlgorithmNotSupported) as error:
        return Stamp(signature=_with(facts, Reason.UNSUPPORTED, str(error)), proven_at=None)
    except MALFORMED as error:
        return Stamp(signature=_with(facts, reason_of(error), str(error)), proven_at=None)


def _judge_stamp(
    signed: cms.SignedData, bench: Bench, imprint: Digest, brought: Brought, facts: Signature
) -> Stamp:
    [info] = signed["signer_infos"]
    found = extract_certs_for_validation(signed)
    content = signed["encap_content_info"]["content"]
    token = content.parsed
    at: datetime = token["gen_time"].native
    facts = describe(facts, found.signer_cert)
    facts = _with(facts, claimed_at=at, algorithm=algorithm(info))
    wanted = token["message_imprint"]
    imprinted = digest_name(wanted["hash_algorithm"]["algorithm"].native)
    if imprint(imprinted) != wanted["hashed_message"].native:
        return Stamp(signature=_with(facts, Reason.HASH), proven_at=None)
    name = digest_name(info["digest_algorithm"]["algorithm"].native)
    intact, valid = validate_sig_integrity(
        info,
        found.signer_cert,
        expected_content_type="tst_info",
        actual_digest=hashlib.new(name, bytes(content)).digest(),
    )
    weak = weakness(info, found.signer_cert, bench.policy.algorithms())
    if not (intact and valid) or weak:
        reason = Reason.WEAK if intact and valid else Reason.CRYPTO
        return Stamp(signature=_with(facts, reason, weak), proven_at=None)
    brought = joined(brought, Brought(certificates=tuple(found.other_certs)))
    standing = bench.paths.judge(
        found.signer_cert, brought, bench.trust, usage=Usage.TIMESTAMP, moment=at
    )
    holds = standing.reason is Reason.HOLDS and at <= bench.at + CLOCK_TOLERANCE
    reason = standing.reason if holds or standing.reason is not Reason.HOLDS else Reason.IN_FUTURE
    return Stamp(
        signature=_with(facts, reason, standing.note, proven_at=at if holds else None),
        proven_at=at if holds else None,
        evidence=standing.evidence,
        span=standing.span,
    )


def _basis(standing: Standing, stamped: Sequence[Stamp]) -> Basis | None:
    if standing.span is None or len(stamped) > 1:
        return None
    if not stamped:
        return Basis(span=standing.span, stamp=None)
    [stamp] = stamped
    if stamp.proven_at is None or stamp.span is None:
        return None
    below = StampBasis(certificate=stamp.signature.certificate, span=stamp.span)
    return Basis(span=standing.span, stamp=below)


def _stamps(info: cms.SignerInfo, brought: Brought, bench: Bench) -> list[Stamp]:
    """Judge the signature time stamps of *info*."""
    value = info["signature"].native

    def imprint(algorithm: str) -> bytes:
        return hashlib.new(algorithm, value).digest()

    try:
        tokens = list(islice(extract_tst_data_iter(info, signed=False), _MOST_STAMPS))
    except MALFORMED as error:
        broken = Signature(kind="timestamp", reason=Reason.FORMAT, note=str(error)[:300])
        return [Stamp(signature=broken, proven_at=None)]
    return [judge_stamp(each, bench, imprint=imprint, brought=brought) for each in tokens]


def _is_broken(stamp: Stamp) -> bool:
    """Whether *stamp* is damaged, other than merely by somebody whom nobody trusts."""
    return stamp.signature.reason in {
        Reason.HASH,
        Reason.CRYPTO,
        Reason.FORMAT,
        Reason.NO_CERTIFICATE,
    }


def _with(
    facts: Signature,
    reason: Reason | None = None,
    note: str = "",
    **more: Any,  # noqa: ANN401 - fields of a signature
) -> Signature:
    changed: Mapping[str, Any] = {"reason": reason or facts.reason, "note": note[:500], **more}
    return replace(facts, **changed)
