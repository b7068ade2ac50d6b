"""Stamping: many receipts with one stamp, behind the work, against a real server that comes and goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.crypto.timestamps import verify_stamp
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Receipt
from gateway.domain.merkle import climb, leaf
from gateway.pipeline.stamping import Pace, Proof, proof
from tests.crypto.authority import Stamper, a_stamper, stamping
from tests.pipeline.rooms import SENDER, START, Rooms, office, rooms

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A node, and an authority that can be stopped and started."""

    node: Rooms
    stamper: Stamper
    url: str

    @property
    def port(self) -> int:
        """Return where the authority listens when it does."""
        return int(self.url.split(":")[2].partition("/")[0])

    async def receipts(self, *codes: str) -> list[Receipt]:
        """Let a document go through *codes*; return the receipts of the feed, signed."""
        document = await self.node.sent()
        for code in codes or ("01",):
            await self.node.report(document, code)
        return await self.node.gateway.lookup.receipts(office(SENDER), after=0, limit=500)

    async def proof(self, receipt: Receipt) -> Proof | None:
        """Return what proves *receipt*."""
        return await self.node.read(lambda tx: proof(tx, receipt))

    async def stamped_at(self, receipt: Receipt, found: Proof) -> object:
        """Verify *found* as somebody outside does; return when *receipt* was stamped."""
        root = climb(leaf(receipt.jws.encode()), found.steps)
        anchors = [self.stamper.root]
        return await self.node.gateway.run(lambda: verify_stamp(found.stamp.token, root, anchors))


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Open a node whose authority listens nowhere yet."""
    stamper = a_stamper(START)
    async with stamping(stamper) as url:
        pass
    keys = {"tsa_url": url, "tsa_trust": [stamper.trust(folder / "trust")], "tsa_limit_h": 24.0}
    async with rooms(folder / "node", keys=keys) as node:
        yield Stage(node=node, stamper=stamper, url=url)


@pytest.fixture(name="place")
async def _place(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as place:
        yield place


async def test_many_receipts_take_one_stamp(place: Stage) -> None:
    """The authority is asked once, for a digest that tells it nothing."""
    receipts = await place.receipts("01", "03", "04", "05", "06")
    async with stamping(place.stamper, port=place.port):
        await place.node.gateway.stamping.stamp()

    proofs = [await place.proof(each) for each in receipts]

    assert len(place.stamper.asked) == 1
    assert {place.stamper.asked[0].hex()} == {each.stamp.root for each in proofs if each}
    assert None not in proofs


@pytest.mark.parametrize("documents", [1, 2, 3, 5, 8])
async def test_every_receipt_is_proved_by_itself(place: Stage, documents: int) -> None:
    """Its steps and the token, with the certificate of the authority, and nothing else."""
    receipts: list[Receipt] = []
    for _ in range(documents):
        receipts = await place.receipts()
    async with stamping(place.stamper, port=place.port):
        await place.node.gateway.stamping.stamp()

    for each in receipts:
        found = await place.proof(each)
        assert found is not None
        assert await place.stamped_at(each, found) == found.stamp.at


async def test_what_came_later_takes_the_next_stamp(place: Stage) -> None:
    """Runs of receipts follow one another."""
    receipts: list[Receipt] = []
    async with stamping(place.stamper, port=place.port):
        for _ in range(3):
            receipts = await place.receipts()
            await place.node.gateway.stamping.stamp()

    stamps = [found.stamp for each in receipts if (found := await place.proof(each))]
    runs = [(stamp.first, stamp.last) for stamp in stamps]
    assert runs == [(1, 2), (1, 2), (3, 4), (3, 4), (5, 6), (5, 6)]


async def test_without_a_new_receipt_nobody_is_asked(place: Stage) -> None:
    """Nor is anything stored."""
    async with stamping(place.stamper, port=place.port):
        await place.node.gateway.stamping.stamp()

    assert place.stamper.asked == []


async def test_an_outage_delays_stamps_and_nothing_else(place: Stage) -> None:
    """Receipts go out; once the authority is back all of them are stamped."""
    receipts = await place.receipts("01")
    with pytest.raises(Unavailable):
        await place.node.gateway.stamping.stamp()
    before = [await place.proof(each) for each in receipts]

    async with stamping(place.stamper, port=place.port):
        await place.node.gateway.stamping.stamp()

    assert before == [None, None]
    assert all([await place.proof(each) for each in receipts])


async def test_the_time_that_is_left_runs_down(place: Stage) -> None:
    """From the oldest receipt without a stamp; it goes on below zero."""
    stamps = place.node.gateway.stamping
    idle = (await stamps.delay()).left
    await place.receipts()
    place.node.clock.move(20 * 3600)
    late = (await stamps.delay()).left
    place.node.clock.move(5 * 3600)

    assert (idle, late, (await stamps.delay()).left) == (24 * HOUR, 4 * HOUR, -HOUR)


async def test_the_authority_is_asked_again_until_it_answers(place: Stage) -> None:
    """With pauses that grow; stopped and started, it is found again, and the log tells of it."""
    quick = Pace(every=timedelta(seconds=0.02), first_pause=timedelta(seconds=0.02))
    stamps = replace(place.node.gateway.stamping, pace=quick)
    *_, receipt = await place.receipts()
    stopping = asyncio.Event()

    with capture_logs() as told:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(stamps.attend(stopping))
            while not told:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.01)
            async with stamping(place.stamper, port=place.port):
                while await place.proof(receipt) is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                again = "receipts are stamped again"
                while again not in {each["event"] for each in told}:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            stopping.set()

    warning = told[0]
    assert (warning["log_level"], warning["hours_left"]) == ("warning", 24.0)


async def test_past_the_limit_a_person_must_act(place: Stage) -> None:
    """The log says so as an error."""
    stamps = replace(place.node.gateway.stamping, pace=Pace(every=HOUR))
    await place.receipts()
    place.node.clock.move(25 * 3600)
    stopping = asyncio.Event()

    with capture_logs() as told:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(stamps.attend(stopping))
            while not told:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.01)
            stopping.set()

    assert (told[0]["log_level"], told[0]["hours_left"]) == ("error", -1.0)


def test_pauses_grow_up_to_a_limit() -> None:
    """From seconds to an hour."""
    pace = Pace(every=HOUR)

    assert [pace.pause(n, jitter=0.5) for n in (1, 2, 3, 50)] == [
        timedelta(seconds=5),
        timedelta(seconds=10),
        timedelta(seconds=20),
        HOUR,
    ]
