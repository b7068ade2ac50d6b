"""Webhook peers that hang, reset, fail, or answer too late: nobody else waits, nothing is lost."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import monotonic

from bench.papers import FORM, a_pdf, form, metadata
from bench.processes import free_port, running
from bench.sites import make_site
from tests.long import ledger
from tests.long.api import Api, Json, an_api
from tests.long.conftest import Tell
from tests.long.peer import Mood, Peer, a_peer, webhook_office
from tests.long.recipients import Recipient

SENDER, WELL = "H13.01", "H13.02"
ILL = {"H13.03": Mood.HANGS, "H13.04": Mood.RESETS, "H13.05": Mood.FAILS, "H13.06": Mood.LATE}
EACH = 3
SUFFER_S = 4.0
_RELAY = """
[storage]
minimum_free_mb = 0
[relay]
poll_s = 0.05
send_timeout_s = 0.5
first_delay_s = 0.2
longest_delay_s = 1.0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A node and its peers by agency."""

    api: Api
    peers: Mapping[str, Peer]

    async def send(self, to: str) -> str:
        """Submit a document to *to*; return its id."""
        body = form(metadata(to=[to], subject="Về việc họp"), [("a.pdf", a_pdf(3000))])
        answer = await self.api.call(
            "POST", "/documents", who=SENDER, body=body, headers={"Content-Type": FORM}
        )
        assert answer.status == 201, answer.body
        return str(answer.json["id"])

    async def state(self, document: str) -> str:
        """Return the state of the one delivery of *document*."""
        found = await self.api.get(f"/documents/{document}", who=SENDER)
        return str(found["deliveries"][0]["state"])


@asynccontextmanager
async def a_stage(folder: Path, more: str = "") -> AsyncIterator[Stage]:
    """Run a node that sends to well and ill peers."""
    async with AsyncExitStack() as stack:
        peers = {code: await stack.enter_async_context(a_peer()) for code in (WELL, *ILL)}
        for code, mood in ILL.items():
            peers[code].mood = mood
        await asyncio.to_thread((folder / "secret").write_text, "a shared secret", "utf-8")
        offices = [
            webhook_office(code, peer.url, str(folder / "secret")) for code, peer in peers.items()
        ]
        settings = "".join((_RELAY, more, *offices))
        site = await asyncio.to_thread(make_site, folder / "node", settings=settings)
        port = free_port()
        arguments = ["-m", "gateway", "serve", "--config", str(site.config_file)]
        await stack.enter_async_context(
            running([*arguments, "--port", str(port)], port=port, log=folder / "node.log")
        )
        api = await stack.enter_async_context(an_api(site, port))
        yield Stage(api=api, peers=peers)


async def test_ill_peers_delay_nobody_and_get_all_once_they_are_well(
    tmp_path: Path, tell: Tell
) -> None:
    """Three documents wait for each of four ill peers, while a fifth gets its own at once."""
    async with a_stage(tmp_path) as stage:
        sent = {code: [await stage.send(code) for _ in range(EACH)] for code in ILL}
        began = monotonic()
        well = [await stage.send(WELL) for _ in range(EACH)]
        await _until(lambda: _all_in(stage, well, "arrived"), 10)
        tell("seconds until the well peer had its documents", f"{monotonic() - began:.2f}")
        assert monotonic() - began < 2.0, "ill peers delay a well one"
        await asyncio.sleep(SUFFER_S)
        tell("attempts at ill peers", {code: len(stage.peers[code].attempts) for code in ILL})
        _back_off_is_shared(stage.peers["H13.05"])
        cured_at = monotonic()
        for code in ILL:
            stage.peers[code].mood = Mood.WELL
        for code, documents in sent.items():
            await _until(_all_in_arrived(stage, documents), 20)
            _is_heard_at_once(stage.peers[code], cured_at)
        tell("seconds from the cure to the last arrival", f"{monotonic() - cured_at:.2f}")
        stored = await ledger.all_documents(stage.api)
        for code, peer in stage.peers.items():
            _same_id_for_repeats(peer, stored, code)
        await _work_off(stage)
        stored = await ledger.all_documents(stage.api)
        tell("deliveries, all done", ledger.deliveries_are_done(stored))
        receipts = await ledger.receipts_took_effect_once(stage.api, [SENDER])
        tell("receipts, each event once and chained", receipts)


async def test_a_peer_that_never_returns_makes_its_deliveries_fail(
    tmp_path: Path, tell: Tell
) -> None:
    """After deadline and attempts a delivery has failed; a late report still moves it."""
    more = "deadline_h = 0.0006\nleast_attempts = 3\n"
    async with a_stage(tmp_path, more) as stage:
        began = monotonic()
        lost = {code: await stage.send(code) for code in ILL}
        well = await stage.send(WELL)
        await _until(lambda: _all_in(stage, list(lost.values()), "failed"), 30)
        tell("seconds until four deliveries had failed", f"{monotonic() - began:.2f}")
        assert await stage.state(well) == "arrived"
        tries = {code: len(stage.peers[code].documents()) for code in ILL}
        assert min(tries.values()) >= 3
        answer = await stage.api.call(
            "POST", f"/documents/{lost['H13.03']}/status", who="H13.03", body={"code": "06"}
        )
        assert answer.status == 200
        assert await stage.state(lost["H13.03"]) == "done"


def _back_off_is_shared(peer: Peer) -> None:
    """Three waiting documents make no more attempts than one would, at growing distances."""
    times = [each.at for each in peer.documents()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) <= SUFFER_S + 5, f"{len(times)} attempts: each document has its own pauses"
    assert gaps[0] >= 0.18
    assert max(gaps) >= 0.85, gaps


def _is_heard_at_once(peer: Peer, cured_at: float) -> None:
    """With the first success the pause ends for all that waits."""
    heard = [each.at for each in peer.documents() if each.mood is Mood.WELL]
    assert heard[0] - cured_at < 2.5, "the pause is longer than the longest"
    assert heard[-1] - heard[0] < 0.8, "the pause was not cleared"


def _same_id_for_repeats(peer: Peer, stored: list[Json], code: str) -> None:
    """Each document came whole, again under the same Gateway-Id, and every one came."""
    digests = {item["id"]: item["sha256"] for item in stored if code in item["to"]}
    came = {(each.document, each.id, each.sha256) for each in peer.documents()}
    assert len(came) == EACH
    assert {document: digest for document, _, digest in came} == digests


async def _work_off(stage: Stage) -> None:
    for code in stage.peers:
        office = Recipient(
            api=stage.api,
            agency=code,
            chance=random.Random(1),  # noqa: S311 - no secret
            stopping=asyncio.Event(),
            is_pulling=False,
        )
        await office.finish()


def _all_in_arrived(
    stage: Stage, documents: list[str]
) -> Callable[[], Coroutine[None, None, bool]]:
    return lambda: _all_in(stage, documents, "arrived")


async def _all_in(stage: Stage, documents: list[str], state: str) -> bool:
    return all([await stage.state(document) == state for document in documents])


async def _until(holds: Callable[[], Coroutine[None, None, bool]], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
