"""TLS: the certificate of the settings is shown, and a new one without a restart."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench.sites import make_site
from tests.cli.commands import serving

_PATIENCE_S = 15.0


def certify(folder: Path, name: str) -> None:
    """Put key and certificate of *name* into *folder*, over what was there."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - no clock of a node here
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, content in (("tls.key", private), ("tls.pem", certificate.public_bytes(encoding))):
        (folder / f"{file}.new").write_bytes(content)
        (folder / f"{file}.new").replace(folder / file)


def shown(port: int, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> str:
    """Return whose certificate is shown on *port*."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
        context.wrap_socket(raw) as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    (name,) = x509.load_der_x509_certificate(der or b"").subject
    return str(name.value)


def test_a_new_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    """By every process of the node."""
    folder = tmp_path / "node"
    site = make_site(folder, settings='[http]\ntls_certificate = "tls.pem"\ntls_key = "tls.key"\n')
    certify(folder, "one.example")
    arguments = ["--port", "0", "--processes", "2", "--config", str(site.config_file)]
    with serving(*arguments) as started:
        port = int(started.url.rpartition(":")[2])
        before = {shown(port) for _ in range(8)}
        certify(folder, "two.example")
        give_up = time.monotonic() + _PATIENCE_S
        while (after := {shown(port) for _ in range(8)}) != {"two.example"}:
            assert time.monotonic() < give_up, after
            time.sleep(0.2)

    assert before == {"one.example"}


def test_a_certificate_that_is_broken_is_not_taken(tmp_path: Path) -> None:
    """The one before goes on serving."""
    folder = tmp_path / "node"
    site = make_site(folder, settings='[http]\ntls_certificate = "tls.pem"\ntls_key = "tls.key"\n')
    certify(folder, "one.example")
    with serving("--port", "0", "--config", str(site.config_file)) as started:
        port = int(started.url.rpartition(":")[2])
        (folder / "tls.pem").write_text("half a certificate", "utf-8")
        time.sleep(6)  # longer than the node takes to look

        assert shown(port, ssl.TLSVersion.TLSv1_2) == "one.example"
