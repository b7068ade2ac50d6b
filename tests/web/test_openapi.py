"""The description of the API: whole, valid, and true of a node that runs."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from gateway.bootstrap.gateway import open_gateway
from gateway.crypto.specimen import make_specimen
from gateway.web.server import build
from tests.nodes import ADMIN, AUDITOR, OFFICE, OTHER, Answer, Node, a_form, a_metadata, config_of
from tests.web.described import Description
from tests.web.test_legal_value import lay

API = "/api/v1"
OPERATIONS = {"/healthz", "/readyz", "/metrics"}
Told = AsyncIterator[tuple[str, Answer]]


@pytest.fixture(scope="module")
def description() -> Description:
    """The description."""
    return Description()


def addresses(description: Description) -> set[tuple[str, str]]:
    """Return what is described, as (method, path)."""
    paths = description.document["paths"].items()
    return {(method.upper(), path) for path, methods in paths for method in methods}


async def test_every_address_is_described_and_nothing_else(
    node_folder: Path, description: Description
) -> None:
    """The table of routes and the description have the same rows."""
    async with open_gateway(config_of(node_folder)) as gateway:
        routes = build(gateway, asyncio.Event()).router.routes()
        served = {
            (route.method, route.resource.canonical)
            for route in routes
            if route.resource is not None and route.method != "HEAD"
        }

    rest = {row for row in served if row[1].startswith(API) or row[1] in OPERATIONS}
    assert rest == addresses(description)


def test_the_document_is_valid_openapi(description: Description) -> None:
    """The standard's own validator has nothing to say."""
    validate(description.document)


def test_every_example_fits_its_shape(description: Description) -> None:
    """What is shown as an example would be answered, or taken."""
    contents = [
        content
        for operation in description.operations.values()
        for place in (operation.get("requestBody", {}), *operation["responses"].values())
        for media, content in place.get("content", {}).items()
        if "example" in content and media == "application/json"
    ]

    faults = [
        fault
        for content in contents
        for fault in description.faults(content["schema"], content["example"])
    ]

    assert len(contents) > 10
    assert faults == []


def test_every_operation_says_what_it_is_for(description: Description) -> None:
    """A summary, a tag and a stable name stand at each."""
    for name, operation in description.operations.items():
        assert operation["summary"], name
        assert operation["tags"], name


def test_every_error_is_a_problem(description: Description) -> None:
    """No operation answers an error in a form of its own."""
    for name, operation in description.operations.items():
        for status, response in operation["responses"].items():
            if int(status) >= 400 and (name, status) != ("getReadiness", "503"):
                assert response == {"$ref": f"#/components/responses/Problem{status}"}


async def test_the_node_answers_the_document(node: Node, description: Description) -> None:
    """Programs read the same document from the node."""
    answer = await node.get(f"{API}/openapi.json")

    assert answer.json() == description.document


async def test_what_asks_for_a_credential_says_so(node: Node, description: Description) -> None:
    """Without a token exactly the described operations answer 401."""
    for method, path in sorted(addresses(description)):
        operation = description.document["paths"][path][method.lower()]
        answer = await node.call(
            method, path.format(id="x", n="1", code="H13", receipt="x", sha256="x")
        )

        assert (answer.status == 401) == ("security" not in operation), path


async def test_answers_are_as_described(node: Node, description: Description) -> None:
    """Status, headers, media type and every field of the main calls."""
    wrong: list[str] = []
    seen: set[object] = set()
    async with asyncio.timeout(60):
        async for operation, answer in main_calls(node):
            assert answer.status < 400, answer.body
            wrong += description.violations(operation, answer)
            seen.add(operation)

    assert wrong == []
    assert seen == set(description.operations) - {"streamEvents"}


async def test_errors_are_as_described(node: Node, description: Description) -> None:
    """A client that reads the description expects every one of these."""
    wrong: list[str] = []
    seen: set[object] = set()
    async for operation, answer in refused_calls(node):
        wrong += description.violations(operation, answer)
        seen.add(answer.status)

    assert wrong == []
    assert seen == {400, 401, 403, 404, 409, 413, 415, 416, 422}


async def main_calls(node: Node) -> Told:
    """Walk a document from submission to its last receipt, then look at all the rest."""
    walks = (
        document_calls,
        signature_calls,
        receipt_calls,
        directory_calls,
        reference_calls,
        announcement_calls,
    )
    for calls in walks:
        async for told in calls(node):
            yield told


async def document_calls(node: Node) -> Told:
    """Walk a document from submission to its last receipt."""
    key = {"Idempotency-Key": "walk"}
    first = await node.submit(headers=key)
    yield "submitDocument", first
    yield "submitDocument", await node.submit(headers=key)
    yield "submitDocument", await node.submit(kind="petition", subject="Đơn kiến nghị")
    document = f"{API}/documents/{first.json()['id']}"
    yield "leaseInbox", await node.post(f"{API}/inbox/lease", who=OTHER)
    yield "getEnvelope", await node.get(f"{document}/envelope", who=OTHER)
    yield "getAttachment", await node.get(f"{document}/attachments/1", who=OTHER)
    part = {"Range": "bytes=0-2"}
    yield "getAttachment", await node.get(f"{document}/attachments/1", who=OTHER, headers=part)
    ids = {"ids": [first.json()["id"], "unknown"]}
    yield "acknowledgeInbox", await node.post(f"{API}/inbox/ack", who=OTHER, json=ids)
    report = {"code": "03", "note": "Đã vào sổ", "staff": {"staff": "Bình"}}
    yield "reportStatus", await node.post(f"{document}/status", who=OTHER, json=report)
    why = {"reason": "Gửi nhầm"}
    yield "recallDocument", await node.post(f"{document}/recall", who=OFFICE, json=why)
    yield "getDocument", await node.get(document, who=OFFICE)
    yield "getDocument", await node.get(document, who=AUDITOR)
    yield "listDocuments", await node.get(f"{API}/documents", who=OFFICE)
    yield "listReceiptsOfDocument", await node.get(f"{document}/receipts", who=OFFICE)
    yield "listAudit", await node.get(f"{API}/audit", who=AUDITOR)
    period = "from=2026-01-01&to=2099-12-31"
    yield "getStatistics", await node.get(f"{API}/statistics?{period}", who=AUDITOR)


async def signature_calls(node: Node) -> Told:
    """Submit a document that is signed by whom the node trusts, and look at its signatures."""
    now = node.gateway.clock.now()
    specimen = await asyncio.to_thread(make_specimen, lines=("Cong van",), at=now)
    lay(node.gateway.config.folder, specimen)
    document = (await node.submit(("cong-van.pdf", specimen.pdf))).json()
    path = f"{API}/documents/{document['id']}"
    signatures = await node.get(f"{path}/signatures", who=OFFICE)
    yield "getSignatures", signatures
    (kept, *_) = signatures.json()["evidence"]
    yield "getEvidence", await node.get(f"{path}/evidence/{kept['sha256']}", who=OFFICE)


async def receipt_calls(node: Node) -> Told:
    """Read the feed, and one of its receipts."""
    feed = await node.get(f"{API}/receipts", who=OFFICE)
    yield "listReceipts", feed
    receipt = feed.json()["items"][0]["id"]
    yield "getReceipt", await node.get(f"{API}/receipts/{receipt}", who=OFFICE)


async def directory_calls(node: Node) -> Told:
    """Read and change the directory."""
    yield "listAgencies", await node.get(f"{API}/agencies", who=OFFICE)
    yield "getAgency", await node.get(f"{API}/agencies/H13.01", who=OFFICE)
    new = {"name": "Sở Y tế", "parent": "H13"}
    yield "addAgency", await node.post(f"{API}/agencies", who=ADMIN, json=new)
    change = {"short_name": "STC"}
    yield "changeAgency", await node.patch(f"{API}/agencies/H13.02", who=ADMIN, json=change)


async def reference_calls(node: Node) -> Told:
    """Read what describes the node and how it is."""
    yield "getStates", await node.get(f"{API}/states", who=OFFICE)
    yield "getDescription", await node.get(f"{API}/openapi.json")
    yield "getDocs", await node.get(f"{API}/docs")
    yield "getHealth", await node.get("/healthz")
    yield "getReadiness", await node.get("/readyz")
    yield "getMetrics", await node.get("/metrics")
    yield "listQueue", await node.get(f"{API}/queue", who=ADMIN)
    asked = {"destination": "office:H13.02"}
    yield "retryQueue", await node.post(f"{API}/queue/retry", who=ADMIN, json=asked)


async def announcement_calls(node: Node) -> Told:
    """Open an incident, change it, take it on, close it; plan maintenance."""
    where = f"{API}/announcements"
    incident = {"kind": "incident", "text": "Mất kết nối trục", "severity": "critical"}
    opened = await node.post(where, who=ADMIN, json=incident)
    yield "addAnnouncement", opened
    one = f"{where}/{opened.json()['id']}"
    changes = {"until": "2099-01-01T00:00:00+07:00", "meanwhile": "Gửi bản giấy"}
    yield "changeAnnouncement", await node.patch(one, who=ADMIN, json=changes)
    yield "acknowledgeAnnouncement", await node.post(f"{one}/acknowledge", who=ADMIN)
    yield "endAnnouncement", await node.post(f"{one}/end", who=ADMIN, json={"note": "Xong"})
    yield "getAnnouncement", await node.get(one, who=OFFICE)
    period = "from=2026-01-01&to=2030-12-31&group=year"
    yield "getDowntime", await node.get(f"{API}/statistics/downtime?{period}", who=OFFICE)
    yield "listAnnouncements", await node.get(where, who=ADMIN)


async def refused_calls(node: Node) -> Told:
    """Do what is refused, each in its own way."""
    for calls in (refused_submissions, refused_steps, refused_changes):
        async for told in calls(node):
            yield told


async def refused_submissions(node: Node) -> Told:
    """Submit what is refused."""
    form = a_form(a_metadata(), ("a.txt", b"xin chao"))
    yield "submitDocument", await node.post(f"{API}/documents", data=form)
    yield "submitDocument", await node.submit(who=ADMIN)
    yield "submitDocument", await node.submit(to=["H13.99"])
    yield "submitDocument", await node.submit(unknown="x")
    yield "submitDocument", await node.post(f"{API}/documents", who=OFFICE, json={})
    broken = {"Content-Type": "application/xml"}
    yield (
        "submitDocument",
        await node.post(f"{API}/documents", who=OFFICE, data=b"<a", headers=broken),
    )


async def refused_steps(node: Node) -> Told:
    """Ask for what is not there, or cannot be done any more."""
    submitted = (await node.submit()).json()["id"]
    document = f"{API}/documents/{submitted}"
    yield "listDocuments", await node.get(f"{API}/documents?box=up", who=OFFICE)
    yield "getDocument", await node.get(f"{API}/documents/none", who=OFFICE)
    yield "getEnvelope", await node.get(f"{document}/envelope", who=AUDITOR)
    yield "getAttachment", await node.get(f"{document}/attachments/7", who=OFFICE)
    beyond = {"Range": "bytes=900-"}
    yield "getAttachment", await node.get(f"{document}/attachments/1", who=OFFICE, headers=beyond)
    yield "reportStatus", await node.post(f"{document}/status", who=OTHER, json={"code": "77"})
    yield "reportStatus", await node.post(f"{document}/status", who=OFFICE, json={"code": "03"})
    await node.post(f"{document}/status", who=OTHER, json={"code": "06"})
    yield "reportStatus", await node.post(f"{document}/status", who=OTHER, json={"code": "03"})
    yield "recallDocument", await node.post(f"{document}/recall", who=OFFICE, json={"reason": "x"})


async def refused_changes(node: Node) -> Told:
    """Ask for what the caller may not do, or in a form that is not understood."""
    large = io.BytesIO(b"[" * (2 << 20))
    kind = {"Content-Type": "application/json"}
    yield (
        "acknowledgeInbox",
        await node.post(f"{API}/inbox/ack", who=OTHER, data=large, headers=kind),
    )
    yield "listAudit", await node.get(f"{API}/audit", who=OFFICE)
    yield "getAgency", await node.get(f"{API}/agencies/H99", who=OFFICE)
    yield "addAgency", await node.post(f"{API}/agencies", who=ADMIN, json={"name": ""})
    yield "addAgency", await node.post(f"{API}/agencies", who=OFFICE, json={"name": "X"})
