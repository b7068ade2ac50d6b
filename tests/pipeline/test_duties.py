"""Duties: who missed one is reminded once, and is not any more when it is done."""

import pytest

from gateway.domain.reminders import ReminderKind
from tests.pipeline.rooms import (
    ADMIN,
    AUDITOR,
    AXIS,
    OTHER,
    PUSHED,
    READER,
    SENDER,
    Rooms,
    a_message,
    lane,
    office,
    told,
)

K = ReminderKind
DAY_S = 86_400


async def reminders(node: Rooms, of: str) -> list[tuple[str, str]]:
    """Return kind and recipient of what the agency *of* is reminded of."""
    return [(each.kind, each.to) for each in await node.gateway.duties.open(office(of))]


async def events(node: Rooms, of: str) -> list[str]:
    """Return what the event stream of *of* told of reminders."""
    notices = await node.gateway.lookup.notices(office(of), after=0, limit=100)
    return [each.state for each in notices if each.kind == "reminder"]


async def test_what_was_not_accepted_the_same_day_is_told(node: Rooms) -> None:
    """To the office that has it, once, in its stream of events, too."""
    document = await node.sent()
    await node.report(document, "01")
    await node.gateway.duties.look()
    same_day = await reminders(node, READER)
    node.clock.move(DAY_S)

    await node.gateway.duties.look()
    await node.gateway.duties.look()

    assert (same_day, await reminders(node, READER)) == ([], [(K.LATE_ACKNOWLEDGEMENT, READER)])
    assert await events(node, READER) == ["late-acknowledgement"]


async def test_an_accepted_document_settles_its_reminder(node: Rooms) -> None:
    """It is listed no more."""
    document = await node.sent()
    await node.report(document, "01")
    node.clock.move(DAY_S)
    await node.gateway.duties.look()

    await node.report(document, "03")
    await node.gateway.duties.look()

    assert await reminders(node, READER) == []


async def test_what_came_after_hours_counts_for_the_next_working_day(node: Rooms) -> None:
    """Friday evening is Monday morning."""
    node.clock.move(12 * 3600)
    document = await node.sent()
    await node.report(document, "01")
    node.clock.move(2 * DAY_S)

    await node.gateway.duties.look()

    assert await reminders(node, READER) == []


async def test_a_late_sending_is_told_at_once(node: Rooms) -> None:
    """Signed a week ago, sent today."""
    await node.sent(promulgated_on="2026-11-12")

    assert await reminders(node, SENDER) == [(K.LATE_SENDING, "")]


async def test_a_held_document_that_should_be_out_is_told(node: Rooms) -> None:
    """It waits for a decision past the next working morning."""
    await node.sent(kind="complaint")
    node.clock.move(4 * DAY_S)

    await node.gateway.duties.look()

    assert await reminders(node, SENDER) == [(K.LATE_SENDING, "")]


async def test_what_waits_in_the_queue_past_the_morning_is_told(node: Rooms) -> None:
    """For each recipient, until it is sent."""
    await node.sent(PUSHED)
    node.peer(lane(PUSHED)).down = True
    node.clock.move(4 * DAY_S)
    await node.relay_once()
    await node.gateway.duties.look()
    waiting = await reminders(node, SENDER)
    node.peer(lane(PUSHED)).down = False
    node.clock.move(3600)

    await node.relay_all()
    await node.gateway.duties.look()

    assert (waiting, await reminders(node, SENDER)) == ([(K.LATE_SENDING, PUSHED)], [])


async def test_a_day_that_is_over_is_told_to_who_works_on_it(node: Rooms) -> None:
    """Whoever is done hears nothing."""
    document = await node.sent(READER, OTHER, due_on="2026-11-24")
    for by, code in ((READER, "05"), (OTHER, "06")):
        await node.report(document, code, by=by)
    node.clock.move(4 * DAY_S)
    await node.gateway.duties.look()
    on_the_day = await reminders(node, READER)
    node.clock.move(DAY_S)

    await node.gateway.duties.look()

    assert (on_the_day, await reminders(node, READER)) == ([], [(K.OVERDUE, READER)])
    assert await reminders(node, OTHER) == []


async def test_the_same_number_and_notation_warn(node: Rooms) -> None:
    """The sender by a finding, the clerk who gets it by a reminder."""
    first = await node.sent(number="15")

    second = await node.sent(number="15")

    assert told(first.findings) == []
    assert told(second.findings) == ["meta-duplicate"]
    assert await reminders(node, READER) == [(K.DUPLICATE, READER)]


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "16"},
        {"notation": "SNV-TC"},
        {"sender": OTHER},
        {"promulgated_on": "2025-12-31"},
    ],
)
async def test_another_number_notation_agency_or_year_is_no_duplicate(
    node: Rooms, changes: dict[str, object]
) -> None:
    """All three must be the same, and numbers begin anew each year."""
    await node.sent(number="15")

    second = await node.sent(**({"number": "15"} | changes))

    assert "meta-duplicate" not in told(second.findings)


async def test_a_replaced_number_from_an_axis_warns_the_clerk(node: Rooms) -> None:
    """It is taken in all the same."""
    await node.take_in(AXIS, a_message(sender="H40.01", document_id="A"))

    assert await node.take_in(AXIS, a_message(sender="H40.01", document_id="B", content=b"hai"))

    assert await reminders(node, READER) == [(K.DUPLICATE, READER)]


async def test_another_document_under_a_known_identifier_warns_the_clerk(node: Rooms) -> None:
    """It is refused; who has the first one hears of it."""
    await node.take_in(AXIS, a_message(sender="H40.01"))

    assert not await node.take_in(AXIS, a_message(sender="H40.01", content=b"hai"))

    assert await reminders(node, READER) == [(K.DUPLICATE, READER)]


async def test_a_recall_that_nobody_answers_is_told(node: Rooms) -> None:
    """To the office that should, until it does."""
    document = await node.sent()
    await node.report(document, "03")
    await node.gateway.recalling.recall(document.id, "gửi nhầm", office(SENDER))
    node.clock.move(DAY_S)
    await node.gateway.duties.look()
    asked = await reminders(node, READER)

    await node.report(document, "15")
    await node.gateway.duties.look()

    assert (asked, await reminders(node, READER)) == ([(K.RECALL_UNANSWERED, READER)], [])


async def test_a_refused_recall_is_told_to_the_sender(node: Rooms) -> None:
    """The texts give a recipient no right to refuse."""
    document = await node.sent()
    await node.report(document, "03")
    await node.gateway.recalling.recall(document.id, "gửi nhầm", office(SENDER))

    await node.report(document, "16", note="đã xử lý")

    assert await reminders(node, SENDER) == [(K.RECALL_REFUSED, READER)]


async def test_administrators_and_auditors_see_all_reminders(node: Rooms) -> None:
    """Offices see their own."""
    await node.sent(promulgated_on="2026-11-12")

    assert [len(await node.gateway.duties.open(each)) for each in (ADMIN, AUDITOR)] == [1, 1]
    assert await reminders(node, READER) == []


async def test_what_cannot_be_made_good_is_settled_by_time(node: Rooms) -> None:
    """After a month nobody is shown it."""
    await node.sent(promulgated_on="2026-11-12")
    node.clock.move(31 * DAY_S)

    await node.gateway.duties.look()

    assert await reminders(node, SENDER) == []
