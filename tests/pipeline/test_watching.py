"""The node opens an incident when it cannot keep its promises, and closes it when it can again."""

import asyncio
import socket
import sqlite3
import struct
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from gateway.asking_time import TimeServer
from gateway.bootstrap.watching import Promises, watching
from gateway.crypto.pki import make_pki, revocation_list
from gateway.domain.announcements import Announcement, AnnouncementKind, Severity
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Destination
from gateway.pipeline.relay import node_caller
from tests.pipeline.rooms import ADMIN, AXIS, START, Rooms, reopened, rooms

NODE = node_caller("H13")
EPOCH_S = 2_208_988_800


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A node with an axis."""
    async with rooms(tmp_path / "node") as opened:
        yield opened


async def look(house: Rooms, *, minutes: float = 0, times: int = 1) -> None:
    """Let so many minutes pass and look, again and again."""
    for _ in range(times):
        house.clock.move(minutes * 60)
        await watching(house.gateway, NODE).look()


async def incidents(house: Rooms) -> list[Announcement]:
    """Return every incident, oldest first."""
    listed = await house.gateway.announcing.announcements.listing(AnnouncementKind.INCIDENT)
    return listed[::-1]


async def lose(house: Rooms, *, failures: int = 3) -> None:
    """Let the axis be out of reach, or (0) within."""
    known = Destination(lane=AXIS, failures=failures)
    await house.gateway.store.write(lambda tx: tx.destinations.save(known))


async def test_a_well_node_opens_nothing(house: Rooms) -> None:
    """Nor writes anything down."""
    before = len(await house.audit())
    await look(house, minutes=10, times=5)

    assert (await incidents(house), len(await house.audit())) == ([], before)


async def test_an_axis_out_of_reach_is_told_after_a_while(house: Rooms) -> None:
    """A quarter of an hour by default; since when it is told, too."""
    await lose(house)
    await look(house, minutes=5, times=3)
    early = await incidents(house)
    await look(house, minutes=5)
    (incident,) = await incidents(house)

    assert early == []
    assert (incident.cause, incident.by) == (AXIS, "node")
    assert incident.begins_at == START + timedelta(minutes=5)
    assert "trục liên thông truc" in incident.text
    assert incident.meanwhile != ""


async def test_an_axis_that_is_not_heard_from_counts_as_out_of_reach(house: Rooms) -> None:
    """Though nothing is sent to it."""
    house.gateway.receive.silent[AXIS] = house.clock.now()
    await look(house, minutes=10, times=3)

    assert [each.cause for each in await incidents(house)] == [AXIS]


async def test_it_closes_when_the_axis_has_been_back_for_a_while(house: Rooms) -> None:
    """By the node, with a note."""
    await lose(house)
    await look(house, minutes=10, times=3)
    await lose(house, failures=0)
    await look(house, minutes=4, times=3)
    (incident,) = await incidents(house)

    assert (incident.ended_by, incident.ended_at) == ("node", START + timedelta(minutes=42))


async def test_any_number_of_processes_open_one_incident(tmp_path: Path) -> None:
    """What is known lies in the database."""
    async with rooms(tmp_path / "node") as one, reopened(tmp_path / "node") as two:
        await lose(one)
        for _ in range(4):
            async with asyncio.TaskGroup() as group:
                for each in (one, two, one, two):
                    group.create_task(look(each))
            for each in (one, two):
                each.clock.move(600)
        listed = await incidents(one)

    assert len(listed) == 1


async def test_an_incident_that_was_closed_by_hand_is_not_opened_again(house: Rooms) -> None:
    """Until it was well in between."""
    await lose(house)
    await look(house, minutes=10, times=3)
    (incident,) = await incidents(house)
    room = house.gateway.announcing.announcements
    await room.end(incident.id, ADMIN, kind=AnnouncementKind.INCIDENT)
    await look(house, minutes=10, times=3)
    once = len(await incidents(house))
    await lose(house, failures=0)
    await look(house, minutes=10, times=3)
    await lose(house)
    await look(house, minutes=10, times=3)

    assert (once, len(await incidents(house))) == (1, 2)


async def test_the_incident_of_an_axis_that_was_taken_out_closes(tmp_path: Path) -> None:
    """Nothing can be ill of it any more."""
    async with rooms(tmp_path / "node") as before:
        await lose(before)
        await look(before, minutes=10, times=3)
    later = START + timedelta(hours=1)
    async with reopened(tmp_path / "node", axis=[], at=later) as after:
        await look(after, minutes=10, times=2)
        (incident,) = await incidents(after)

    assert incident.ended_by == "node"


async def test_a_disk_that_is_nearly_full_is_told_at_once(tmp_path: Path) -> None:
    """Critical when submissions are turned away already."""
    plenty = {"minimum_free_mb": 1 << 40}
    async with rooms(tmp_path / "node") as founded:
        assert await incidents(founded) == []
    async with reopened(tmp_path / "node", storage=plenty) as house:
        await look(house)
        (incident,) = await incidents(house)

    assert incident.cause.startswith("disk:")
    assert (incident.severity, "đã đầy" in incident.text) == (Severity.CRITICAL, True)


async def test_a_broken_chain_is_told(house: Rooms) -> None:
    """The daily check finds a record that was altered in the database."""
    file = house.folder / "data" / "gateway.db"
    house.clock.move(25 * 3600)
    _alter(file)
    await Promises(gateway=house.gateway, node=NODE).check_chain()
    await look(house)
    incident, _ = await incidents(house)

    assert (incident.cause, incident.severity) == ("audit-chain", Severity.CRITICAL)
    assert "main:3" in incident.text


async def test_a_guard_that_is_gone_is_told_at_once(house: Rooms) -> None:
    """Though no record was touched; it closes once the guard is back."""
    with closing(sqlite3.connect(house.folder / "data" / "gateway.db")) as database, database:
        database.execute("DROP TRIGGER audit_record_is_not_changed")
    await look(house)
    (incident,) = await incidents(house)
    await house.gateway.auditing.restore_guards(ADMIN)
    await look(house, minutes=4, times=3)
    (closed,) = await incidents(house)

    assert (incident.cause, incident.severity) == ("audit-guard", Severity.CRITICAL)
    assert "audit_record_is_not_changed" in incident.text
    assert closed.ended_by == "node"


async def test_the_chain_is_recomputed_once_a_day(house: Rooms) -> None:
    """Not at every look, and not on a node of today."""
    promises = Promises(gateway=house.gateway, node=NODE)
    counts = []
    for hours in (1, 24, 1, 24):
        house.clock.move(hours * 3600)
        await promises.check_chain()
        counts.append(len(await house.gateway.administration.trail.checks()))

    assert counts == [0, 1, 1, 2]


async def test_overdue_backups_are_told(house: Rooms) -> None:
    """Two periods without one."""
    await look(house, minutes=40 * 60)
    early = await incidents(house)
    await look(house, minutes=10 * 60)

    assert (early, [each.cause for each in await incidents(house)]) == ([], ["backup"])


async def test_a_clock_that_is_off_is_told(house: Rooms) -> None:
    """By an axis whose answers bear another time."""
    for _ in range(3):
        house.gateway.gauge.hear(AXIS, house.clock.now() - timedelta(seconds=90))
        await look(house, minutes=1)
    (incident,) = await incidents(house)

    assert incident.cause.startswith("clock:")
    assert "nhanh 90 giây" in incident.text or "nhanh 89 giây" in incident.text


async def test_expired_revocation_lists_are_told(house: Rooms) -> None:
    """Where they alone decide: signatures cannot be judged any more."""
    trust = house.folder / "config" / "trust"
    trust.mkdir(exist_ok=True)
    _lay_expired(trust, house.clock.now())
    await look(house)

    assert [each.cause for each in await incidents(house)] == ["trust"]


async def test_a_time_server_is_asked() -> None:
    """A real datagram there and back."""
    with a_time_server(behind_s=75.0) as address:
        ahead_s = await asyncio.to_thread(TimeServer(address=address))

    assert ahead_s == pytest.approx(75.0, abs=0.5)


async def test_a_time_server_that_is_silent_is_unavailable() -> None:
    """After its time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable):
            await asyncio.to_thread(TimeServer(address=address, timeout_s=0.1))


@contextmanager
def a_time_server(*, behind_s: float) -> Iterator[str]:
    """Answer one question with the time of a clock that is behind ours; yield the address."""
    serving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    serving.bind(("127.0.0.1", 0))
    serving.settimeout(5.0)

    def answer() -> None:
        question, asker = serving.recvfrom(1024)
        words = struct.unpack(">BBBb11I", question)[4:]
        now_s = time.time() - behind_s
        stamp = (int(now_s) + EPOCH_S, int(now_s % 1 * (1 << 32)))
        given = struct.pack(">BBBb11I", 0x24, 2, 0, 0, 0, 0, 0, *stamp, *words[9:], *stamp, *stamp)
        serving.sendto(given, asker)

    thread = Thread(target=answer)
    thread.start()
    try:
        yield f"127.0.0.1:{serving.getsockname()[1]}"
    finally:
        thread.join()
        serving.close()


def _alter(file: Path) -> None:
    """Change a record behind the node's back, as somebody with the database's own shell would."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("DROP TRIGGER audit_record_is_not_changed")
        database.execute("UPDATE audit_record SET actor = 'nobody' WHERE seq = 3")


def _lay_expired(trust: Path, now: datetime) -> None:
    """Trust an authority whose newest list ended yesterday."""
    pki = make_pki(now - timedelta(days=60))
    (trust / "root.pem").write_bytes(pki.root.pem)
    issued_at, next_at = now - timedelta(days=30), now - timedelta(days=1)
    ended = revocation_list(pki.root, {}, issued_at=issued_at, next_at=next_at)
    (trust / "root.crl").write_bytes(ended)
