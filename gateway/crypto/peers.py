"""Certificates of other nodes: the authorities they come of, what they name, whether revoked."""

import ssl

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway.crypto.trust import Trust
from gateway.domain.peers import Shown
from gateway.domain.signatures import Purpose


def authorities(trust: Trust) -> str:
    """Return the certificates of folders named ``peers``, as PEM; ``""`` for none."""
    der = (
        each.certificate.public_bytes(Encoding.DER)
        for each in trust.held
        if each.purpose is Purpose.PEERS
    )
    return "".join(ssl.DER_cert_to_PEM_cert(each) for each in der)


def read_shown(der: bytes, trust: Trust) -> Shown:
    """Return what the certificate *der* names, and whether a list of its issuer revokes it."""
    certificate = x509.load_der_x509_certificate(der)
    names = {
        str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    }
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        pass
    else:
        names |= set(extension.value.get_values_for_type(x509.DNSName))
    return Shown(
        names=frozenset(name.lower() for name in names),
        is_revoked=_is_revoked(certificate, trust),
    )


def _is_revoked(certificate: x509.Certificate, trust: Trust) -> bool:
    issuers = [each.certificate for each in trust.held if each.purpose is Purpose.PEERS]
    issuer = certificate.issuer.public_bytes()
    for listed in trust.crls_by_issuer.get(issuer, ()):
        signed = any(
            each.subject.public_bytes() == issuer
            and listed.crl.is_signature_valid(each.public_key())  # type: ignore[arg-type] # any kind of key
            for each in issuers
        )
        number = certificate.serial_number
        if signed and listed.crl.get_revoked_certificate_by_serial_number(number) is not None:
            return True
    return False
