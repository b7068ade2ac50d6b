"""Intake: a submission becomes a document in one commit, or a refusal and nothing else."""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.domain.errors import Conflict, Forbidden, Refused, Unavailable
from gateway.pipeline.submission import Accepted, Channel
from tests.pipeline.rooms import (
    ADMIN,
    OTHER,
    READER,
    SENDER,
    Rooms,
    a_message,
    codes,
    office,
    rooms,
)
from tests.storage.cellar import broken_links, limit_pages


async def test_a_document_is_numbered_from_one(node: Rooms) -> None:
    """The sequence of an agency and year starts at 1 and has no leading zeros."""
    first, second = await node.sent(), await node.sent()

    assert (first.code, second.code) == ("H13.01/2026/1", "H13.01/2026/2")


async def test_agencies_count_on_their_own(node: Rooms) -> None:
    """The number of one agency says nothing about another's."""
    await node.sent(sender=SENDER)
    other = await node.sent(SENDER, sender=OTHER)

    assert other.code == "H13.03/2026/1"


async def test_the_year_turns_at_midnight_in_vietnam(tmp_path: Path) -> None:
    """23:59:59 on 31 December is the old year, the next second the new one."""
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    async with rooms(tmp_path / "node", at=datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)) as node:
        old = await node.sent(promulgated_on="2026-12-31")
        node.clock.at = new_year
        new = await node.sent(promulgated_on="2026-12-31")

    assert (old.code, new.code) == ("H13.01/2026/1", "H13.01/2027/1")


async def test_the_number_of_the_office_is_kept(node: Rooms) -> None:
    """Without one the sequence of the code is the number."""
    own, given = await node.sent(number="07"), await node.sent()

    assert (own.metadata.number, given.metadata.number) == ("07", "2")


async def test_many_at_once_get_gapless_numbers(node: Rooms) -> None:
    """Refused ones in between use no number."""

    async def one(n: int) -> None:
        try:
            await node.submit(READER if n % 5 else "H13.99", files={"a.txt": str(n).encode()})
        except Refused:
            assert n % 5 == 0

    async with asyncio.TaskGroup() as group:
        for n in range(60):
            group.create_task(one(n))

    last = await node.sent()
    chain = await node.audit()
    assert (last.code, broken_links(chain)) == ("H13.01/2026/49", [])


async def test_a_refusal_leaves_its_audit_record_only(node: Rooms) -> None:
    """No file, no document, no number."""
    with pytest.raises(Refused):
        await node.submit("H13.99")

    record = (await node.audit())[-1]
    assert (record.action, record.data["reason"]) == ("submission-refused", "agency-unknown")
    assert node.files() == []
    assert (await node.sent()).code == "H13.01/2026/1"


async def test_a_refused_message_leaves_its_audit_record_only(node: Rooms) -> None:
    """The same by the other door."""
    with pytest.raises(Refused):
        await node.post(a_message("H13.99"))

    actions = [each.action for each in await node.audit() if each.action != "changed"]
    assert (actions, node.files()) == (["submission-refused"], [])


async def test_what_cannot_be_read_leaves_its_audit_record_only(node: Rooms) -> None:
    """Bytes that are no message are refused with findings."""
    with pytest.raises(Refused) as refused:
        await node.post(b"<edXML")

    assert refused.value.findings
    assert ((await node.audit())[-1].action, node.files()) == ("submission-refused", [])


async def test_all_findings_come_at_once(node: Rooms) -> None:
    """Of form, data, recipients and files together."""
    with pytest.raises(Refused) as refused:
        await node.submit(
            "H13.99", READER, READER, subject="", security="Mật", files={"a.exe": b"MZ"}
        )

    assert {"agency-unknown", "agency-duplicate", "barred-secret"} <= codes(refused.value)
    assert {each[:5] for each in codes(refused.value)} >= {"meta-", "file-"}


async def test_one_closed_recipient_refuses_the_whole(node: Rooms) -> None:
    """The finding names the successor."""
    await node.gateway.agencies.close(OTHER, ADMIN, successor=READER)

    with pytest.raises(Refused) as refused:
        await node.submit(READER, OTHER)

    (finding,) = [each for each in refused.value.findings if each.code == "agency-closed"]
    assert (finding.pointer, READER in finding.message_en) == ("/metadata/to/1", True)


async def test_a_recipient_may_be_named_by_its_older_code(node: Rooms) -> None:
    """It is the same agency, and the document keeps what the sender wrote."""
    document = await node.sent("000.00.02.H13")

    (delivery,) = document.deliveries
    assert (delivery.to, delivery.agency) == ("000.00.02.H13", READER)


async def test_a_recipient_named_under_both_codes_is_a_duplicate(node: Rooms) -> None:
    """One agency gets one delivery."""
    with pytest.raises(Refused) as refused:
        await node.submit(READER, "000.00.02.H13")

    assert "agency-duplicate" in codes(refused.value)


async def test_a_message_is_handed_on_byte_for_byte(node: Rooms) -> None:
    """What a sender posts is what a recipient fetches."""
    message = (
        a_message(content="tiếng Việt ".encode() * 50_000) + b"\n<!-- cu\xe1\xbb\x91i -->\n\n"
    )

    document = await node.posted(message)

    assert message == await node.envelope(document)
    assert (hashlib.sha256(message).hexdigest(), len(message)) == (document.sha256, document.size)


async def test_an_envelope_of_ours_is_what_its_digest_says(node: Rooms) -> None:
    """Made again from its frame, as often as it is fetched."""
    content = "số và ký hiệu ".encode() * 20_011
    document = await node.sent(files={"a.txt": b"x", "b.txt": content})

    first, second = await node.envelope(document), await node.envelope(document)

    assert first == second
    assert (hashlib.sha256(first).hexdigest(), len(first)) == (document.sha256, document.size)


async def test_the_node_writes_the_code_as_document_id(node: Rooms) -> None:
    """In messages of our own the DocumentId is the code."""
    document = await node.sent()

    assert document.code == document.document_id
    assert f"DocumentId>{document.code}<".encode() in await node.envelope(document)


async def test_files_are_on_disk_before_the_answer(node: Rooms) -> None:
    """As many as the document refers to, no others."""
    await node.sent(files={"a.txt": b"a", "b.txt": b"b"})
    await node.posted(a_message())

    assert len(node.files()) == 4


async def test_the_same_key_gives_the_first_document(node: Rooms) -> None:
    """The repeat stores nothing."""
    first = await node.submit(key="k")

    again = await node.submit(key="k")

    assert (first.document.id, True) == (again.document.id, again.repeated)
    assert (len(node.files()), (await node.sent()).code) == (1, "H13.01/2026/2")


async def test_a_repeat_is_answered_though_the_rules_changed(node: Rooms) -> None:
    """The recipient was closed since; the first answer stands."""
    first = await node.submit(key="k")
    await node.gateway.agencies.close(READER, ADMIN)

    assert first.document.id == (await node.submit(key="k")).document.id


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "khác"},
        {"files": {"cong-van.txt": b"other"}},
        {"files": {"b.txt": b"xin chao"}},
    ],
)
async def test_the_same_key_with_other_content_is_refused(
    node: Rooms, change: dict[str, object]
) -> None:
    """Data, bytes and names all count."""
    await node.submit(key="k")

    with pytest.raises(Refused) as refused:
        await node.submit(key="k", **change)  # type: ignore[arg-type]

    assert (refused.value.code, 1) == ("idempotency-mismatch", len(node.files()))


async def test_another_key_is_another_submission(node: Rooms) -> None:
    """The same letter may be sent twice on purpose; without a key always."""
    await node.submit(key="k")
    await node.submit(key="l")
    await node.submit()

    assert (await node.submit()).document.code == "H13.01/2026/4"


async def test_keys_belong_to_their_credential(node: Rooms) -> None:
    """Another office may use the same key."""
    await node.submit(key="k")

    assert not (await node.submit(sender=OTHER, key="k")).repeated


async def test_a_refusal_is_not_remembered(node: Rooms) -> None:
    """The sender mends the submission and sends it with the same key."""
    with pytest.raises(Refused):
        await node.submit("H13.99", key="k")

    assert not (await node.submit(key="k")).repeated


async def test_racing_repeats_store_one_document(node: Rooms) -> None:
    """The commit decides, not the look before it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(node.submit(key="k")) for _ in range(8)]

    accepted = [task.result() for task in tasks]
    assert len({each.document.id for each in accepted}) == 1
    assert (sorted({each.repeated for each in accepted}), len(node.files())) == ([False, True], 1)


async def test_an_identical_message_is_a_repeat(node: Rooms) -> None:
    """Without a key, too: it bears its sender's DocumentId."""
    first = await node.posted(a_message())

    again = await node.post(a_message())

    assert isinstance(again, Accepted)
    assert (first.id, True, 2) == (again.document.id, again.repeated, len(node.files()))


async def test_a_known_identifier_with_other_content_is_a_conflict(node: Rooms) -> None:
    """A new (type 0) message of the same sender; only the record of it stays."""
    await node.posted(a_message())

    with pytest.raises(Conflict) as conflict:
        await node.post(a_message(content=b"changed"))

    assert (conflict.value.code, 2) == ("document-id-known", len(node.files()))
    assert (await node.audit())[-1].data["reason"] == "document-id-known"


async def test_racing_conflicts_store_one_document_and_record_the_others(node: Rooms) -> None:
    """Those that lose at the commit leave their audit records as well."""

    async def one(n: int) -> bool:
        try:
            await node.post(a_message(content=str(n).encode()))
        except Conflict:
            return False
        return True

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(n)) for n in range(8)]

    refusals = [each for each in await node.audit() if each.action == "submission-refused"]
    assert (sum(task.result() for task in tasks), len(refusals)) == (1, 7)
    assert len(node.files()) == 2


async def test_another_sender_may_use_the_same_identifier(node: Rooms) -> None:
    """Identifiers are the sender's own."""
    await node.posted(a_message())

    other = await node.posted(a_message(sender=OTHER), sender=OTHER)

    assert other.code == "H13.03/2026/1"


async def test_an_identifier_like_a_coming_code_blocks_nobody(node: Rooms) -> None:
    """An agency that calls its message what our next code will be goes on sending."""
    await node.posted(a_message(document_id="H13.01/2026/2"))

    assert (await node.sent()).code == "H13.01/2026/2"
    assert (await node.sent()).code == "H13.01/2026/3"


async def test_a_code_of_ours_is_a_known_identifier(node: Rooms) -> None:
    """It was the DocumentId of another content."""
    document = await node.sent()

    with pytest.raises(Conflict):
        await node.post(a_message(document_id=str(document.code)))


async def test_the_sender_in_the_message_must_be_the_callers(node: Rooms) -> None:
    """Nobody sends for another; the attempt is on record."""
    with pytest.raises(Forbidden):
        await node.post(a_message(sender=OTHER), sender=SENDER)

    assert ((await node.audit())[-1].action, node.files()) == ("submission-refused", [])


async def test_the_sender_may_write_its_older_code(node: Rooms) -> None:
    """It is the same agency."""
    assert (await node.posted(a_message(sender="000.00.01.H13"))).sender == SENDER


async def test_unreadable_metadata_leave_no_file(node: Rooms) -> None:
    """The request is refused as unreadable."""
    caller = office(SENDER)
    form = node.gateway.form(Channel(origin=caller.actor, caller=caller))
    form.begin_file("a.txt", None)
    form.write(b"x")

    with pytest.raises(Refused) as refused:
        await form.complete(lambda: b"{")

    assert (refused.value.code, node.files()) == ("unreadable", [])


async def test_a_sender_that_goes_away_leaves_nothing(node: Rooms) -> None:
    """Neither file nor record."""
    caller = office(SENDER)
    arrival = node.gateway.message(Channel(origin=caller.actor, caller=caller))
    arrival.write(a_message(content=b"x" * 3_000_000)[:2_000_000])

    await arrival.abandon()

    assert node.files() == []


async def test_a_full_disk_stores_nothing_and_uses_no_number(node: Rooms) -> None:
    """The sender comes again; no byte of the first try is left."""
    await node.gateway.store.write(lambda tx: limit_pages(tx, 0))
    outcomes: list[Accepted | None] = []
    for n in range(40):
        try:
            outcomes.append(await node.submit(files={"a.txt": str(n).encode() * 5000}, key=str(n)))
        except Unavailable:
            outcomes.append(None)
    stored = [each.document for each in outcomes if each is not None]
    assert len(stored) < 40
    await node.gateway.store.write(lambda tx: limit_pages(tx, 100_000))

    assert len(node.files()) == len(stored)
    assert (await node.sent()).code == f"H13.01/2026/{len(stored) + 1}"
