"""`gateway trust list`: whom the node trusts; `doctor` and metrics say when that ends."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import NameOID

from gateway.crypto.pki import Wish, issue
from tests.cli.commands import a_node, answer, run
from tests.crypto import corpus
from tests.crypto.corpus import country


@pytest.fixture(name="node")
def _node(tmp_path: Path) -> Path:
    a_node(tmp_path / "node")
    return tmp_path / "node"


def config_of(node: Path) -> tuple[str, str]:
    """Return the option that names the configuration of *node*."""
    return "--config", str(node / "gateway.toml")


def test_a_new_node_trusts_nobody(node: Path) -> None:
    """An empty list is a list."""
    assert answer("trust", "list", *config_of(node)) == []


def test_a_new_node_has_a_folder_for_each_purpose(node: Path) -> None:
    """With a word on what belongs there, in both languages; it is no fault in the folder."""
    folders = {each.name: each for each in (node / "config" / "trust").iterdir()}

    assert set(folders) == {"official-duty", "public", "timestamp", "peers"}
    for each in folders.values():
        told = (each / "README.md").read_text("utf-8")
        assert ("Đặt vào đây" in told, "Put in" in told) == (True, True)
    assert run("trust", "list", *config_of(node)).stderr == ""


def test_certificates_are_called_as_people_call_them(node: Path) -> None:
    """By their common name and organisation, without the names of the fields."""
    corpus.lay(node / "config" / "trust" / "official-duty")

    listed = answer("trust", "list", *config_of(node))

    root = country().pki.root.certificate.subject
    wanted = [
        str(attribute.value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        for attribute in root.get_attributes_for_oid(oid)
    ]
    assert ", ".join(wanted) in {each["subject"] for each in listed}
    assert not [each for each in listed if "Common Name" in f"{each['subject']}{each['issuer']}"]


def test_the_list_says_all_about_a_certificate(node: Path) -> None:
    """Subject, issuer, validity, fingerprint, purpose, role and file."""
    corpus.lay(node / "config" / "trust" / "official-duty")
    listed = answer("trust", "list", *config_of(node))
    root = country().pki.root.certificate

    [anchor] = [each for each in listed if each["role"] == "anchor"]
    assert anchor["purpose"] == "official-duty"
    assert anchor["valid_to"] == root.not_valid_after_utc.isoformat()
    assert len(anchor["sha256"]) == 64
    assert set(anchor) == {
        *("purpose", "role", "subject", "issuer", "valid_from", "valid_to", "sha256", "file")
    }


def test_a_strange_file_is_told_on_standard_error(node: Path) -> None:
    """The list goes on."""
    (node / "config" / "trust" / "notes.jpg").write_bytes(b"\xff\xd8")
    result = run("trust", "list", *config_of(node))

    assert (result.exit_code, "notes.jpg" in result.stderr) == (0, True)


@pytest.mark.parametrize(
    ("days", "result"), [(61, "ok"), (59, "warning"), (6, "warning"), (-2, "warning")]
)
def test_doctor_warns_before_an_anchor_expires(node: Path, days: int, result: str) -> None:
    """60, 30, 14 and 7 days ahead, and afterwards."""
    now = datetime.now(UTC)  # noqa: TID251 - the doctor looks at the clock of the machine
    wish = Wish(
        common_name="CA sắp hết hạn",
        valid_from=now - timedelta(days=900),
        valid_to=now + timedelta(days=days, hours=1),
        is_authority=True,
    )
    (node / "config" / "trust" / "ca.pem").write_bytes(issue(wish).pem)
    found = json.loads(run("doctor", "--format", "json", *config_of(node)).stdout)
    results = {each["result"] for each in found if each["check"] == "trust"}

    assert ("warning" in results) == (result == "warning")
