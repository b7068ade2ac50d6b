"""CMS signatures (RFC 5652): the core that PDF files and .p7s/.p7m files share.

The digest of the content comes from the caller. Here the signature value, its certificate, its
time stamps and the certificate path are judged, in that order, and every failure is a reason.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from asn1crypto import cms, core, x509
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError, find_cms_attribute_iter
from pyhanko.sign.validation import errors
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    validate_sig_integrity,
)
from pyhanko_certvalidator.errors import AlgorithmNotSupported

from gateway.crypto.paths import Brought, Paths, Standing, Usage
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import Trust
from gateway.domain.signatures import Evidence, Reason, Signature

#: What the libraries raise on bytes that are no well-formed signature.
MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    AssertionError,
    CMSExtractionError,
    CMSStructuralError,
    errors.SignatureValidationError,
)
#: Clocks of signers run a little ahead at times.
_CLOCK_TOLERANCE = timedelta(minutes=5)
_MOST_STAMPS = 8
_DIGESTS = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
    | {f"sha3_{bits}" for bits in (224, 256, 384, 512)}
)

Digest = Callable[[str], bytes]


class Unsupported(Exception):
    """The signature uses what is not known here; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every verification of one file works with."""

    policy: VerificationPolicy
    paths: Paths
    trust: Trust
    at: datetime  #: the moment of validation


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A signature and the evidence behind its verdict."""

    signature: Signature
    evidence: tuple[Evidence, ...] = ()


def digest_name(algorithm: str) -> str:
    """Return the name that hashlib knows *algorithm* by; raise Unsupported for others."""
    if algorithm not in _DIGESTS:
        raise Unsupported(f"the digest algorithm {algorithm}")
    return algorithm


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


def reason_of(error: Exception) -> Reason:
    """Return the reason that a refusal of the library stands for."""
    indication = getattr(error, "ades_subindication", None)
    if indication is not None and indication.name == "NO_SIGNING_CERTIFICATE_FOUND":
        return Reason.NO_CERTIFICATE
    return Reason.FORMAT


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
    facts = _with(facts, claimed_at=claimed, algorithm=_algorithm(info))
    name = digest_name(info["digest_algorithm"]["algorithm"].native)
    _check_mechanism(info, certificate)
    intact, valid = validate_sig_integrity(
        info,
        certificate,
        expected_content_type=signed["encap_content_info"]["content_type"].native,
        actual_digest=digest(name),
    )
    if not (intact and valid):
        return Judged(signature=_with(facts, Reason.HASH if valid else Reason.CRYPTO))
    weak = weakness(info, certificate, bench)
    if weak:
        return Judged(signature=_with(facts, Reason.WEAK, weak))
    brought = _joined(
        brought, Brought(certificates=tuple(found.other_certs)), _own_data(signed, info)
    )
    stamped = _stamps(info, brought, bench)
    proofs = [each for each in (proven_at, *(stamp.proven_at for stamp in stamped)) if each]
    proven = min(proofs, default=None)
    standing = stand(certificate, brought, bench, proven=proven, claimed=claimed)
    if standing.reason is Reason.HOLDS and any(map(_is_broken, stamped)):
        standing = replace(standing, reason=Reason.STAMP_BROKEN)
    signature = _with(facts, standing.reason, standing.note, proven_at=proven)
    evidence = [*standing.evidence, *(one for stamp in stamped for one in stamp.evidence)]
    return Judged(signature=signature, evidence=tuple(evidence))


def _check_mechanism(info: cms.SignerInfo, certificate: x509.Certificate) -> None:
    try:
        _ = info["signature_algorithm"].signature_algo, certificate.public_key.algorithm
    except ValueError as error:
        raise Unsupported(f"the signature algorithm: {error}") from None


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
    nothing is decided, unless the policy believes the claim.
    """

    def judge(moment: datetime) -> Standing:
        return bench.paths.judge(
            certificate, brought, bench.trust, usage=Usage.DOCUMENT, moment=moment
        )

    if proven is None and claimed is not None and claimed > bench.at + _CLOCK_TOLERANCE:
        return Standing(reason=Reason.IN_FUTURE)
    believed = claimed if bench.policy.claimed_time_counts else None
    now = judge(proven or believed or bench.at)
    if proven is not None or believed is not None or claimed is None:
        return now
    if now.reason not in _UNPROVEN or now.since is None or claimed >= now.since:
        return now
    then = judge(claimed)
    if then.reason in {Reason.HOLDS, Reason.NO_REVOCATION_DATA}:
        return Standing(reason=_UNPROVEN[now.reason], since=now.since, note=now.note)
    return then


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
    facts = _with(facts, claimed_at=at, algorithm=_algorithm(info))
    wanted = token["message_imprint"]
    algorithm = digest_name(wanted["hash_algorithm"]["algorithm"].native)
    if imprint(algorithm) != wanted["hashed_message"].native:
        return Stamp(signature=_with(facts, Reason.HASH), proven_at=None)
    name = digest_name(info["digest_algorithm"]["algorithm"].native)
    intact, valid = validate_sig_integrity(
        info,
        found.signer_cert,
        expected_content_type="tst_info",
        actual_digest=hashlib.new(name, bytes(content)).digest(),
    )
    weak = weakness(info, found.signer_cert, bench)
    if not (intact and valid) or weak:
        reason = Reason.WEAK if intact and valid else Reason.CRYPTO
        return Stamp(signature=_with(facts, reason, weak), proven_at=None)
    brought = _joined(brought, Brought(certificates=tuple(found.other_certs)))
    standing = bench.paths.judge(
        found.signer_cert, brought, bench.trust, usage=Usage.TIMESTAMP, moment=at
    )
    holds = standing.reason is Reason.HOLDS and at <= bench.at + _CLOCK_TOLERANCE
    reason = standing.reason if holds or standing.reason is not Reason.HOLDS else Reason.IN_FUTURE
    return Stamp(
        signature=_with(facts, reason, standing.note, proven_at=at if holds else None),
        proven_at=at if holds else None,
        evidence=standing.evidence,
    )


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


def weakness(info: cms.SignerInfo, certificate: x509.Certificate, bench: Bench) -> str:
    """Return what is too weak by the policy, empty for nothing."""
    policy = bench.policy.algorithms()
    digest, mechanism = info["digest_algorithm"], info["signature_algorithm"]
    if not policy.digest_algorithm_allowed(digest, None):
        return f"digest {digest['algorithm'].native}"
    if not policy.signature_algorithm_allowed(mechanism, None, certificate.public_key):
        return f"{mechanism['algorithm'].native}, {certificate.public_key.bit_size} bits"
    return ""


def describe(facts: Signature, certificate: x509.Certificate) -> Signature:
    """Return *facts* with what *certificate* says about its owner."""
    subject = {
        str(key): value if isinstance(value, str) else ", ".join(map(str, value))
        for key, value in certificate.subject.native.items()
    }
    policies = certificate.certificate_policies_value or ()
    return _with(
        facts,
        signer=subject.get("common_name") or certificate.subject.human_friendly,
        issuer=certificate.issuer.native.get("common_name") or certificate.issuer.human_friendly,
        subject=subject,
        policies=tuple(each["policy_identifier"].dotted for each in policies),
        certificate=certificate.sha256.hex(),
    )


def signing_time(info: cms.SignerInfo) -> datetime | None:
    """Return the signing time that the signer claims in the signed attributes, in UTC."""
    with suppress(*MALFORMED):
        for each in find_cms_attribute_iter(info["signed_attrs"], "signing_time"):
            claimed: datetime = each.native
            return claimed.astimezone(UTC)
    return None


def single_signers(signed: cms.SignedData) -> Iterator[cms.SignedData]:
    """Return *signed* once for each of its signers, with that one alone."""
    for info in signed["signer_infos"]:
        alone = signed.copy()
        alone["signer_infos"] = [info]
        yield alone


def _own_data(signed: cms.SignedData, info: cms.SignerInfo) -> Brought:
    """Return the revocation data inside the structure, in either of the places for it."""
    crls: list[asn1_crl.CertificateList] = []
    ocsps: list[asn1_ocsp.OCSPResponse] = []
    with suppress(*MALFORMED):
        if signed["crls"] is not core.VOID:
            crls += [each.chosen for each in signed["crls"] if each.name == "crl"]
    with suppress(*MALFORMED):
        for each in find_cms_attribute_iter(
            info["signed_attrs"], "adobe_revocation_info_archival"
        ):
            crls += each["crl"] or ()
            ocsps += each["ocsp"] or ()
    return Brought(crls=tuple(crls), ocsps=tuple(ocsps))


def _joined(*parts: Brought) -> Brought:
    return Brought(
        certificates=tuple(each for part in parts for each in part.certificates),
        crls=tuple(each for part in parts for each in part.crls),
        ocsps=tuple(each for part in parts for each in part.ocsps),
    )


def _algorithm(info: cms.SignerInfo) -> str:
    name: str = info["signature_algorithm"]["algorithm"].native
    digest: str = info["digest_algorithm"]["algorithm"].native
    return name if "_" in name else f"{digest}_{name.removesuffix('ssa_pkcs1v15')}"


def _with(
    facts: Signature,
    reason: Reason | None = None,
    note: str = "",
    **more: Any,  # noqa: ANN401
) -> Signature:
    changed: Mapping[str, Any] = {"reason": reason or facts.reason, "note": note[:500], **more}
    return replace(facts, **changed)
