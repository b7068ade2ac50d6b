"""A clock that jumps over years, forth and back, while documents come and go.

Once by libfaketime, under the whole process; once by the node's own clock, where libfaketime
cannot be had. Monotonic time goes on as it should: that is what an operating system guarantees.
"""

import asyncio
import os
import random
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.processes import free_port, running
from bench.sites import Site, make_site
from tests.long import crashing_node, ledger
from tests.long.api import Api, an_api
from tests.long.conftest import Tell
from tests.long.peer import Mood, Peer, a_peer, webhook_office
from tests.long.recipients import Recipient
from tests.long.senders import Sender

SENDERS, PULLING, WEBHOOK = ("H13.01", "H13.05"), "H13.02", "H13.03"
PHASE_S = 2.5
_LIBRARIES = ("libfaketimeMT.so.1", "faketime/libfaketimeMT.so.1")
_YEAR = timedelta(days=400)
_NEW_YEAR = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # in the zone of the node
_RELAY = """
[storage]
minimum_free_mb = 0
[relay]
poll_s = 0.05
first_delay_s = 5.0
longest_delay_s = 600.0
"""


@pytest.mark.parametrize("way", ["libfaketime", "the node's own clock"])
async def test_a_clock_that_jumps_over_years_stops_and_doubles_nothing(
    way: str, tmp_path: Path, tell: Tell
) -> None:
    """Jump years ahead and back, over New Year, with leases and back-off under way."""
    file = tmp_path / "offset"
    _jump(file, timedelta())
    environment = await _faked(file) if way == "libfaketime" else {}
    async with a_peer() as peer:
        site = await asyncio.to_thread(_site, tmp_path, peer.url)
        port = free_port()
        arguments = [crashing_node.__file__, str(site.config_file), str(port)]
        if not environment:
            arguments.append(str(file))
        async with (
            running(
                arguments, port=port, log=tmp_path / "node.log", environment=environment
            ) as program,
            an_api(site, port) as api,
        ):
            senders, office, desk = await _live(api, peer, file)
            await _all_arrive(api, peer, office)
            await office.finish()
            await desk.finish()
            assert program.process.returncode is None
            await _check(api, site, senders, tell)


def _site(folder: Path, url: str) -> Site:
    (folder / "secret").write_text("a shared secret", "utf-8")
    settings = _RELAY + webhook_office(WEBHOOK, url, str(folder / "secret"))
    return make_site(folder / "node", settings=settings)


def _jump(file: Path, offset: timedelta) -> None:
    """Set the clock wrong by *offset*, at once: by rename, so that nobody reads half of it."""
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(f"{offset.total_seconds():+.0f}", "utf-8")
    unfinished.rename(file)


def _jumps() -> Sequence[timedelta]:
    new_year = _NEW_YEAR - timedelta(seconds=PHASE_S / 2) - datetime.now(UTC)  # noqa: TID251
    nothing, hours, days = timedelta(), timedelta(hours=7), timedelta(days=3)
    return (new_year, nothing, _YEAR, nothing, -days, 2 * _YEAR, days, new_year, hours, nothing)


async def _live(api: Api, peer: Peer, file: Path) -> tuple[list[Sender], Recipient, Recipient]:
    """Let offices work while the clock jumps and the peer is ill every other time."""
    stopping = asyncio.Event()
    senders = [
        Sender(
            api=api,
            agency=agency,
            recipients=(PULLING, WEBHOOK),
            chance=random.Random(n),  # noqa: S311 - no secret
            stopping=stopping,
            promulgated_on="2026-03-02",
            pause_s=0.05,
        )
        for n, agency in enumerate(SENDERS)
    ]
    office, desk = (
        Recipient(
            api=api,
            agency=agency,
            chance=random.Random(9),  # noqa: S311 - no secret
            stopping=stopping,
            is_pulling=agency == PULLING,
            lease_s=1,
        )
        for agency in (PULLING, WEBHOOK)
    )
    async with asyncio.TaskGroup() as group:
        for sender in senders:
            group.create_task(sender.run())
        for recipient in (office, desk):
            group.create_task(recipient.run())
        for n, offset in enumerate(_jumps()):
            peer.mood = Mood.WELL if n % 2 else Mood.FAILS
            _jump(file, offset)
            await asyncio.sleep(PHASE_S)
        stopping.set()
    return senders, office, desk


async def _all_arrive(api: Api, peer: Peer, office: Recipient) -> None:
    """Everything reaches its office, though leases and pauses were set by another clock."""
    peer.mood = Mood.WELL
    async with asyncio.timeout(60):
        while await _under_way(api, WEBHOOK) or await _under_way(api, PULLING):
            await office.take()
            await asyncio.sleep(0.1)


async def _under_way(api: Api, agency: str) -> int:
    states = [
        _own_state(item, agency) async for item in api.pages("/documents?box=in", who=agency)
    ]
    return sum(state in {"waiting", "sending"} for state in states)


def _own_state(item: Mapping[str, list[Mapping[str, str]]], agency: str) -> str:
    return next(each["state"] for each in item["deliveries"] if each["to"] == agency)


async def _check(api: Api, site: Site, senders: Sequence[Sender], tell: Tell) -> None:
    submissions = [each for sender in senders for each in sender.submissions]
    documents = await ledger.all_documents(api)
    tell("answered 201, there once", ledger.each_is_there_once(documents, submissions))
    codes = ledger.codes_have_no_gap(documents)
    assert len({head.rpartition("/")[2] for head in codes}) >= 3, "the years did not turn"
    tell("codes 1 to n in every year", codes)
    tell("arrival numbers 1 to n", ledger.arrival_numbers_have_no_gap(site))
    tell("deliveries, all done", ledger.deliveries_are_done(documents))
    await ledger.bytes_are_the_same(api, documents, submissions)
    receipts = await ledger.receipts_took_effect_once(api, SENDERS)
    tell("receipts, each event once and chained", receipts)
    tell("audit records, chain recomputed", await ledger.audit_chain_holds(api))


async def _faked(file: Path) -> dict[str, str]:
    """Return the environment in which the clock follows *file*; skip where it cannot be had."""
    library = _library() or (await _install() and _library())
    if not library:
        pytest.skip("libfaketime is not here and cannot be installed")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def _library() -> Path | None:
    for folder in (Path("/usr/lib"), Path("/usr/local/lib")):
        for name in _LIBRARIES:
            for found in (*folder.glob(name), *folder.glob(f"*/{name}")):
                return found
    return None


async def _install() -> bool:
    """Install Debian's package where that is permitted."""
    if os.geteuid() != 0:
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            "apt-get", "install", "-y", "faketime", stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
    except FileNotFoundError:
        return False
    return await process.wait() == 0
