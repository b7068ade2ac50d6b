"""When a document counts as sent, actually and legally, and whether that was in time."""

from datetime import UTC, datetime
from pathlib import Path

from tests.pipeline.rooms import (
    OTHER,
    READER,
    Rooms,
    rooms,
    told,
)


async def test_sending_outside_office_hours_counts_at_the_next_opening(tmp_path: Path) -> None:
    """Friday 18:00 counts on Monday 07:30."""
    async with rooms(tmp_path / "node", at=datetime(2026, 11, 20, 11, 0, tzinfo=UTC)) as node:
        document = await node.sent()

    assert node.clock.at == document.sent_at
    assert datetime(2026, 11, 23, 0, 30, tzinfo=UTC) == document.legal_sent_at


async def test_sending_is_left_alone_where_the_node_says_so(tmp_path: Path) -> None:
    """S2 art. 10: only receiving moves."""
    evening = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    async with rooms(tmp_path / "node", at=evening, hours={"normalise_sending": False}) as node:
        document = await node.sent()
        received = await node.report(document, "01")

    assert evening == document.legal_sent_at
    assert datetime(2026, 11, 23, 0, 30, tzinfo=UTC) == received.legal_received_at


async def test_the_sender_has_its_own_calendar(tmp_path: Path) -> None:
    """An agency's entries win over the node's."""
    folder = tmp_path / "node"
    evening = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    own = tmp_path / "own.toml"
    own.write_text(
        '[[agency."H13.01".sessions]]\nfrom = 2026-01-01\nsessions = ["07:00-19:00"]\n'
        'source = "QĐ 1/QĐ-SNV"\n',
        "utf-8",
    )
    calendar = ["config/calendar-vn.toml", str(own)]
    async with rooms(folder, at=evening, hours={"calendar": calendar}) as node:
        mine = await node.sent(READER)
        other = await node.sent(READER, sender=OTHER)

    monday = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert (evening, monday) == (mine.legal_sent_at, other.legal_sent_at)


async def test_sent_may_mean_first_acknowledged(tmp_path: Path) -> None:
    """S2 art. 10.1: unknown until the first recipient has it; the second changes nothing."""
    async with rooms(tmp_path / "node", hours={"sent_when": "acknowledged"}) as node:
        document = await node.sent(READER, OTHER)
        assert document.sent_at is None
        node.clock.move(60)
        first = node.clock.at
        await node.report(document, "01")
        node.clock.move(60)
        await node.report(document, "01", by=OTHER)
        document = await node.find(document)

    assert (first, first) == (document.sent_at, document.legal_sent_at)


async def test_late_sending_is_flagged_and_not_refused(node: Rooms) -> None:
    """Signed on Wednesday, sent on Friday: over the next working morning."""
    document = await node.sent(promulgated_on="2026-11-18")

    assert told(document.findings) == ["meta-late-sending"]


async def test_sending_the_next_working_morning_is_in_time(node: Rooms) -> None:
    """Signed on Thursday, sent on Friday at 09:00."""
    assert told((await node.sent(promulgated_on="2026-11-19")).findings) == []
