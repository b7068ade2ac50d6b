"""The pull box: leases hide for a while, acknowledgements and fetches make a document arrive."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.lifecycle import DeliveryState
from tests.pipeline.rooms import AT_DESK, OTHER, PUSHED, READER, SENDER, Rooms, office


async def acknowledge(
    node: Rooms, *documents: str, by: str = READER
) -> tuple[list[str], list[str]]:
    """Acknowledge *documents*; return the known and the unknown ones."""
    return await node.gateway.inbox.acknowledge(office(by), documents)


async def test_a_lease_hides_what_it_gave(node: Rooms) -> None:
    """A second program of the office gets nothing of it."""
    document = await node.sent()

    assert [document.id] == await node.lease()
    assert await node.lease() == []
    assert (await node.delivery(document)).state is DeliveryState.SENDING


async def test_what_was_not_acknowledged_comes_again(node: Rooms) -> None:
    """After the lease, not before, as often as it takes."""
    document = await node.sent()
    await node.lease(lease_s=60)

    node.clock.move(59)
    assert await node.lease() == []
    node.clock.move(1)
    assert [document.id] == await node.lease()
    assert (await node.delivery(document)).attempts == 2


async def test_the_answer_says_until_when(node: Rooms) -> None:
    """In whole, also for an empty box."""
    leased = await node.gateway.inbox.lease(office(READER), limit=5, lease_s=90)

    assert ((leased.until - node.clock.at).total_seconds(), leased.documents) == (90.0, ())


async def test_urgent_documents_come_first(node: Rooms) -> None:
    """Then the oldest; no more than asked for."""
    plain = await node.sent()
    express = await node.sent(priority="express")
    urgent = await node.sent(priority="urgent")

    assert [express.id, urgent.id] == await node.lease(limit=2)
    assert [plain.id] == await node.lease(limit=2)


async def test_an_office_leases_its_own_only(node: Rooms) -> None:
    """Two recipients do not take each other's."""
    document = await node.sent(READER, OTHER)

    assert [document.id] == await node.lease(READER)
    assert [document.id] == await node.lease(OTHER)
    assert await node.lease(SENDER) == []


async def test_an_acknowledged_document_has_arrived(node: Rooms) -> None:
    """At the instant of the acknowledgement, by the recipient."""
    document = await node.sent()
    await node.lease()
    node.clock.move(30)

    assert ([document.id], []) == await acknowledge(node, document.id)

    delivery = await node.delivery(document)
    assert (DeliveryState.ARRIVED, node.clock.at) == (delivery.state, delivery.received_at)
    last = (await node.history(document))[-1]
    assert (last.event, last.to, last.by) == ("arrived", READER, READER)


async def test_arrival_outside_office_hours_counts_at_the_next_opening(node: Rooms) -> None:
    """Friday evening counts on Monday morning, for the recipient."""
    document = await node.sent()
    node.clock.at = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)

    await acknowledge(node, document.id)

    expected = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert expected == (await node.delivery(document)).legal_received_at


async def test_a_repeated_acknowledgement_counts_and_changes_nothing(node: Rooms) -> None:
    """One arrival, one receipt."""
    document = await node.sent()
    await acknowledge(node, document.id)
    before = await node.delivery(document)
    node.clock.move(60)

    assert ([document.id], []) == await acknowledge(node, document.id, document.id)

    receipts = await node.gateway.lookup.receipts(office(SENDER), after=0, limit=10)
    assert before == await node.delivery(document)
    assert [each.event for each in receipts] == ["numbered", "arrived"]


async def test_a_late_acknowledgement_counts(node: Rooms) -> None:
    """The lease ran out; the office has it all the same."""
    document = await node.sent()
    await node.lease(lease_s=10)
    node.clock.move(3600)

    await acknowledge(node, document.id)

    assert await node.lease() == []


async def test_an_acknowledgement_without_a_lease_counts(node: Rooms) -> None:
    """The office may have found it in a list."""
    document = await node.sent()

    assert ([document.id], []) == await acknowledge(node, document.id)


async def test_what_is_not_this_offices_is_unknown(node: Rooms) -> None:
    """A stranger's document and no document look the same."""
    document = await node.sent()

    assert ([], [document.id, "zz"]) == await acknowledge(node, document.id, "zz", by=OTHER)


async def test_the_first_fetch_of_the_content_is_an_arrival(node: Rooms) -> None:
    """The second changes nothing."""
    document = await node.sent()
    await node.gateway.inbox.fetched(document, office(READER))
    first = await node.delivery(document)
    node.clock.move(60)

    await node.gateway.inbox.fetched(document, office(READER))

    assert first.state is DeliveryState.ARRIVED
    assert first == await node.delivery(document)


async def test_the_sender_may_look_at_its_own(node: Rooms) -> None:
    """That is no arrival."""
    document = await node.sent()

    await node.gateway.inbox.fetched(document, office(SENDER))

    assert (await node.delivery(document)).state is DeliveryState.WAITING


async def test_a_desk_has_it_at_once(node: Rooms) -> None:
    """By the node, not by the sender; the answer to the sender says so already."""
    document = await node.sent(AT_DESK)

    assert document.deliveries[0].state is DeliveryState.ARRIVED
    last = (await node.history(document))[-1]
    assert (last.event, last.by) == ("arrived", "H13")


async def test_what_is_sent_to_an_office_is_not_in_a_pull_box(node: Rooms) -> None:
    """It goes its own way."""
    await node.sent(PUSHED)

    assert await node.lease(PUSHED) == []


async def test_a_fetch_stops_the_sending(node: Rooms) -> None:
    """An office that fetched what was to be sent to it does not get it twice."""
    document = await node.sent(PUSHED)

    await node.gateway.inbox.fetched(document, office(PUSHED))

    assert await node.relay_once() == 0


@pytest.mark.parametrize("jump_s", [-40 * 86_400, -3700])
async def test_a_clock_that_jumped_back_hides_nothing_for_long(node: Rooms, jump_s: float) -> None:
    """No lease reaches further than an hour ahead."""
    document = await node.sent()
    await node.lease(lease_s=3600)

    node.clock.move(jump_s)

    assert [document.id] == await node.lease()


async def test_what_was_fetched_and_not_acknowledged_comes_again(node: Rooms) -> None:
    """Whoever fetched it may have lost it before it was stored."""
    document = await node.sent()
    await node.lease(lease_s=60)
    await node.gateway.inbox.fetched(document, office(READER))

    assert await node.lease() == []
    node.clock.at += timedelta(seconds=61)
    assert await node.lease() == [document.id]
    assert (await node.delivery(document)).state is DeliveryState.ARRIVED


async def test_a_look_takes_nothing_out_of_the_box(node: Rooms) -> None:
    """A clerk of the same agency may read before its office system leases."""
    document = await node.sent()
    await node.gateway.inbox.fetched(document, office(READER))

    assert await node.lease() == [document.id]


@pytest.mark.parametrize("code", ["", "03"])
async def test_an_acknowledgement_or_a_report_ends_it(node: Rooms, code: str) -> None:
    """Then it is in the office's system."""
    document = await node.sent()
    await node.gateway.inbox.fetched(document, office(READER))
    if code:
        await node.report(document, code)
    else:
        await node.gateway.inbox.acknowledge(office(READER), [document.id])
    node.clock.at += timedelta(hours=1)

    assert await node.lease() == []


async def test_what_was_fetched_and_asked_back_is_not_given_again(node: Rooms) -> None:
    """The office answers the recall instead."""
    document = await node.sent()
    await node.gateway.inbox.fetched(document, office(READER))
    await node.gateway.recalling.recall(document.id, "nhầm", office(SENDER))

    assert await node.lease() == []


async def test_what_comes_after_an_empty_look_is_there_at_the_next(node: Rooms) -> None:
    """At once: what is known of an empty box ends with the next commit, whoever makes it."""
    for _ in range(3):
        assert await node.lease() == []
        document = await node.sent()
        assert [document.id] == await node.lease()


async def test_a_lease_that_runs_out_is_seen_although_the_box_was_empty_before(
    node: Rooms,
) -> None:
    """Within a second, without any commit between."""
    document = await node.sent()
    await node.lease(lease_s=60)
    node.clock.move(59.5)
    assert await node.lease() == []

    node.clock.move(1)

    assert [document.id] == await node.lease()
