"""Reports of recipients: they lead forwards, number what is accepted, and travel back."""

import asyncio
import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.domain.document import Organisation, StatusMessage
from gateway.domain.errors import Conflict, Forbidden, NotFound, Refused
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.pipeline.acknowledge import Report
from tests.pipeline.rooms import OTHER, READER, SENDER, Rooms, a_message, office, payload, rooms

D = DeliveryState


async def test_reports_lead_to_the_end(node: Rooms) -> None:
    """01, 03, 04, 05, 06: then the document is closed."""
    document = await node.sent()

    states = [(await node.report(document, code)).state for code in ("01", "03", "04", "05", "06")]

    assert states == [D.ARRIVED, D.ACCEPTED, D.ASSIGNED, D.IN_PROGRESS, D.DONE]
    assert (await node.find(document)).state is DocumentState.CLOSED


@pytest.mark.parametrize("code", ["01", "03", "04", "05", "06"])
async def test_states_may_be_skipped(node: Rooms, code: str) -> None:
    """Whatever comes first says that it arrived, too."""
    document = await node.sent()

    delivery = await node.report(document, code)

    assert node.clock.at == delivery.received_at


async def test_a_repeat_gives_the_same_answer(node: Rooms) -> None:
    """And leaves no second trace."""
    document = await node.sent()
    first = await node.report(document, "03")
    trace = len(await node.audit())

    assert first == await node.report(document, "03")
    assert trace == len(await node.audit())


@pytest.mark.parametrize(
    ("before", "after"), [("03", "01"), ("06", "03"), ("05", "04"), ("04", "02")]
)
async def test_backwards_is_a_conflict(node: Rooms, before: str, after: str) -> None:
    """Nothing changes."""
    document = await node.sent()
    delivery = await node.report(document, before)

    with pytest.raises(Conflict):
        await node.report(document, after, note="lý do")

    assert delivery == await node.delivery(document)


async def test_nothing_follows_a_refusal(node: Rooms) -> None:
    """It is final, with its note."""
    document = await node.sent()
    delivery = await node.report(document, "02", note="sai thẩm quyền")

    with pytest.raises(Conflict):
        await node.report(document, "03")

    assert (delivery.state, delivery.note) == (D.REFUSED, "sai thẩm quyền")


@pytest.mark.parametrize(
    "report",
    [
        Report(code="02"),
        Report(code="02", note="   "),
        Report(code="07"),
        Report(code="13"),
        Report(code=""),
        Report(code="03", arrival_number=0),
        Report(code="03", arrival_number=-1),
        Report(code="04", arrival_number=5),
    ],
)
async def test_a_wrong_report_is_refused_with_a_finding(node: Rooms, report: Report) -> None:
    """A refusal without its reason, an unknown code, a number that is none."""
    document = await node.sent()

    with pytest.raises(Refused) as refused:
        await node.gateway.acknowledge.report(document.id, report, office(READER))

    assert [each.code for each in refused.value.findings] == ["status-wrong"]
    assert (await node.delivery(document)).state is D.WAITING


@pytest.mark.parametrize("by", [SENDER, OTHER])
async def test_only_a_recipient_reports(node: Rooms, by: str) -> None:
    """For others there is no such document to report on."""
    document = await node.sent()

    with pytest.raises(NotFound):
        await node.report(document, "03", by=by)


async def test_the_sender_gets_a_receipt_for_each_report(node: Rooms) -> None:
    """In order, naming the recipient; first that of the number, which names nobody."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "01")
    await node.report(document, "02", by=OTHER, note="sai")

    receipts = await node.gateway.lookup.receipts(office(SENDER), after=0, limit=10)

    assert [(each.event, each.to) for each in receipts] == [
        ("numbered", None),
        ("arrived", READER),
        ("refused", OTHER),
    ]


async def test_the_document_stays_open_until_all_are_final(node: Rooms) -> None:
    """One of two is not enough."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "06")
    assert (await node.find(document)).state is DocumentState.ACCEPTED

    await node.report(document, "02", by=OTHER, note="sai")

    assert (await node.find(document)).state is DocumentState.CLOSED


async def test_who_works_on_it_is_kept(node: Rooms) -> None:
    """Until the next report names somebody else."""
    document = await node.sent()
    await node.report(document, "04", staff={"name": "Lan"})

    assert (await node.report(document, "05")).staff == {"name": "Lan"}


async def test_receipts_of_a_document_are_chained(node: Rooms) -> None:
    """Each names the digest of the one before."""
    document = await node.sent()
    for code in ("01", "03", "06"):
        await node.report(document, code)

    receipts = await node.gateway.lookup.receipts_of(document.id, office(SENDER))
    digests = [None, *(hashlib.sha256(each.jws.encode()).hexdigest() for each in receipts)]
    assert [payload(each.jws)["previous"] for each in receipts] == digests[:-1]


# --- arrival numbers ------------------------------------------------------------------------------


async def test_arrival_numbers_are_gapless_in_order_of_acceptance(node: Rooms) -> None:
    """Not of sending; an office that skips acceptance takes none."""
    first, second, third = [await node.sent() for _ in range(3)]

    numbers = [
        (await node.report(second, "03")).arrival_number,
        (await node.report(third, "06")).arrival_number,
        (await node.report(first, "03")).arrival_number,
    ]

    assert numbers == [1, None, 2]


async def test_many_acceptances_at_once_are_gapless(node: Rooms) -> None:
    """No gap, no double, under any interleaving."""
    documents = [await node.sent(READER, OTHER) for _ in range(25)]

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(node.report(each, "03", by=by))
            for each in documents
            for by in (READER, OTHER)
        ]

    numbers = sorted(task.result().arrival_number or 0 for task in tasks)
    assert sorted([*range(1, 26), *range(1, 26)]) == numbers


async def test_the_office_may_give_its_own_number(node: Rooms) -> None:
    """The node goes on above the largest."""
    documents = [await node.sent() for _ in range(4)]

    numbers = [
        (await node.report(documents[0], "03")).arrival_number,
        (await node.report(documents[1], "03", arrival_number=1487)).arrival_number,
        (await node.report(documents[2], "03", arrival_number=20)).arrival_number,
        (await node.report(documents[3], "03")).arrival_number,
    ]

    assert numbers == [1, 1487, 20, 1488]


async def test_a_number_that_is_taken_is_a_conflict(node: Rooms) -> None:
    """The report is refused whole, and may be made again with another number."""
    first, second = await node.sent(), await node.sent()
    await node.report(first, "03", arrival_number=7)

    with pytest.raises(Conflict) as conflict:
        await node.report(second, "03", arrival_number=7)

    assert conflict.value.code == "arrival-number"
    assert (await node.report(second, "03", arrival_number=8)).arrival_number == 8


async def test_another_office_may_give_the_same_number(node: Rooms) -> None:
    """Each agency has its own register."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "03", arrival_number=7)

    assert (await node.report(document, "03", by=OTHER, arrival_number=7)).arrival_number == 7


async def test_a_repeat_with_another_number_is_a_conflict(node: Rooms) -> None:
    """The same number, or none, is a repeat."""
    document = await node.sent()
    await node.report(document, "03", arrival_number=7)

    assert (await node.report(document, "03", arrival_number=7)).arrival_number == 7
    with pytest.raises(Conflict):
        await node.report(document, "03", arrival_number=8)


async def test_arrival_numbers_start_again_at_new_year_in_vietnam(tmp_path: Path) -> None:
    """The year is the node's, not that of UTC."""
    async with rooms(tmp_path / "node", at=datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)) as node:
        first, second = [await node.sent(promulgated_on="2026-12-31") for _ in range(2)]
        old = await node.report(first, "03")
        node.clock.move(1)
        new = await node.report(second, "03")

    assert [(each.arrival_number, each.arrival_year) for each in (old, new)] == [
        (1, 2026),
        (1, 2027),
    ]


async def test_the_record_of_acceptance_says_number_and_duty(node: Rooms) -> None:
    """Accepted on the day of arrival, with its number (NĐ 30/2020 art. 21.2c, 22.2)."""
    document = await node.sent()
    await node.report(document, "03")

    data = (await node.audit())[-1].data

    assert (data["arrival_number"], data["accepted_same_day"]) == (1, True)


async def test_acceptance_after_midnight_missed_the_day(node: Rooms) -> None:
    """Arrived on Friday, accepted on Saturday."""
    document = await node.sent()
    await node.report(document, "01")
    node.clock.at = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)

    await node.report(document, "03")

    assert (await node.audit())[-1].data["accepted_same_day"] is False


# --- status messages ------------------------------------------------------------------------------


def a_status(code: str = "03", **changes: object) -> StatusMessage:
    """Return a status message of READER to SENDER."""
    given: dict[str, object] = {
        "sender": Organisation(code=READER),
        "to": SENDER,
        "code": code,
        "document_id": "TD-1",
        "promulgated_on": date(2026, 11, 20),
    }
    return StatusMessage(**(given | changes))  # type: ignore[arg-type]


async def tell(node: Rooms, status: StatusMessage, by: str = READER) -> bool:
    """Let the office *by* send a status message."""
    return await node.gateway.acknowledge.message(status, office(by), from_axis=False)


async def test_a_status_finds_its_document_by_the_senders_identifier(node: Rooms) -> None:
    """As given, not by our code."""
    document = await node.posted(a_message())

    assert await tell(node, a_status())
    assert (await node.delivery(document)).state is D.ACCEPTED


async def test_a_status_that_names_its_own_agency_finds_its_document(node: Rooms) -> None:
    """By number and notation: one client fills ResponseFor with its own code."""
    document = await node.posted(a_message())

    await tell(node, a_status(to=READER, document_id="2026-11-20", number_notation="15/SNV-VP"))

    assert (await node.delivery(document)).state is D.ACCEPTED


async def test_a_status_finds_its_document_by_number_and_notation(node: Rooms) -> None:
    """When it bears no identifier, or one that nobody knows."""
    document = await node.posted(a_message())

    assert await tell(node, a_status("01", document_id=None, number_notation="15/SNV-VP"))
    assert await tell(node, a_status("03", document_id="?", number_notation="15/SNV-VP"))
    assert (await node.delivery(document)).state is D.ACCEPTED


async def test_a_status_finds_what_we_composed_by_its_code(node: Rooms) -> None:
    """There the DocumentId is the code."""
    document = await node.sent()

    assert await tell(node, a_status(document_id=document.code))
    assert (await node.delivery(document)).state is D.ACCEPTED


async def test_a_status_about_an_identifier_used_twice_finds_the_reporters(node: Rooms) -> None:
    """A message was called what a later code is; the reporter has only one of them."""
    await node.posted(a_message(OTHER, document_id="H13.01/2026/2"))
    document = await node.sent(READER)

    assert await tell(node, a_status(document_id="H13.01/2026/2"))
    assert (await node.delivery(document)).state is D.ACCEPTED


@pytest.mark.parametrize(
    "status",
    [
        a_status(document_id="nobody knows it"),
        a_status(to=OTHER),
        a_status("13"),
        a_status("01"),
        a_status("02", note="sau khi tiếp nhận"),
        a_status(document_id=None, number_notation="99/SNV-VP"),
        a_status(document_id=None),
    ],
)
async def test_a_wrong_status_is_recorded_without_effect(
    node: Rooms, status: StatusMessage
) -> None:
    """On the wire a peer would only send it again."""
    document = await node.posted(a_message())
    await tell(node, a_status("03"))

    assert not await tell(node, status)

    record = (await node.audit())[-1]
    assert (record.action, record.data["from"]) == ("status-without-effect", READER)
    assert (await node.delivery(document)).state is D.ACCEPTED


async def test_an_office_reports_for_itself_alone(node: Rooms) -> None:
    """In the name of another it is forbidden."""
    await node.posted(a_message())

    with pytest.raises(Forbidden):
        await tell(node, a_status(), by=OTHER)


async def test_a_status_about_a_held_document_has_no_effect(node: Rooms) -> None:
    """Nobody has it; only its sender could have told."""
    held = await node.sent(kind="complaint", number="16")

    assert not await tell(node, a_status(document_id=None, number_notation="16/SNV-VP"))

    assert (await node.delivery(held)).state is D.WAITING
