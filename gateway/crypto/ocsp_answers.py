"""OCSP answers as the house itself reads them: what they are about, and who signed them.

Source: RFC 6960 section 4.2.2.2: the authority itself answers, or somebody whom it gave a
certificate for that.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

#: What the library raises on answers that are none.
NO_ANSWER = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm)
#: An answer that names no end is taken for one of a day.
_UNNAMED = timedelta(days=1)


def end_of(answer: Any) -> datetime:  # noqa: ANN401 - the stubs know no common type
    """Return until when *answer* holds."""
    end: datetime = answer.next_update_utc or answer.this_update_utc + _UNNAMED
    return end


def is_genuine(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether *issuer*, or somebody whom it lets answer, signed *answer*."""
    signers = [issuer, *filter(_may_answer, answer.certificates)]
    return any(_is_signed_by(answer, each, issuer) for each in signers)


def revoked_at(der: bytes, *, issuer: bytes, serial: int) -> datetime | None:
    """Return since when the certificate is revoked by the answer *der*, however old that is.

    None when it is not revoked, or when the answer is about another or not of the *issuer* (DER).
    """
    with suppress(*NO_ANSWER):
        answer = ocsp.load_der_ocsp_response(der)
        if (
            answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
            and answer.serial_number == serial
            and answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
            and is_genuine(answer, x509.load_der_x509_certificate(issuer))
        ):
            return answer.revocation_time_utc
    return None


def _may_answer(certificate: x509.Certificate) -> bool:
    with suppress(x509.ExtensionNotFound, *NO_ANSWER):
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        return ExtendedKeyUsageOID.OCSP_SIGNING in purposes
    return False


def _is_signed_by(
    answer: ocsp.OCSPResponse, signer: x509.Certificate, issuer: x509.Certificate
) -> bool:
    """Whether *signer*, who is the *issuer* or has its certificate from it, signed *answer*."""
    key, digest = signer.public_key(), answer.signature_hash_algorithm
    signature, signed = answer.signature, answer.tbs_response_bytes
    try:
        if signer != issuer:
            signer.verify_directly_issued_by(issuer)
        if isinstance(key, rsa.RSAPublicKey) and digest is not None:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and digest is not None:
            key.verify(signature, signed, ec.ECDSA(digest))
        else:
            return False
    except NO_ANSWER:
        return False
    return True
