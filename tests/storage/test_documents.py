"""Documents and deliveries: what is stored comes back, lists are right, old versions are refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.domain.document import Business, BusinessKind, Priority
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Document
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.domain.text import fold
from gateway.ports import Selection
from gateway.storage.store import SqlStore
from tests.storage.cellar import NOW, a_document, later


async def put(store: SqlStore, *documents: Document) -> None:
    """Store *documents*, the first one first."""
    await store.write(lambda tx: [tx.documents.add(each) for each in documents])


async def listed(store: SqlStore, **wanted: object) -> list[str]:
    """Return the ids that a selection shows, in its order."""
    selection = Selection(**wanted)  # type: ignore[arg-type]
    return [each.id for each in await store.read(lambda tx: tx.documents.select(selection))]


async def found(store: SqlStore, document: Document) -> Document:
    """Return *document* as it is stored."""
    stored = await store.read(lambda tx: tx.documents.find(document.id))
    assert stored is not None
    return stored


async def test_a_document_comes_back_as_it_was_stored(store: SqlStore) -> None:
    """Every field, attachment and delivery survives."""
    document = a_document("H13.02", "H13.03", frame=b"\x00\xff", size=2**40, sent_at=NOW)

    await put(store, document)

    assert replace(document, position=1) == await found(store, document)


async def test_an_unknown_document_is_none(store: SqlStore) -> None:
    """Nothing is made up."""
    assert await store.read(lambda tx: tx.documents.find("nothing")) is None


async def test_many_documents_come_in_the_order_asked_for(store: SqlStore) -> None:
    """Unknown ones are left out."""
    one, two = a_document(), a_document()
    await put(store, one, two)

    many = await store.read(lambda tx: tx.documents.find_many([two.id, "nothing", one.id]))

    assert [two.id, one.id] == [each.id for each in many]


async def test_an_old_version_of_a_document_is_a_conflict(store: SqlStore) -> None:
    """Compare and set: the second writer of the same version loses."""
    document = a_document()
    await put(store, document)
    await store.write(lambda tx: tx.documents.save(document))

    with pytest.raises(Conflict):
        await store.write(lambda tx: tx.documents.save(document))


async def test_an_old_version_of_a_delivery_is_a_conflict(store: SqlStore) -> None:
    """Compare and set: the second writer of the same version loses."""
    document = a_document()
    await put(store, document)
    delivery = document.deliveries[0]
    await store.write(lambda tx: tx.deliveries.save(delivery))

    with pytest.raises(Conflict):
        await store.write(lambda tx: tx.deliveries.save(delivery))


async def test_a_saved_delivery_comes_back(store: SqlStore) -> None:
    """Every column that changes is written."""
    document = a_document()
    await put(store, document)
    changed = replace(
        document.deliveries[0],
        agency="H13.09",
        state=DeliveryState.ACCEPTED,
        route="webhook",
        lane="office:H13.09",
        arrival_number=7,
        arrival_year=2026,
        received_at=NOW,
        legal_received_at=later(60),
        updated_at=later(1),
        attempts=3,
        note="ghi chú",
        staff={"name": "Lan"},
        recall=Recall.REFUSED,
        leased_until=later(5),
    )

    saved = await store.write(lambda tx: tx.deliveries.save(changed))

    assert replace(changed, version=1) == saved
    assert saved == await store.read(lambda tx: tx.deliveries.find(changed.id))


async def test_two_deliveries_cannot_bear_one_arrival_number(store: SqlStore) -> None:
    """The schema holds it, not only the room."""
    one, two = a_document(), a_document()
    await put(store, one, two)
    numbered = [
        replace(each.deliveries[0], arrival_number=7, arrival_year=2026) for each in (one, two)
    ]
    await store.write(lambda tx: tx.deliveries.save(numbered[0]))

    with pytest.raises(Conflict):
        await store.write(lambda tx: tx.deliveries.save(numbered[1]))


async def test_two_documents_cannot_bear_one_code(store: SqlStore) -> None:
    """A code is never given twice, whatever fails."""
    document = a_document()
    await put(store, document)

    with pytest.raises(Conflict):
        await put(store, a_document(code=document.code))


async def test_two_messages_of_a_sender_cannot_bear_one_identifier(store: SqlStore) -> None:
    """Two new (type 0) messages with one DocumentId cannot race past each other."""
    await put(store, a_document(document_id="TD-1", envelope="2026/11/20/a-0"))

    with pytest.raises(Conflict):
        await put(store, a_document(document_id="TD-1", envelope="2026/11/20/b-0"))


async def test_a_refused_message_gives_its_identifier_back(store: SqlStore) -> None:
    """What was refused after being held may be sent anew."""
    refused = a_document(
        document_id="TD-1", envelope="2026/11/20/a-0", state=DocumentState.REFUSED, code=None
    )

    await put(store, refused, a_document(document_id="TD-1", envelope="2026/11/20/b-0"))

    assert len(await listed(store)) == 2


async def test_an_update_bears_the_identifier_again(store: SqlStore) -> None:
    """Updates and replacements repeat the DocumentId of what they change."""
    first = a_document(document_id="TD-1", envelope="2026/11/20/a-0")
    update = a_document(document_id="TD-1", envelope="2026/11/20/b-0")
    business = Business(kind=BusinessKind.UPDATE, of="TD-1")
    update = replace(update, metadata=replace(update.metadata, business=business))

    await put(store, first, update)

    standing = await store.read(lambda tx: tx.documents.by_identifier("H13.01", "TD-1"))
    assert (standing and standing.id) == first.id


async def test_a_sender_of_another_agency_may_use_the_same_identifier(store: SqlStore) -> None:
    """Identifiers are the sender's own."""
    await put(
        store,
        a_document(document_id="TD-1", envelope="2026/11/20/a-0"),
        a_document(document_id="TD-1", envelope="2026/11/20/b-0", sender="H13.02"),
    )

    assert len(await listed(store)) == 2


async def test_pages_follow_each_other_without_gap_or_double(store: SqlStore) -> None:
    """Newest first, each page below the position of the one before."""
    documents = [a_document() for _ in range(7)]
    await put(store, *documents)
    seen: list[str] = []
    before = None
    while page := await store.read(
        lambda tx: tx.documents.select(Selection(agency="H13.02", before=before, limit=3))  # noqa: B023
    ):
        seen += [each.id for each in page]
        before = page[-1].position

    assert [each.id for each in reversed(documents)] == seen


async def test_both_boxes_together_show_a_document_once(store: SqlStore) -> None:
    """What an agency sends to itself is one document."""
    mine = a_document("H13.01", "H13.02")
    got = a_document("H13.01", sender="H13.03")
    await put(store, mine, got)

    assert [got.id, mine.id] == await listed(store, agency="H13.01")


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({"agency": "H13.01", "box": "out"}, ["out", "draft"]),
        ({"agency": "H13.01", "box": "in"}, ["in"]),
        ({"agency": "H13.02", "box": "in"}, ["out"]),
        ({"agency": "H13.01"}, ["in", "out", "draft"]),
        ({}, ["in", "out", "draft"]),
        ({"state": "held"}, ["draft"]),
        ({"state": "held", "type": "CV"}, ["draft"]),
        ({"agency": "H13.01", "state": "accepted"}, ["in", "out"]),
        ({"type": "QĐ"}, ["in"]),
        ({"agency": "H13.01", "counterpart": "H13.03"}, ["in"]),
        ({"agency": "H13.01", "counterpart": "H13.02"}, ["out", "draft"]),
        ({"counterpart": "H13.03"}, ["in"]),
        ({"since": later(60)}, ["in"]),
        ({"until": later(60)}, ["out", "draft"]),
        ({"code": "H13.01/2026/X"}, ["out"]),
        ({"code": "H13.01/2026/Y"}, []),
        ({"agency": "H13.02", "code": "H13.01/2026/X", "box": "in"}, ["out"]),
        ({"agency": "H13.02", "code": "H13.01/2026/X", "box": "out"}, []),
        ({"agency": "H13.04", "code": "H13.01/2026/X"}, []),
    ],
)
async def test_a_list_shows_what_was_asked_for(
    store: SqlStore, wanted: dict[str, object], shown: list[str]
) -> None:
    """Every filter, for an office and for those who see all."""
    await put(
        store,
        a_document(id="draft", state=DocumentState.HELD, code=None),
        a_document(id="out", code="H13.01/2026/X"),
        a_document("H13.01", id="in", sender="H13.03", kind="QĐ", submitted_at=later(60)),
    )

    assert shown == await listed(store, **wanted)


@pytest.mark.parametrize("state", [DocumentState.REFUSED, DocumentState.RECALLED])
async def test_what_was_never_sent_is_in_no_box(store: SqlStore, state: DocumentState) -> None:
    """A held document that was refused or taken back stays hidden from its recipients."""
    held = a_document(state=DocumentState.HELD, code=None)
    await put(store, held)

    await store.write(lambda tx: tx.documents.save(replace(held, state=state)))

    assert await listed(store, agency="H13.02") == []


async def test_a_released_document_appears_in_the_box(store: SqlStore) -> None:
    """Its deliveries are shown with the number."""
    held = a_document(state=DocumentState.HELD, code=None)
    await put(store, held)
    released = replace(held, state=DocumentState.ACCEPTED, code="H13.01/2026/900")

    await store.write(lambda tx: tx.documents.save(released))

    assert [held.id] == await listed(store, agency="H13.02", box="in")


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("thống kê", True),
        ("thong ke", True),
        ("THONG KE dat", True),
        ("đất thống", True),
        ("tho", True),
        ("thống kê rừng", False),
        ("100%", True),
        ("_", False),
    ],
)
async def test_words_are_found_with_and_without_accents(
    store: SqlStore, query: str, *, hit: bool
) -> None:
    """Every word must be there, in any order; no character of a query is a wildcard."""
    await put(store, a_document(subject="V/v báo cáo thống kê đất đai đạt 100%"))
    words: Sequence[str] = fold(query).split()

    assert bool(await listed(store, words=tuple(words))) is hit


async def boxed(store: SqlStore, now: datetime = NOW, limit: int = 50) -> list[str]:
    """Return the documents that wait in the pull box of H13.02."""
    found = await store.read(lambda tx: tx.deliveries.to_lease("H13.02", now, limit))
    return [each.document for each in found]


async def lease(store: SqlStore, document: Document, until: datetime) -> None:
    """Lease *document* until an instant."""
    leased = replace(document.deliveries[0], state=DeliveryState.SENDING, leased_until=until)
    await store.write(lambda tx: tx.deliveries.save(leased))


async def test_the_pull_box_is_in_order(store: SqlStore) -> None:
    """Urgent first, then oldest, at most as many as asked for."""
    plain, express = a_document(), a_document(priority=Priority.EXPRESS)
    late, urgent = a_document(), a_document(priority=Priority.URGENT)
    await put(store, plain, express, late, urgent)

    expected = [express.id, urgent.id, plain.id, late.id]
    assert (expected, expected[:2]) == (await boxed(store), await boxed(store, limit=2))


async def test_a_leased_delivery_comes_again_after_its_lease(store: SqlStore) -> None:
    """Hidden until the very instant at which the lease ends."""
    document = a_document()
    await put(store, document)
    await lease(store, document, later(300))

    assert await boxed(store, later(299.999)) == []
    assert [document.id] == await boxed(store, later(300))


async def test_a_lease_of_another_clock_counts_as_run_out(store: SqlStore) -> None:
    """When the clock jumped back, a lease that ends too far ahead hides nothing."""
    document = a_document()
    await put(store, document)
    await lease(store, document, NOW + timedelta(days=30))

    assert [document.id] == await boxed(store)


async def test_the_pull_box_shows_nothing_that_is_held(store: SqlStore) -> None:
    """Held documents have closed deliveries."""
    await put(store, a_document(state=DocumentState.HELD, code=None))

    assert await boxed(store) == []


async def test_what_is_handed_over_and_not_heard_of_is_overdue(store: SqlStore) -> None:
    """Oldest first, only what was handed over before the instant."""
    document, other = a_document(), a_document()
    await put(store, document, other)
    handed = replace(document.deliveries[0], state=DeliveryState.HANDED_OVER, updated_at=NOW)
    await store.write(lambda tx: tx.deliveries.save(handed))

    overdue = await store.read(lambda tx: tx.deliveries.overdue(later(1), 10))
    in_time = await store.read(lambda tx: tx.deliveries.overdue(NOW, 10))

    assert ([handed.id], []) == ([each.id for each in overdue], in_time)


async def test_a_document_owns_its_files(store: SqlStore) -> None:
    """Attachments and the message itself, no other file."""
    document = a_document(envelope="2026/11/20/e-0")
    await put(store, document)
    blobs = [document.attachments[0].blob, "2026/11/20/e-0", "2026/11/20/other-1"]

    owned = await store.read(lambda tx: [tx.documents.owns(document.id, blob) for blob in blobs])

    assert owned == [True, True, False]
