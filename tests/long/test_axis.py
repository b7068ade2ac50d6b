"""Nothing is lost or doubled between nodes: two provinces and an axis in every kind of weather.

    GATEWAY_TEST_AXIS_S   seconds of traffic, 1200 if it is not set

The three are real nodes in processes of their own, each in a network namespace where that is
permitted, and speak with each other over TLS with certificates on both sides. Ways are cut,
delayed, slowed to 32 kbit/s, and lose packets; nodes are killed and start again from their disks.
"""

import asyncio
import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.axis_sites import AXIS, PROVINCES, offices_of
from bench.papers import FORM, a_pdf, form, metadata
from tests.long import axis_ledger, ledger
from tests.long.api import Api, Json
from tests.long.axis_nodes import AxisNodes, axis_nodes
from tests.long.conftest import Tell
from tests.long.proxies import Proxies
from tests.long.recipients import Recipient
from tests.long.senders import Sender
from tests.long.storms import SLOW, blow
from tests.long.tunnels import Tunnels
from tests.long.weather import Ways

SECONDS = float(os.environ.get("GATEWAY_TEST_AXIS_S", "1200"))
#: What the last document may need to be done everywhere once the weather is fair.
_CALM_S = 1500.0
#: Between two submissions of one office; slow machines must keep up with four of them.
_PAUSE_S = 2.0
#: A message of a quarter more, over a minute at 32 kbit/s; one silence may last ten seconds.
_LARGE_BYTES = 200_000
OFFICES = {office: province for province in PROVINCES for office in offices_of(province)}


@pytest.fixture
def ways() -> Iterator[Ways]:
    """Ways between the nodes, of the best kind that this machine permits."""
    names = (AXIS, *PROVINCES)
    with ExitStack() as stack:
        made: Ways
        try:
            made = stack.enter_context(Tunnels(names))
        except OSError:
            made = stack.enter_context(Proxies(names))
        yield made


async def test_every_document_reaches_every_recipient_once(
    ways: Ways, tmp_path: Path, tell: Tell
) -> None:
    """With equal bytes; every receipt comes home once, and numbers have no gap."""
    tell("ways between the nodes", ways.kind)
    async with axis_nodes(ways, tmp_path) as nodes:
        senders, recipients = await _exchange(ways, nodes, tell)
        async with asyncio.timeout(_CALM_S):
            await _all_done(nodes, senders, recipients)
        await _check(nodes, senders, tell)
    for name, figure in ways.counts().items():
        tell(name, figure)
    for site in nodes.sites.values():
        ledger.database_is_sound(site)
        ledger.no_file_is_orphaned(site)


async def test_a_large_document_goes_over_a_slow_way(
    ways: Ways, tmp_path: Path, tell: Tell
) -> None:
    """At 32 kbit/s, for much longer than any one silence may last; both ways of the axis."""
    (sender, _), (reader, _) = offices_of(PROVINCES[0]), offices_of(PROVINCES[1])
    async with axis_nodes(ways, tmp_path) as nodes:
        for province in PROVINCES:
            ways.set(province, SLOW)
        here, there = (nodes.apis[province] for province in PROVINCES)
        body = form(
            metadata(to=[reader], subject="Văn bản lớn"), [("lon.pdf", a_pdf(_LARGE_BYTES))]
        )
        headers = {"Content-Type": FORM}
        sent = await here.call("POST", "/documents", who=sender, body=body, headers=headers)
        begun = asyncio.get_running_loop().time()
        async with asyncio.timeout(_CALM_S):
            while not (items := await _inbox(there, reader)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(1.0)
        tell("seconds over two ways of 32 kbit/s", asyncio.get_running_loop().time() - begun)
        shown = await here.get(f"/documents/{sent.json['id']}", who=sender)
        fetched = await there.call("GET", f"/documents/{items[0]['id']}/envelope", who=reader)

    assert hashlib.sha256(fetched.body).hexdigest() == shown["sha256"]
    assert [each["attempts"] for each in shown["deliveries"]] == [1]


async def _inbox(api: Api, office: str) -> list[Json]:
    return [item async for item in api.pages("/documents?box=in", who=office)]


async def _exchange(
    ways: Ways, nodes: AxisNodes, tell: Tell
) -> tuple[list[Sender], list[Recipient]]:
    """Let offices send and work off what comes while storms blow; end in fair weather."""
    stop_sending, stop_taking = asyncio.Event(), asyncio.Event()
    senders = [
        Sender(
            api=nodes.apis[province],
            agency=office,
            recipients=[each for each in OFFICES if each != office],
            chance=random.Random(n),  # noqa: S311 - no secret
            stopping=stop_sending,
            pause_s=_PAUSE_S,
            nobody=f"{province}.99",
        )
        for n, (office, province) in enumerate(OFFICES.items())
    ]
    recipients = [
        Recipient(
            api=nodes.apis[province],
            agency=office,
            chance=random.Random(100 + n),  # noqa: S311 - no secret
            stopping=stop_taking,
            lease_s=5,
        )
        for n, (office, province) in enumerate(OFFICES.items())
    ]
    async with asyncio.TaskGroup() as group:
        sending = [group.create_task(each.run()) for each in senders]
        taking = [group.create_task(each.run()) for each in recipients]
        for name, times in (await blow(ways, nodes, SECONDS)).items():
            tell(f"storm: {name}", times)
        stop_sending.set()
        await asyncio.wait(sending)
        stop_taking.set()
        await asyncio.wait(taking)
    return senders, recipients


async def _all_done(
    nodes: AxisNodes, senders: Sequence[Sender], recipients: Sequence[Recipient]
) -> None:
    """Wait until every document of every sender is done everywhere."""
    left = _by_province(nodes, senders)
    while any(left.values()):
        for recipient in recipients:
            await recipient.finish()
        for province, ids in left.items():
            for document in tuple(ids):
                office = ids[document]
                shown = await nodes.apis[province].get(f"/documents/{document}", who=office)
                if shown["state"] == "closed":
                    del ids[document]
        await asyncio.sleep(0.5)


def _by_province(nodes: AxisNodes, senders: Sequence[Sender]) -> dict[str, dict[str, str]]:
    """Return the ids of what was taken, with its sender, by province."""
    found: dict[str, dict[str, str]] = {province: {} for province in PROVINCES}
    for sender in senders:
        for each in sender.submissions:
            if each.id is not None:
                found[OFFICES[sender.agency]][each.id] = sender.agency
    return found


async def _check(nodes: AxisNodes, senders: Sequence[Sender], tell: Tell) -> None:
    documents = {code: await ledger.all_documents(api) for code, api in nodes.apis.items()}
    tell("documents of both provinces, as the axis has them", len(documents[AXIS]))
    for province in PROVINCES:
        api, offices = nodes.apis[province], offices_of(province)
        own = [each for each in documents[province] if each["from"] in offices]
        submissions = [
            each for sender in senders if sender.agency in offices for each in sender.submissions
        ]
        tell(f"{province}: taken, there once", ledger.each_is_there_once(own, submissions))
        tell(f"{province}: codes 1 to n", ledger.codes_have_no_gap(own))
        tell(
            f"{province}: arrival numbers 1 to n",
            ledger.arrival_numbers_have_no_gap(nodes.sites[province]),
        )
        tell(f"{province}: deliveries, all done", ledger.deliveries_are_done(documents[province]))
        other = next(each for each in PROVINCES if each != province)
        reached = await axis_ledger.reached_once(
            own, documents[other], nodes.apis[other], offices_of(other)
        )
        tell(f"{province}: reached the other province once, same bytes", reached)
        receipts = await ledger.receipts_took_effect_once(api, offices)
        tell(f"{province}: receipts, each event once and chained", receipts)
        home = await axis_ledger.every_receipt_came_home(api, offices, own, documents[other])
        tell(f"{province}: steps of recipients that came home", home)
        tell(f"{province}: audit records", await ledger.audit_chain_holds(api))
