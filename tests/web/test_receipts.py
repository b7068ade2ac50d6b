"""Receipts at the door: fetched with their stamps, verified without the node."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from tests.cli.commands import run
from tests.crypto.authority import a_stamper, stamping
from tests.nodes import ADMIN, OFFICE, OTHER, Answer, Node, serving
from tests.pipeline.rooms import START

API = "/api/v1"


async def a_receipt(node: Node) -> dict[str, Any]:
    """Let a document arrive; return the receipt of its sender's feed."""
    document = (await node.submit()).json()["id"]
    await node.post(f"{API}/inbox/ack", who=OTHER, json={"ids": [document]})
    receipt: dict[str, Any] = (await node.get(f"{API}/receipts", who=OFFICE)).json()["items"][1]
    return receipt


async def stamped(node: Node, receipt: str) -> Answer:
    """Fetch *receipt* until it is stamped."""
    async with asyncio.timeout(20):
        while True:
            answer = await node.get(f"{API}/receipts/{receipt}", who=OFFICE)
            if answer.json()["stamp"] is not None:
                return answer
            await asyncio.sleep(0.05)


async def seconds_left(node: Node) -> float:
    """Return what the metrics say of the time until the limit."""
    text = (await node.get("/metrics")).body.decode()
    (line,) = (
        each for each in text.splitlines() if each.startswith("gateway_stamp_seconds_left ")
    )
    return float(line.split()[1])


async def test_a_receipt_is_there_as_soon_as_the_answer(node: Node) -> None:
    """Whoever reports and looks at once finds the receipt signed."""
    document = (await node.submit()).json()["id"]
    await node.post(f"{API}/documents/{document}/status", who=OTHER, json={"code": "03"})

    answer = await node.get(f"{API}/documents/{document}/receipts", who=OFFICE)

    assert [each["event"] for each in answer.json()["items"]] == ["numbered", "accepted"]


async def test_a_receipt_can_be_read_alone(node: Node) -> None:
    """With the field that a stamp will stand in."""
    receipt = await a_receipt(node)

    answer = await node.get(f"{API}/receipts/{receipt['id']}", who=OFFICE)

    assert (answer.status, answer.json()) == (200, {**receipt, "stamp": None})


async def test_a_receipt_is_for_those_whom_it_concerns(node: Node) -> None:
    """The sender, the recipient that it speaks of, those who oversee."""
    receipt = await a_receipt(node)

    statuses = [
        (await node.get(f"{API}/receipts/{receipt['id']}", who=who)).status
        for who in (OFFICE, OTHER, ADMIN)
    ]
    unknown = await node.get(f"{API}/receipts/unknown", who=OFFICE)

    assert (statuses, unknown.status) == ([200, 200, 200], 404)


async def test_what_the_node_answers_proves_itself(node_folder: Path, tmp_path: Path) -> None:
    """The answer, saved, and two certificates: no node is asked, and it is down by then."""
    stamper = a_stamper(START)
    async with stamping(stamper) as url:
        keys = {
            "tsa_url": url,
            "tsa_trust": [stamper.trust(tmp_path / "trust")],
            "tsa_every_s": 0.05,
        }
        async with serving(node_folder, keys=keys) as node:
            receipt = await a_receipt(node)
            answer = await stamped(node, receipt["id"])
    (tmp_path / "receipt.json").write_bytes(answer.body)
    shutil.copyfile(node_folder / "config" / "node.crt", tmp_path / "trust" / "node.crt")
    shutil.rmtree(node_folder)

    said = await asyncio.to_thread(_verify, tmp_path)

    assert said["verdict"] == "valid"
    assert said["receipts"][0]["stamped_at"] is not None
    assert said["findings"] == []


async def test_a_stamp_of_another_receipt_proves_nothing(
    node_folder: Path, tmp_path: Path
) -> None:
    """The path does not lead from this one to what was stamped."""
    stamper = a_stamper(START)
    async with stamping(stamper) as url:
        keys = {
            "tsa_url": url,
            "tsa_trust": [stamper.trust(tmp_path / "trust")],
            "tsa_every_s": 0.05,
        }
        async with serving(node_folder, keys=keys) as node:
            first = (await stamped(node, (await a_receipt(node))["id"])).json()
            await node.submit()
            document = (await node.submit()).json()["id"]
            await node.post(f"{API}/inbox/ack", who=OTHER, json={"ids": [document]})
            items = (await node.get(f"{API}/receipts", who=OFFICE)).json()["items"]
    body = {**items[-1], "stamp": first["stamp"]}
    (tmp_path / "receipt.json").write_text(json.dumps(body), "utf-8")
    shutil.copyfile(node_folder / "config" / "node.crt", tmp_path / "trust" / "node.crt")

    said = await asyncio.to_thread(_verify, tmp_path)

    assert [each["code"] for each in said["findings"]] == ["receipt-stamp"]
    assert said["verdict"] == "invalid"


async def test_an_outage_of_the_authority_shows_in_the_metrics(
    node_folder: Path, tmp_path: Path
) -> None:
    """The node serves all the same, and counts down."""
    stamper = a_stamper(START)
    async with stamping(stamper) as url:
        pass
    keys = {"tsa_url": url, "tsa_trust": [stamper.trust(tmp_path / "trust")], "tsa_limit_h": 1.0}
    async with serving(node_folder, keys=keys) as node:
        idle = await seconds_left(node)
        receipt = await a_receipt(node)
        await asyncio.sleep(0.1)
        waiting = await seconds_left(node)
        answer = await node.get(f"{API}/receipts/{receipt['id']}", who=OFFICE)

    assert (idle, answer.json()["stamp"]) == (3600.0, None)
    assert 3500.0 < waiting < 3600.0


def _verify(folder: Path) -> Any:  # noqa: ANN401 - JSON
    """Run the command on `receipt.json` with what `trust` holds."""
    result = run(
        "receipt",
        "verify",
        str(folder / "receipt.json"),
        "--trust",
        str(folder / "trust"),
        "--format",
        "json",
    )
    return json.loads(result.stdout)
