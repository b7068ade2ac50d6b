"""What a submission is worth by its signatures, through the API of a node that trusts a test CA."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.pki import make_pki
from gateway.crypto.specimen import Specimen, make_specimen, page, trust_files
from tests.crypto.test_xmldsig import sign
from tests.nodes import OFFICE, OTHER, Node, serving
from tests.pipeline.rooms import a_message

Json = dict[str, Any]
_NAME = "cong-van.pdf"
_SIGNER = {"full_name": "Trần Thị Minh Hoạ", "position": "Giám đốc"}


@pytest.fixture(name="specimen", scope="module")
def _specimen() -> Specimen:
    """A document signed now by a person and the agency, with what makes it trusted."""
    return make_specimen(lines=("Cong van",), at=datetime.now(UTC))  # noqa: TID251 - as the node under test


@asynccontextmanager
async def trusting(
    folder: Path, specimen: Specimen, screening: dict[str, object] | None = None
) -> AsyncIterator[Node]:
    """Run a node that trusts the authority of *specimen*."""
    lay(folder, specimen)
    async with serving(folder, screening=screening or {}) as node:
        yield node


def lay(folder: Path, specimen: Specimen, *, lists: bool = True) -> None:
    """Put the trust of *specimen* into the node of *folder*, with or without its lists."""
    trust = folder / "config" / "trust" / "official-duty"
    trust.mkdir(parents=True)
    for name, content in specimen.trust.items():
        if lists or not name.endswith(".crl"):
            (trust / name).write_bytes(content)


def a_profile(folder: Path, text: str) -> dict[str, object]:
    """Write the profile `ours` of a node; return the section that makes it hold."""
    (folder / "config" / "profiles").mkdir(parents=True, exist_ok=True)
    (folder / "config" / "profiles" / "ours.toml").write_text(f'title = "Thử"\n{text}', "utf-8")
    return {"profile": "ours"}


def codes(document: Json) -> list[tuple[str, str]]:
    """Return codes and severities of the findings about signatures."""
    found = [(each["code"], each["severity"]) for each in document["findings"]]
    return [each for each in found if each[0].startswith("sig-") or each[0] == "held"]


def broken(pdf: bytes) -> bytes:
    """Return *pdf* with one byte of its page changed."""
    place = pdf.index(b"MediaBox") + 12
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


async def test_signed_by_person_and_agency_is_an_original(
    node_folder: Path, specimen: Specimen
) -> None:
    """Both signatures hold on the main file: value of the paper original."""
    async with trusting(node_folder, specimen) as node:
        answer = await node.submit((_NAME, specimen.pdf), signer=_SIGNER)
        document = answer.json()

    signatures = document["attachments"][0]["signatures"]
    assert answer.status == 201
    assert (document["legal_value"], codes(document)) == ("original", [])
    assert [each["verdict"] for each in signatures] == ["valid", "valid"]
    assert {*signatures[0]} == {
        "kind",
        "signer",
        "issuer",
        "signed_at",
        "verdict",
        "covers_whole",
        "detail",
    }


async def test_what_it_was_judged_by_is_kept_with_the_document(
    node_folder: Path, specimen: Specimen
) -> None:
    """Certificates of signers and authorities, and the revocation data (TT 41/2017 art. 9.1)."""
    async with trusting(node_folder, specimen) as node:
        document = (await node.submit((_NAME, specimen.pdf))).json()
        kept = await asyncio.to_thread(
            node.gateway.store.read_here, lambda tx: tx.documents.evidence(document["id"])
        )

    assert {each.kind for each in kept} == {"certificate", "crl"}
    assert len({each.sha256 for each in kept}) == len(kept)


async def test_who_signed_lately_is_known(node_folder: Path, specimen: Specimen) -> None:
    """Also where nothing was decided: they are whom responders are asked about."""
    lay(node_folder, specimen, lists=False)
    async with serving(node_folder) as node:
        document = (await node.submit((_NAME, specimen.pdf))).json()
        told = (
            await node.get(f"/api/v1/documents/{document['id']}/signatures", who=OFFICE)
        ).json()
        known = await node.gateway.trust.signers()

    signers = {each["certificate"] for each in told["attachments"][0]["signatures"]}
    assert len(signers) == 2
    assert signers <= {sha256(each).hexdigest() for each in known}


async def test_what_it_was_judged_by_can_be_fetched(node_folder: Path, specimen: Specimen) -> None:
    """The bytes themselves, for whoever sees the document; for others there is no such thing."""
    async with trusting(node_folder, specimen) as node:
        document = (await node.submit((_NAME, specimen.pdf))).json()
        path = f"/api/v1/documents/{document['id']}"
        told = (await node.get(f"{path}/signatures", who=OFFICE)).json()
        kept = [
            (each, await node.get(f"{path}/evidence/{each['sha256']}", who=OTHER))
            for each in told["evidence"]
        ]
        unknown = await node.get(f"{path}/evidence/{'0' * 64}", who=OFFICE)

    assert [each["verdict"] for each in told["attachments"][0]["signatures"]] == ["valid"] * 2
    assert all(sha256(got.body).hexdigest() == each["sha256"] for each, got in kept)
    assert {got.headers["Content-Type"] for _, got in kept} == {
        "application/pkix-cert",
        "application/pkix-crl",
    }
    assert unknown.status == 404


async def test_the_signature_of_a_message_is_kept_and_told(node_folder: Path) -> None:
    """It stands in the findings of the document, and whole among its signatures."""
    now = datetime.now(UTC)  # noqa: TID251 - as the node under test
    pki = make_pki(now)
    specimen = Specimen(pdf=b"", trust=trust_files(pki, now))
    async with trusting(node_folder, specimen) as node:
        message = sign(a_message(OTHER, sender=OFFICE), pki.agency, chain=(pki.intermediate,))
        headers = {"Content-Type": "application/xml"}
        answer = await node.post("/api/v1/documents", who=OFFICE, data=message, headers=headers)
        path = f"/api/v1/documents/{answer.json()['id']}"
        told = (await node.get(f"{path}/signatures", who=OTHER)).json()

    assert answer.status == 201
    assert ("sig-message", "info") in codes(answer.json())
    (signature,) = told["message"]
    assert (signature["kind"], signature["verdict"], signature["covers_whole"]) == (
        "xmldsig",
        "valid",
        True,
    )
    assert signature["certificate"] in {each["sha256"] for each in told["evidence"]}


async def test_an_unsigned_document_is_for_reference(
    node_folder: Path, specimen: Specimen
) -> None:
    """It is accepted, and told so."""
    async with trusting(node_folder, specimen) as node:
        document = (await node.submit((_NAME, page(("x",))))).json()

    assert (document["legal_value"], codes(document)) == ("reference", [("sig-none", "info")])


async def test_an_annex_needs_the_agency_too(node_folder: Path, specimen: Specimen) -> None:
    """A separate annex file without the agency's signature makes the whole a reference."""
    async with trusting(node_folder, specimen) as node:
        answer = await node.submit(
            (_NAME, specimen.pdf), ("phu-luc.pdf", page(("x",))), signer=_SIGNER
        )
        document = answer.json()

    assert (document["legal_value"], codes(document)) == ("reference", [("sig-partly", "info")])
    assert document["findings"][0]["pointer"] == "/attachments/2"


async def test_a_tampered_document_is_refused_with_the_place(
    node_folder: Path, specimen: Specimen
) -> None:
    """The finding says which bytes of which revision no longer hold."""
    async with trusting(node_folder, specimen) as node:
        answer = await node.submit((_NAME, broken(specimen.pdf)))

    findings = [each for each in answer.json()["findings"] if each["code"] == "sig-broken"]
    assert answer.status == 422
    assert "revision" in findings[0]["message_en"]
    assert "bytes 0-" in findings[0]["message_en"]


async def test_a_document_of_strangers_is_refused(node_folder: Path, specimen: Specimen) -> None:
    """Nobody that the node trusts stands behind it."""
    async with serving(node_folder) as node:
        answer = await node.submit((_NAME, specimen.pdf))

    assert (answer.status, {each[0] for each in codes(answer.json())}) == (422, {"sig-untrusted"})


async def test_without_revocation_data_it_is_carried_with_a_warning(
    node_folder: Path, specimen: Specimen
) -> None:
    """Nothing is decided, so it is no original either."""
    lay(node_folder, specimen, lists=False)
    async with serving(node_folder) as node:
        document = (await node.submit((_NAME, specimen.pdf))).json()

    assert document["legal_value"] == "reference"
    assert set(codes(document)) == {("sig-undecided", "warning")}


@pytest.mark.parametrize(
    ("rule", "status", "found"),
    [
        ('untrusted = "carry"', 201, {("sig-untrusted", "warning")}),
        ('untrusted = "hold"', 202, {("sig-untrusted", "warning"), ("held", "warning")}),
        ('untrusted = "refuse"', 422, {("sig-untrusted", "error")}),
    ],
)
async def test_the_profile_decides_about_strangers(
    node_folder: Path, specimen: Specimen, rule: str, status: int, found: set[tuple[str, str]]
) -> None:
    """Carry, hold or refuse."""
    screening = a_profile(node_folder, f"[signatures]\n{rule}\n")
    async with serving(node_folder, screening=screening) as node:
        answer = await node.submit((_NAME, specimen.pdf))

    assert (answer.status, set(codes(answer.json()))) == (status, found)


@pytest.mark.parametrize(("rule", "status"), [("carry", 201), ("hold", 202), ("refuse", 422)])
async def test_the_profile_decides_about_unsigned_documents(
    node_folder: Path, rule: str, status: int
) -> None:
    """Carry, hold or refuse."""
    screening = a_profile(node_folder, f'[signatures]\nunsigned = "{rule}"\n')
    async with serving(node_folder, screening=screening) as node:
        answer = await node.submit((_NAME, page(("x",))))

    assert answer.status == status


async def test_a_profile_may_ask_for_the_agency_alone(
    node_folder: Path, specimen: Specimen
) -> None:
    """Then nothing is missing where both have signed."""
    text = '[signatures]\noriginal = ["agency"]\nannex = []\n'
    screening = a_profile(node_folder, text)
    async with trusting(node_folder, specimen, screening=screening) as node:
        answer = await node.submit(
            (_NAME, specimen.pdf), ("phu-luc.pdf", page(("x",))), signer=_SIGNER
        )

    assert answer.json()["legal_value"] == "original"
