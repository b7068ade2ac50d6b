"""`gateway check` of signed files: verdicts, signatures, trust, the moment of validation."""

import asyncio
import json
import subprocess
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.pki import Pki, Wish, issue, make_pki, revocation_list
from gateway.crypto.specimen import Pen, page, sign_pdf, simple_signer
from tests.cli.checks import check
from tests.crypto.test_detached import DETACHED
from tests.crypto.test_xmldsig import sign

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = "2026-11-20T10:00:00+07:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Files by what is true about them, beside the folder of trust."""

    folder: Path
    pki: Pki

    def check(self, name: str, *options: str, trusted: bool = True) -> dict[str, Any]:
        """Return what the command says of the file *name*, an hour after it was signed."""
        trust = ["--trust", "trust"] if trusted else []
        at = [] if "--at" in options else ["--at", LATER]
        done = self.run(f"{name}.pdf", *trust, *at, *options)
        assert done.stderr == b""
        (line,) = done.stdout.splitlines()
        said: dict[str, Any] = json.loads(line)
        assert (done.returncode == 1) is (said["verdict"] == "reject")
        return said

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run the command in the folder."""
        with chdir(self.folder):
            return check("--format", "json", *arguments)


@pytest.fixture(name="shelf", scope="module")
def _shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Sign the files for real, with an authority that revoked one certificate."""
    folder = tmp_path_factory.mktemp("shelf")
    pki, day = make_pki(AT), timedelta(days=1)
    year = Wish(common_name="Lê Văn Cũ", valid_from=AT - 400 * day, valid_to=AT - 30 * day)
    expired = issue(year, issuer=pki.intermediate)
    gone = Wish(common_name="Đỗ Thị Thu", valid_from=AT - 400 * day, valid_to=AT + 30 * day)
    revoked = issue(gone, issuer=pki.intermediate)
    blank, chain = page(("Cong van",)), (pki.intermediate,)
    pens = {
        "person": Pen(party=pki.person, at=AT, chain=chain),
        "expired": Pen(party=expired, at=AT, chain=chain),
        "revoked": Pen(party=revoked, at=AT, chain=chain),
    }
    files = {name: sign_pdf(blank, pen) for name, pen in pens.items()}
    agency = Pen(party=pki.agency, at=AT, field="CoQuan", chain=chain)
    files |= {"unsigned": blank, "original": sign_pdf(files["person"], agency)}
    place = files["original"].index(b"MediaBox") + 12
    changed = bytearray(files["original"])
    changed[place] ^= 1
    files["tampered"] = bytes(changed)
    for name, content in files.items():
        (folder / f"{name}.pdf").write_bytes(content)
    since = {revoked.certificate.serial_number: AT - day}
    for name, pem in (("trust", True), ("without-lists", False)):
        (folder / name).mkdir()
        (folder / name / "root.pem").write_bytes(pki.root.pem)
        (folder / name / "ca.pem").write_bytes(pki.intermediate.pem)
        for issuer, serials in ((pki.root, {}), (pki.intermediate, since)) if pem else ():
            crl = revocation_list(issuer, serials, issued_at=AT - day, next_at=AT + day)
            (folder / name / f"{len(serials)}.crl").write_bytes(crl)
    return Shelf(folder=folder, pki=pki)


@pytest.mark.parametrize(
    ("name", "verdict", "signatures", "codes"),
    [
        ("unsigned", "accept", [], {"sig-none"}),
        ("person", "accept", ["valid"], {"sig-partly"}),
        ("original", "accept", ["valid", "valid"], set()),
        ("tampered", "reject", ["invalid", "invalid"], {"sig-broken"}),
        ("expired", "reject", ["expired"], {"sig-expired"}),
        ("revoked", "reject", ["revoked"], {"sig-revoked"}),
    ],
)
def test_the_default_profile_judges_as_the_contract_says(
    shelf: Shelf, name: str, verdict: str, signatures: list[str], codes: set[str]
) -> None:
    """Verdict of the file, verdicts of its signatures, and what is found."""
    said = shelf.check(name)

    assert said["verdict"] == verdict
    assert [each["verdict"] for each in said["signatures"]] == signatures
    assert {each["code"] for each in said["findings"]} == codes


def test_a_signature_is_shown_as_the_contract_says(shelf: Shelf) -> None:
    """With the offset of the zone, and everything that is known."""
    (shown,) = shelf.check("person")["signatures"]

    assert shown == {
        "kind": "pades",
        "signer": "Trần Thị Minh Hoạ",
        "issuer": "Minh hoạ: CA cấp dưới",
        "signed_at": "2026-11-20T09:00:00+07:00",
        "verdict": "valid",
        "covers_whole": True,
        "detail": "chữ ký hợp lệ tại thời điểm ký (TOTAL-PASSED)",
    }


def test_without_trust_a_signature_is_untrusted(shelf: Shelf) -> None:
    """Nobody is trusted by default."""
    said = shelf.check("person", trusted=False)

    assert (said["verdict"], said["signatures"][0]["verdict"]) == ("reject", "untrusted")


def test_without_revocation_data_there_is_a_warning(shelf: Shelf) -> None:
    """It cannot be decided."""
    said = shelf.check("person", "--trust", "without-lists", trusted=False)

    assert (said["verdict"], said["signatures"][0]["verdict"]) == (
        "accept-with-warning",
        "unknown",
    )


def test_trust_may_name_single_certificates(shelf: Shelf) -> None:
    """One option each; a CRL is one, too."""
    files = [f"trust/{name}" for name in ("root.pem", "ca.pem", "0.crl", "1.crl")]
    said = shelf.check(
        "person", *(word for each in files for word in ("--trust", each)), trusted=False
    )

    assert said["signatures"][0]["verdict"] == "valid"


def test_the_moment_of_validation_counts(shelf: Shelf) -> None:
    """Ten years later the lists are old and the certificates, too."""
    said = shelf.check("person", "--at", "2036-11-20T10:00:00+07:00")

    assert said["signatures"][0]["verdict"] != "valid"


def test_a_trust_path_that_is_not_there_is_an_error(shelf: Shelf) -> None:
    """Wrong usage: nothing is judged with less trust than was meant."""
    done = shelf.run("person.pdf", "--trust", "nowhere")

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nowhere" in done.stderr


def test_a_person_reads_who_signed(shelf: Shelf) -> None:
    """In the table, too."""
    done = shelf.run("person.pdf", "--trust", "trust", "--at", LATER, "--format", "table")

    assert "Trần Thị Minh Hoạ (Minh hoạ: CA cấp dưới)" in done.stdout.decode()


def cms(shelf: Shelf, content: bytes, *, detached: bool = True) -> bytes:
    """Return a CMS signature of *content*, beside it or around it."""
    signer = simple_signer(shelf.pki.person, (shelf.pki.intermediate,))
    signed = asyncio.run(signer.async_sign_general_data(content, "sha256", detached=detached))
    return bytes(signed.dump())


def told(shelf: Shelf, name: str, content: bytes) -> tuple[str, list[str], set[str]]:
    """Return verdict, verdicts of signatures and codes for a file of *content*."""
    (shelf.folder / name).write_bytes(content)
    said = json.loads(shelf.run(name, "--trust", "trust", "--at", LATER).stdout)
    verdicts = [each["verdict"] for each in said["signatures"]]
    return said["verdict"], verdicts, {each["code"] for each in said["findings"]}


def test_a_detached_signature_alone_is_told(shelf: Shelf) -> None:
    """What it signs is not there."""
    verdict, verdicts, codes = told(shelf, "alone.p7s", DETACHED)

    assert (verdict, verdicts) == ("reject", ["unknown"])
    assert codes == {"file-extension", "sig-unsupported"}


@pytest.mark.parametrize("name", ["beside.txt.p7s", "beside.p7s", "beside.P7S"])
def test_a_detached_signature_is_verified_with_the_file_beside_it(shelf: Shelf, name: str) -> None:
    """As the node does with the two parts of one document."""
    (shelf.folder / "beside.txt").write_bytes(b"Cong van")
    (shelf.folder / "beside.pdf.p7s").write_bytes(b"another")

    assert told(shelf, name, cms(shelf, b"Cong van")) == ("accept", ["valid"], set())
    assert told(shelf, name, cms(shelf, b"cong van")) == ("reject", ["invalid"], {"sig-broken"})


def test_a_file_within_its_signature_is_verified(shelf: Shelf) -> None:
    """It needs another part to travel with, and the check says so."""
    signed = cms(shelf, b"Cong van", detached=False)

    assert told(shelf, "around.p7m", signed) == (
        "accept",
        ["valid"],
        {"file-beside", "sig-partly"},
    )
    assert told(shelf, "around.p7m", signed.replace(b"Cong", b"cong"))[:2] == (
        "reject",
        ["invalid"],
    )


def test_signed_xml_is_verified(shelf: Shelf) -> None:
    """Without a signature it is no file that travels."""
    letter = b"<CongVan><TrichYeu>Thu</TrichYeu></CongVan>"
    signed = sign(letter, shelf.pki.person, chain=(shelf.pki.intermediate,))

    assert told(shelf, "letter.xml", signed)[:2] == ("accept", ["valid"])
    assert told(shelf, "letter.xml", signed.replace(b"Thu", b"Gia"))[:2] == ("reject", ["invalid"])
    assert told(shelf, "letter.xml", letter)[::2] == ("reject", {"file-extension", "sig-none"})
