"""The one door: every kind of file goes to its reader."""

from pathlib import Path

import pytest

from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import TrustRoom
from gateway.crypto.verify import Request, Verifier
from gateway.formats.screening import screen_xml
from tests.crypto import corpus
from tests.crypto.corpus import LATER, signed_by
from tests.crypto.test_detached import DETACHED
from tests.crypto.test_packages import BLOCK, package
from tests.crypto.test_xmldsig import LETTER, sign

ODT = "application/vnd.oasis.opendocument.text"


@pytest.fixture(name="verifier", scope="module")
def _verifier(tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    trust = TrustRoom([corpus.lay(tmp_path_factory.mktemp("trust"))])
    return Verifier(trust, VerificationPolicy(), screen=screen_xml)


@pytest.mark.parametrize(
    ("media_type", "content", "kinds"),
    [
        ("application/pdf", signed_by("good"), ["pades"]),
        ("application/pkcs7-signature", DETACHED, ["cms"]),
        ("application/xml; charset=utf-8", sign(LETTER), ["xmldsig"]),
        (ODT, package("META-INF/documentsignatures.xml", BLOCK.format("A" * 200)), ["odf"]),
        ("text/plain", signed_by("good"), []),
        ("application/xml", b"<!DOCTYPE a><a xmlns='http://www.w3.org/2000/09/xmldsig#'/>", []),
    ],
)
def test_every_kind_has_its_reader(
    verifier: Verifier, tmp_path: Path, media_type: str, content: bytes, kinds: list[str]
) -> None:
    """What signs nothing by its kind has no signatures."""
    file = tmp_path / "file"
    file.write_bytes(content)
    report = verifier.verify(Request(file=file, media_type=media_type, at=LATER))

    assert [each.kind for each in report.signatures] == kinds
