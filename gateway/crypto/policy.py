"""Which algorithms, usages and times count: what the operator decided about verification."""

from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    DisallowWeakAlgorithmsPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

_BROKEN = frozenset({"md2", "md4", "md5"})
#: Purposes of programs and servers: a certificate for nothing else signs no documents.
_NOT_FOR_DOCUMENTS = frozenset({"server_auth", "code_signing", "time_stamping", "ocsp_signing"})
_SIGNING = frozenset({"digital_signature", "non_repudiation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPolicy:
    """The operator's choices; see ``[signatures]`` in the configuration."""

    allow_sha1: bool = False
    least_rsa_bits: int = 2048
    require_revocation: bool = True  #: without revocation data nothing is decided
    claimed_time_counts: bool = False  #: believe the signing time that no time stamp proves

    def algorithms(self) -> CMSAlgorithmUsagePolicy:
        """Return what pyHanko asks about algorithms."""
        return _algorithms(self)

    def revocation(self, *, is_signer: bool) -> CertRevTrustPolicy:
        """Return when revocation data is needed.

        For a signer always. For an authority or a time stamp service, when its certificate names
        a place where such data is to be had: many state that they publish none.
        """
        rules = RevocationCheckingRule
        hard, soft = rules.CHECK_IF_DECLARED, rules.CHECK_IF_DECLARED_SOFT
        required = rules.CRL_OR_OCSP_REQUIRED if is_signer else hard
        return CertRevTrustPolicy(
            RevocationCheckingPolicy(
                ee_certificate_rule=required if self.require_revocation else soft,
                intermediate_ca_cert_rule=hard if self.require_revocation else soft,
            ),
            # A list issued after the signing tells what was revoked before it.
            retroactive_revinfo=True,
        )


@lru_cache(8)
def _algorithms(policy: VerificationPolicy) -> CMSAlgorithmUsagePolicy:
    weak = _BROKEN if policy.allow_sha1 else _BROKEN | {"sha1"}
    return CMSAlgorithmUsagePolicy.lift_policy(
        DisallowWeakAlgorithmsPolicy(
            weak_hash_algos=weak, rsa_key_size_threshold=policy.least_rsa_bits
        )
    )


def may_sign(certificate: x509.Certificate) -> bool:
    """Whether key usage and extended key usage let *certificate* sign documents.

    Source: RFC 5280 section 4.2.1.3 and 4.2.1.12; NĐ 68/2024/NĐ-CP art. 31.1b.
    """
    usage = certificate.key_usage_value
    if usage is not None and not _SIGNING & usage.native:
        return False
    purposes = certificate.extended_key_usage_value
    return purposes is None or not set(purposes.native) <= _NOT_FOR_DOCUMENTS


def may_stamp(certificate: x509.Certificate) -> bool:
    """Whether *certificate* is for time stamps and for nothing else (RFC 3161 section 2.3)."""
    purposes = certificate.extended_key_usage_value
    return purposes is not None and purposes.native == ["time_stamping"]
