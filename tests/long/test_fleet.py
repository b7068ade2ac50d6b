"""Nothing is lost by several nodes: killed, joined, drained, over a server that falls and a bucket that fails."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.buckets import BucketServer, bucket_server
from tests.long import ledger
from tests.long.api import Api, an_api
from tests.long.conftest import Tell
from tests.long.fleet import BadWay, Fleet, a_fleet, make_shared_site
from tests.long.lives import ways_to_die
from tests.long.recipients import Recipient
from tests.long.senders import Sender
from tests.postgres import Server, programs, server

KILLS = int(os.environ.get("GATEWAY_TEST_FLEET_KILLS", "40"))
RESTARTS = int(os.environ.get("GATEWAY_TEST_FLEET_RESTARTS", "4"))
ROLLS = int(os.environ.get("GATEWAY_TEST_FLEET_ROLLS", "6"))
SENDERS = ("H13.01", "H13.04", "H13.05", "H13.06")
RECIPIENTS = ("H13.02", "H13.03")
_ANSWERS = {200, 201, 409, 422, 503}


@pytest.fixture(name="postgres")
def _postgres() -> Iterator[Server]:
    """A PostgreSQL server of its own, to be felled."""
    if programs() is None:
        pytest.skip("no PostgreSQL here: its programs were not found")
    with server() as running:
        yield running


@pytest.fixture(name="bucket")
def _bucket(tmp_path: Path) -> Iterator[BucketServer]:
    """A server with an empty bucket."""
    with bucket_server("nanio", tmp_path / "bucket") as running:
        yield running


@dataclass(slots=True, kw_only=True)
class Offices:
    """Offices that send and take through the balancer, and what must be true of it afterwards."""

    api: Api
    stop_sending: asyncio.Event = field(default_factory=asyncio.Event)
    stop_taking: asyncio.Event = field(default_factory=asyncio.Event)
    senders: list[Sender] = field(default_factory=list)
    recipients: list[Recipient] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take on clerks."""
        self.senders = [
            Sender(
                api=self.api,
                agency=agency,
                recipients=RECIPIENTS,
                chance=random.Random(n),  # noqa: S311 - no secret
                stopping=self.stop_sending,
            )
            for n, agency in enumerate(SENDERS)
        ]
        self.recipients = [
            Recipient(
                api=self.api,
                agency=agency,
                chance=random.Random(50 + n),  # noqa: S311 - no secret
                stopping=self.stop_taking,
            )
            for n, agency in enumerate(RECIPIENTS)
        ]

    @asynccontextmanager
    async def working(self, fleet: Fleet) -> AsyncIterator[None]:
        """Send and take; in the end, with all nodes well, finish what was begun."""
        async with asyncio.TaskGroup() as group:
            sending = [group.create_task(each.run()) for each in self.senders]
            taking = [group.create_task(each.run()) for each in self.recipients]
            yield
            async with fleet.well():
                self.stop_sending.set()
                await asyncio.wait(sending)
                self.stop_taking.set()
                await asyncio.wait(taking)

    async def check(self, fleet: Fleet, tell: Tell) -> None:
        """Look at everything that must be true, with all nodes well."""
        async with fleet.well():
            for recipient in self.recipients:
                await recipient.finish()
            await self._check(fleet, tell)

    async def _check(self, fleet: Fleet, tell: Tell) -> None:
        api, submissions = self.api, [each for one in self.senders for each in one.submissions]
        documents = await ledger.all_documents(api)
        answers = Counter(answer for each in submissions for answer in each.answers)
        assert set(answers) <= _ANSWERS, answers
        tell("submissions, answers by status", (len(submissions), dict(sorted(answers.items()))))
        tell("taken, there once", ledger.each_is_there_once(documents, submissions))
        tell("codes 1 to n, no gap, no double", ledger.codes_have_no_gap(documents))
        tell("arrival numbers 1 to n", ledger.arrival_numbers_have_no_gap(fleet.site))
        tell(
            "bytes fetched back, all the same",
            await ledger.bytes_are_the_same(api, documents, submissions),
        )
        tell("deliveries, all done", ledger.deliveries_are_done(documents))
        tell("receipts, once and chained", await ledger.receipts_took_effect_once(api, SENDERS))
        tell("audit records, chain recomputed", await ledger.audit_chain_holds(api))
        tell("connections by node", sorted(fleet.balancer.counts.values()))


@dataclass(slots=True, kw_only=True)
class Listener:
    """A program that follows the events of an agency, from whichever node it comes upon."""

    api: Api
    agency: str
    stopping: asyncio.Event
    seen: list[int] = field(default_factory=list)
    streams: int = 0

    async def run(self) -> None:
        """Listen, and resume where a stream ended, until told to stop."""
        while not self.stopping.is_set():
            with suppress(aiohttp.ClientError, TimeoutError):
                await self._listen()
            await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        headers = {
            "Authorization": f"Bearer {self.api.site.tokens[self.agency]}",
            "Last-Event-ID": str(self.seen[-1] if self.seen else 0),
        }
        url = f"http://127.0.0.1:{self.api.port}/api/v1/events"
        patience = aiohttp.ClientTimeout(total=None, sock_read=2.0)
        async with self.api.session.get(url, headers=headers, timeout=patience) as answer:
            if answer.status != 200:
                return
            self.streams += 1
            async for line in answer.content:
                if line.startswith(b"id: "):
                    self.seen.append(int(line[4:]))
                if self.stopping.is_set():
                    return


Trouble = Callable[[Fleet, random.Random], Awaitable[None]]


async def _suffer(fleet: Fleet, trouble: Trouble, tell: Tell) -> Offices:
    """Let offices work while *trouble* comes over *fleet*; check everything afterwards."""
    chance = random.Random(8)  # noqa: S311 - no secret
    async with fleet.balancer.open(), an_api(fleet.site, fleet.balancer.port) as api:
        offices = Offices(api=api)
        async with offices.working(fleet):
            await trouble(fleet, chance)
        await offices.check(fleet, tell)
    return offices


async def test_nodes_that_are_killed_lose_nothing(
    tmp_path: Path, postgres: Server, bucket: BucketServer, tell: Tell
) -> None:
    """One of two dies again and again, at every commit point and at random instants."""
    fleet = await _two(tmp_path, postgres, bucket.endpoint)

    async def kill(fleet: Fleet, chance: random.Random) -> None:
        async with fleet.well(0):
            for way in ways_to_die(KILLS, chance):
                await fleet.nodes[1].live_and_die(way)

    await _suffer(fleet, kill, tell)
    for way, times in sorted(fleet.deaths.items()):
        tell(f"killed {way}", times)
    assert fleet.deaths.total() >= KILLS


async def test_a_server_that_falls_under_load_loses_nothing(
    tmp_path: Path, postgres: Server, bucket: BucketServer, tell: Tell
) -> None:
    """It is stopped as by a crash and started again; nodes wait for it."""
    fleet = await _two(tmp_path, postgres, bucket.endpoint)

    async def fell(fleet: Fleet, chance: random.Random) -> None:
        async with fleet.well():
            for _ in range(RESTARTS):
                await asyncio.sleep(chance.uniform(1.0, 2.0))
                await asyncio.to_thread(postgres.stop)
                await asyncio.sleep(chance.uniform(0.0, 1.0))
                await asyncio.to_thread(postgres.start)
            await asyncio.sleep(1.0)

    await _suffer(fleet, fell, tell)


async def test_nodes_that_join_and_leave_under_load_lose_nothing(
    tmp_path: Path, postgres: Server, bucket: BucketServer, tell: Tell
) -> None:
    """One comes, another is drained, as in an upgrade one by one; who listens misses no event."""
    fleet = await _two(tmp_path, postgres, bucket.endpoint)
    listener: list[Listener] = []

    async def roll(fleet: Fleet, chance: random.Random) -> None:
        stopping = asyncio.Event()
        async with an_api(fleet.site, fleet.balancer.port) as api, asyncio.TaskGroup() as group:
            listener.append(Listener(api=api, agency=SENDERS[0], stopping=stopping))
            following = group.create_task(listener[0].run())
            there = AsyncExitStack()
            await there.enter_async_context(fleet.well(0))
            for n in range(1, ROLLS + 1):
                newcomer = AsyncExitStack()
                await newcomer.enter_async_context(fleet.well(n % 2))
                await asyncio.sleep(chance.uniform(0.5, 1.5))
                await there.aclose()
                there = newcomer
                await asyncio.sleep(chance.uniform(0.5, 1.5))
            stopping.set()
            await following
            await there.aclose()

    await _suffer(fleet, roll, tell)

    told = ledger.events_of(fleet.site, SENDERS[0])
    (heard,) = listener
    assert heard.seen == told[: len(heard.seen)]
    tell("events heard in order, none twice", (len(heard.seen), f"in {heard.streams} streams"))
    assert len(heard.seen) > ROLLS


async def test_a_bucket_that_fails_under_load_loses_nothing(
    tmp_path: Path, postgres: Server, bucket: BucketServer, tell: Tell
) -> None:
    """Errors, silence, slowness, broken transfers, nobody there: each for a while."""
    way = BadWay(target=bucket.port)
    async with way.open():
        fleet = await _two(tmp_path, postgres, f"http://127.0.0.1:{way.port}")

        async def fail(fleet: Fleet, chance: random.Random) -> None:
            async with fleet.well():
                for mood in ("error", "halted", "slow", "cut", "away") * 2:
                    await asyncio.sleep(chance.uniform(0.3, 0.8))
                    with way.being(mood):
                        await asyncio.sleep(chance.uniform(1.0, 3.0))

        await _suffer(fleet, fail, tell)
    tell("transfers that failed, by the way", dict(way.counts))
    assert set(way.counts) == {"error", "halted", "slow", "cut", "away"}


async def _two(folder: Path, postgres: Server, endpoint: str) -> Fleet:
    """Return a fleet of two nodes."""

    def make() -> Fleet:
        site = make_shared_site(folder, database=postgres.database(), endpoint=endpoint)
        return a_fleet(site, 2, random.Random(3))  # noqa: S311 - no secret

    return await asyncio.to_thread(make)
