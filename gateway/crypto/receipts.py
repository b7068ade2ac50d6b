"""The node's signed receipts: made with its key, verified by anybody with its certificate.

A receipt is a compact JWS (RFC 7515) with ES256; the chain of the signing key travels in ``x5c``,
so that it can be verified years later without asking the node. The payload is in the form of
RFC 8785. The header never changes, so it is encoded once.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from gateway.domain.canonical import canonical
from gateway.domain.errors import Refused

_ES256 = ECAlgorithm(ECAlgorithm.SHA256, ec.SECP256R1)
_LONGEST_CHAIN = 8


class ReceiptSigner:
    """Signs receipts; see :class:`gateway.ports.SignReceipt`. Safe to share between threads."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, chain: Sequence[x509.Certificate]) -> None:
        """Take the signing *key* and its certificates, its own first."""
        self._key = key
        ders = [certificate.public_bytes(Encoding.DER) for certificate in chain]
        header = {"alg": "ES256", "typ": "JOSE", "x5c": [b64encode(der).decode() for der in ders]}
        self._header = base64url_encode(json.dumps(header, separators=(",", ":")).encode())

    def __call__(self, payload: Mapping[str, object]) -> str:
        """Return the compact JWS over *payload*."""
        signed = self._header + b"." + base64url_encode(canonical(payload))
        return (signed + b"." + base64url_encode(_ES256.sign(signed, self._key))).decode()


def verify_receipt(
    jws: str, anchors: Sequence[x509.Certificate], *, at: datetime | None = None
) -> dict[str, object]:
    """Return the payload of a receipt whose signature and chain hold.

    Args:
        jws: the compact form.
        anchors: certificates that are trusted, the node's own or of an authority above it.
        at: the moment of validation; None: the moment that the receipt states.

    Raises:
        Refused: ``receipt-unreadable``, ``receipt-tampered``, ``receipt-untrusted`` or
            ``receipt-expired`` (not valid at that moment).
    """
    header, payload, chain, signed, signature = _read(jws)
    key = chain[0].public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise _unreadable("the key of its certificate is not of the curve P-256")
    if header.get("alg") != "ES256" or "crit" in header or "b64" in header:
        raise _unreadable("it is not signed with ES256")
    if not _ES256.verify(signed, key, signature):
        raise Refused("the signature does not fit the receipt", code="receipt-tampered")
    path = _path(chain, anchors)
    moment = at or _stated(payload)
    for certificate in path:
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            raise Refused(
                f"the certificate {certificate.subject.rfc4514_string()} was not valid at "
                f"{moment.isoformat()}",
                code="receipt-expired",
            )
    return payload


def _read(
    jws: str,
) -> tuple[dict[str, object], dict[str, object], list[x509.Certificate], bytes, bytes]:
    """Return header, payload, chain, what is signed, and the signature."""
    parts = jws.strip().split(".")
    if len(parts) != len(("header", "payload", "signature")):
        raise _unreadable("it has not the three parts of a compact JWS")
    try:
        header, payload = (json.loads(base64url_decode(part.encode())) for part in parts[:2])
        signature = base64url_decode(parts[2].encode())
        texts = header["x5c"]
        if not 1 <= len(texts) <= _LONGEST_CHAIN:
            raise _unreadable(f"its chain must have 1 to {_LONGEST_CHAIN} certificates")
        chain = [x509.load_der_x509_certificate(b64decode(each, validate=True)) for each in texts]
    except (ValueError, NotBase64, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(str(error) or type(error).__name__) from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise _unreadable("header and payload must be JSON objects")
    return header, payload, chain, f"{parts[0]}.{parts[1]}".encode(), signature


def _path(
    chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Return the certificates from the signer's up to the first that is, or comes of, an anchor."""
    usage = _key_usage(chain[0])
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise _untrusted("the certificate is not for signatures")
    path = [chain[0]]
    for certificate, above in pairwise([*chain, None]):
        if certificate in anchors:
            return path
        for anchor in anchors:
            if _is_authority(anchor) and _issued(certificate, anchor):
                return [*path, anchor]
        if above is None or not (_is_authority(above) and _issued(certificate, above)):
            break
        path.append(above)
    raise _untrusted("no trusted certificate stands behind the receipt")


def _issued(certificate: x509.Certificate | None, issuer: x509.Certificate) -> bool:
    if certificate is None:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    usage = _key_usage(certificate)
    return constraints.ca and (usage is None or usage.key_cert_sign)


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _stated(payload: Mapping[str, object]) -> datetime:
    """Return the actual instant of the event, which is the moment of signing."""
    try:
        moment = datetime.fromisoformat(str(payload.get("at")))
    except ValueError as error:
        raise _unreadable("it does not state when it was made") from error
    if moment.tzinfo is None:
        raise _unreadable("its instant has no offset")
    return moment


def _unreadable(why: str) -> Refused:
    return Refused(f"this is no receipt: {why}", code="receipt-unreadable")


def _untrusted(why: str) -> Refused:
    return Refused(why, code="receipt-untrusted")
