"""The node's own keys: the signing key with its certificate, and the secret for data at rest.

The certificate is self-signed: who relies on a receipt is given `node.crt` by the node's operator,
or the operator puts a certificate of an authority for the same key in its place.
"""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from gateway.domain.errors import Misconfigured

#: Receipts are evidence for years; the key never leaves the node.
VALIDITY = timedelta(days=3653)
#: Clocks of others may be behind when they see the certificate first.
_BACKDATED = timedelta(hours=1)
SECRET_BYTES = 32
#: RFC 5280, appendix A.1: ub-common-name and ub-organization-name.
_LONGEST_NAME = 64
_OWNER_ALONE = 0o600
#: What lies in a folder of certificates and is larger is something else.
_LARGEST_FILE = 4 << 20


def make_signing_key(
    *, key_file: Path, certificate_file: Path, code: str, name: str, now: datetime
) -> None:
    """Make a P-256 key and a certificate for it, valid for ten years from *now*.

    The key file is for its owner alone. What exists is never overwritten.

    Raises:
        Misconfigured: one of the files exists or cannot be written.
    """
    for file in (key_file, certificate_file):
        if file.exists():
            raise Misconfigured(f"{file}: there is such a file already; it is kept")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(key, code=code, name=name, now=now)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_new(key_file, pem, mode=_OWNER_ALONE)
    _write_new(certificate_file, certificate.public_bytes(Encoding.PEM), mode=0o644)


def load_signing_key(
    *, key_file: Path, certificate_file: Path
) -> tuple[ec.EllipticCurvePrivateKey, tuple[x509.Certificate, ...]]:
    """Return the signing key and its chain, its own certificate first.

    Raises:
        Misconfigured: a file is missing or unreadable, is of another kind, or the certificate
            is for another key.
    """
    pem = _read(key_file)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"{key_file}: this is no private key without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise Misconfigured(f"{key_file}: the signing key must be of the curve P-256")
    chain = load_certificates(certificate_file)
    if chain[0].public_key() != key.public_key():
        raise Misconfigured(
            f"{certificate_file}: the first certificate is not for the key in {key_file}"
        )
    return key, chain


def load_certificates(file: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM *file*, in its order; raise Misconfigured for none."""
    try:
        return tuple(x509.load_pem_x509_certificates(_read(file)))
    except (ValueError, x509.InvalidVersion) as error:
        raise Misconfigured(f"{file}: this holds no certificate in PEM") from error


def certificates_in(paths: Sequence[Path]) -> list[x509.Certificate]:
    """Return the certificates of files and folders, PEM or DER; other files of a folder are left.

    Raises:
        Misconfigured: a path is missing, or a file that is named holds no certificate.
    """
    found: list[x509.Certificate] = []
    for path in paths:
        if not path.exists():
            raise Misconfigured(f"{path}: there is no such file or folder")
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else []
        for file in files:
            found += _if_certificates(file)
        if not path.is_dir():
            found += _certificates(path)
    return found


def make_node_secret(file: Path) -> None:
    """Write a new random secret to *file*; raise Misconfigured when there is one already."""
    _write_new(file, b64encode(secrets.token_bytes(SECRET_BYTES)) + b"\n", mode=_OWNER_ALONE)


def load_node_secret(file: Path) -> bytes:
    """Return the 32 bytes of the node's secret; raise Misconfigured when *file* is not one."""
    try:
        secret = b64decode(_read(file).strip(), validate=True)
    except (NotBase64, ValueError) as error:
        raise Misconfigured(f"{file}: the node's secret is not in base64") from error
    if len(secret) != SECRET_BYTES:
        raise Misconfigured(f"{file}: the node's secret must have {SECRET_BYTES} bytes")
    return secret


def key_faults(
    *, key_file: Path, certificate_file: Path, secret_file: Path, now: datetime
) -> list[str]:
    """Return what is wrong with the keys of a node, each a sentence; nothing when all is well."""
    faults = []
    try:
        _, chain = load_signing_key(key_file=key_file, certificate_file=certificate_file)
        if not chain[0].not_valid_before_utc <= now <= chain[0].not_valid_after_utc:
            faults.append(f"{certificate_file}: the certificate is not valid now")
    except Misconfigured as error:
        faults.append(error.message)
    try:
        load_node_secret(secret_file)
    except Misconfigured as error:
        faults.append(error.message)
    return faults + [
        f"{file}: others may read it; chmod 600 mends it"
        for file in (key_file, secret_file)
        if file.exists() and file.stat().st_mode & 0o077
    ]


def _self_signed(
    key: ec.EllipticCurvePrivateKey, *, code: str, name: str, now: datetime
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:_LONGEST_NAME] or code),
            x509.NameAttribute(NameOID.COMMON_NAME, code),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write_new(file: Path, content: bytes, *, mode: int) -> None:
    """Write *content* to a file that did not exist, and make both file and name durable."""
    try:
        file.parent.mkdir(
            parents=True, exist_ok=True, mode=0o755 if mode != _OWNER_ALONE else 0o700
        )
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        raise Misconfigured(f"{file}: there is such a file already; it is kept") from None
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be written: {error.strerror}") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read: {error.strerror}") from error


def _certificates(file: Path) -> list[x509.Certificate]:
    """Return the certificates of a file in PEM or DER; raise Misconfigured for none."""
    try:
        return list(load_certificates(file))
    except Misconfigured:
        if not file.is_file():
            raise
        try:
            return [x509.load_der_x509_certificate(file.read_bytes())]
        except (ValueError, OSError, x509.InvalidVersion):
            raise Misconfigured(f"{file}: this holds no certificate in PEM or DER") from None


def _if_certificates(file: Path) -> list[x509.Certificate]:
    try:
        return _certificates(file) if file.stat().st_size <= _LARGEST_FILE else []
    except Misconfigured:  # a revocation list, a note
        return []
