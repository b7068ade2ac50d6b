"""XML signatures: real ones hold, samples are none, wrapped ones are found out."""

from collections.abc import Sequence

import pytest
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from gateway.crypto.cms import Bench
from gateway.crypto.pki import Party
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.xmldsig import verify_xml
from gateway.domain.signatures import Reason, Verdict
from tests.crypto import corpus
from tests.crypto.corpus import country, only

LETTER = b"<CongVan><Data Id='data'><TrichYeu>Th\xe1\xbb\xad</TrichYeu></Data><Ky/></CongVan>"
_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"


class _Sha1Signer(XMLSigner):
    """signxml makes no SHA-1 signatures by itself; old programs do."""

    def check_deprecated_methods(self) -> None:
        return


def sign(
    xml: bytes,
    who: str | Party = "good",
    *,
    of: str | None = None,
    sha1: bool = False,
    chain: Sequence[Party] = (),
) -> bytes:
    """Return *xml* with an enveloped signature, of all or of the element *of*."""
    land = country()
    party = land.people[who] if isinstance(who, str) else who
    kind = _Sha1Signer if sha1 else XMLSigner
    rsa = party.certificate.public_key().__class__.__name__.startswith("RSA")
    method = SignatureMethod.RSA_SHA256 if rsa else SignatureMethod.ECDSA_SHA256
    signer = kind(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA1 if sha1 else method,
        digest_algorithm=DigestAlgorithm.SHA1 if sha1 else DigestAlgorithm.SHA256,
    )
    pem = b"".join(each.pem for each in (party, *(chain or (land.pki.intermediate,))))
    root = etree.XML(xml)
    signed = signer.sign(root, key=party.key, cert=pem.decode(), reference_uri=of)
    return etree.tostring(signed)


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return corpus.bench(corpus.lay(tmp_path_factory.mktemp("trust")))


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("good", Reason.HOLDS),
        ("rsa", Reason.HOLDS),
        ("short", Reason.WEAK),
        ("stranger", Reason.NO_CHAIN),
        ("revoked-before", Reason.REVOKED),
        ("expired-before", Reason.EXPIRED),
    ],
)
def test_an_enveloped_signature(bench: Bench, who: str, reason: Reason) -> None:
    """Judged like every other signature; without a claimed time as of the validation."""
    assert only(verify_xml(sign(LETTER, who), bench)).reason is reason


def test_it_covers_the_whole(bench: Bench) -> None:
    """The root was signed."""
    assert only(verify_xml(sign(LETTER), bench)).covers_whole is True


def test_changed_content_breaks_it(bench: Bench) -> None:
    """The digest tells."""
    forged = sign(LETTER).replace(b"Data Id", b"Data x='1' Id")

    assert only(verify_xml(forged, bench)).reason is Reason.HASH


def test_a_changed_signed_info_breaks_it(bench: Bench) -> None:
    """The signature value tells."""
    signed = etree.XML(sign(LETTER))
    value = next(signed.iter(f"{_DSIG}DigestValue"))
    value.text = "AAAA" + (value.text or "")[4:]

    assert only(verify_xml(etree.tostring(signed), bench)).reason is Reason.CRYPTO


def test_one_signed_element_is_enough_when_it_is_unmistakable(bench: Bench) -> None:
    """As in electronic invoices: the data element below the root is signed."""
    signature = only(verify_xml(sign(LETTER, of="data"), bench))

    assert (signature.verdict, signature.covers_whole) == (Verdict.VALID, False)


def test_a_namespace_written_with_references_hides_nothing(bench: Bench) -> None:
    """XML has the same signature however the letters of its namespace are written."""
    plain = sign(LETTER)
    hidden = plain.replace(b'2000/09/xmldsig#"', b'2000/09/xmldsi&#103;#"')

    assert [only(verify_xml(each, bench)).verdict for each in (plain, hidden)] == 2 * [
        Verdict.VALID
    ]


def test_a_wrapped_signature_is_found_out(bench: Bench) -> None:
    """The signed element moved away, another of its name in its place."""
    root = etree.XML(sign(LETTER, of="data"))
    data = root.find("Data")
    assert data is not None
    fake = etree.XML("<Data><TrichYeu>Giả</TrichYeu></Data>")
    root.replace(data, fake)
    holder = etree.SubElement(root, "Wrapper")
    holder.append(data)

    assert only(verify_xml(etree.tostring(root), bench)).reason is Reason.WRAPPED


def test_sha1_is_decided_by_policy(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Old messages carry rsa-sha1: weak, unless the operator allows it."""
    folder = corpus.lay(tmp_path_factory.mktemp("trust"))
    lenient = corpus.bench(folder, policy=VerificationPolicy(allow_sha1=True))
    signed = sign(LETTER, "rsa", sha1=True)

    assert [only(verify_xml(signed, each)).reason for each in (bench, lenient)] == [
        Reason.WEAK,
        Reason.HOLDS,
    ]


EDXML = (
    b"<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'><edXMLEnvelope><edXMLHeader>%s"
    b"</edXMLHeader></edXMLEnvelope></edXML>"
)
BLOCK = (
    b"<Signature%s><SignedInfo><CanonicalizationMethod Algorithm='http://www.w3.org/TR/2001/"
    b"REC-xml-c14n-20010315'/><SignatureMethod Algorithm='http://www.w3.org/2000/09/xmldsig#"
    b"rsa-sha1'/><Reference URI=''><DigestMethod Algorithm='http://www.w3.org/2000/09/xmldsig#"
    b"sha1'/><DigestValue>RHVtbXk=</DigestValue></Reference></SignedInfo><SignatureValue>AA=="
    b"</SignatureValue></Signature>"
)


@pytest.mark.parametrize("namespace", [b"", b" xmlns='http://www.w3.org/2000/09/xmldsig#'"])
def test_the_block_of_the_samples_is_no_signature(bench: Bench, namespace: bytes) -> None:
    """It is copied from message to message and signs nothing."""
    assert verify_xml(EDXML % (BLOCK % namespace), bench).signatures == ()


def test_a_real_signature_of_a_message(bench: Bench) -> None:
    """A message that is really signed is verified."""
    assert only(verify_xml(sign(EDXML % b"<MessageHeader/>"), bench)).verdict is Verdict.VALID


@pytest.mark.parametrize("percent", range(0, 100, 5))
def test_a_truncated_file_raises_nothing(bench: Bench, percent: int) -> None:
    """Half a file has no signature that holds."""
    signed = sign(LETTER)
    report = verify_xml(signed[: len(signed) * percent // 100], bench)

    assert all(each.verdict is not Verdict.VALID for each in report.signatures)
