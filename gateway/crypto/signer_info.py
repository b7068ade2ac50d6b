"""What stands in a CMS signature and in the certificate of its signer: read, not judged."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms, core, x509
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError, find_cms_attribute_iter
from pyhanko.sign.validation import errors
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy

from gateway.crypto.revocation import Brought
from gateway.domain.signatures import Reason, Signature

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
_DIGESTS = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
    | {f"sha3_{bits}" for bits in (224, 256, 384, 512)}
)

_CERTIFICATES = 1024


class Unsupported(Exception):
    """The signature uses what is not known here; the text says what."""


def digest_name(algorithm: str) -> str:
    """Return the name that hashlib knows *algorithm* by; raise Unsupported for others."""
    if algorithm not in _DIGESTS:
        raise Unsupported(f"the digest algorithm {algorithm}")
    return algorithm


def reason_of(error: Exception) -> Reason:
    """Return the reason that a refusal of the library stands for."""
    indication = getattr(error, "ades_subindication", None)
    if indication is not None and indication.name == "NO_SIGNING_CERTIFICATE_FOUND":
        return Reason.NO_CERTIFICATE
    return Reason.FORMAT


def check_mechanism(info: cms.SignerInfo, certificate: x509.Certificate) -> None:
    """Raise Unsupported when the signature algorithm or the kind of key is not known."""
    try:
        _ = info["signature_algorithm"].signature_algo, certificate.public_key.algorithm
    except ValueError as error:
        raise Unsupported(f"the signature algorithm: {error}") from None


def weakness(
    info: cms.SignerInfo, certificate: x509.Certificate, policy: CMSAlgorithmUsagePolicy
) -> str:
    """Return what is too weak by *policy*, empty for nothing."""
    digest, mechanism = info["digest_algorithm"], info["signature_algorithm"]
    if not policy.digest_algorithm_allowed(digest, None):
        return f"digest {digest['algorithm'].native}"
    if not policy.signature_algorithm_allowed(mechanism, None, certificate.public_key):
        return f"{mechanism['algorithm'].native}, {certificate.public_key.bit_size} bits"
    return ""


def describe(facts: Signature, certificate: x509.Certificate) -> Signature:
    """Return *facts* with what *certificate* says about its owner."""
    return replace(facts, **_description(certificate.dump()))


@lru_cache(_CERTIFICATES)
def _description(der: bytes) -> Mapping[str, Any]:
    certificate = x509.Certificate.load(der)
    subject, issuer = _texts(certificate.subject), _texts(certificate.issuer)
    policies = certificate.certificate_policies_value or ()
    return {
        "signer": subject.get("common_name") or certificate.subject.human_friendly,
        "issuer": issuer.get("common_name") or certificate.issuer.human_friendly,
        "subject": subject,
        "policies": tuple(each["policy_identifier"].dotted for each in policies),
        "certificate": certificate.sha256.hex(),
    }


def _texts(name: x509.Name) -> dict[str, str]:
    """Return the attributes of *name*; one that stands several times is joined."""
    return {
        str(key): value if isinstance(value, str) else ", ".join(map(str, value))
        for key, value in name.native.items()
    }


def signing_time(info: cms.SignerInfo) -> datetime | None:
    """Return the signing time that the signer claims in the signed attributes, in UTC."""
    with suppress(*MALFORMED):
        for each in find_cms_attribute_iter(info["signed_attrs"], "signing_time"):
            claimed: datetime = each.native
            return claimed.astimezone(UTC)
    return None


def single_signers(signed: cms.SignedData) -> Iterator[cms.SignedData]:
    """Return *signed* once for each of its signers, with that one alone."""
    if len(signed["signer_infos"]) == 1:
        yield signed
        return
    for info in signed["signer_infos"]:
        alone = signed.copy()
        alone["signer_infos"] = [info]
        yield alone


def own_data(signed: cms.SignedData, info: cms.SignerInfo) -> Brought:
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


def joined(*parts: Brought) -> Brought:
    """Return all that the *parts* bring."""
    return Brought(
        certificates=tuple(each for part in parts for each in part.certificates),
        crls=tuple(each for part in parts for each in part.crls),
        ocsps=tuple(each for part in parts for each in part.ocsps),
    )


def algorithm(info: cms.SignerInfo) -> str:
    """Return the name of the signature algorithm with its digest, such as ``sha256_ecdsa``."""
    name: str = info["signature_algorithm"]["algorithm"].native
    digest: str = info["digest_algorithm"]["algorithm"].native
    return name if "_" in name else f"{digest}_{name.removesuffix('ssa_pkcs1v15')}"
