"""An authority of time stamps of the tests' own: a real server on loopback that speaks RFC 3161."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore


@dataclass(slots=True)
class Stamper:
    """A root, a certificate for time stamps below it, and how it answers."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    at: datetime | None = None  #: what its clock says; None: the time
    body: bytes | None = None  #: answer this instead
    asked: list[bytes] = field(default_factory=list)  #: digests, in the order of the questions

    def trust(self, folder: Path) -> str:
        """Write the root into *folder*; return the path."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "tsa-root.crt"
        file.write_bytes(self.root.public_bytes(Encoding.PEM))
        return str(file)

    def answer(self, question: bytes) -> bytes:
        """Answer one request."""
        request = tsp.TimeStampReq.load(question)
        self.asked.append(request["message_imprint"]["hashed_message"].native)
        if self.body is not None:
            return self.body
        store = SimpleCertificateStore()
        store.register(_parsed(self.root))
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        machine = DummyTimeStamper(
            _parsed(self.certificate),
            asn1_keys.PrivateKeyInfo.load(key),
            certs_to_embed=store,
            fixed_dt=self.at or datetime.now(UTC),  # noqa: TID251 - the clock of the authority
        )
        answer: bytes = machine.request_tsa_response(request).dump()
        return answer


def a_stamper(now: datetime) -> Stamper:
    """Return an authority whose certificates are valid from a year before *now* to five after."""
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = _issue("TSA root", root_key, None, root_key, now, is_authority=True)
    certificate = _issue("TSA", key, root, root_key, now, is_authority=False)
    return Stamper(root=root, certificate=certificate, key=key)


@asynccontextmanager
async def stamping(stamper: Stamper, *, port: int = 0) -> AsyncIterator[str]:
    """Serve *stamper* on loopback, at *port* or a free one; give its address."""

    async def handle(request: web.Request) -> web.Response:
        if request.content_type != "application/timestamp-query":
            raise web.HTTPUnsupportedMediaType
        return web.Response(
            body=stamper.answer(await request.read()),
            content_type="application/timestamp-reply",
        )

    application = web.Application()
    application.router.add_post("/tsa", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/tsa"
    finally:
        await runner.cleanup()


def _issue(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: rsa.RSAPrivateKey,
    now: datetime,
    *,
    is_authority: bool,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365))
        .not_valid_after(now + timedelta(days=5 * 365))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purposes, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
