"""`GET /agencies/{code}/export`: an agency takes its own copy."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.web.agency_export import Archive
from gateway.web.handover import Entry
from tests.nodes import ADMIN, AUDITOR, OFFICE, OTHER, Node, serving
from tests.web.described import Description

URL = f"/api/v1/agencies/{OTHER}/export"


async def taken(node: Node, query: str = "", who: str = OTHER) -> zipfile.ZipFile:
    """Return the archive of *who*."""
    answer = await node.get(f"/api/v1/agencies/{who}/export{query}", who=who)
    assert answer.status == 200, answer.body
    assert list(Description().violations("exportAgency", answer)) == []
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert archive.testzip() is None
    return archive


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """Return the lines of a CSV file in it."""
    return list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))


def summary(archive: zipfile.ZipFile) -> Any:  # noqa: ANN401 - JSON
    """Return what the archive says of itself."""
    return json.loads(archive.read("export.json"))


async def arrived(node: Node, *files: tuple[str, bytes]) -> str:
    """Send a document to H13.02, which acknowledges it; return its id."""
    id_ = str((await node.submit(*files)).json()["id"])
    await node.post("/api/v1/inbox/ack", who=OTHER, json={"ids": [id_]})
    return id_


async def test_it_holds_what_the_agency_has(node: Node) -> None:
    """Message and attachments byte for byte, data, receipts."""
    await arrived(node, ("mot.txt", b"mot"))

    archive = await taken(node)

    [line] = rows(archive, "documents.csv")
    said = json.loads(archive.read(f"{line['folder']}/document.json"))
    message = archive.read(f"{line['folder']}/message.edxml")
    assert hashlib.sha256(message).hexdigest() == said["sha256"]
    assert archive.read(f"{line['folder']}/attachments/1-mot.txt") == b"mot"
    assert archive.read(f"{line['folder']}/receipts.jws").count(b"\n") >= 1


async def test_the_manifest_names_every_file(node: Node) -> None:
    """With the digest of its bytes."""
    await arrived(node)

    archive = await taken(node)

    stated = {each["path"]: each["sha256"] for each in rows(archive, "manifest.csv")}
    found = {
        name: hashlib.sha256(archive.read(name)).hexdigest()
        for name in archive.namelist()
        if name != "manifest.csv"
    }
    assert stated == found


async def test_an_agency_takes_no_other_s_copy(node: Node) -> None:
    """For another office there is no such thing."""
    answer = await node.get(URL, who=OFFICE)

    assert (answer.status, answer.json()["code"]) == (404, "not-found")


async def test_overseers_take_none(node: Node) -> None:
    """Administrators and auditors see data, never content."""
    assert [(await node.get(URL, who=who)).status for who in (ADMIN, AUDITOR, None)] == [
        403,
        403,
        401,
    ]


async def test_what_others_exchange_is_not_in_it(node: Node) -> None:
    """Only what the agency sent or received."""
    await node.submit(to=["H13"])

    assert rows(await taken(node), "documents.csv") == []


async def test_content_that_has_not_arrived_is_not_in_it(node: Node) -> None:
    """A copy is no way around the pull box: the document waits there as before."""
    id_ = (await node.submit()).json()["id"]

    archive = await taken(node)

    assert [each for each in archive.namelist() if each.endswith((".edxml", ".txt"))] == []
    leased = await node.post("/api/v1/inbox/lease", who=OTHER)
    assert [each["id"] for each in leased.json()["items"]] == [id_]


async def test_content_that_was_taken_back_is_not_in_it(node: Node) -> None:
    """Neither the message nor its attachments."""
    id_ = await arrived(node)
    await node.post(f"/api/v1/documents/{id_}/recall", who=OFFICE, json={"reason": "nhầm"})
    await node.post(f"/api/v1/documents/{id_}/status", who=OTHER, json={"code": "15"})

    names = (await taken(node)).namelist()

    assert [each for each in names if each.endswith((".edxml", ".txt"))] == []


async def test_it_goes_on_where_the_last_archive_ended(node: Node) -> None:
    """As many archives as it takes, each document in one of them."""
    sent = [await arrived(node) for _ in range(3)]

    first = await taken(node, "?limit=2")
    second = await taken(node, f"?limit=2&after={summary(first)['next']}")

    assert summary(second)["next"] is None
    got = [each["id"] for part in (first, second) for each in rows(part, "documents.csv")]
    assert got == list(reversed(sent))


async def test_a_day_is_taken_by_its_dates(node: Node) -> None:
    """Both days are included."""
    await arrived(node)
    today = node.gateway.clock.now().astimezone(node.gateway.zone).date()

    assert summary(await taken(node, f"?from={today}&to={today}"))["documents"] == 1
    assert summary(await taken(node, "?to=2020-01-01"))["documents"] == 0
    wrong = await node.get(f"{URL}?from=yesterday", who=OTHER)
    assert (wrong.status, wrong.json()["code"]) == (400, "bad-parameter")


async def test_a_file_that_is_missing_is_named(node_folder: Path) -> None:
    """Everything else is there all the same."""
    async with serving(node_folder) as node:
        id_ = await arrived(node, ("a.txt", b"x" * 100_000))
        document = await node.gateway.store.read(lambda tx: tx.documents.find(id_))
        assert document is not None
        (node_folder / "data" / "documents" / document.attachments[0].blob).unlink()

        archive = await taken(node)

        [line] = rows(archive, "documents.csv")
        assert f"{line['folder']}/attachments/1-a.txt" in summary(archive)["missing"]


async def test_a_file_that_was_changed_is_named(node_folder: Path) -> None:
    """And the message that holds it; what is sound is not."""
    async with serving(node_folder) as node:
        id_ = await arrived(node, ("a.txt", b"x" * 100_000), ("b.txt", b"b"))
        document = await node.gateway.store.read(lambda tx: tx.documents.find(id_))
        assert document is not None
        blob = node_folder / "data" / "documents" / document.attachments[0].blob
        blob.chmod(0o600)
        blob.write_bytes(b"y" * 100_000)

        archive = await taken(node)

        [line] = rows(archive, "documents.csv")
        wrong = [f"{line['folder']}/{name}" for name in ("message.edxml", "attachments/1-a.txt")]
        assert (summary(archive)["damaged"], summary(archive)["missing"]) == (wrong, [])


async def test_taking_it_is_on_record(node: Node) -> None:
    """Who took what, and when."""
    await taken(node, "?limit=7")

    records = (await node.get("/api/v1/audit?limit=500", who=AUDITOR)).json()["items"]
    [record] = [each for each in records if each["action"] == "exported"]
    assert (record["object"], record["data"]) == (f"agency:{OTHER}", {"asked": "limit=7"})


async def test_a_large_file_passes_without_being_held(node: Node) -> None:
    """No more of it is in memory than one piece."""

    def pieces() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * (1 << 20)

    archive = Archive(node.gateway.clock.now())
    held = [len(chunk) for chunk in archive.packed(Entry(path="large", open=pieces))]

    assert (max(held) <= 1 << 20, sum(held) > 200 << 20) == (True, True)
