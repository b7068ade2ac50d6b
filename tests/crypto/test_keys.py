"""The node's keys on disk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.crypto.keys import (
    SECRET_BYTES,
    key_faults,
    load_certificates,
    load_node_secret,
    load_signing_key,
    make_node_secret,
    make_signing_key,
)
from gateway.domain.errors import Misconfigured

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _make(
    folder: Path, *, code: str = "H13", name: str = "Thành phố Cần Thơ"
) -> tuple[Path, Path]:
    key_file, certificate_file = folder / "secrets" / "node.key", folder / "node.crt"
    make_signing_key(
        key_file=key_file, certificate_file=certificate_file, code=code, name=name, now=NOW
    )
    return key_file, certificate_file


def _load(files: tuple[Path, Path]) -> tuple[x509.Certificate, ...]:
    return load_signing_key(key_file=files[0], certificate_file=files[1])[1]


def test_the_key_that_was_made_is_loaded_with_its_certificate(tmp_path: Path) -> None:
    """Key and chain on disk belong together."""
    files = _make(tmp_path)

    key, chain = load_signing_key(key_file=files[0], certificate_file=files[1])

    assert key.public_key() == chain[0].public_key()


def test_the_certificate_bears_the_code_of_the_node(tmp_path: Path) -> None:
    """The common name is the node's agency code."""
    chain = _load(_make(tmp_path))

    names = chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)

    assert [name.value for name in names] == ["H13"]


def test_the_certificate_bears_the_name_of_the_node(tmp_path: Path) -> None:
    """The organisation is the node's name, with its diacritics."""
    chain = _load(_make(tmp_path))

    names = chain[0].subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)

    assert [name.value for name in names] == ["Thành phố Cần Thơ"]


def test_a_very_long_name_still_makes_a_certificate(tmp_path: Path) -> None:
    """RFC 5280 allows 64 characters, so the rest is left out."""
    chain = _load(_make(tmp_path, name="Ủy ban nhân dân " * 20))

    names = chain[0].subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)

    assert [len(name.value) for name in names] == [64]


def test_the_certificate_holds_for_ten_years(tmp_path: Path) -> None:
    """Receipts are evidence for years."""
    chain = _load(_make(tmp_path))

    assert chain[0].not_valid_after_utc - NOW == timedelta(days=3653)


def test_the_certificate_is_for_signatures_alone(tmp_path: Path) -> None:
    """The node is no authority."""
    chain = _load(_make(tmp_path))

    usage = chain[0].extensions.get_extension_for_class(x509.KeyUsage).value

    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else on the machine may read it."""
    key_file, _ = _make(tmp_path)

    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    """A lost key would make every receipt unprovable."""
    key_file, _ = _make(tmp_path)
    before = key_file.read_bytes()

    with pytest.raises(Misconfigured, match=r"node\.key"):
        _make(tmp_path)

    assert before == key_file.read_bytes()


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Receipts are ES256: the curve P-256 and nothing else."""
    files = _make(tmp_path)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    files[0].write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    with pytest.raises(Misconfigured, match="P-256"):
        _load(files)


def test_a_certificate_for_another_key_is_refused(tmp_path: Path) -> None:
    """A mixed-up pair would sign what nobody can verify."""
    first, second = _make(tmp_path / "a"), _make(tmp_path / "b")

    with pytest.raises(Misconfigured, match="is not for the key"):
        _load((first[0], second[1]))


@pytest.mark.parametrize("content", [b"", b"-----BEGIN", b"\xff\xfe"])
def test_a_broken_certificate_file_is_named(tmp_path: Path, content: bytes) -> None:
    """The operator reads which file it is."""
    file = tmp_path / "node.crt"
    file.write_bytes(content)

    with pytest.raises(Misconfigured, match=r"node\.crt"):
        load_certificates(file)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """The operator reads which file is missing."""
    with pytest.raises(Misconfigured, match=r"node\.key: cannot be read"):
        load_signing_key(key_file=tmp_path / "node.key", certificate_file=tmp_path / "node.crt")


def test_the_secret_that_was_made_is_loaded(tmp_path: Path) -> None:
    """32 random bytes."""
    file = tmp_path / "node.secret"

    make_node_secret(file)

    assert len(load_node_secret(file)) == SECRET_BYTES


def test_a_secret_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    """Without it nothing that is stored encrypted opens again."""
    file = tmp_path / "node.secret"
    make_node_secret(file)

    with pytest.raises(Misconfigured, match="already"):
        make_node_secret(file)


@pytest.mark.parametrize("content", ["", "c2hvcnQ=", "§§§", "not base64!"])
def test_a_broken_secret_is_refused(tmp_path: Path, content: str) -> None:
    """A shorter key is not silently taken."""
    file = tmp_path / "node.secret"
    file.write_text(content, "utf-8")

    with pytest.raises(Misconfigured, match=r"node\.secret"):
        load_node_secret(file)


def _faults(folder: Path, *, days: int = 1) -> list[str]:
    return key_faults(
        key_file=folder / "secrets" / "node.key",
        certificate_file=folder / "node.crt",
        secret_file=folder / "node.secret",
        now=NOW + timedelta(days=days),
    )


def test_good_keys_have_no_faults(tmp_path: Path) -> None:
    """The doctor has nothing to say."""
    _make(tmp_path)
    make_node_secret(tmp_path / "node.secret")

    assert _faults(tmp_path) == []


def test_a_secret_that_others_may_read_is_a_fault(tmp_path: Path) -> None:
    """The doctor says how to mend it."""
    _make(tmp_path)
    make_node_secret(tmp_path / "node.secret")
    (tmp_path / "node.secret").chmod(0o644)

    assert ["chmod 600" in fault for fault in _faults(tmp_path)] == [True]


def test_an_expired_certificate_is_a_fault(tmp_path: Path) -> None:
    """Nobody would trust what it signs."""
    _make(tmp_path)
    make_node_secret(tmp_path / "node.secret")

    assert ["not valid now" in fault for fault in _faults(tmp_path, days=5000)] == [True]


def test_every_missing_file_is_a_fault(tmp_path: Path) -> None:
    """All at once, so that they are mended in one go."""
    assert len(_faults(tmp_path)) == 2
