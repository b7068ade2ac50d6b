"""What desks ask of the store, on every engine: what is followed up, what followed, what is counted."""

from dataclasses import replace
from datetime import date

from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import FollowUp
from gateway.storage.store import SqlStore
from tests.storage.cellar import a_document

READER, OTHER = "H13.02", "H13.03"
DAY = date(2026, 12, 10)


def due(day: date | None, state: DeliveryState = DeliveryState.ARRIVED) -> Document:
    """Return a document for two recipients that is to be answered by *day*."""
    document = a_document(READER, OTHER)
    return replace(
        document,
        metadata=replace(document.metadata, due_on=day),
        deliveries=tuple(replace(each, state=state) for each in document.deliveries),
    )


async def put(store: SqlStore, *documents: Document) -> None:
    """Store *documents*, the first one first."""
    await store.write(lambda tx: [tx.documents.add(each) for each in documents])


async def followed(store: SqlStore, wanted: FollowUp) -> list[str]:
    """Return the documents that the reader follows up."""
    lines = await store.read(lambda tx: tx.deliveries.followed(READER, wanted))
    return [each.document for each in lines]


async def test_what_is_open_stands_by_its_day(store: SqlStore) -> None:
    """What was assigned without a day comes last; what has neither is not there."""
    late, soon = due(DAY), due(date(2026, 12, 1))
    assigned, plain = due(None, DeliveryState.ASSIGNED), due(None)
    await put(store, late, soon, assigned, plain)

    assert await followed(store, FollowUp()) == [soon.id, late.id, assigned.id]


async def test_the_next_page_begins_behind_the_last_line(store: SqlStore) -> None:
    """Among lines of one day by their positions."""
    one, two, last = due(DAY), due(DAY), due(None, DeliveryState.IN_PROGRESS)
    await put(store, one, two, last)

    assert await followed(store, FollowUp(after_day=DAY, after=1)) == [two.id, last.id]


async def test_a_day_of_its_own_takes_the_place_of_the_senders(store: SqlStore) -> None:
    """Only at the recipient that gave it."""
    document = due(DAY)
    await put(store, document)
    first = document.deliveries[0]

    await store.write(lambda tx: tx.deliveries.answer_by(first.id, date(2026, 11, 30)))

    lines = await store.read(lambda tx: tx.deliveries.followed(READER, FollowUp()))
    others = await store.read(lambda tx: tx.deliveries.followed(OTHER, FollowUp()))
    assert [lines[0].due_on, others[0].due_on] == [date(2026, 11, 30), DAY]


async def test_what_is_overdue_is_counted_up_to_a_limit(store: SqlStore) -> None:
    """What is due on the day itself is not over yet; what is done never is."""
    await put(store, due(date(2026, 12, 9)), due(date(2026, 12, 8)), due(DAY))
    await put(store, due(date(2026, 12, 1), DeliveryState.DONE))

    many = await store.read(lambda tx: tx.deliveries.count_followed(READER, DAY, 10))
    one = await store.read(lambda tx: tx.deliveries.count_followed(READER, DAY, 1))

    assert [many, one] == [2, 1]


async def test_a_document_is_counted_once_however_many_receive_it(store: SqlStore) -> None:
    """In one of the states that are asked for."""
    document = due(None, DeliveryState.WAITING)
    await put(store, document, due(None))

    states = ("waiting", "sending")
    sent = await store.read(lambda tx: tx.deliveries.count(document.sender, "out", states, 10))
    received = await store.read(lambda tx: tx.deliveries.count(READER, "in", states, 10))

    assert [sent, received] == [1, 1]


async def test_what_follows_a_document_is_found_from_it(store: SqlStore) -> None:
    """Of its own sender, oldest first."""
    one = replace(a_document(READER), replaces="H13.01/2026/1")
    two = replace(a_document(READER), replaces="H13.01/2026/1")
    await put(store, one, two)

    found = await store.read(lambda tx: tx.documents.following(one.sender, "H13.01/2026/1"))
    foreign = await store.read(lambda tx: tx.documents.following("H99", "H13.01/2026/1"))

    assert [[each.id for each in found], foreign] == [[one.id, two.id], []]
