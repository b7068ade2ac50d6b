"""Statistics over a node: kept along the way, equal to what the record tells."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.errors import Forbidden
from gateway.domain.figures import GROUPS, Question
from tests.pipeline.rooms import ADMIN, OTHER, READER, SENDER, Rooms, office

YEAR = Question(first=date(2026, 1, 1), last=date(2026, 12, 31))


def question(*group: str, agency: str | None = None) -> Question:
    """Return a question about the year."""
    return Question(first=YEAR.first, last=YEAR.last, group=group, agency=agency)


async def test_one_document_through_its_life(node: Rooms) -> None:
    """Sent, delivered twice, accepted once, refused once."""
    document = await node.sent(READER, OTHER)
    await node.report(document, "03")
    await node.report(document, "02", by=OTHER, note="Gửi nhầm")

    (row,) = await node.gateway.statistics.report(YEAR, ADMIN)

    counted = {name: row[name] for name in ("sent", "deliveries", "accepted", "refused")}
    assert counted == {"sent": 1, "deliveries": 2, "accepted": 1, "refused": 1}


async def test_grouped_by_agency_both_sides_are_there(node: Rooms) -> None:
    """What it sent and what it received."""
    await node.report(await node.sent(READER), "03")

    rows = await node.gateway.statistics.report(question("agency"), ADMIN)

    assert [(row["agency"], row["sent"], row["accepted"]) for row in rows] == [
        (SENDER, 1, 1),
        (READER, 0, 1),
    ]


async def test_an_office_sees_its_own_figures(node: Rooms) -> None:
    """And nothing of others."""
    await node.sent(READER)
    await node.sent(OTHER)

    (row,) = await node.gateway.statistics.report(YEAR, office(READER))

    assert (row["sent"], row["deliveries"]) == (0, 1)


async def test_an_office_cannot_ask_for_another(node: Rooms) -> None:
    """It is told so."""
    with pytest.raises(Forbidden):
        await node.gateway.statistics.report(question(agency=OTHER), office(READER))


async def test_what_is_no_type_is_no_row(node: Rooms) -> None:
    """Whatever a sender writes there, the submission counts under no type."""
    with pytest.raises(Exception, match="breaks rules"):
        await node.submit(READER, type='=HYPERLINK("http://a","b")')

    (row,) = await node.gateway.statistics.report(question("type"), ADMIN)

    assert (row["type"], row["turned_away"]) == (None, 1)


async def test_a_refused_submission_counts_by_its_reason(node: Rooms) -> None:
    """It was not sent, but turned away."""
    with pytest.raises(Exception, match="breaks rules"):
        await node.submit(to=("H99.99",))

    (row,) = await node.gateway.statistics.report(question("reason"), ADMIN)

    assert (row["reason"], row["turned_away"], row["sent"]) == ("wrong-addressee", 1, 0)


async def test_what_is_refused_on_a_day_of_rest_counts_on_the_next_working_day(
    node: Rooms,
) -> None:
    """As what is sent then does: reports by legal days have one kind of day."""
    node.clock.move(2 * 24 * 3600)  # from Friday to Sunday
    with pytest.raises(Exception, match="breaks rules"):
        await node.submit(to=("H99.99",))

    (row,) = await node.gateway.statistics.report(question("day"), ADMIN)

    assert (row["day"], row["turned_away"]) == ("2026-11-23", 1)


async def test_what_is_kept_equals_what_is_told_anew(node: Rooms) -> None:
    """Facts kept step by step are those of the whole record."""
    document = await node.sent(READER, OTHER)
    for code in ("01", "03", "06"):
        await node.gateway.statistics.catch_up()
        await node.report(document, code)
    kept = await node.gateway.statistics.report(question(*GROUPS), ADMIN)

    await node.gateway.statistics.recompute()

    assert await node.gateway.statistics.report(question(*GROUPS), ADMIN) == kept


async def test_nothing_is_counted_twice(node: Rooms) -> None:
    """However often the records are read."""
    await node.sent()
    for _ in range(3):
        await node.gateway.statistics.catch_up()

    (row,) = await node.gateway.statistics.report(YEAR, ADMIN)

    assert row["sent"] == 1


async def test_two_that_read_at_once_leave_nothing_out(node: Rooms) -> None:
    """A report is up to the last commit, though the schedule reads at the same time."""
    for n in range(1, 11):
        await node.sent()
        async with asyncio.TaskGroup() as group:
            group.create_task(node.gateway.statistics.catch_up())
            report = group.create_task(node.gateway.statistics.report(YEAR, ADMIN))
            await node.sent()
        await node.gateway.statistics.catch_up()
        (row,) = await node.gateway.statistics.report(YEAR, ADMIN)

        assert row["sent"] == 2 * n
        assert report.result()[0]["sent"] in {2 * n - 1, 2 * n}


async def test_figures_tell_what_crossed_an_axis_and_what_was_signed(node: Rooms) -> None:
    """A document to an office of ours and to one behind the axis; its file bears no signature."""
    await node.sent(READER, "H40.01")

    ways = await node.gateway.statistics.report(question("way"), ADMIN)
    signed = await node.gateway.statistics.report(question("signed"), ADMIN)

    assert {row["way"]: (row["sent"], row["deliveries"]) for row in ways} == {
        "axis:truc": (0, 1),
        "inside": (0, 1),
        "several": (1, 0),
    }
    assert [(row["signed"], row["sent"]) for row in signed] == [("none", 1)]


async def test_use_is_counted_by_account(node: Rooms) -> None:
    """What each program and person sent, answered, viewed and downloaded."""
    document = await node.sent(READER)
    await node.report(document, "03")
    clerk = replace(office(READER), actor="account:an.nv")
    await node.gateway.viewing.viewed(document.id, clerk)
    await node.gateway.viewing.viewed(document.id, clerk)
    await node.gateway.viewing.downloaded(document.id, 1, clerk)

    rows = await node.gateway.statistics.report(question("account"), ADMIN)

    counts = {row["account"]: row for row in rows}
    assert counts[f"client:{SENDER}"]["sent"] == 1
    assert counts[f"client:{READER}"]["accepted"] == 1
    assert (counts["account:an.nv"]["viewed"], counts["account:an.nv"]["downloaded"]) == (2, 1)


async def test_who_did_what_is_not_for_offices(node: Rooms) -> None:
    """It would tell of people of other agencies."""
    with pytest.raises(Forbidden):
        await node.gateway.statistics.report(question("account"), office(READER))
