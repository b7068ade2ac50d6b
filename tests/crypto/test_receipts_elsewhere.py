"""Receipts in the hands of others: their own libraries verify signature, chain and order."""

import asyncio
import hashlib
import json
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError

from gateway.crypto.pki import Party, Pki, Wish, issue, make_pki
from gateway.domain.exchange import Receipt
from tests.pipeline.rooms import READER, SENDER, START, office, reopened, rooms

YEAR = timedelta(days=365)


def write(folder: Path, node: Party, *chain: Party) -> dict[str, object]:
    """Write key and chain of *node* into *folder*; return the settings that name them."""
    folder.mkdir(mode=0o700)
    key = node.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "node.key").write_bytes(key)
    (folder / "node.key").chmod(0o600)
    (folder / "node.crt").write_bytes(b"".join(each.pem for each in (node, *chain)))
    return {"certificate": str(folder / "node.crt"), "key_file": str(folder / "node.key")}


def signed_by_two_keys(folder: Path, pki: Pki) -> list[Receipt]:
    """Return the receipts of one document: of the node's first key, then of one of an authority."""
    wish = Wish(common_name="H13", valid_from=START - YEAR, valid_to=START + YEAR)
    node = issue(wish, issuer=pki.intermediate)

    async def exchange() -> list[Receipt]:
        async with rooms(folder / "node") as before:
            document = await before.sent()
            await before.report(document, "01")
            await before.gateway.sealing.seal()
        keys = write(folder / "new", node, pki.intermediate)
        async with reopened(folder / "node", keys=keys) as after:
            await after.report(await after.find(document), "03", by=READER)
            return await after.gateway.lookup.receipts_of(document.id, office(SENDER))

    return asyncio.run(exchange())


@pytest.fixture(name="pki", scope="module")
def _pki() -> Pki:
    return make_pki(START)


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(name="receipts", scope="module")
def _receipts(folder: Path, pki: Pki) -> list[Receipt]:
    return signed_by_two_keys(folder, pki)


def chain(receipt: Receipt) -> list[bytes]:
    """Return the certificates of the header, in DER, without the node's own code."""
    read = JWS()
    read.deserialize(receipt.jws)
    return [b64decode(each) for each in read.jose_header["x5c"]]


def payload(receipt: Receipt, certificate: bytes) -> dict[str, object]:
    """Return what another library reads of *receipt* with the key of *certificate*."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    read = JWS()
    read.allowed_algs = ["ES256"]
    read.deserialize(receipt.jws, JWK.from_pem(pem))
    said: dict[str, object] = json.loads(read.payload)
    return said


def test_every_receipt_holds_with_the_first_certificate_of_its_chain(
    receipts: list[Receipt],
) -> None:
    """Whichever key signed it; they are one chain from the number on."""
    said = [payload(each, chain(each)[0]) for each in receipts]
    digests = [None, *(hashlib.sha256(each.jws.encode()).hexdigest() for each in receipts)]

    assert [each["event"] for each in said] == ["numbered", "arrived", "accepted"]
    assert [each["previous"] for each in said] == digests[:-1]


def test_old_receipts_are_of_the_former_certificate(receipts: list[Receipt], folder: Path) -> None:
    """The one that was given away with the node's first key."""
    pem = (folder / "node" / "config" / "node.crt").read_bytes()
    former = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    assert [chain(each)[0] == former for each in receipts] == [True, True, False]


def test_the_chain_leads_to_the_authority(receipts: list[Receipt], pki: Pki) -> None:
    """A validator of certification paths is given nothing but its root."""
    first, *others = chain(receipts[-1])

    def validate(root: Party) -> None:
        context = ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(root.der)],
            other_certs=[asn1_x509.Certificate.load(each) for each in others],
            moment=START,
        )
        validator = CertificateValidator(
            asn1_x509.Certificate.load(first), validation_context=context
        )
        asyncio.run(validator.async_validate_usage({"digital_signature"}))

    validate(pki.root)
    with pytest.raises(PathBuildingError):
        validate(make_pki(START, domain="Lạ").root)


def test_the_key_of_another_certificate_refuses_it(receipts: list[Receipt]) -> None:
    """The new key has not signed the old receipts."""
    with pytest.raises(InvalidJWSSignature):
        payload(receipts[0], chain(receipts[-1])[0])
