"""XML signatures (XML-DSig) of edXML messages and attached XML files, through signxml.

What counts is what was signed. Of an edXML message that is all of it; of another file either all
of it or one element of a name that no other bears, so that nobody can wrap the signed one away and
put his own in its place. The block that the samples of the axis SDK carry stands in the namespace
of edXML, or holds values that no algorithm gives: it is copied along and signs nothing.

The bytes have passed the guards of the house before (*screen* in ``verify.py``), so the tree that
is built here is bounded.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

from asn1crypto import x509
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from gateway.crypto.cms import Bench, Judged, stand
from gateway.crypto.glance import may_be_signed
from gateway.crypto.revocation import Brought
from gateway.crypto.signer_info import MALFORMED, describe
from gateway.domain.signatures import Reason, Signature, SignatureReport

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_SIGNATURE = f"{{{_DSIG}}}Signature"
_MOST_SIGNATURES = 20
_LONGEST_DIGEST, _SHORTEST_DIGEST = 64, 16


def verify_xml(data: bytes, bench: Bench) -> SignatureReport:
    """Return what is true about every XML signature in *data*."""
    if not may_be_signed(BytesIO(data), "application/xml"):
        return SignatureReport()
    try:
        root = etree.XML(data, _parser())
    except etree.XMLSyntaxError:
        return SignatureReport()  # the reader of the format says what is wrong with it
    found = [each for each in root.iter(_SIGNATURE) if not _is_boilerplate(each)]
    judged = [_judge(each, root, bench) for each in found[:_MOST_SIGNATURES]]
    evidence = {one.sha256: one for each in judged for one in each.evidence}
    return SignatureReport(
        signatures=tuple(each.signature for each in judged), evidence=tuple(evidence.values())
    )


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, collect_ids=False
    )


def _is_boilerplate(signature: etree._Element) -> bool:
    """Whether this is the block of the samples: a digest of no possible length."""
    parent = signature.getparent()
    if parent is None or etree.QName(parent).localname != "edXMLHeader":
        return False
    digest = _bytes_of(signature.findtext(f".//{{{_DSIG}}}DigestValue"))
    return digest is None or not _SHORTEST_DIGEST <= len(digest) <= _LONGEST_DIGEST


def _judge(signature: etree._Element, root: etree._Element, bench: Bench) -> Judged:
    path = root.getroottree().getelementpath(signature)
    facts = Signature(kind="xmldsig", reason=Reason.NO_CERTIFICATE, name=str(path)[:200])
    try:
        certificates = _certificates(signature)
        if not certificates:
            return Judged(signature=facts)
        facts = describe(facts, certificates[0])
        return _judge_with(signature, root, bench, certificates, facts)
    except InvalidDigest as error:
        return _failed(facts, Reason.HASH, error)
    except InvalidSignature as error:
        return _failed(facts, Reason.CRYPTO, error)
    except (InvalidInput, SignXMLException, etree.LxmlError, *MALFORMED) as error:
        return _failed(facts, Reason.FORMAT, error)


def _judge_with(
    signature: etree._Element,
    root: etree._Element,
    bench: Bench,
    certificates: list[x509.Certificate],
    facts: Signature,
) -> Judged:
    parent = signature.getparent()
    if parent is None or parent.find(_SIGNATURE) is not signature:
        note = "a signature around its content, or beside another in one element"
        return Judged(signature=replace(facts, reason=Reason.UNSUPPORTED, note=note))
    method = signature.find(f"./{{{_DSIG}}}SignedInfo/{{{_DSIG}}}SignatureMethod")
    name = "" if method is None else str(method.get("Algorithm", "")).rpartition("#")[2]
    facts = replace(facts, algorithm=name, claimed_at=_claimed(signature))
    weak = _weakness(signature, certificates[0], bench)
    results = XMLVerifier().verify(
        root,
        x509_cert=load_der_x509_certificate(certificates[0].dump()),
        parser=_parser(),
        expect_config=_expectations(root, parent, certificates[0]),
    )
    found = results if isinstance(results, list) else [results]
    tags = {each.signed_xml.tag for each in found if each.signed_xml is not None}
    is_whole = root.tag in tags and _is_root(signature, root)
    if not is_whole and not _is_unmistakable(signature, root):
        return Judged(signature=replace(facts, reason=Reason.WRAPPED, covers_whole=False))
    facts = replace(facts, covers_whole=is_whole)
    if weak:
        return Judged(signature=replace(facts, reason=Reason.WEAK, note=weak))
    standing = stand(
        certificates[0],
        Brought(certificates=tuple(certificates[1:])),
        bench,
        proven=None,
        claimed=facts.claimed_at,
    )
    judged = replace(facts, reason=standing.reason, note=standing.note)
    return Judged(signature=judged, evidence=standing.evidence)


def _expectations(
    root: etree._Element, parent: etree._Element, certificate: x509.Certificate
) -> SignatureConfiguration:
    """Return what signxml is to accept: one place, and every method but those with a secret.

    Strength and validity of the certificate are judged here, as for every other signature.
    """
    path = root.getroottree().getelementpath(parent)
    return SignatureConfiguration(
        location="./" if parent is root else f"./{path}/",
        expect_references=True,
        signature_methods=frozenset(
            each for each in SignatureMethod if not each.name.startswith("HMAC")
        ),
        digest_algorithms=frozenset(DigestAlgorithm),
        verification_time=certificate.not_valid_before + timedelta(seconds=1),
    )


def _references(signature: etree._Element) -> list[str]:
    found = signature.findall(f"./{{{_DSIG}}}SignedInfo/{{{_DSIG}}}Reference")
    return [str(each.get("URI", "")) for each in found]


def _target(uri: str, root: etree._Element) -> list[etree._Element]:
    if not uri:
        return [root]
    wanted = uri.removeprefix("#")
    return [
        each
        for each in root.iter("*")
        if wanted in {each.get("Id"), each.get("ID"), each.get("id")}
    ]


def _is_root(signature: etree._Element, root: etree._Element) -> bool:
    """Whether one of the references means the whole document and nothing else."""
    return any(_target(uri, root) == [root] for uri in _references(signature))


def _is_unmistakable(signature: etree._Element, root: etree._Element) -> bool:
    """Whether the signed element is the only one of its name, directly below the root."""
    if etree.QName(root).localname == "edXML":
        return False
    for uri in _references(signature):
        targets = _target(uri, root)
        if len(targets) == 1 and targets[0].getparent() is root:
            same = etree.QName(targets[0]).localname
            if sum(1 for each in root.iter("{*}" + same)) == 1:
                return True
    return False


def _weakness(signature: etree._Element, certificate: x509.Certificate, bench: Bench) -> str:
    """Return what the policy does not allow, empty for nothing."""
    names = [
        str(each.get("Algorithm", "")).rpartition("#")[2]
        for each in signature.iter(f"{{{_DSIG}}}SignatureMethod", f"{{{_DSIG}}}DigestMethod")
    ]
    old = [each for each in names if each.endswith("sha1")]
    if old and not bench.policy.allow_sha1:
        return old[0]
    key = certificate.public_key
    if key.algorithm == "rsa" and key.bit_size < bench.policy.least_rsa_bits:
        return f"RSA, {key.bit_size} bits"
    return ""


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """Return the certificates of the signature, that of its signer first."""
    path = f"./{{{_DSIG}}}KeyInfo/{{{_DSIG}}}X509Data/{{{_DSIG}}}X509Certificate"
    ders = [_bytes_of(each.text) for each in signature.findall(path)]
    found = [x509.Certificate.load(der, strict=True) for der in ders if der]
    issuers = {each.issuer.sha256 for each in found if each.self_issued is False}
    # Mostly the signer comes first; where the chain is turned round, it is nobody's issuer.
    return sorted(found, key=lambda each: each.subject.sha256 in issuers)


def _claimed(signature: etree._Element) -> datetime | None:
    text = signature.findtext(".//{*}SignedSignatureProperties/{*}SigningTime")
    try:
        claimed = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return claimed if claimed.tzinfo is not None else None


def _bytes_of(text: str | None) -> bytes | None:
    try:
        return b64decode("".join((text or "").split()), validate=True)
    except (NotBase64, ValueError):
        return None


def _failed(facts: Signature, reason: Reason, error: Exception) -> Judged:
    return Judged(signature=replace(facts, reason=reason, note=str(error)[:300]))
