"""A node that dies in the middle of a recall: what was committed is done, once."""

from pathlib import Path

from gateway.bootstrap.recovery import begin_anew
from gateway.domain.lifecycle import DeliveryState
from tests.pipeline.rooms import AXIS, READER, SENDER, a_message, office, reopened, rooms

D = DeliveryState
FOREIGN = "H40.01"


async def test_an_answer_that_was_not_signed_yet_goes_home_once(tmp_path: Path) -> None:
    """The commit that recalls is all that counts."""
    async with rooms(tmp_path / "node") as node:
        await node.take_in(AXIS, a_message(sender=FOREIGN))
        document = await node.read(lambda tx: tx.documents.by_identifier(FOREIGN, "TD-1"))
        assert document is not None
        await node.report(document, "03")
        recall = node.gateway.recalling
        asked = office(FOREIGN)
        await recall.recall(document.id, "gửi nhầm", asked)
        await node.report(document, "15")

    async with reopened(tmp_path / "node") as node:
        await begin_anew(node.gateway)
        await node.relay_all()
        sent = [each.packet.event for each in node.peer(AXIS).received]

    async with reopened(tmp_path / "node") as node:
        await begin_anew(node.gateway)
        await node.relay_all()

        assert (sent, node.peer(AXIS).received) == (["status", "status"], [])


async def test_a_recall_that_was_being_sent_is_sent_again_under_the_same_id(
    tmp_path: Path,
) -> None:
    """The peer can tell that it is one."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent(FOREIGN)
        await node.relay_all()
        await node.gateway.recalling.recall(document.id, "gửi nhầm", office(SENDER))
        (first,) = await node.begin()

    async with reopened(tmp_path / "node") as node:
        await begin_anew(node.gateway)
        (again,) = await node.begin()

        assert (again.packet.id, again.packet.event) == (first.packet.id, "status")


async def test_files_that_were_to_be_removed_are_removed_after_the_start(tmp_path: Path) -> None:
    """The commit noted their names."""
    async with rooms(tmp_path / "node") as node:
        await node.take_in(AXIS, a_message(sender=FOREIGN))
        document = await node.read(lambda tx: tx.documents.by_identifier(FOREIGN, "TD-1"))
        assert document is not None
        await node.gateway.recalling.recall(document.id, "gửi nhầm", office(FOREIGN))
        left = node.files()

    async with reopened(tmp_path / "node") as node:
        await node.gateway.erasing.erase()

        assert (len(left), node.files()) == (2, [])
        assert (await node.delivery(document, READER)).state is D.RECALLED
