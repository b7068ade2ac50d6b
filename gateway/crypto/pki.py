"""A public key infrastructure made on the spot: for demonstrations and tests, trusted by nobody.

Names, dates, keys and faults are the caller's; whatever is issued here says what it was told to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

_LEAST_RSA = 2048  #: pyHanko stamps with RSA keys only
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

#: Key usages, by the names of the builder.
SIGNING = ("digital_signature", "content_commitment")
AUTHORITY = ("key_cert_sign", "crl_sign")
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def new_key(*, rsa_bits: int = 0) -> Key:
    """Return a new key: RSA of so many bits, or P-256."""
    if rsa_bits:
        return rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with a key and a certificate: an authority, a person, an agency, a service."""

    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_der(self) -> bytes:
        """The key in PKCS #8, DER, not encrypted."""
        return self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a certificate is to say."""

    common_name: str
    valid_from: datetime
    valid_to: datetime
    organisation: str = ""
    is_authority: bool = False
    usages: Sequence[str] = SIGNING
    purposes: Sequence[x509.ObjectIdentifier] = ()
    crl_url: str = ""
    ocsp_url: str = ""
    hosts: Sequence[str] = ()  #: names and addresses of a machine
    policy: str = ""  #: dotted identifier of a certificate policy


def issue(wish: Wish, *, issuer: Party | None = None, key: Key | None = None) -> Party:
    """Return a party with a certificate as *wish* says, self-signed without an *issuer*."""
    key = key or new_key()
    subject = _name(wish)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(wish.valid_from)
        .not_valid_after(wish.valid_to)
    )
    above = key if issuer is None else issuer.key
    for extension, critical in _extensions(wish, key, above):
        builder = builder.add_extension(extension, critical=critical)
    return Party(key=key, certificate=builder.sign(above, hashes.SHA256()))


def _name(wish: Wish) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if wish.organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, wish.organisation))
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, wish.common_name)])


def _extensions(wish: Wish, key: Key, above: Key) -> list[tuple[x509.ExtensionType, bool]]:
    usages = AUTHORITY if wish.is_authority else wish.usages
    asked = {usage: usage in usages for usage in _USAGES}
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=wish.is_authority, path_length=None), True),
        (x509.KeyUsage(**asked), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False),
    ]
    if wish.purposes:
        found.append((x509.ExtendedKeyUsage(wish.purposes), True))
    if ExtendedKeyUsageOID.OCSP_SIGNING in wish.purposes:
        found.append((x509.OCSPNoCheck(), False))  # nobody can ask it about itself
    if wish.crl_url:
        place = [x509.UniformResourceIdentifier(wish.crl_url)]
        point = x509.DistributionPoint(
            full_name=place, relative_name=None, reasons=None, crl_issuer=None
        )
        found.append((x509.CRLDistributionPoints([point]), False))
    if wish.ocsp_url:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(wish.ocsp_url)
        )
        found.append((x509.AuthorityInformationAccess([access]), False))
    if wish.hosts:
        found.append((x509.SubjectAlternativeName([_host(each) for each in wish.hosts]), False))
    if wish.policy:
        information = x509.PolicyInformation(x509.ObjectIdentifier(wish.policy), None)
        found.append((x509.CertificatePolicies([information]), False))
    return found


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def revocation_list(
    issuer: Party,
    revoked: Mapping[int, datetime],
    *,
    issued_at: datetime,
    next_at: datetime,
) -> bytes:
    """Return a CRL of *issuer* in DER with the serial numbers *revoked* and since when."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(issued_at)
        .next_update(next_at)
        .add_extension(x509.CRLNumber(int(issued_at.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
            critical=False,
        )
    )
    for serial, since in revoked.items():
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(since)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def ocsp_response(
    of: Party,
    *,
    issuer: Party,
    responder: Party,
    issued_at: datetime,
    next_at: datetime,
    revoked_at: datetime | None = None,
) -> bytes:
    """Return an OCSP response in DER about the certificate *of*."""
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=of.certificate,
            issuer=issuer.certificate,
            algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
            this_update=issued_at,
            next_update=next_at,
            revocation_time=revoked_at,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked_at else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
    )
    return builder.sign(responder.key, hashes.SHA256()).public_bytes(Encoding.DER)


def stamping(wish: Wish) -> Wish:
    """Return *wish* as that of a time stamp authority (RFC 3161 section 2.3)."""
    purposes = (ExtendedKeyUsageOID.TIME_STAMPING,)
    return replace(wish, usages=("digital_signature",), purposes=purposes)


def responding(wish: Wish) -> Wish:
    """Return *wish* as that of an OCSP responder (RFC 6960 section 4.2.2.2)."""
    purposes = (ExtendedKeyUsageOID.OCSP_SIGNING,)
    return replace(wish, usages=("digital_signature",), purposes=purposes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """Root, intermediate, and everybody below them."""

    root: Party
    intermediate: Party
    person: Party
    agency: Party
    stamps: Party
    responder: Party


def make_pki(now: datetime, *, rsa_bits: int = 0, domain: str = "Minh hoạ") -> Pki:
    """Return a whole infrastructure that is valid from a year before *now* to five after it."""
    year = timedelta(days=365)
    base = Wish(common_name="", valid_from=now - year, valid_to=now + 5 * year)

    def party(name: str, issuer: Party | None, wish: Wish = base, bits: int = rsa_bits) -> Party:
        return issue(replace(wish, common_name=name), issuer=issuer, key=new_key(rsa_bits=bits))

    authority, owner = replace(base, is_authority=True), replace(base, organisation="Sở Nội vụ")
    root = party(f"{domain}: CA gốc", None, authority)
    intermediate = party(f"{domain}: CA cấp dưới", root, authority)
    return Pki(
        root=root,
        intermediate=intermediate,
        person=party("Trần Thị Minh Hoạ", intermediate, owner),
        agency=party("Sở Nội vụ", intermediate, owner),
        stamps=party(f"{domain}: dấu thời gian", root, stamping(base), rsa_bits or _LEAST_RSA),
        responder=party(f"{domain}: OCSP", intermediate, responding(base)),
    )
