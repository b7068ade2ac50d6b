"""Incidents and maintenance over HTTP: who may, what is answered, what agencies hear at once."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.nodes import ADMIN, AUDITOR, OFFICE, OTHER, Answer, Node, free_port, serving

WHERE = "/api/v1/announcements"
INCIDENT = {"kind": "incident", "text": "Mất kết nối với trục", "severity": "critical"}


async def opened(node: Node, **changes: object) -> dict[str, Any]:
    """Open an incident."""
    answer = await node.post(WHERE, who=ADMIN, json=INCIDENT | changes)
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.json()
    return body


def codes(answer: Answer) -> set[str]:
    """Return the codes of the findings."""
    return {each["code"] for each in answer.json()["findings"]}


@asynccontextmanager
async def listening(
    node: Node, who: str, *, after: int = 0
) -> AsyncIterator[aiohttp.StreamReader]:
    """Open the stream of events of an agency, from a place on."""
    headers = {"Authorization": f"Bearer {node.tokens[who]}", "Last-Event-ID": str(after)}
    async with node.session.get(f"{node.url}/api/v1/events", headers=headers) as stream:
        yield stream.content


async def heard(stream: aiohttp.StreamReader) -> tuple[str, dict[str, Any]]:
    """Return the next event of a stream and its data."""
    async with asyncio.timeout(10):
        kind = ""
        async for raw in stream:
            name, _, value = raw.decode().strip().partition(": ")
            kind = value if name == "event" else kind
            if name == "data":
                return kind, json.loads(value)
    raise AssertionError("the stream ended")


async def test_every_office_hears_of_it_at_once(node: Node) -> None:
    """In its own stream of events, with where to read it."""
    async with listening(node, OFFICE) as one, listening(node, OTHER) as two:
        incident = await opened(node)
        told = [await heard(one), await heard(two)]

    assert [(kind, data["id"], data["state"]) for kind, data in told] == [
        ("incident", str(incident["id"]), "opened")
    ] * 2


async def test_who_comes_later_reads_it_in_its_place(node: Node) -> None:
    """`Last-Event-ID` resumes over what is for everybody, too."""
    incident = await opened(node)
    await node.post(f"{WHERE}/{incident['id']}/end", who=ADMIN, json={})
    async with listening(node, OFFICE) as stream:
        first, second = await heard(stream), await heard(stream)

    assert [first[1]["state"], second[1]["state"]] == ["opened", "closed"]


async def test_an_office_reads_what_and_how_long_but_not_who(node: Node) -> None:
    """The accounts of others are no business of an office."""
    incident = await opened(node, until="2099-01-01T00:00:00+07:00")
    await node.post(f"{WHERE}/{incident['id']}/acknowledge", who=ADMIN)
    body = (await node.get(f"{WHERE}/{incident['id']}", who=OFFICE)).json()

    assert (body["state"], body["severity"]) == ("open", "critical")
    assert body["until"] == "2099-01-01T00:00:00+07:00"
    assert body["acknowledged_at"] is not None
    assert (body["by"], body["acknowledged_by"], body["mails"]) == (None, None, None)


async def test_only_administrators_give_notices(node: Node) -> None:
    """Auditors and offices read them."""
    answers = [await node.post(WHERE, who=who, json=INCIDENT) for who in (OFFICE, AUDITOR)]

    assert [each.status for each in answers] == [403, 403]


async def test_maintenance_without_an_end_is_refused(node: Node) -> None:
    """With a finding that says what is missing."""
    body = {"kind": "maintenance", "text": "Nâng cấp", "begins_at": "2099-01-01T00:00:00+07:00"}
    answer = await node.post(WHERE, who=ADMIN, json=body)

    assert (answer.status, codes(answer)) == (422, {"announcement-end"})


async def test_an_instant_without_offset_is_not_understood(node: Node) -> None:
    """Nobody guesses whose midnight is meant."""
    answer = await node.post(WHERE, who=ADMIN, json=INCIDENT | {"until": "2099-01-01T00:00:00"})

    assert answer.status == 400


async def test_a_change_is_answered_and_told(node: Node) -> None:
    """`until` null: nobody knows any more."""
    incident = await opened(node, until="2099-01-01T00:00:00+07:00")
    one = f"{WHERE}/{incident['id']}"
    changed = await node.patch(one, who=ADMIN, json={"until": None, "meanwhile": "Bản giấy"})
    async with listening(node, OFFICE) as stream:
        states = [(await heard(stream))[1]["state"] for _ in range(2)]

    assert (changed.json()["until"], changed.json()["meanwhile"]) == (None, "Bản giấy")
    assert states == ["opened", "changed"]


async def test_what_is_over_is_a_conflict(node: Node) -> None:
    """Ended, changed, or taken on a second time."""
    one = f"{WHERE}/{(await opened(node))['id']}"
    await node.post(f"{one}/end", who=ADMIN, json={"note": "Xong"})
    answers = [
        await node.post(f"{one}/end", who=ADMIN, json={}),
        await node.post(f"{one}/acknowledge", who=ADMIN),
        await node.patch(one, who=ADMIN, json={"text": "Khác"}),
    ]

    assert [each.status for each in answers] == [409, 409, 409]


async def test_what_is_not_there_is_not_found(node: Node) -> None:
    """Whatever stands in the address."""
    answers = [await node.get(f"{WHERE}/{n}", who=OFFICE) for n in ("77", "x", "9" * 30)]

    assert [each.status for each in answers] == [404, 404, 404]


async def test_notices_are_paged_newest_first(node: Node) -> None:
    """As every list is."""
    made = [(await opened(node))["id"] for _ in range(3)]
    first = (await node.get(f"{WHERE}?limit=2", who=OFFICE)).json()
    rest = (await node.get(f"{WHERE}?limit=2&after={first['next']}", who=OFFICE)).json()

    assert [each["id"] for each in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next"] is None


async def test_a_webhook_gets_it_signed_as_documents_are(node_folder: Path) -> None:
    """The identifier is constant, the signature is over time, identifier and body."""
    port, got = free_port(), asyncio.Queue[tuple[dict[str, str], bytes]]()

    async def take(request: web.Request) -> web.Response:
        await got.put((dict(request.headers), await request.read()))
        return web.Response()

    application = web.Application()
    application.router.add_post("/inbox", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    (node_folder / "secret").write_text("bí mật chung", "utf-8")
    office = {"agency": OTHER, "delivery": "webhook", "secret_file": "secret"}
    office["url"] = f"http://127.0.0.1:{port}/inbox"
    try:
        async with serving(node_folder, office=[office]) as node, asyncio.timeout(20):
            incident = await opened(node)
            headers, body = await got.get()
    finally:
        await runner.cleanup()

    signed = f"{headers['Gateway-Timestamp']}.{headers['Gateway-Id']}.".encode() + body
    mac = hmac.new("bí mật chung".encode(), signed, "sha256").hexdigest()
    assert headers["Gateway-Signature"] == f"v1={mac}"
    assert headers["Gateway-Event"] == "incident"
    assert headers["Gateway-Id"] == f"H13-incident-{incident['id']}.1"
    assert json.loads(body)["text"] == INCIDENT["text"]


async def test_downtime_is_read_from_the_record(node: Node) -> None:
    """Of an incident that was opened and closed; an office may know, too."""
    one = f"{WHERE}/{(await opened(node, begins_at='2026-11-20T08:00:00+07:00'))['id']}"
    await node.post(f"{one}/end", who=ADMIN, json={})
    period = "from=2026-11-20&to=2026-11-20&group=day"
    answer = await node.get(f"/api/v1/statistics/downtime?{period}", who=OFFICE)

    (row,) = answer.json()["rows"]
    assert (row["period"], row["incidents"], row["critical_s"]) == ("2026-11-20", 1, 16 * 3600)


async def test_a_period_that_is_none_is_a_bad_request(node: Node) -> None:
    """With a finding that names the place."""
    path = "/api/v1/statistics/downtime"
    answers = [
        await node.get(f"{path}?from=2026-11-20&to=2026-11-20&group=agency", who=OFFICE),
        await node.get(f"{path}?from=hôm+qua&to=2026-11-20", who=OFFICE),
    ]

    assert [each.status for each in answers] == [400, 400]
    assert codes(answers[0]) == {"downtime-period"}
