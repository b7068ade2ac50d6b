"""The node's signed receipts: made with its key, verified by anybody with its certificate.

A receipt is a compact JWS (RFC 7515) with ES256; the chain of the signing key travels in ``x5c``,
so that it can be verified years later without asking the node. The payload is in the form of
RFC 8785. The header never changes, so it is encoded once.
"""

import json
import warnings
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from gateway.domain.canonical import canonical
from gateway.domain.errors import Refused

_ES256 = ECAlgorithm(ECAlgorithm.SHA256, ec.SECP256R1)
_LONGEST_CHAIN = 8
_OTHER_PURPOSES = {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING}
#: What a certificate with absurd fields makes the library raise, once they are looked at.
_ABSURD = (
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
#: A receipt names a few dozen files; what is larger was not made by a node.
_LONGEST_JWS = 1 << 20


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A receipt whose signature and chain hold."""

    payload: dict[str, object]
    signer: str  #: subject of the certificate that signed
    serial: str  #: its serial number, hex


def verify_receipt(
    jws: str, anchors: Sequence[x509.Certificate], *, at: datetime | None = None
) -> dict[str, object]:
    """Return the payload of a receipt whose signature and chain hold; see `examine_receipt`."""
    return examine_receipt(jws, anchors, at=at).payload


def examine_receipt(
    jws: str, anchors: Sequence[x509.Certificate], *, at: datetime | None = None
) -> Examined:
    """Verify signature and chain of a receipt, with nothing but the *anchors*.

    Args:
        jws: the compact form.
        anchors: certificates that are trusted, the node's own or of an authority above it.
        at: the moment of validation; None: the moment that the receipt states.

    Raises:
        Refused: ``receipt-unreadable``, ``receipt-tampered``, ``receipt-untrusted`` or
            ``receipt-expired`` (not valid at that moment).
    """
    header, payload, chain, signed, signature = _read(jws)
    key = _key(chain[0])
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
    return Examined(
        payload=payload,
        signer=chain[0].subject.rfc4514_string(),
        serial=f"{chain[0].serial_number:x}",
    )


def _read(
    jws: str,
) -> tuple[dict[str, object], dict[str, object], list[x509.Certificate], bytes, bytes]:
    """Return header, payload, chain, what is signed, and the signature."""
    parts = jws.strip().split(".") if len(jws) <= _LONGEST_JWS else []
    if len(parts) != len(("header", "payload", "signature")):
        raise _unreadable("it has not the three parts of a compact JWS")
    try:
        header, payload = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
        texts = header["x5c"]
        if not 1 <= len(texts) <= _LONGEST_CHAIN:
            raise _unreadable(f"its chain must have 1 to {_LONGEST_CHAIN} certificates")
        chain = [_certificate(each) for each in texts]
    except (*_ABSURD, NotBase64, KeyError, RecursionError) as error:
        raise _unreadable(str(error) or type(error).__name__) from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise _unreadable("header and payload must be JSON objects")
    return header, payload, chain, f"{parts[0]}.{parts[1]}".encode(), signature


def _certificate(text: str) -> x509.Certificate:
    """Return a certificate of the chain.

    What the library warns of (a serial number of zero, say) is for whoever issued it: it neither
    helps nor harms a signature, and is no line on anybody's terminal.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(b64decode(text, validate=True))


def _decoded(part: str) -> bytes:
    """Return the bytes of *part*, which is the one text that stands for them (RFC 4648, 3.5)."""
    content = base64url_decode(part.encode("ascii"))
    if base64url_encode(content).decode() != part:
        raise ValueError("a part is not in canonical base64url")
    return content


def _key(certificate: x509.Certificate) -> object:
    """Return the key of a certificate, None for one that is no key at all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return certificate.public_key()
    except _ABSURD:
        return None


def _path(
    chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Return the certificates from the signer's up to the first that is, or comes of, an anchor."""
    usage = _key_usage(chain[0])
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise _untrusted("the certificate is not for signatures")
    if _purposes(chain[0]) <= _OTHER_PURPOSES:
        raise _untrusted("the certificate is for time stamps or status answers alone")
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
    except (*_ABSURD, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, *_ABSURD):
        return False
    usage = _key_usage(certificate)
    return constraints.ca and (usage is None or usage.key_cert_sign)


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, *_ABSURD):
        return None


def _purposes(certificate: x509.Certificate) -> frozenset[x509.ObjectIdentifier]:
    """Return what a certificate is for; any purpose, when it does not say."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *_ABSURD):
        return frozenset({ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
    return frozenset(found)


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
