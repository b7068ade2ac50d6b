"""Files of receipts: whatever they hold, there is an answer, and only what was signed is valid."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.keys import certificates_in, load_signing_key, make_signing_key
from gateway.crypto.receipt_file import verify_file
from gateway.crypto.receipts import ReceiptSigner
from gateway.domain.errors import Misconfigured
from gateway.domain.receipts import Verdict

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PAYLOAD: dict[str, object] = {
    "id": "r1",
    "issuer": "H13",
    "code": "H13.01/2026/1",
    "document_id": "H13.01/2026/1",
    "from": "H13.01",
    "to": "H13.02",
    "event": "arrived",
    "note": None,
    "at": "2026-03-02T09:00:00+07:00",
    "legal_at": "2026-03-02T09:00:00+07:00",
    "attachments": [],
    "previous": None,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["jws", "items", "stamp", "path", "token", "side", "sha256"]), inner
        )
    ),
    max_leaves=12,
)


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key and its certificate."""
    folder = tmp_path_factory.mktemp("keys")
    make_signing_key(
        key_file=folder / "node.key",
        certificate_file=folder / "node.crt",
        code="H13",
        name="Cần Thơ",
        now=NOW,
    )
    return folder


@pytest.fixture(name="jws", scope="module")
def _jws(folder: Path) -> str:
    key, chain = load_signing_key(
        key_file=folder / "node.key", certificate_file=folder / "node.crt"
    )
    return ReceiptSigner(key, chain)(PAYLOAD)


@pytest.fixture(name="anchors", scope="module")
def _anchors(folder: Path) -> list[x509.Certificate]:
    return certificates_in([folder / "node.crt"])


def judge(folder: Path, content: bytes, anchors: list[x509.Certificate]) -> Verdict:
    """Judge a file with *content*."""
    (folder / "file").write_bytes(content)
    return verify_file(
        folder / "file", anchors, stamps=anchors, documents=(), must_be_complete=False
    )


@given(content=st.binary(max_size=300))
def test_any_bytes_have_an_answer(
    folder: Path, anchors: list[x509.Certificate], content: bytes
) -> None:
    """And nothing that was not signed is valid."""
    assert not judge(folder, content, anchors).is_valid


@given(value=JSON)
def test_any_json_has_an_answer(
    folder: Path, anchors: list[x509.Certificate], value: object
) -> None:
    """Objects in the place of texts, lists in the place of objects, lone surrogates."""
    content = json.dumps(value).encode()

    assert not judge(folder, content, anchors).is_valid


@given(stamp=JSON.filter(lambda value: value is not None))
def test_no_invented_stamp_holds(
    folder: Path, anchors: list[x509.Certificate], jws: str, stamp: object
) -> None:
    """The receipt is shown, and its stamp is refused."""
    verdict = judge(folder, json.dumps({"jws": jws, "stamp": stamp}).encode(), anchors)

    assert [each.code for each in verdict.findings] == ["receipt-stamp"]


@pytest.mark.parametrize("depth", [100_000])
def test_depth_is_bounded(folder: Path, anchors: list[x509.Certificate], depth: int) -> None:
    """A file of brackets is refused like any other."""
    assert not judge(folder, b"[" * depth, anchors).is_valid


def test_a_byte_order_mark_is_no_obstacle(
    folder: Path, anchors: list[x509.Certificate], jws: str
) -> None:
    """Editors write it."""
    assert judge(folder, b"\xef\xbb\xbf" + jws.encode() + b"\r\n", anchors).is_valid


def test_certificates_come_in_pem_and_in_der(
    folder: Path, anchors: list[x509.Certificate], tmp_path: Path
) -> None:
    """In a folder other files are left alone."""
    (tmp_path / "node.cer").write_bytes(anchors[0].public_bytes(Encoding.DER))
    (tmp_path / "readme.txt").write_text("the node's certificate", "utf-8")

    assert certificates_in([tmp_path]) == anchors


def test_a_file_that_is_named_must_hold_a_certificate(folder: Path) -> None:
    """Who names it means it."""
    with pytest.raises(Misconfigured, match="no certificate"):
        certificates_in([folder / "node.key"])
