"""What offices are answered about what they say of a document: all of it at once, in both languages."""

import unicodedata
from pathlib import Path

import pytest

from tests.nodes import OFFICE, OTHER, Node

API = "/api/v1"
FINDING = {
    "code",
    "severity",
    "pointer",
    "message",
    "message_en",
    "remedy",
    "remedy_en",
    "source",
}


def files_of(node: Node) -> list[Path]:
    """Return the files of documents on the disk of *node*."""
    folder = node.gateway.config.folder / "data" / "documents"
    return [each for each in folder.rglob("*") if each.is_file() and each.name[0] != "."]


async def test_every_broken_rule_is_told_at_once(node: Node) -> None:
    """Type, date, notation's year, characters, length: one answer, one finding each."""
    answer = await node.submit(
        type="QD",
        promulgated_on="1900-01-01",
        notation="2014/QĐ-UBND",
        subject="VÒ viÖc ban hµnh quy chÕ",
        place="Cần\u200bThơ",
        signer={"full_name": "a" * 51, "position": "Chủ tịch"},
    )

    problem = answer.json()
    assert answer.status == 422
    assert {(each["code"], each["pointer"]) for each in problem["findings"]} == {
        ("meta-type-unknown", "/metadata/type"),
        ("meta-date-early", "/metadata/promulgated_on"),
        ("meta-notation-year", "/metadata/notation"),
        ("meta-legacy", "/metadata/subject"),
        ("meta-characters", "/metadata/place"),
        ("meta-length", "/metadata/signer/full_name"),
        ("sig-none", "/attachments/1"),
    }
    assert all(set(each) == FINDING and all(each.values()) for each in problem["findings"])


async def test_a_mended_document_is_accepted_and_says_so(node: Node) -> None:
    """Decomposed letters and a false Đ: 201, kept rightly, both told."""
    answer = await node.submit(
        subject=unicodedata.normalize("NFD", "Về việc báo cáo"), notation="Q\u00d0-UBND", type="QĐ"
    )

    document = answer.json()
    assert answer.status == 201, answer.body
    assert (document["subject"], document["notation"]) == ("Về việc báo cáo", "QĐ-UBND")
    assert {("meta-decomposed", "info"), ("meta-look-alike", "warning")} <= {
        (each["code"], each["severity"]) for each in document["findings"]
    }


@pytest.mark.parametrize("kind", ["complaint", "Đơn tố cáo", "một cửa"])
async def test_a_barred_kind_is_held_and_the_sender_is_told(node: Node, kind: str) -> None:
    """202 without a code; the recipient does not see it."""
    answer = await node.submit(kind=kind)

    document = answer.json()
    assert (answer.status, document["state"], document["code"]) == (202, "held", None)
    assert "held" in [each["code"] for each in document["findings"]]
    assert (await node.get(f"{API}/documents/{document['id']}", who=OTHER)).status == 404


async def test_a_secret_is_refused_and_nothing_of_it_stays(node: Node) -> None:
    """422, no number used, no byte on the disk, no word of it in the answer."""
    answer = await node.submit(subject="Kế hoạch Alpha (TUYỆT MẬT)")

    assert answer.status == 422
    assert [each["code"] for each in answer.json()["findings"]] == ["sig-none", "barred-secret"]
    assert "Alpha" not in answer.body.decode()
    assert files_of(node) == []
    following = await node.submit()
    assert following.json()["code"].endswith("/1")


async def test_a_document_beside_paper_is_marked(node: Node) -> None:
    """Accepted, with the finding that paper goes along."""
    answer = await node.submit(kind="with-paper")

    assert answer.status == 201, answer.body
    assert "meta-paper" in [each["code"] for each in answer.json()["findings"]]


async def test_an_office_reads_the_findings_again(node: Node) -> None:
    """They are kept with the document."""
    document = (await node.submit(kind="with-paper")).json()

    again = await node.get(f"{API}/documents/{document['id']}", who=OFFICE)

    assert again.json()["findings"] == document["findings"]
