"""The calendar as administrators change it, while the node runs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.calendar_changes import ChangeKind
from gateway.domain.errors import Conflict, Forbidden
from gateway.pipeline.office_hours import Wish
from tests.pipeline.rooms import ADMIN, AT_DESK, START, Rooms, office, reopened, rooms

#: Another administrator of the node.
SECOND = replace(ADMIN, actor="account:khac")
#: The Friday of these tests is given off.
TODAY_OFF = Wish(
    kind=ChangeKind.DAY_OFF,
    agency=None,
    given={"day": "2026-11-20", "name": "Nghỉ bão", "decision": "3/CĐ-UBND"},
)


async def test_what_arrives_after_a_change_counts_by_it(node: Rooms) -> None:
    """From Monday, not from this morning."""
    await node.gateway.administration.office_hours.apply(TODAY_OFF, ADMIN)

    delivery = await node.delivery(await node.sent(AT_DESK), AT_DESK)

    assert delivery.legal_received_at is not None
    assert delivery.legal_received_at > START + timedelta(days=2)


async def test_what_arrived_before_stays_as_it_was(node: Rooms) -> None:
    """Recorded times never move."""
    document = await node.sent(AT_DESK)
    before = await node.delivery(document, AT_DESK)
    await node.gateway.administration.office_hours.apply(TODAY_OFF, ADMIN)

    assert (await node.delivery(document, AT_DESK)).legal_received_at == before.legal_received_at


async def test_a_change_holds_in_every_process(node: Rooms) -> None:
    """At the next thing that happens there."""
    async with reopened(node.folder) as other:
        await other.gateway.run(lambda: other.gateway.calendar("H13"))
        await node.gateway.administration.office_hours.apply(TODAY_OFF, ADMIN)
        calendar = await other.gateway.administration.office_hours.of(None)

    assert not calendar.is_working_day(START.date())


async def test_a_change_is_recorded_with_its_basis(node: Rooms) -> None:
    """And with who made it."""
    await node.gateway.administration.office_hours.apply(TODAY_OFF, ADMIN)

    record = (await node.audit())[-1]
    assert (record.action, record.actor, record.data["decision"]) == (
        "changed",
        ADMIN.actor,
        "3/CĐ-UBND",
    )


async def test_a_change_is_withdrawn_once(node: Rooms) -> None:
    """Again it is gone already."""
    room = node.gateway.administration.office_hours
    change = await room.apply(TODAY_OFF, ADMIN)
    await room.withdraw(change.id, "4/CĐ-UBND", ADMIN)

    assert (await room.of(None)).is_working_day(START.date())
    with pytest.raises(Conflict):
        await room.withdraw(change.id, "4/CĐ-UBND", ADMIN)


async def test_offices_change_no_calendar(node: Rooms) -> None:
    """Administrators do."""
    with pytest.raises(Forbidden):
        await node.gateway.administration.office_hours.apply(TODAY_OFF, office("H13.01"))


async def test_a_refused_change_is_not_stored(node: Rooms) -> None:
    """Nothing of it."""
    room = node.gateway.administration.office_hours
    nobody = replace(TODAY_OFF, agency="H99")
    with pytest.raises(Exception, match="H99"):
        await room.apply(nobody, ADMIN)

    assert await room.changes() == []


@pytest.fixture(name="careful")
async def _careful(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A node where a second administrator approves changes of the calendar."""
    async with rooms(tmp_path / "node", hours={"four_eyes": True}) as opened:
        yield opened


async def test_with_four_eyes_a_change_waits_for_the_second_person(careful: Rooms) -> None:
    """Until then legal times are as they were; whoever entered it cannot approve it."""
    room = careful.gateway.administration.office_hours
    change = await room.apply(TODAY_OFF, ADMIN)

    assert (await room.of(None)).is_working_day(START.date())
    with pytest.raises(Forbidden):
        await room.approve(change.id, ADMIN)
    approved = await room.approve(change.id, SECOND)

    assert (approved.approved_by, approved.holds) == (SECOND.actor, True)
    assert not (await room.of(None)).is_working_day(START.date())


async def test_what_waits_can_be_taken_back_and_is_approved_no_more(careful: Rooms) -> None:
    """By whoever entered it, too."""
    room = careful.gateway.administration.office_hours
    change = await room.apply(TODAY_OFF, ADMIN)
    await room.withdraw(change.id, "4/CĐ-UBND", ADMIN)

    with pytest.raises(Conflict):
        await room.approve(change.id, SECOND)

    assert (await room.of(None)).is_working_day(START.date())


async def test_what_does_not_wait_is_not_approved(node: Rooms) -> None:
    """Without four eyes a change holds from its commit."""
    room = node.gateway.administration.office_hours
    change = await room.apply(TODAY_OFF, ADMIN)

    with pytest.raises(Conflict):
        await room.approve(change.id, SECOND)


async def test_an_approval_is_recorded_with_who_gave_it(careful: Rooms) -> None:
    """Beside the record of who entered the change, which says that it waits."""
    room = careful.gateway.administration.office_hours
    change = await room.apply(TODAY_OFF, ADMIN)
    await room.approve(change.id, SECOND)

    entered, approved = [each for each in await careful.audit() if each.action == "changed"][-2:]

    assert (entered.actor, entered.data["waits"]) == (ADMIN.actor, True)
    assert (approved.actor, approved.data["operation"]) == (SECOND.actor, "calendar-approved")
