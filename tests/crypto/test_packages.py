"""Signatures inside office packages: told, not verified."""

import io
import zipfile
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.packages import report_package
from gateway.domain.signatures import Reason, Verdict
from tests.crypto.corpus import country

BLOCK = (
    "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><KeyInfo><X509Data><X509Certificate>"
    "{}</X509Certificate></X509Data></KeyInfo></Signature>"
)


def package(name: str, xml: str) -> bytes:
    """Return a package with one part."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr(name, xml)
    return output.getvalue()


@pytest.mark.parametrize(
    ("part", "kind"),
    [("META-INF/documentsignatures.xml", "odf"), ("_xmlsignatures/sig1.xml", "ooxml")],
)
def test_a_signature_is_told_with_its_signer(part: str, kind: str) -> None:
    """Who signed is read from the certificate; whether it holds is not said."""
    certificate = b64encode(country().pki.agency.der).decode()
    [found] = report_package(package(part, BLOCK.format(certificate))).signatures

    assert (found.kind, found.signer, found.reason) == (kind, "Sở Nội vụ", Reason.NOT_VERIFIED)


def test_an_absurd_certificate_is_a_signature_without_signer() -> None:
    """The signature is told all the same."""
    [found] = report_package(
        package("_xmlsignatures/sig1.xml", BLOCK.format("A" * 200))
    ).signatures

    assert (found.signer, found.verdict) == (None, Verdict.UNKNOWN)


def test_a_package_without_signatures() -> None:
    """Most documents."""
    assert report_package(package("content.xml", "<a/>")).signatures == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    """What is no package has no signatures."""
    assert report_package(b"PK\x03\x04" + data).signatures == ()
