"""Nothing is lost: a node under load is killed more than 200 times, and everything adds up."""

import asyncio
import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.processes import free_port
from bench.sites import Site, make_site
from tests.contract.web_office import WebOffice, a_web_office
from tests.long import ledger
from tests.long.api import Api, Json, an_api
from tests.long.conftest import Tell
from tests.long.lives import Lives, ways_to_die
from tests.long.recipients import Recipient
from tests.long.senders import Dropper, Sender

KILLS = int(os.environ.get("GATEWAY_TEST_KILLS", "220"))
SENDERS = ("H13.01", "H13.01", "H13.05", "H13.06")
DROPPING = "H13.04"
PULLING, WEBHOOK, FOLDER = ("H13.01", "H13.02"), "H13.03", "H13.04"
RECIPIENTS = (*PULLING, WEBHOOK, FOLDER)


def _site(folder: Path, url: str) -> Site:
    (folder / "secret").write_text("a shared secret", "utf-8")
    settings = f"""
[storage]
minimum_free_mb = 0
[relay]
poll_s = 0.05
first_delay_s = 0.05
longest_delay_s = 0.5
send_timeout_s = 5.0
[[office]]
agency = "{WEBHOOK}"
delivery = "webhook"
url = "{url}"
secret_file = "{folder / "secret"}"
[[office]]
agency = "{FOLDER}"
delivery = "folder"
folder = "{folder / "office"}"
"""
    return make_site(folder / "node", settings=settings)


async def test_a_killed_node_loses_nothing(tmp_path: Path, tell: Tell) -> None:
    """Kill a node under load at every named commit point and at random instants."""
    chance = random.Random(20)  # noqa: S311 - no secret
    async with a_web_office() as office:
        site = await asyncio.to_thread(_site, tmp_path, office.url)
        lives = Lives(site=site, port=free_port(), chance=chance)
        async with an_api(site, lives.port) as api:
            dropper = Dropper(
                folder=tmp_path / "office" / "out",
                agency=DROPPING,
                recipients=(*PULLING, WEBHOOK),
                stopping=asyncio.Event(),
            )
            senders, recipients = await _suffer(api, lives, chance, dropper)
            async with lives.well():
                await _all_fetched(dropper.folder)
                for recipient in recipients:
                    await _finish(api, recipient)
            async with lives.well():  # what crashes left behind is swept at this start
                await _check(api, site, senders, tell)
                await _check_peers(api, office, tmp_path / "office", tell)
        ledger.database_is_sound(site)
        tell("files on disk, none orphaned", ledger.no_file_is_orphaned(site))
    reports = sum((each.counts for each in recipients), Counter())
    tell("reports of recipients answered", reports["reports answered"])
    for way, times in sorted(lives.deaths.items()):
        tell(f"killed {'' if way.startswith('at') else 'at checkpoint '}{way}", times)
    assert lives.deaths.total() >= KILLS


async def _suffer(
    api: Api, lives: Lives, chance: random.Random, dropper: Dropper
) -> tuple[list[Sender | Dropper], list[Recipient]]:
    """Let offices work while the node dies again and again; return them."""
    stop_sending, stop_taking = dropper.stopping, asyncio.Event()
    senders = [
        Sender(
            api=api,
            agency=agency,
            recipients=[each for each in RECIPIENTS if each != agency],
            chance=random.Random(n),  # noqa: S311 - no secret
            stopping=stop_sending,
        )
        for n, agency in enumerate(SENDERS)
    ]
    recipients = [
        Recipient(
            api=api,
            agency=agency,
            chance=random.Random(100 + n),  # noqa: S311 - no secret
            stopping=stop_taking,
            is_pulling=agency in PULLING,
        )
        for n, agency in enumerate(RECIPIENTS)
    ]
    async with asyncio.TaskGroup() as group:
        sending = [group.create_task(each.run()) for each in senders]
        sending.append(group.create_task(dropper.run()))
        taking = [group.create_task(each.run()) for each in recipients]
        for way in ways_to_die(KILLS, chance):
            await lives.live_and_die(way)
        async with lives.well():
            stop_sending.set()
            await asyncio.wait(sending)
            stop_taking.set()
            await asyncio.wait(taking)
    return [*senders, dropper], recipients


async def _all_fetched(folder: Path) -> None:
    """Wait until the node has taken every file out of *folder*."""
    async with asyncio.timeout(120):
        while await asyncio.to_thread(_count, folder, "*.edxml"):  # noqa: ASYNC110 - a folder
            await asyncio.sleep(0.2)


async def _finish(api: Api, recipient: Recipient) -> None:
    """Wait until all has reached the office of *recipient*, then let it work everything off."""
    if not recipient.is_pulling:
        async with asyncio.timeout(120):
            while await _under_way(api, recipient.agency):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.2)
    await recipient.finish()


async def _under_way(api: Api, agency: str) -> bool:
    async for item in api.pages("/documents?box=in", who=agency):
        own = next(each for each in item["deliveries"] if each["to"] == agency)
        if own["state"] in {"waiting", "sending", "handed-over"}:
            return True
    return False


async def _check(api: Api, site: Site, senders: Sequence[Sender | Dropper], tell: Tell) -> None:
    submissions = [each for sender in senders for each in sender.submissions]
    documents = await ledger.all_documents(api)
    answers = Counter(answer for each in submissions for answer in each.answers)
    assert set(answers) <= {200, 201, 409, 422, 503}, answers
    tell("submissions, and requests made for them", (len(submissions), _asked(senders)))
    tell("answers by status", dict(sorted(answers.items())))
    dropped = [each for each in submissions if each.is_dropped]
    tell("messages dropped into a folder, there once", len(dropped))
    tell("taken, there once", ledger.each_is_there_once(documents, submissions))
    tell("documents in the node", len(documents))
    fetched = await ledger.bytes_are_the_same(api, documents, submissions)
    tell("bytes fetched back, all the same", fetched)
    tell("codes 1 to n, no gap, no double", ledger.codes_have_no_gap(documents))
    tell("arrival numbers 1 to n", ledger.arrival_numbers_have_no_gap(site))
    tell("deliveries, all done", ledger.deliveries_are_done(documents))
    receipts = await ledger.receipts_took_effect_once(api, {*SENDERS, DROPPING})
    tell("receipts, each event once and chained", receipts)
    tell("audit records, chain recomputed", await ledger.audit_chain_holds(api))


def _asked(senders: Sequence[Sender | Dropper]) -> int:
    return sum(each.asked for sender in senders for each in sender.submissions)


async def _check_peers(api: Api, office: WebOffice, folder: Path, tell: Tell) -> None:
    """Webhook and folder have every document, whole, a repeat under the same id."""
    ids: dict[str, set[str]] = defaultdict(set)
    digests: dict[str, set[str]] = defaultdict(set)
    posts = [post for post in office.posts if post.headers["Gateway-Event"] == "document"]
    for post in posts:
        assert post.is_authentic
        ids[post.headers["Gateway-Document"]].add(post.headers["Gateway-Id"])
        digests[post.headers["Gateway-Document"]].add(post.sha256)
    sent = await _inbox(api, WEBHOOK)
    assert ids.keys() == sent.keys()
    assert all(len(each) == 1 for each in ids.values()), "a repeat under another Gateway-Id"
    assert digests == {id_: {item["sha256"]} for id_, item in sent.items()}
    tell("posts to the webhook, documents in them", (len(posts), len(ids)))
    dropped = Counter(
        hashlib.sha256(file.read_bytes()).hexdigest() for file in (folder / "in").glob("*.edxml")
    )
    assert dropped == Counter(item["sha256"] for item in (await _inbox(api, FOLDER)).values())
    tell("files in the folder office, each once", dropped.total())
    await _receipts_are_pushed(api, folder / "receipts", tell)


async def _receipts_are_pushed(api: Api, folder: Path, tell: Tell) -> None:
    """The office that drops messages finds every receipt as a file, each once."""
    due = {each["id"] async for each in api.pages("/receipts", who=DROPPING, limit=500)}
    async with asyncio.timeout(120):
        while await asyncio.to_thread(_count, folder, "*.jws") < len(due):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert await asyncio.to_thread(_stems, folder, "*.jws") == due
    tell("receipts in the folder office, each once", len(due))


def _stems(folder: Path, pattern: str) -> set[str]:
    return {file.stem for file in folder.glob(pattern)}


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern))


async def _inbox(api: Api, agency: str) -> dict[str, Json]:
    return {item["id"]: item async for item in api.pages("/documents?box=in", who=agency)}
