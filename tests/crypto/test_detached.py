"""CMS files: signatures beside a file, and around one."""

import asyncio
from pathlib import Path

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.cms import Bench
from gateway.crypto.detached import verify_cms
from gateway.crypto.specimen import simple_signer
from gateway.domain.signatures import Fault, Reason, Verdict
from tests.crypto import corpus
from tests.crypto.corpus import country, only

TEXT = "Số 12/SNV-VP: nội dung".encode()


def sign(content: bytes, *, detached: bool = True, who: str = "good") -> bytes:
    """Return a CMS signature of *content*."""
    land = country()
    signer = simple_signer(land.people[who], (land.pki.intermediate,))
    signed = asyncio.run(signer.async_sign_general_data(content, "sha256", detached=detached))
    return bytes(signed.dump())


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return corpus.bench(corpus.lay(tmp_path_factory.mktemp("trust")))


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "van-ban.txt"
    file.write_bytes(TEXT)
    return file


DETACHED = sign(TEXT)


def test_a_detached_signature_holds_for_its_file(bench: Bench, file: Path) -> None:
    """The usual .p7s beside a file."""
    assert only(verify_cms(DETACHED, bench, content=file)).verdict is Verdict.VALID


def test_a_changed_file_breaks_it(bench: Bench, file: Path) -> None:
    """One more byte is another file."""
    file.write_bytes(TEXT + b"!")

    assert only(verify_cms(DETACHED, bench, content=file)).reason is Reason.HASH


def test_without_the_file_nothing_is_decided(bench: Bench) -> None:
    """A detached signature says nothing by itself."""
    assert only(verify_cms(DETACHED, bench)).reason is Reason.CONTENT_ABSENT


def test_an_enclosing_signature_holds_what_it_encloses(bench: Bench) -> None:
    """A .p7m is the file and its signature in one."""
    signed = sign(TEXT, detached=False)

    assert only(verify_cms(signed, bench)).verdict is Verdict.VALID


def test_an_enclosing_signature_beside_another_file(bench: Bench, file: Path) -> None:
    """What is verified must be what is used."""
    signed = sign(b"something else", detached=False)

    assert only(verify_cms(signed, bench, content=file)).reason is Reason.HASH


def test_two_signers_are_two_signatures(bench: Bench, file: Path) -> None:
    """Each is judged by itself."""
    one, two = (cms.ContentInfo.load(sign(TEXT, who=who)) for who in ("good", "stranger"))
    both = one["content"].copy()
    both["signer_infos"] = [*one["content"]["signer_infos"], *two["content"]["signer_infos"]]
    both["certificates"] = [*one["content"]["certificates"], *two["content"]["certificates"]]
    data = cms.ContentInfo({"content_type": "signed_data", "content": both}).dump()

    report = verify_cms(data, bench, content=file)

    assert [each.verdict for each in report.signatures] == [Verdict.VALID, Verdict.UNTRUSTED]


def test_an_encrypted_file_is_no_signature(bench: Bench) -> None:
    """CMS has other kinds; they are named."""
    data = cms.ContentInfo({"content_type": "data", "content": b"abc"}).dump()

    assert only(verify_cms(data, bench)).reason is Reason.UNSUPPORTED


def test_a_mail_message_is_not_read(bench: Bench) -> None:
    """S/MIME wraps the structure in a mail; that is another format, not a broken signature."""
    mail = b"MIME-Version: 1.0\nContent-Type: application/pkcs7-mime\n\nMIIB"

    assert only(verify_cms(mail, bench)).reason is Reason.UNSUPPORTED


def test_an_unknown_digest_algorithm_is_unsupported(bench: Bench, file: Path) -> None:
    """Never a wrong valid, never an exception."""
    info = cms.ContentInfo.load(DETACHED)
    signer = info["content"]["signer_infos"][0]
    signer["digest_algorithm"] = {"algorithm": "1.2.3.4.5"}

    assert (
        only(verify_cms(info.dump(force=True), bench, content=file)).verdict is not Verdict.VALID
    )


@given(st.integers(0, len(DETACHED) - 1), st.integers(1, 255))
def test_no_flipped_byte_raises(bench: Bench, place: int, change: int) -> None:
    """The structure, changed anywhere: a result."""
    forged = bytearray(DETACHED)
    forged[place] ^= change
    report = verify_cms(bytes(forged), bench)

    assert report.signatures or report.fault is Fault.UNREADABLE


@given(st.binary(max_size=200))
def test_any_bytes_are_read(bench: Bench, data: bytes) -> None:
    """What is no CMS at all is a broken signature."""
    assert only(verify_cms(data, bench)).verdict is not Verdict.VALID
