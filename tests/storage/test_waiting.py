"""What waits for its recipient lies in an index of its own, and stands in every list all the same."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from gateway.domain.document import Priority
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.ports import Selection
from gateway.storage.store import SqlStore
from tests.storage.cellar import a_document

READER, OTHER = "H13.02", "H13.03"
SENDERS = ("H13.01", "H13.04")
STATES = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.ARRIVED, DeliveryState.DONE)
ASKED = (None, DeliveryState.WAITING, DeliveryState.ARRIVED)


def everything() -> Iterator[Document]:
    """Yield a document of each sender, priority, state of the delivery, and one that is held."""
    for sender, priority, state in product(SENDERS, Priority, STATES):
        document = a_document(READER, OTHER)
        mine, theirs = document.deliveries
        yield replace(
            document,
            sender=sender,
            metadata=replace(document.metadata, priority=priority),
            deliveries=(replace(mine, state=state), theirs),
        )
    yield replace(
        a_document(READER, OTHER), sender=SENDERS[0], code=None, state=DocumentState.HELD
    )


@pytest.mark.parametrize("at", ASKED)
@pytest.mark.parametrize("counterpart", [None, SENDERS[1]])
@pytest.mark.parametrize("state", [None, "accepted"])
async def test_a_list_of_the_inbox_shows_what_waits_and_what_does_not(
    store: SqlStore, at: DeliveryState | None, counterpart: str | None, state: str | None
) -> None:
    """Whatever it chooses by, newest first; what is held is in none."""
    documents = list(everything())
    await store.write(lambda tx: [tx.documents.add(each) for each in documents])
    selection = Selection(
        agency=READER,
        box="in",
        at=() if at is None else (at.value,),
        counterpart=counterpart,
        state=state,
        limit=100,
    )

    shown = await store.read(lambda tx: tx.documents.select(selection))

    assert [each.id for each in shown] == [
        each.id
        for each in reversed(documents)
        if each.state is DocumentState.ACCEPTED
        and at in {None, each.deliveries[0].state}
        and counterpart in {None, each.sender}
    ]


@pytest.mark.parametrize("to", [READER, OTHER])
async def test_a_list_of_the_outbox_shows_what_waits_for_an_agency(
    store: SqlStore, to: str
) -> None:
    """Beside what does not, and what is held."""
    documents = list(everything())
    await store.write(lambda tx: [tx.documents.add(each) for each in documents])
    selection = Selection(agency=SENDERS[0], box="out", counterpart=to, limit=100)

    shown = await store.read(lambda tx: tx.documents.select(selection))

    assert [each.id for each in shown] == [
        each.id for each in reversed(documents) if each.sender == SENDERS[0]
    ]


@pytest.mark.parametrize("states", [("waiting",), ("waiting", "arrived"), ("done",)])
@pytest.mark.parametrize("most", [3, 100])
async def test_what_waits_is_counted(store: SqlStore, states: tuple[str, ...], most: int) -> None:
    """With what is in other states, up to as many as are asked for."""
    documents = list(everything())
    await store.write(lambda tx: [tx.documents.add(each) for each in documents])

    counted = await store.read(lambda tx: tx.deliveries.count(READER, "in", states, most))

    assert min(most, 8 * len(states)) == counted


async def test_pages_of_what_waits_follow_each_other(store: SqlStore) -> None:
    """Priorities do not part them."""
    documents = list(everything())
    await store.write(lambda tx: [tx.documents.add(each) for each in documents])
    whole = Selection(agency=READER, box="in", at=("waiting",), limit=100)
    first = await store.read(lambda tx: tx.documents.select(replace(whole, limit=5)))

    rest = await store.read(
        lambda tx: tx.documents.select(replace(whole, before=first[-1].position))
    )

    everybody = await store.read(lambda tx: tx.documents.select(whole))
    assert [each.id for each in everybody] == [each.id for each in (*first, *rest)]
