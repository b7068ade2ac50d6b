"""What the node counts against the exported record, counted again by nothing of the node.

The story runs over the turn of a year and a leap day, and one agency is merged into another.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
import pytest_asyncio

from gateway.bootstrap.auditing import export_bundle
from gateway.domain.figures import COUNTS, GROUPS, Question
from tests.pipeline.rooms import ADMIN, OTHER, READER, SENDER, THIRD, Rooms, office, rooms
from tests.recount import Record, exported, recounted

pytestmark = pytest.mark.asyncio(loop_scope="module")
#: Friday, the last working day of 2023, in the afternoon in Vietnam.
BEGIN = datetime(2023, 12, 29, 8, 0, tzinfo=UTC)
LEAP = datetime(2024, 2, 29, 3, 0, tzinfo=UTC)
#: A working day behind all of it.
END = datetime(2024, 3, 12, 3, 0, tzinfo=UTC)
STRETCHES = [
    (date(2023, 1, 1), date(2024, 12, 31)),
    (date(2023, 12, 30), date(2024, 2, 29)),
    (date(2024, 1, 1), date(2024, 12, 31)),
]
PAIRS = [
    pair
    for pair in combinations(("agency", "direction", "counterpart", "type", "month", "state"), 2)
    if "agency" in pair or "month" in pair
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rooms]:
    """A node after the story."""
    async with rooms(tmp_path_factory.mktemp("recount") / "node", at=BEGIN) as node:
        await turn_of_the_year(node)
        await leap_day(node)
        await merger(node)
        node.clock.at = END
        yield node


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def records(told: Rooms, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """The exported record of the node."""
    bundle = tmp_path_factory.mktemp("bundle") / "record.zip"
    await told.gateway.run(lambda: export_bundle(told.gateway, bundle, progress=lambda _: None))
    return exported(bundle)


async def send(node: Rooms, *to: str, **changes: object) -> str:
    """Send a document of today; return its id."""
    today = node.clock.now().date().isoformat()
    document = await node.sent(*to, **({"promulgated_on": today} | changes))
    node.clock.move(90)
    return document.id


async def say(node: Rooms, document: str, code: str, *, by: str = READER, **more: object) -> None:
    """Let a recipient report, some minutes later."""
    node.clock.move(700)
    await node.report(await node.find(document), code, by=by, **more)


async def turn_of_the_year(node: Rooms) -> None:
    """What is sent in the old year is accepted in the new one, and some of it after hours."""
    first = await send(node, READER, OTHER, type="QĐ")
    await say(node, first, "03", by=OTHER)
    await say(node, first, "01")
    node.clock.at = datetime(2023, 12, 31, 16, 59, 30, tzinfo=UTC)  # half a minute to midnight
    second = await send(node, READER, priority="urgent", paper_copy=True)
    late = await send(node, THIRD, sender=OTHER, promulgated_on="2023-12-20")
    node.clock.at = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
    for code in ("03", "05", "06"):
        await say(node, first, code)
    await say(node, second, "02", note="Gửi nhầm")
    await say(node, late, "03", by=THIRD)


async def leap_day(node: Rooms) -> None:
    """On the day that other years have not: refused, turned away, asked back, left lying, read."""
    node.clock.at = LEAP
    done = await send(node, READER, sender=THIRD, type="TB")
    await say(node, done, "06")
    refused = await send(node, READER, THIRD)
    await say(node, refused, "02", note="format: tệp không đúng mẫu")
    with pytest.raises(Exception, match="breaks rules"):
        await node.submit("H99.99", promulgated_on="2024-02-29")
    wanted = await send(node, READER)
    await say(node, wanted, "03")
    await node.gateway.recalling.recall(wanted, "Nhầm số", office(SENDER))
    await say(node, wanted, "15")
    lying = await send(node, OTHER, READER, sender=READER)
    await say(node, lying, "01", by=OTHER)
    await node.gateway.viewing.viewed(done, office(READER))
    await send(node, "H40.01")


async def merger(node: Rooms) -> None:
    """OTHER becomes part of READER: what it did stays under its code."""
    node.clock.at = datetime(2024, 3, 1, 2, 0, tzinfo=UTC)
    last = await send(node, OTHER)
    await say(node, last, "03", by=OTHER)
    node.clock.move(24 * 3600)
    await node.gateway.agencies.merge([OTHER], ADMIN, into=READER, decision="12/QĐ-UBND")
    node.clock.at = datetime(2024, 3, 6, 2, 0, tzinfo=UTC)
    await say(node, await send(node, READER), "03")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def summed(told: Rooms) -> AsyncIterator[Rooms]:
    """The node with every fact in the sums."""
    await told.gateway.statistics.catch_up()
    await told.gateway.statistics.sum_up(keep=0, at_a_time=1)
    yield told
    await told.gateway.statistics.recompute()


async def compare(told: Rooms, records: list[Record], question: Question) -> None:
    """Compare a report with what is counted again."""
    above = {
        None: lambda code: [code],
        "successors": lambda code: [code, READER] if code == OTHER else [code],
        "hierarchy": lambda code: [code, "H13"] if code.startswith("H13.") else [code],
        "both": lambda code: (
            [code, "H13", *([READER] if code == OTHER else [])]
            if code.startswith("H13.")
            else [code]
        ),
    }[question.roll_up]
    rows = await told.gateway.statistics.report(question, ADMIN)

    counted = recounted(
        records,
        group=question.group,
        days=(question.first.isoformat(), question.last.isoformat()),
        by=question.by,
        today=END.date().isoformat(),
        above=above,
    )

    kept = {tuple(row.pop(name) for name in question.group): row for row in rows}
    assert set(kept) == set(counted)
    for key, row in kept.items():
        names = [name for name in row if question.timed or not name.endswith("_s")]
        differing = {name: (row[name], counted[key][name]) for name in names}
        assert not {name: each for name, each in differing.items() if each[0] != each[1]}, key


@pytest.mark.parametrize("by", ["legal", "actual"])
@pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS), *PAIRS, GROUPS], ids=str)
async def test_every_figure_is_that_of_the_exported_record(
    told: Rooms, records: list[Record], group: tuple[str, ...], by: str
) -> None:
    """By whatever it is grouped, in stretches over the year's turn and up to the leap day."""
    for first, last in STRETCHES:
        await compare(told, records, Question(first=first, last=last, group=group, by=by))


@pytest.mark.parametrize("roll_up", ["hierarchy", "successors", "both"])
@pytest.mark.parametrize("group", [("agency",), ("agency", "direction", "quarter")], ids=str)
async def test_what_is_rolled_up_is_that_of_the_exported_record(
    told: Rooms, records: list[Record], group: tuple[str, ...], roll_up: str
) -> None:
    """Over the hierarchy, over successors, and over both."""
    first, last = STRETCHES[0]
    asked = Question(first=first, last=last, group=group, roll_up=roll_up)
    await compare(told, records, asked)


@pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS), *PAIRS], ids=str)
async def test_what_is_summed_up_counts_what_the_record_says(
    summed: Rooms, records: list[Record], group: tuple[str, ...]
) -> None:
    """Only intervals over a minute are rounded there."""
    for first, last in STRETCHES:
        asked = Question(first=first, last=last, group=group, timed=False)
        await compare(summed, records, asked)


async def test_the_story_has_what_it_is_told_for(told: Rooms, records: list[Record]) -> None:
    """It crosses the year, has a leap day, a merged agency, and something of every count."""
    first, last = STRETCHES[0]
    (row,) = await told.gateway.statistics.report(Question(first=first, last=last), ADMIN)

    nothing = {name for name in COUNTS if row[name] == 0}
    assert nothing == {"original", "failed", "recall_refused", "signed_in", "downloaded"}
    assert any(each["at"].startswith("2024-02-29") for each in records)
    assert last - first > timedelta(366)
