"""What auditors see of an audit record that was archived: checked as a whole, searched behind it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from gateway.bootstrap.equipment import SystemClock
from gateway.domain.announcements import Announcement, AnnouncementKind
from gateway.domain.chain import Broken, ChainFault, ChainRun
from gateway.domain.errors import Refused
from gateway.domain.exchange import AuditEntry
from gateway.domain.figures import Question
from gateway.pipeline.audit_trail import Criteria
from gateway.ports import Selection, Transaction
from tests.pipeline.rooms import ADMIN, AUDITOR, Rooms, rooms

INCIDENT = AnnouncementKind.INCIDENT


@pytest.fixture(name="archived")
async def _archived(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A node whose record was archived but for what came since."""
    async with rooms(tmp_path / "node", at=SystemClock().now()) as node:
        await node.report(await node.sent(), "06")
        await node.gateway.sealing.seal()
        await node.gateway.auditing.checkpoint()
        tomorrow = node.clock.now() + timedelta(days=1)
        await node.gateway.audit_archive.archive(tomorrow, ADMIN, lambda _: None)
        await node.sent(subject="Sau khi lưu trữ")
        yield node


async def checked(node: Rooms) -> ChainRun:
    """Check the chain as the page does."""
    trail = node.gateway.administration.trail
    return await trail.work_off(await trail.begin_check(AUDITOR), AUDITOR)


def file(node: Rooms) -> Path:
    """Return the archive file."""
    (found,) = (node.folder / "data" / "audit-archive").iterdir()
    return found


async def test_the_chain_is_checked_over_what_was_archived(archived: Rooms) -> None:
    """Every record that there ever was."""
    newest = (await archived.audit())[-1].seq

    run = await checked(archived)

    assert (run.broken, run.checked) == (None, newest)


async def test_a_missing_file_breaks_the_chain_at_its_first_record(archived: Rooms) -> None:
    """As a record that was changed does."""
    file(archived).unlink()

    run = await checked(archived)

    assert run.broken == Broken(chain="main", seq=1, fault=ChainFault.CHANGED)


async def test_a_search_looks_through_what_is_there(archived: Rooms) -> None:
    """And comes to an end behind the archive."""
    trail = archived.gateway.administration.trail

    found = await trail.search(Criteria(actor="nobody at all"), AUDITOR)

    assert (found.records, found.next) == ((), None)
    assert found.looked_through == len(await archived.audit())


async def test_a_history_is_whole(archived: Rooms) -> None:
    """Whatever was archived."""
    shown = await archived.gateway.lookup.documents(Selection(), AUDITOR)

    events = {event.event for each in shown.items for event in each.history}
    assert {"submitted", "numbered", "done"} <= events


async def test_all_records_cannot_be_had_without_a_file(
    archived: Rooms,
) -> None:
    """Whoever asks for all records is told what is missing."""
    file(archived).unlink()

    with pytest.raises(Refused, match=r"\.zip"):
        await archived.gateway.run(lambda: list(archived.gateway.auditing.lines()))


async def test_figures_of_use_and_downtime_stay_as_they_were(tmp_path: Path) -> None:
    """Whatever was archived, and however often they are told anew."""
    async with rooms(tmp_path / "node", at=SystemClock().now()) as node:
        gateway, now = node.gateway, node.clock.now()
        document, actor = await node.sent(), "vanthu"
        used = [
            AuditEntry(
                at=now, actor=actor, address=None, action=each, about=about, data={"agency": "H13"}
            )
            for each, about in (
                ("viewed", document.id),
                ("downloaded", document.id),
                ("sign-in", "x"),
            )
        ]
        for entry in used:
            await gateway.store.write(partial(_append, entry=entry))
        notices = gateway.announcing.announcements
        draft = Announcement(kind=INCIDENT, text="Hỏng", begins_at=now, by="", at=now)
        incident = await notices.publish(draft, ADMIN)
        node.clock.move(60)
        await notices.end(incident.id, ADMIN, kind=INCIDENT)
        before = await figures(node)
        await gateway.auditing.checkpoint()
        await gateway.audit_archive.archive(now + timedelta(days=1), ADMIN, lambda _: None)
        await gateway.statistics.recompute()

        assert await figures(node) == before


def _append(tx: Transaction, *, entry: AuditEntry) -> None:
    tx.audit.append(entry)


async def figures(node: Rooms) -> list[object]:
    """Return the figures of this year: what was exchanged and used, and downtime."""
    first, last = date(node.clock.now().year, 1, 1), date(node.clock.now().year, 12, 31)
    asked = Question(first=first, last=last, group=("agency",))
    (downtime,) = await node.gateway.administration.downtime.between(first, last)
    counts = [dict(each) for each in await node.gateway.statistics.report(asked, AUDITOR)]
    return [counts, downtime["incidents"], downtime["incident_s"]]


async def test_quarters_whose_record_was_archived_are_still_shown(archived: Rooms) -> None:
    """The node is as old as the oldest record, wherever that lies."""
    archived.clock.move(200 * 86_400)
    await archived.sent(subject="Sau nửa năm")
    await archived.gateway.sealing.seal()
    await archived.gateway.auditing.checkpoint()
    later = archived.clock.now() + timedelta(days=1)
    await archived.gateway.audit_archive.archive(later, ADMIN, lambda _: None)

    shown = await replace(archived.gateway.publishing, is_public=True).quarters()

    assert len(shown) >= 2
