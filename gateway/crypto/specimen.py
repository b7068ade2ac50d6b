"""A signed PDF made on the spot, for the demonstration: nobody has to bring a certificate.

The signatures are real (PAdES, over the whole file), those who sign are not: their authority was
made for this one document (see ``pki.py``), and who wants to verify it is given that authority.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter, PageObject, PdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSigner, PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gateway.crypto.pki import Party, Pki, make_pki, revocation_list

_A4 = (595, 842)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """How somebody signs a PDF: who, when, and with what."""

    party: Party
    at: datetime
    field: str = "NguoiKy"
    chain: Sequence[Party] = ()  #: certificates that the signature carries beside the signer's
    stamps: Party | None = None  #: RSA; puts a time stamp of *at* on the signature
    is_pades: bool = True  #: otherwise adbe.pkcs7.detached
    digest: str = "sha256"
    certify: MDPPerm | None = None  #: what a certifying signature permits afterwards


class DatedSigner(PdfSigner):
    """Signs at a moment that is given, not at that of the machine."""

    at: datetime

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002 - as in pyHanko
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def sign_pdf(pdf: bytes, pen: Pen) -> bytes:
    """Return *pdf* with one more signature."""
    metadata = PdfSignatureMetadata(
        field_name=pen.field,
        subfilter=SigSeedSubFilter.PADES
        if pen.is_pades
        else SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        md_algorithm=pen.digest,
        certify=pen.certify is not None,
        docmdp_permissions=pen.certify or MDPPerm.FILL_FORMS,
    )
    signer = DatedSigner(
        metadata,
        signer=simple_signer(pen.party, pen.chain),
        timestamper=None if pen.stamps is None else stamper(pen.stamps, pen.at),
    )
    signer.at = pen.at
    output = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=BytesIO())
    return bytes(output.getvalue())


def simple_signer(party: Party, chain: Sequence[Party] = ()) -> signers.SimpleSigner:
    """Return *party* as pyHanko signs with it."""
    registry = SimpleCertificateStore()
    registry.register_multiple([asn1_x509.Certificate.load(each.der) for each in chain])
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(party.der),
        signing_key=asn1_keys.PrivateKeyInfo.load(party.key_der),
        cert_registry=registry,
    )


def stamper(party: Party, at: datetime) -> TimeStamper:
    """Return a time stamp authority whose clock stands at *at*; its key must be RSA."""
    return DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(party.der),
        tsa_key=asn1_keys.PrivateKeyInfo.load(party.key_der),
        fixed_dt=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A signed document, and what a node must be given to trust it: files by their names."""

    pdf: bytes
    trust: dict[str, bytes]


def make_specimen(*, lines: tuple[str, ...], at: datetime) -> Specimen:
    """Return a PDF of one page with *lines* (ASCII), signed by a person and then the agency."""
    pki = make_pki(at)
    chain = (pki.intermediate,)
    person = Pen(party=pki.person, at=at, chain=chain, stamps=pki.stamps)
    agency = Pen(party=pki.agency, at=at, field="CoQuan", chain=chain, stamps=pki.stamps)
    return Specimen(
        pdf=sign_pdf(sign_pdf(page(lines), person), agency), trust=trust_files(pki, at)
    )


def trust_files(pki: Pki, at: datetime) -> dict[str, bytes]:
    """Return what trusts *pki* in the week from *at* on: certificates and empty lists, by name."""
    issued_at, next_at = at - timedelta(hours=1), at + timedelta(days=7)
    return {
        "root.pem": pki.root.pem,
        "intermediate.pem": pki.intermediate.pem,
        "root.crl": revocation_list(pki.root, {}, issued_at=issued_at, next_at=next_at),
        "intermediate.crl": revocation_list(
            pki.intermediate, {}, issued_at=issued_at, next_at=next_at
        ),
    }


def page(lines: tuple[str, ...]) -> bytes:
    """Return an unsigned PDF of one page with *lines* (ASCII)."""
    text = "".join(f"({_escaped(line)}) Tj 0 -22 Td " for line in lines)
    stream = f"BT /F1 13 Tf 72 760 Td {text} ET".encode("ascii")
    font = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Font"),
            generic.NameObject("/Subtype"): generic.NameObject("/Type1"),
            generic.NameObject("/BaseFont"): generic.NameObject("/Helvetica"),
        }
    )
    writer = PdfFileWriter()
    content = RawContent(stream, box=BoxConstraints(*_A4))
    page = PageObject(
        contents=writer.add_object(generic.StreamObject(stream_data=content.render())),
        media_box=(0, 0, *_A4),
        resources=generic.DictionaryObject(
            {
                generic.NameObject("/Font"): generic.DictionaryObject(
                    {generic.NameObject("/F1"): font}
                )
            }
        ),
    )
    writer.insert_page(page)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
