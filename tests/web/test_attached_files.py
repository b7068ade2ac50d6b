"""What attached files hold, as an office hears of it at the door."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.nodes import OFFICE, Node, a_form, a_metadata, serving
from tests.samples import files as make
from tests.samples.corpus import WARNED
from tests.samples.hostile import REFUSED
from tests.scanning.scanner import EICAR, Scanner, closed_port

API = "/api/v1"


async def test_ordinary_files_are_accepted_without_a_word(node: Node) -> None:
    """A signed PDF's likes, a Word document and an archive travel together."""
    papers = ("vb.zip", make.a_zip({"a.pdf": make.a_pdf()}))
    answer = await node.submit(("vb.pdf", make.a_pdf()), ("vb.docx", make.a_docx()), papers)

    assert (answer.status, [each["code"] for each in answer.json()["findings"]]) == (
        201,
        ["sig-none"],
    )


async def test_macros_are_refused_and_the_finding_points_at_the_file(node: Node) -> None:
    """The second file of three."""
    macro = ("b.docx", REFUSED["macro.docx"][1]())
    answer = await node.submit(("a.pdf", make.a_pdf()), macro, ("c.txt", b"xin chao"))

    found = [(each["code"], each["pointer"]) for each in answer.json()["findings"]]
    assert (answer.status, found) == (
        422,
        [("file-macro", "/attachments/2"), ("sig-none", "/attachments/1")],
    )


async def test_what_is_refused_leaves_nothing_on_the_disk(node: Node) -> None:
    """Neither the archive nor what was unpacked."""
    await node.submit(("a.zip", REFUSED["bomb.zip"][1]()))

    folder = node.gateway.config.folder / "data" / "documents"
    assert [each for each in folder.rglob("*.*") if each.is_file() and each.suffix == ".zip"] == []


async def test_script_in_a_pdf_is_a_warning_that_stays_with_the_document(node: Node) -> None:
    """The recipient sees it, too."""
    sent = await node.submit(("a.pdf", WARNED["script-packed.pdf"][1]()))
    document = await node.get(f"{API}/documents/{sent.json()['id']}", who=OFFICE)

    assert [each["code"] for each in document.json()["findings"]] == [
        "file-pdf-script",
        "sig-none",
    ]


async def test_a_large_file_is_inspected_by_its_path(node: Node) -> None:
    """What is too large to be held in memory is read where it lies."""
    scanned = make.pdf_with(make.scanned(3_000_000), packed=True)
    papers = make.a_zip({"quet.pdf": scanned, "macro.doc": REFUSED["macro.doc"][1]()})

    form = a_form(a_metadata())
    form.add_field("attachment", io.BytesIO(papers), filename="hoso.zip")

    answer = await node.post(f"{API}/documents", who=OFFICE, data=form)

    assert [each["code"] for each in answer.json()["findings"]] == ["file-macro", "sig-none"]


async def test_others_are_served_while_files_are_inspected(node: Node) -> None:
    """The door answers at once beside a bomb that takes long to be seen through."""
    bomb = asyncio.create_task(node.submit(("a.zip", REFUSED["bomb.zip"][1]())))
    slowest = 0.0
    while not bomb.done():
        begun = time.monotonic()
        await node.get("/healthz")
        slowest = max(slowest, time.monotonic() - begun)

    assert (bomb.result().status, slowest < 0.5) == (422, True)


@pytest.fixture
async def unscanned(node_folder: Path) -> AsyncIterator[Node]:
    """Run a node whose virus scanner is away."""
    away = {"clamd": f"tcp://127.0.0.1:{closed_port()}"}
    async with serving(node_folder, screening=away) as running:
        yield running


async def test_without_the_scanner_a_document_is_held(unscanned: Node) -> None:
    """By default a person decides."""
    answer = await unscanned.submit(("a.pdf", make.a_pdf()))

    assert (answer.status, answer.json()["state"]) == (202, "held")


async def test_why_a_document_is_held_is_told_in_plain_words(unscanned: Node) -> None:
    """In both languages, without the names of settings."""
    answer = await unscanned.submit(("a.pdf", make.a_pdf()))
    (why,) = [each for each in answer.json()["findings"] if each["code"] == "held"]

    assert "quy định của nút về tệp chưa được quét" in why["message"]
    assert "the node's rule for files that were not scanned" in why["message_en"]
    assert not [each for each in why.values() if "[" in str(each)]


async def test_malware_is_refused(node_folder: Path) -> None:
    """The scanner's word is enough."""
    with Scanner() as scanner:
        async with serving(node_folder, screening={"clamd": scanner.address}) as node:
            answer = await node.submit(("a.txt", EICAR))

    assert (
        answer.status,
        [each["code"] for each in answer.json()["findings"]],
    ) == (422, ["file-malware", "sig-none"])
