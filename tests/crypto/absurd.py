"""Signed files whose certificates or structures say absurd things, well-formed or not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.crypto.pki import Party, new_key
from gateway.crypto.specimen import sign_pdf
from tests.crypto.corpus import DAY, SIGNED, country
from tests.crypto.raw_pdf import byte_range, pen, signed, tabled

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
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd(Party):
    """Somebody whose certificate cryptography would not write."""

    raw: bytes

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.raw


def certified(
    *extensions: tuple[x509.ExtensionType, bool],
    name: str = "Người lạ lùng",
    valid_to: datetime = SIGNED + 700 * DAY,
) -> Party:
    """Return somebody whose certificate of the intermediate has these *extensions*."""
    key, issuer = new_key(), country().pki.intermediate
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SIGNED - 300 * DAY)
        .not_valid_after(valid_to)
    )
    usages = {name: name == "digital_signature" for name in _USAGES}
    usage = (x509.KeyUsage(**usages), True)
    for extension, is_critical in (*extensions, usage):
        builder = builder.add_extension(extension, critical=is_critical)
    return Party(key=key, certificate=builder.sign(issuer.key, hashes.SHA256()))


def _unknown(size: int) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), bytes(size))


def certificates() -> Iterator[tuple[str, bytes]]:
    """Yield files signed with certificates that are odd and hold all the same."""
    names = [x509.DNSName(f"may-{n}.vi-du.gov.vn") for n in range(5000)]
    long_name = "Ỷ" * 21  # cryptography counts bytes, 64 of them
    people = {
        "5000-names": certified((x509.SubjectAlternativeName(names), False)),
        "extension-of-2-mb": certified((_unknown(2 << 20), False)),
        "year-9999": certified(valid_to=LAST),
        "long-name": certified(name=long_name),
    }
    for name, party in people.items():
        yield name, sign_pdf(tabled(), replace(pen(), party=party))


def barred_certificates() -> Iterator[tuple[str, bytes]]:
    """Yield files signed with certificates that nobody need understand."""
    critical = certified((_unknown(10), True))
    yield "unknown-critical-extension", sign_pdf(tabled(), replace(pen(), party=critical))
    yield "negative-serial", _with_serial(-1)
    yield "serial-of-400-bytes", _with_serial(1 << 3200)


def _with_serial(serial: int) -> bytes:
    """Sign with a certificate that no library of today would issue."""
    party, issuer = certified(), country().pki.intermediate
    parsed = asn1_x509.Certificate.load(party.der)
    body = parsed["tbs_certificate"].copy()
    body["serial_number"] = serial
    if not isinstance(issuer.key, ec.EllipticCurvePrivateKey):
        raise TypeError("the intermediate has a key of another kind")
    parsed["tbs_certificate"] = body
    parsed["signature_value"] = issuer.key.sign(body.dump(force=True), ec.ECDSA(hashes.SHA256()))
    der = parsed.dump(force=True)

    odd = Odd(key=party.key, certificate=party.certificate, raw=der)
    return sign_pdf(tabled(), replace(pen(), party=odd))


def with_cms(pdf: bytes, change: Callable[[cms.ContentInfo], bytes]) -> bytes:
    """Return *pdf* with what *change* makes of the structure of its last signature."""
    _, first, begin, _ = byte_range(pdf)
    content = cms.ContentInfo.load(bytes.fromhex(pdf[first + 1 : begin - 1].decode("ascii")))
    digits = change(content).hex().encode("ascii")
    space = begin - first - 2
    if len(digits) > space:
        raise ValueError("the structure has grown too much")
    return pdf[: first + 1] + digits.ljust(space, b"0") + pdf[begin - 1 :]


Change = Callable[[cms.SignerInfo, cms.SignedData], None]


def unknown_signature(info: cms.SignerInfo, _: cms.SignedData) -> None:
    """Name a signature algorithm that nobody knows."""
    info["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "1.2.3.4.5.6"})


def unknown_digest(info: cms.SignerInfo, _: cms.SignedData) -> None:
    """Name a digest algorithm that nobody knows."""
    info["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": "1.2.3.4.5.6"})


def no_attributes(info: cms.SignerInfo, _: cms.SignedData) -> None:
    """Sign nothing but the content."""
    del info["signed_attrs"]


def no_certificates(_: cms.SignerInfo, data: cms.SignedData) -> None:
    """Leave out who signed."""
    del data["certificates"]


def other_certificate(_: cms.SignerInfo, data: cms.SignedData) -> None:
    """Bring somebody else's certificate."""
    issuer = asn1_x509.Certificate.load(country().pki.intermediate.der)
    data["certificates"] = [cms.CertificateChoices(name="certificate", value=issuer)]


def no_signer(_: cms.SignerInfo, data: cms.SignedData) -> None:
    """Let nobody have signed."""
    data["signer_infos"] = []


def own_content(_: cms.SignerInfo, data: cms.SignedData) -> None:
    """Bring a content of its own."""
    data["encap_content_info"] = {"content_type": "data", "content": b"GIA"}


def no_signature(info: cms.SignerInfo, _: cms.SignedData) -> None:
    """Leave the value empty."""
    info["signature"] = b""


def attributes_twice(info: cms.SignerInfo, _: cms.SignedData) -> None:
    """Say one thing twice."""
    found = list(info["signed_attrs"])
    info["signed_attrs"] = cms.CMSAttributes([*found, found[0]])


CHANGES: tuple[Change, ...] = (
    unknown_signature,
    unknown_digest,
    no_attributes,
    no_certificates,
    other_certificate,
    no_signer,
    own_content,
    no_signature,
    attributes_twice,
)


def structures() -> Iterator[tuple[str, bytes]]:
    """Yield files whose CMS structure was changed after signing."""
    for change in CHANGES:
        yield change.__name__.replace("_", "-"), with_cms(signed(), partial(_applied, change))
    yield "half-a-structure", with_cms(signed(), lambda content: bytes(content.dump())[:700])
    yield "no-structure", with_cms(signed(), lambda _: b"\x30\x03\x02\x01\x01")
    yield "encrypted-structure", with_cms(signed(), lambda _: _enveloped())


def _applied(change: Change, content: cms.ContentInfo) -> bytes:
    change(content["content"]["signer_infos"][0], content["content"])
    return bytes(content.dump(force=True))


def _enveloped() -> bytes:
    return bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": None}).dump())


def garbage_behind() -> bytes:
    """Return a file with other bytes than zeros behind the structure of its signature."""
    return with_cms(signed(), lambda content: bytes(content.dump()) + b"RAC")


GOOD = {**dict(certificates()), "garbage-behind": garbage_behind()}
BAD = dict([*barred_certificates(), *structures()])
