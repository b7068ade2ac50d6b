"""Receipts: what was signed verifies, and nothing else does."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.keys import load_signing_key, make_signing_key
from gateway.crypto.receipts import ReceiptSigner, verify_receipt
from gateway.domain.canonical import canonical
from gateway.domain.errors import Refused

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PAYLOAD: dict[str, object] = {
    "id": "r1",
    "issuer": "H13",
    "code": "H13.01/2026/1",
    "event": "arrived",
    "note": "Đã đến",
    "at": "2026-03-02T09:00:00+07:00",
    "attachments": [{"n": 1, "name": "a.pdf", "sha256": "0" * 64}],
    "previous": None,
}


@pytest.fixture(name="node", scope="module")
def _node(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ec.EllipticCurvePrivateKey, tuple[x509.Certificate, ...]]:
    folder = tmp_path_factory.mktemp("keys")
    files = {"key_file": folder / "node.key", "certificate_file": folder / "node.crt"}
    make_signing_key(**files, code="H13", name="Cần Thơ", now=NOW)
    return load_signing_key(**files)


Node = tuple[ec.EllipticCurvePrivateKey, tuple[x509.Certificate, ...]]


def _issue(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[str, ec.EllipticCurvePrivateKey],
    *,
    ca: bool,
) -> x509.Certificate:
    """Return a certificate of *subject* for *key*, signed by *issuer*."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    above = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer[0])])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer[1], hashes.SHA256())
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def test_what_was_signed_verifies(node: Node) -> None:
    """The payload comes back as it was."""
    jws = ReceiptSigner(*node)(PAYLOAD)

    assert verify_receipt(jws, node[1]) == PAYLOAD


def test_another_library_reads_the_receipt(node: Node) -> None:
    """It is an ordinary JWS: PyJWT's own decoder takes it with the certificate's key."""
    jws = ReceiptSigner(*node)(PAYLOAD)

    decoded = jwt.api_jws.decode(jws, node[0].public_key(), algorithms=["ES256"])

    assert canonical(PAYLOAD) == decoded


def test_the_header_carries_the_chain(node: Node) -> None:
    """`x5c` is what makes a receipt verifiable without asking the node."""
    header = jwt.get_unverified_header(ReceiptSigner(*node)(PAYLOAD))

    assert (header["alg"], len(header["x5c"])) == ("ES256", 1)


def test_a_changed_payload_is_noticed(node: Node) -> None:
    """Not one letter may change."""
    head, _, signature = ReceiptSigner(*node)(PAYLOAD).split(".")
    forged = urlsafe_b64encode(canonical({**PAYLOAD, "event": "done"})).decode().rstrip("=")

    with pytest.raises(Refused) as refusal:
        verify_receipt(f"{head}.{forged}.{signature}", node[1])

    assert refusal.value.code == "receipt-tampered"


def test_a_changed_header_is_noticed(node: Node) -> None:
    """The header is signed too."""
    head, payload, signature = ReceiptSigner(*node)(PAYLOAD).split(".")
    fields = json.loads(urlsafe_b64decode(head + "=="))
    forged = urlsafe_b64encode(json.dumps({**fields, "typ": "x"}).encode()).decode().rstrip("=")

    with pytest.raises(Refused) as refusal:
        verify_receipt(f"{forged}.{payload}.{signature}", node[1])

    assert refusal.value.code == "receipt-tampered"


def test_a_receipt_of_a_stranger_is_untrusted(node: Node) -> None:
    """A good signature is not enough: the certificate must be trusted."""
    key = _new_key()
    stranger = _issue("H13", key, ("H13", key), ca=False)

    with pytest.raises(Refused) as refusal:
        verify_receipt(ReceiptSigner(key, [stranger])(PAYLOAD), node[1])

    assert refusal.value.code == "receipt-untrusted"


def test_without_anchors_nothing_is_trusted(node: Node) -> None:
    """No trust by default."""
    with pytest.raises(Refused) as refusal:
        verify_receipt(ReceiptSigner(*node)(PAYLOAD), [])

    assert refusal.value.code == "receipt-untrusted"


def test_a_chain_up_to_an_anchor_is_trusted() -> None:
    """Signer, intermediate authority in the header, root as the anchor."""
    root, middle, leaf = _new_key(), _new_key(), _new_key()
    anchor = _issue("root", root, ("root", root), ca=True)
    authority = _issue("middle", middle, ("root", root), ca=True)
    signer = _issue("H13", leaf, ("middle", middle), ca=False)

    payload = verify_receipt(ReceiptSigner(leaf, [signer, authority])(PAYLOAD), [anchor])

    assert payload == PAYLOAD


def test_a_chain_through_a_certificate_that_is_no_authority_is_untrusted() -> None:
    """Who only has a certificate cannot issue others."""
    root, office, leaf = _new_key(), _new_key(), _new_key()
    anchor = _issue("root", root, ("root", root), ca=True)
    plain = _issue("office", office, ("root", root), ca=False)
    signer = _issue("H13", leaf, ("office", office), ca=False)

    with pytest.raises(Refused) as refusal:
        verify_receipt(ReceiptSigner(leaf, [signer, plain])(PAYLOAD), [anchor])

    assert refusal.value.code == "receipt-untrusted"


def test_an_anchor_that_is_no_authority_vouches_for_itself_alone(node: Node) -> None:
    """The certificate of a node, being trusted, makes no other certificate trusted."""
    leaf = _new_key()
    code = "H13"
    key, chain = node
    signer = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, code)]))
        .issuer_name(chain[0].subject)
        .public_key(leaf.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )

    with pytest.raises(Refused) as refusal:
        verify_receipt(ReceiptSigner(leaf, [signer])(PAYLOAD), chain)

    assert refusal.value.code == "receipt-untrusted"


def test_a_receipt_from_after_the_end_of_its_certificate_is_refused(node: Node) -> None:
    """The certificate must hold at the moment that the receipt states."""
    late = {**PAYLOAD, "at": (NOW + timedelta(days=4000)).isoformat()}

    with pytest.raises(Refused) as refusal:
        verify_receipt(ReceiptSigner(*node)(late), node[1])

    assert refusal.value.code == "receipt-expired"


def test_the_moment_of_validation_can_be_chosen(node: Node) -> None:
    """Whoever asks may want to know about another day."""
    jws = ReceiptSigner(*node)(PAYLOAD)

    with pytest.raises(Refused) as refusal:
        verify_receipt(jws, node[1], at=NOW + timedelta(days=4000))

    assert refusal.value.code == "receipt-expired"


def test_a_receipt_without_an_instant_is_unreadable(node: Node) -> None:
    """Without it nobody knows when the certificate must have held."""
    jws = ReceiptSigner(*node)({key: PAYLOAD[key] for key in PAYLOAD if key != "at"})

    with pytest.raises(Refused) as refusal:
        verify_receipt(jws, node[1])

    assert refusal.value.code == "receipt-unreadable"


def test_a_receipt_without_algorithm_is_unreadable(node: Node) -> None:
    """`none` and every other algorithm are turned away before any key is used."""
    head, payload, _ = ReceiptSigner(*node)(PAYLOAD).split(".")
    fields = json.loads(urlsafe_b64decode(head + "=="))
    plain = urlsafe_b64encode(json.dumps({**fields, "alg": "none"}).encode()).decode().rstrip("=")

    with pytest.raises(Refused) as refusal:
        verify_receipt(f"{plain}.{payload}.", node[1])

    assert refusal.value.code == "receipt-unreadable"


@given(text=st.text(max_size=200) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}"))
def test_arbitrary_text_is_refused_in_order(text: str) -> None:
    """A verifier is given files of strangers; it never fails in another way."""
    with pytest.raises(Refused):
        verify_receipt(text, [])


def test_the_file_of_a_receipt_may_end_with_a_newline(node: Node, tmp_path: Path) -> None:
    """Editors add one."""
    file = tmp_path / "receipt.jws"
    file.write_text(ReceiptSigner(*node)(PAYLOAD) + "\n", "ascii")

    assert verify_receipt(file.read_text("ascii"), node[1]) == PAYLOAD


def test_no_byte_of_a_receipt_can_be_another(node: Node) -> None:
    """Each in turn, with its lowest bit turned: refused, and never another error."""
    text = ReceiptSigner(*node)(PAYLOAD).encode()

    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 1
        with pytest.raises(Refused):
            verify_receipt(changed.decode("latin-1"), node[1])


def test_a_signature_has_one_spelling_alone(node: Node) -> None:
    """The bits that base64 leaves over at the end, and what decoders skip, are looked at, too."""
    jws = ReceiptSigner(*node)(PAYLOAD)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    neighbour = alphabet[alphabet.index(jws[-1]) ^ 1]

    for spelling in (jws[:-1] + neighbour, jws[:-3] + "!" + jws[-3:], jws + "=="):
        with pytest.raises(Refused) as refused:
            verify_receipt(spelling, node[1])
        assert refused.value.code == "receipt-unreadable"
