"""Retention: content goes when its period is over, by a rule and a decision; what it was stays."""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap.auditing import verify_node
from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.packages import package_faults
from gateway.bootstrap.receipts import node_anchors
from gateway.bootstrap.retention import RetentionDuty, retention_of
from gateway.domain.errors import Misconfigured, NotFound
from gateway.domain.exchange import Caller, Document, Role
from gateway.pipeline.retention import Outcome, Retention
from gateway.web.representation import Representation
from tests.pipeline.rooms import (
    ADMIN,
    AXIS,
    OTHER,
    READER,
    SENDER,
    THIRD,
    Rooms,
    a_message,
    office,
    reopened,
    rooms,
)
from tests.pipeline.test_further_hops import hop
from tests.pipeline.test_recall_messages import FOREIGN, recall_by_status

DAY = timedelta(days=1)
RULES = [
    {"name": "hop-dong", "days": 0, "types": ["HĐ"]},
    {
        "name": "quyet-dinh",
        "days": 30,
        "states": ["closed"],
        "types": ["QĐ"],
        "decision": "15/QĐ-SNV",
    },
    {"name": "con-lai", "days": 10, "action": "remove", "decision": "16/QĐ-SNV"},
]


@pytest.fixture(name="old")
async def _old(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A node with rules."""
    async with rooms(tmp_path / "node", removal=RULES) as node:
        yield node


def room(node: Rooms) -> Retention:
    """Return the room, as commands have it."""
    return retention_of(node.gateway, Representation(node.gateway.zone))


async def done(node: Rooms, *to: str, **changes: object) -> Document:
    """Send a document that its recipients deal with to the end."""
    document = await node.sent(*(to or (READER,)), **changes)
    for each in to or (READER,):
        await node.report(document, "06", by=each)
    return await node.find(document)


async def planned(node: Rooms) -> list[str]:
    """Return the ids of what would go now."""
    batches = room(node).plan(node.clock.now())
    return [each.document.id async for batch in batches for each in batch]


async def carried_out(node: Rooms) -> Outcome:
    """Run by the rules."""
    return await room(node).carry_out(ADMIN, now=node.clock.now())


async def removal_of(node: Rooms, document: Document) -> dict[str, Any]:
    """Return what the record says of the removal."""
    (record,) = [
        each
        for each in await node.audit()
        if each.action == "content-removed" and each.about == document.id
    ]
    return dict(record.data)


def later(node: Rooms, days: float) -> None:
    """Let days pass."""
    node.clock.move(days * 86_400)


async def test_without_rules_content_stays_for_good(node: Rooms) -> None:
    """Nothing is ever removed by itself."""
    await done(node)
    later(node, 36_000)

    assert (await planned(node), (await carried_out(node)).removed) == ([], 0)


@pytest.mark.parametrize("type_", ["CVV", "cv", "Hợp đồng", ""])
async def test_a_node_does_not_start_with_a_type_that_no_document_has(
    tmp_path: Path, type_: str
) -> None:
    """What a mistyped rule was to keep would fall under the next, and go."""
    rules = [{"name": "giu-lai", "days": 0, "types": [type_]}, *RULES]

    with pytest.raises(Misconfigured, match="giu-lai"):
        async with rooms(tmp_path / "node", removal=rules):
            pass


async def test_a_rule_may_be_about_normative_documents(tmp_path: Path) -> None:
    """They have a name and no abbreviation."""
    rules = [{"name": "thong-tu", "days": 0, "types": ["Thông tư"]}]

    async with rooms(tmp_path / "node", removal=rules) as node:
        assert room(node).rules[0].types == {"Thông tư"}


async def test_what_is_old_enough_is_planned(old: Rooms) -> None:
    """Counted from the last thing that happened."""
    document = await node_with_late_report(old)
    later(old, 9.9)
    before = await planned(old)
    later(old, 0.2)

    assert (before, await planned(old)) == ([], [document.id])


async def node_with_late_report(node: Rooms) -> Document:
    """Send a document that is reported on five days later."""
    document = await node.sent()
    later(node, 5)
    await node.report(document, "06")
    return document


async def test_the_first_rule_that_fits_holds(old: Rooms) -> None:
    """A contract is kept for good, though the last rule would fit it; a decision for 30 days."""
    await done(old, type="HĐ")
    decision, letter = await done(old, type="QĐ"), await done(old)
    later(old, 11)
    first = await planned(old)
    later(old, 20)

    assert (first, await planned(old)) == ([letter.id], [decision.id, letter.id])


@pytest.mark.parametrize("recipient", [READER, "H13.05", "H40.01"])
async def test_what_was_not_delivered_stays(old: Rooms, recipient: str) -> None:
    """However old it is: a pull box, an office that is sent to, an axis."""
    await old.sent(recipient)
    later(old, 400)

    assert await planned(old) == []


async def test_what_is_leased_and_not_acknowledged_stays(old: Rooms) -> None:
    """It will be fetched again."""
    document = await old.sent()
    await old.lease()
    found = await old.gateway.lookup.content(document.id, office(READER))
    await old.gateway.inbox.fetched(found, office(READER))
    later(old, 400)

    assert await planned(old) == []


async def test_what_one_of_two_recipients_is_yet_to_have_stays(old: Rooms) -> None:
    """One that is done frees nothing."""
    document = await old.sent(READER, OTHER)
    await old.report(document, "06")
    later(old, 400)

    assert await planned(old) == []


async def test_what_was_delivered_and_never_reported_on_goes(old: Rooms) -> None:
    """Its state is `accepted`, and the last rule is about any."""
    document = await old.sent("H13.07")
    later(old, 11)

    assert await planned(old) == [document.id]


async def test_files_are_removed(old: Rooms) -> None:
    """Of what we sent, and of what came from elsewhere."""
    await done(old, files={"a.txt": b"mot", "b.txt": b"hai"})
    await old.take_in(AXIS, a_message(sender=FOREIGN))
    (came,) = await old.lease()
    await old.report(await old.find(came), "06")
    later(old, 11)

    outcome = await carried_out(old)

    assert (outcome.removed, old.files()) == (2, [])


async def test_data_and_receipts_stay(old: Rooms) -> None:
    """With the names and digests of the files."""
    document = await done(old)
    receipts = await old.gateway.lookup.receipts_of(document.id, office(SENDER))
    later(old, 11)
    await carried_out(old)

    shown = (await old.gateway.lookup.document(document.id, office(READER))).document
    assert (shown.metadata, shown.sha256, shown.code) == (
        document.metadata,
        document.sha256,
        document.code,
    )
    assert [(each.name, each.sha256) for each in shown.attachments] == [
        (each.name, each.sha256) for each in document.attachments
    ]
    assert await old.gateway.lookup.receipts_of(document.id, office(SENDER)) == receipts


@pytest.mark.parametrize("who", [SENDER, READER])
async def test_whoever_asks_is_told_when_and_by_which_rule(old: Rooms, who: str) -> None:
    """Instead of bytes."""
    document = await done(old)
    later(old, 11)
    await carried_out(old)

    with pytest.raises(NotFound) as told:
        await old.gateway.lookup.content(document.id, office(who))

    assert told.value.code == "content-removed"
    assert all(word in told.value.message for word in ("2026-12-01", "con-lai", "16/QĐ-SNV"))


async def test_the_record_has_rule_decision_and_digests(old: Rooms) -> None:
    """Of everything that went."""
    document = await done(old)
    later(old, 11)
    await carried_out(old)

    data = await removal_of(old, document)
    assert (data["rule"], data["decision"], data["package"]) == ("con-lai", "16/QĐ-SNV", None)
    assert data["removed"] == {
        "message": {"sha256": document.sha256, "size": document.size},
        "attachments": [
            {"n": each.n, "sha256": each.sha256, "size": each.size}
            for each in document.attachments
        ],
    }


async def test_a_recall_is_recorded_likewise(old: Rooms) -> None:
    """By the rule `recall`, with the articles that order it."""
    document = await hop(old, READER, a_message(sender=FOREIGN))
    await recall_by_status(old, READER)

    data = await removal_of(old, document)

    assert (data["rule"], data["removed"]["message"]["sha256"]) == ("recall", document.sha256)


async def test_the_audit_record_holds_after_a_run(tmp_path: Path) -> None:
    """The removals are part of the chain."""
    async with rooms(tmp_path / "node", at=SystemClock().now(), removal=RULES) as node:
        await done(node)
        later(node, 11)
        await carried_out(node)

        look = partial(verify_node, node.gateway, anchors=(), trust=(), progress=lambda _: None)
        assert (await node.gateway.run(look)).findings == ()


async def test_a_second_run_does_nothing(old: Rooms) -> None:
    """Nor is anything recorded again."""
    document = await done(old)
    later(old, 11)
    await carried_out(old)

    assert (await carried_out(old)).removed == 0
    assert await removal_of(old, document)


async def test_what_changes_after_the_plan_stays(old: Rooms) -> None:
    """The commit looks again."""
    document = await old.sent("H13.07")
    later(old, 11)
    (batch,) = [batch async for batch in room(old).plan(old.clock.now())]
    await old.report(document, "03", by="H13.07")

    removed = await old.gateway.store.write(
        lambda tx: room(old)._remove(  # noqa: SLF001 - the instant between plan and commit
            tx, going=batch, packages={}, caller=ADMIN
        )
    )

    assert removed == []


async def test_many_batches_take_everything_once(tmp_path: Path) -> None:
    """Oldest first."""
    small = {"batch": 2}
    async with rooms(tmp_path / "node", removal=RULES, retention=small) as node:
        documents = [await done(node) for _ in range(5)]
        later(node, 11)

        plan = await planned(node)

        assert plan == [each.id for each in documents]
        assert (await carried_out(node)).removed == 5


async def test_files_go_after_a_crash_between_commit_and_removal(tmp_path: Path) -> None:
    """The commit noted their names; the next start removes them."""
    async with rooms(tmp_path / "node", removal=RULES) as node:
        await done(node)
        later(node, 11)
        (batch,) = [batch async for batch in room(node).plan(node.clock.now())]
        await node.gateway.store.write(
            lambda tx: room(node)._remove(  # noqa: SLF001 - the process dies after this commit
                tx, going=batch, packages={}, caller=ADMIN
            )
        )
        left = len(node.files())

    async with reopened(tmp_path / "node", removal=RULES) as node:
        await node.gateway.erasing.erase()

        assert (left, node.files()) == (1, [])


async def test_a_further_recipient_brings_the_content_again(old: Rooms) -> None:
    """What a node hands on to another recipient here is whole for that one."""
    message = a_message(READER, THIRD, sender=FOREIGN)
    document = await hop(old, READER, message)
    await old.report(document, "06")
    later(old, 11)
    await carried_out(old)

    await hop(old, THIRD, message)

    found = await old.gateway.lookup.content(document.id, office(THIRD))
    assert await old.envelope(found) == message


async def test_a_schedule_removes_nothing_at_its_first_look(old: Rooms) -> None:
    """Two looks must find it old: a clock that jumped is put right in between."""
    await done(old)
    me = Caller(actor="node", agency="H13", role=Role.ADMIN)
    duty = RetentionDuty(
        gateway=old.gateway, caller=me, represent=Representation(old.gateway.zone)
    )
    for days in (4_000, -4_000, 0.05):
        await duty()
        later(old, days)
    await duty()

    assert len(old.files()) == 1


async def test_a_schedule_removes_what_two_looks_find_old(old: Rooms) -> None:
    """As the node, which stands in the record."""
    document = await done(old)
    later(old, 11)
    me = Caller(actor="node", agency="H13", role=Role.ADMIN)
    duty = RetentionDuty(
        gateway=old.gateway, caller=me, represent=Representation(old.gateway.zone)
    )
    await duty()
    later(old, 0.05)
    await duty()

    assert (old.files(), (await removal_of(old, document))["rule"]) == ([], "con-lai")


# --- archive packages ---------------------------------------------------------------------------


async def archived(node: Rooms) -> tuple[Document, Path]:
    """Archive a decision; return it as it was, and its package."""
    document = await done(node, type="QĐ", files={"quyết định.txt": b"noi dung"})
    later(node, 31)
    outcome = await carried_out(node)
    assert outcome.archived == 1, outcome
    now = await node.find(document)
    assert now.removal is not None
    assert now.removal.package is not None
    return document, node.folder / "data" / "archive" / now.removal.package


async def test_a_package_has_message_and_files_byte_for_byte(old: Rooms) -> None:
    """And the manifest says so."""
    document, package = await archived(old)

    with zipfile.ZipFile(package) as zipped:
        message = zipped.read("message.edxml")
        assert hashlib.sha256(message).hexdigest() == document.sha256
        assert zipped.read("attachments/1-quyết định.txt") == b"noi dung"


async def test_a_package_has_what_proves_and_describes(old: Rooms) -> None:
    """Data, receipts, records, reports of signatures."""
    document, package = await archived(old)
    receipts = await old.gateway.lookup.receipts_of(document.id, ADMIN)

    with zipfile.ZipFile(package) as zipped:
        said = json.loads(zipped.read("document.json"))
        assert (said["code"], said["type"]) == (document.code, "QĐ")
        assert zipped.read("receipts.jws").decode().split() == [each.jws for each in receipts]
        actions = [json.loads(line)["action"] for line in zipped.open("records.jsonl")]
        assert actions[:2] == ["submitted", "numbered"]
        assert "attachments" in json.loads(zipped.read("signatures.json"))


async def test_a_package_is_verified_by_the_certificate_of_the_node(old: Rooms) -> None:
    """Whole, and named in the record with its digest."""
    document, package = await archived(old)

    assert package_faults(package, node_anchors(old.gateway.config)) == []
    stated = (await removal_of(old, document))["package"]["sha256"]
    assert hashlib.sha256(package.read_bytes()).hexdigest() == stated


async def test_content_that_cannot_be_archived_stays(old: Rooms) -> None:
    """Its file is damaged: the package would not be what the manifest says."""
    document = await done(old, type="QĐ")
    (file,) = old.files()
    file.write_bytes(b"damaged!")
    later(old, 31)

    outcome = await carried_out(old)

    assert ([id_ for id_, _ in outcome.failed], outcome.removed) == ([document.id], 0)
    assert (await old.find(document)).removal is None
    assert list((old.folder / "data" / "archive").rglob("*.zip")) == []


async def test_one_that_cannot_be_archived_keeps_no_other(old: Rooms) -> None:
    """The others go."""
    bad = await done(old, type="QĐ")
    (file,) = old.files()
    file.unlink()
    good = await done(old, type="QĐ")
    later(old, 31)

    outcome = await carried_out(old)

    assert ([id_ for id_, _ in outcome.failed], outcome.removed) == ([bad.id], 1)
    assert (await old.find(good)).removal is not None


async def test_a_run_after_a_crash_takes_the_package_that_is_there(old: Rooms) -> None:
    """Written before the commit that never came: not written twice."""
    await done(old, type="QĐ")
    later(old, 31)
    (batch,) = [batch async for batch in room(old).plan(old.clock.now())]
    await old.gateway.sealing.seal()
    first = await room(old)._archive(batch[0])  # noqa: SLF001 - the process dies after this
    later(old, 1)

    await carried_out(old)

    packages = list((old.folder / "data" / "archive").rglob("*"))
    assert [each.name for each in packages if each.is_file()] == [Path(first.file).name]
