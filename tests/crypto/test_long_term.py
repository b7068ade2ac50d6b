"""Files that bring their own evidence (PAdES B-LT, B-LTA): good for years, offline."""

from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext

from gateway.crypto.pdf import verify_pdf
from gateway.crypto.specimen import DatedSigner, simple_signer, stamper
from gateway.domain.signatures import Reason, Update, Verdict
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, PLAIN, SIGNED, country


def archived(who: str = "good", *, lta: bool = True) -> bytes:
    """Return the plain page with a signature that brings its certificates and lists."""
    land = country()
    chain = (land.pki.intermediate,)
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(land.pki.root.der)],
        other_certs=[x509.Certificate.load(each.der) for each in chain],
        crls=[content for name, content in land.trust.items() if name.endswith(".crl")],
        moment=LATER,
        retroactive_revinfo=True,
        revocation_mode="hard-fail",
    )
    metadata = PdfSignatureMetadata(
        field_name="NguoiKy",
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        embed_validation_info=True,
        use_pades_lta=lta,
        validation_context=context,
    )
    signer = DatedSigner(
        metadata,
        signer=simple_signer(land.people[who], chain),
        timestamper=stamper(land.pki.stamps, SIGNED),
    )
    signer.at = SIGNED
    output = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(PLAIN)), output=BytesIO())
    return bytes(output.getvalue())


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Trust the root alone: no intermediate, no list."""
    return corpus.lay(tmp_path, {"root.pem": country().pki.root.pem})


@pytest.mark.parametrize("lta", [False, True])
def test_it_needs_nothing_but_the_anchor(folder: Path, *, lta: bool) -> None:
    """Certificates and lists come out of the file."""
    report = verify_pdf(archived(lta=lta), corpus.bench(folder))

    assert [each.verdict for each in report.signatures] == [Verdict.VALID]


def test_it_holds_after_everything_has_expired(folder: Path) -> None:
    """Ten years later the stamped time still is the time of signing."""
    bench = corpus.bench(folder, at=LATER + 3650 * DAY)

    assert verify_pdf(archived(), bench).signatures[0].reason is Reason.HOLDS


def test_what_was_added_is_archival(folder: Path) -> None:
    """Validation data and a document time stamp change nothing that was signed."""
    report = verify_pdf(archived(), corpus.bench(folder))

    assert (report.signatures[0].update, len(report.timestamps)) == (Update.ARCHIVAL, 1)


def test_the_evidence_is_handed_over(folder: Path) -> None:
    """Certificates and lists that were used are kept with the document (TT 41/2017 art. 9.1)."""
    report = verify_pdf(archived(), corpus.bench(folder))

    assert {each.kind for each in report.evidence} == {"certificate", "crl"}


def test_a_damaged_store_helps_nobody(folder: Path) -> None:
    """Without its lists the file is not valid, and nothing is raised."""
    forged = archived(lta=False).replace(b"/CRLs", b"/CRLx")

    assert verify_pdf(forged, corpus.bench(folder)).signatures[0].verdict is not Verdict.VALID
