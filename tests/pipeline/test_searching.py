"""Finding documents as a clerk does: words wherever they stand, agencies, states, registers."""

from datetime import timedelta

import pytest

from gateway.domain.text import words_of
from gateway.ports import Selection
from tests.pipeline.rooms import ADMIN, OTHER, READER, SENDER, Rooms, office


async def found(node: Rooms, q: str, by: str = SENDER, **more: object) -> list[str]:
    """Return the ids that *by* finds with the words *q*."""
    wanted = Selection(words=words_of(q), anywhere=True, **more)  # type: ignore[arg-type]
    page = await node.gateway.lookup.documents(wanted, office(by))
    return [each.document.id for each in page.items]


@pytest.mark.parametrize(
    "q",
    [
        "giải ngân",
        "GIAI NGAN",
        "gia\u0309i ngan",
        "ngân gi",
        "412/SNV-VP",
        "snv 412",
        "H13.01/2026/1",
    ],
)
async def test_words_are_found_wherever_they_stand(node: Rooms, q: str) -> None:
    """With accents or without, in any order, in number, notation and code; beginnings suffice."""
    wanted = await node.sent(subject="Báo cáo giải ngân", number="412")
    await node.sent(subject="Giấy mời họp", number="7", notation="UBND-TH")

    assert await found(node, q) == [wanted.id]


async def test_the_recipient_finds_it_too_and_others_do_not(node: Rooms) -> None:
    """Everybody searches its own documents."""
    document = await node.sent(READER, subject="Báo cáo giải ngân")

    assert [document.id] == await found(node, "giải ngân", by=READER)
    assert await found(node, "giải ngân", by=OTHER) == []


async def test_an_agencys_name_finds_what_was_exchanged_with_it(node: Rooms) -> None:
    """Beside what has the words in its subject."""
    to_other = await node.sent(OTHER)
    await node.sent(READER)

    assert await found(node, "tài chính", named=(OTHER,)) == [to_other.id]


async def test_an_arrival_number_finds_what_was_entered_under_it(node: Rooms) -> None:
    """Of the agency that asks."""
    document = await node.sent(READER)
    await node.report(document, "03")

    assert await found(node, "1", by=READER, arrival_number=1) == [document.id]


@pytest.mark.parametrize(("by", "box"), [(READER, "in"), (SENDER, "out")])
async def test_a_state_of_the_delivery_is_a_filter(node: Rooms, by: str, box: str) -> None:
    """For the recipient its own, for the sender that of any recipient, each document once."""
    document = await node.sent(READER, OTHER)
    await node.sent(READER)
    for agency in (READER, OTHER):
        await node.report(document, "03", by=agency)

    page = await node.gateway.lookup.documents(Selection(box=box, at=("accepted",)), office(by))

    assert [each.document.id for each in page.items] == [document.id]


async def test_filters_hold_together(node: Rooms) -> None:
    """Words, counterpart, type and state at once."""
    wanted = await node.sent(READER, subject="Báo cáo quý", type="BC")
    await node.sent(READER, subject="Báo cáo quý", type="CV")
    await node.sent(OTHER, subject="Báo cáo quý", type="BC")

    assert [wanted.id] == await found(
        node, "báo cáo", type="BC", counterpart=READER, at=("waiting",), box="out"
    )


async def test_a_released_document_is_found_by_its_code(node: Rooms) -> None:
    """The code was not there when it was stored."""
    document = await node.sent(kind="complaint")
    assert await found(node, "H13.01/2026/1") == []

    await node.gateway.held.release(document.id, ADMIN, note="đã rõ")

    assert await found(node, "H13.01/2026/1") == [document.id]


async def test_registers_are_in_order(node: Rooms) -> None:
    """Incoming by arrival number, outgoing by sending; what was not numbered is in neither."""
    first, second = await node.sent(READER), await node.sent(READER)
    await node.sent(kind="complaint")
    for each in (second, first):
        await node.report(each, "03")
    now = node.clock.now()

    incoming = await node.read(lambda tx: tx.documents.register_in(READER, 2026, after=0, limit=9))
    outgoing = await node.read(
        lambda tx: tx.documents.register_out(
            SENDER,
            since=now - timedelta(days=1),
            until=now + timedelta(days=1),
            after=None,
            limit=9,
        )
    )

    assert [each.id for each in incoming] == [second.id, first.id]
    assert [each.id for each in outgoing] == [first.id, second.id]
