"""Standing reports: one for each period that is over, announced once, whatever happens."""

import asyncio
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from gateway.domain.exchange import Notice, Role
from gateway.domain.periods import Period, PeriodKind, period_of
from gateway.pipeline.reporting import CLAIM_LIFE, Reporting
from tests.mailboxes import by_mail, mailboxes
from tests.pipeline.rooms import ADMIN, OTHER, READER, Rooms, rooms

NOVEMBER = period_of(PeriodKind.MONTH, date(2026, 11, 1))
#: Half an hour after midnight on 1 December, in Vietnam.
DECEMBER = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)


async def at(node: Rooms, now: datetime, room: Reporting | None = None) -> None:
    """Look twice at *now*, as the schedule does."""
    node.clock.at = now
    for _ in range(2):
        await (room or node.gateway.reporting).look()


def folder(node: Rooms, period: str) -> Path:
    """Return where the files of a report are."""
    return Path(node.gateway.reporting.files.place(period))


async def announced(node: Rooms) -> list[Notice]:
    """Return the announcements in the event stream."""
    notices = await node.gateway.store.read(lambda tx: tx.feed.notices_after(None, 0, 500))
    return [each for each in notices if each.kind == "report"]


async def recorded(node: Rooms) -> list[str]:
    """Return the periods whose reports are on record."""
    records = await node.gateway.store.read(lambda tx: tx.audit.after("", 0, 500))
    return [str(each.data["period"]) for each in records if each.action == "report-made"]


async def test_a_month_that_is_over_is_reported(node: Rooms) -> None:
    """As a workbook, as JSON, and as charts."""
    await node.report(await node.sent(READER, OTHER), "03")

    await at(node, DECEMBER)

    assert sorted(each.name for each in folder(node, "2026-11").iterdir()) == [
        "bao-cao-2026-11-co-quan.png",
        "bao-cao-2026-11-co-quan.svg",
        "bao-cao-2026-11-thoi-gian.png",
        "bao-cao-2026-11-thoi-gian.svg",
        "bao-cao-2026-11.json",
        "bao-cao-2026-11.xlsx",
    ]


async def test_the_report_has_the_figures_of_the_period(node: Rooms) -> None:
    """The same in the workbook and in JSON."""
    await node.report(await node.sent(READER, OTHER), "03")
    await at(node, DECEMBER)

    report = json.loads((folder(node, "2026-11") / "bao-cao-2026-11.json").read_bytes())
    book = openpyxl.load_workbook(folder(node, "2026-11") / "bao-cao-2026-11.xlsx")

    total = report["tables"][0]
    assert (total["from"], total["to"]) == ("2026-11-01", "2026-11-30")
    assert (total["rows"][0]["sent"], total["rows"][0]["deliveries"]) == (1, 2)
    sheet = book["Tổng hợp"]
    assert [sheet.cell(8, n).value for n in (1, 2)] == [1, 2]


async def test_the_workbook_bears_the_official_lines(node: Rooms) -> None:
    """The office, the nation, and the title with the period."""
    await node.sent()
    await at(node, DECEMBER)
    content = (folder(node, "2026-11") / "bao-cao-2026-11.xlsx").read_bytes()

    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        texts = [cell.value for row in sheet.iter_rows(max_row=5) for cell in row if cell.value]
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in texts
        assert "THỐNG KÊ GỬI, NHẬN VĂN BẢN ĐIỆN TỬ - THÁNG 11 NĂM 2026" in texts


async def test_a_report_is_announced(node: Rooms) -> None:
    """In the record, with the digests of its files, and in the event stream."""
    await node.sent()

    await at(node, DECEMBER)

    (notice,) = await announced(node)
    assert (notice.document, notice.state) == ("report:2026-11", "month")
    assert await recorded(node) == ["2026-11"]


async def test_overseers_hear_of_a_report_by_mail(tmp_path: Path) -> None:
    """Those who have an address, once each; the mail says which report, and where it is."""
    async with (
        mailboxes() as boxes,
        rooms(tmp_path / "node", notify=by_mail(boxes.port)) as node,
    ):
        for role in (Role.AUDITOR, Role.CLERK):
            await hired(node, role, mail=f"{role.value}@h13.example.gov.vn")
        await node.sent()
        await at(node, DECEMBER)
        for _ in range(2):
            await node.gateway.announcing.posting.deliver(asyncio.Event())

    (post,) = boxes.posts
    assert post.recipients == ["auditor@h13.example.gov.vn"]
    assert "Tháng 11 năm 2026" in post.subject
    assert "/audit/reports" in post.text


async def hired(node: Rooms, role: Role, *, mail: str) -> None:
    """Give a person of the node an account with an address."""
    issued = await node.gateway.people.accounts.add(
        ADMIN, name=f"Nguyễn {role.value}", agency="H13", role=role
    )
    account = issued.account
    await node.gateway.store.write(lambda tx: tx.accounts.save(replace(account, mail=mail)))


async def test_nothing_is_reported_before_a_period_is_over(node: Rooms) -> None:
    """Half an hour before midnight it is not."""
    await node.sent()

    await at(node, DECEMBER - timedelta(hours=1))

    assert await announced(node) == []


async def test_a_clock_that_jumps_and_is_put_right_reports_nothing(node: Rooms) -> None:
    """Two looks must find the period over."""
    await node.sent()
    room, began = node.gateway.reporting, node.clock.at
    for now in (began, began + timedelta(days=400), began + timedelta(minutes=5)):
        node.clock.at = now
        await room.look()

    assert await announced(node) == []


async def test_looking_again_reports_nothing_again(node: Rooms) -> None:
    """However often, and after however many restarts."""
    await node.sent()
    for _ in range(3):
        await at(node, DECEMBER, replace(node.gateway.reporting, owner="another", _looks=[]))

    assert await recorded(node) == ["2026-11"]


async def test_the_turn_of_the_year_ends_every_kind(node: Rooms) -> None:
    """Month, quarter, half-year and year."""
    await node.sent()

    await at(node, datetime(2026, 12, 31, 17, 1, tzinfo=UTC))

    assert sorted(await recorded(node)) == ["2026", "2026-12", "2026-H2", "2026-Q4"]


async def test_a_node_that_was_down_makes_up_what_it_missed(node: Rooms) -> None:
    """Every month since the last that it reported."""
    await node.sent()
    room = replace(node.gateway.reporting, kinds=[PeriodKind.MONTH])
    await at(node, DECEMBER, room)

    await at(node, datetime(2027, 2, 10, tzinfo=UTC), room)

    assert await recorded(node) == ["2026-11", "2026-12", "2027-01"]


async def test_nodes_at_one_store_report_once(node: Rooms) -> None:
    """Whoever claims a period makes it, the others leave it."""
    await node.sent()
    others = [replace(node.gateway.reporting, owner=f"node {n}", _looks=[]) for n in range(4)]

    async with asyncio.TaskGroup() as group:
        for each in others:
            group.create_task(at(node, DECEMBER, each))

    assert await recorded(node) == ["2026-11"]
    assert len(await announced(node)) == 1


async def test_a_crash_before_the_announcement_loses_nothing(node: Rooms) -> None:
    """The claim runs out, the files are written again, and the report is announced once."""
    await node.sent()
    await claim(node, NOVEMBER, "dead", DECEMBER)
    folder(node, "2026-11").mkdir(parents=True)
    await at(node, DECEMBER)
    assert await announced(node) == []

    await at(node, DECEMBER + CLAIM_LIFE + timedelta(seconds=1))

    assert await recorded(node) == ["2026-11"]
    assert (folder(node, "2026-11") / "bao-cao-2026-11.xlsx").exists()


async def test_who_took_too_long_announces_nothing(node: Rooms) -> None:
    """Somebody else made the report meanwhile."""
    await node.sent()
    await claim(node, NOVEMBER, "slow", DECEMBER)
    await at(node, DECEMBER + CLAIM_LIFE + timedelta(seconds=1))

    late = await node.gateway.store.write(
        lambda tx: tx.reports.finish("2026-11", "slow", at=DECEMBER)
    )

    assert not late
    assert len(await announced(node)) == 1


async def claim(node: Rooms, period: Period, owner: str, now: datetime) -> None:
    """Claim a period as a process that died with it."""
    await node.gateway.store.write(
        lambda tx: tx.reports.claim(period, owner, at=now, stale=now - CLAIM_LIFE)
    )


@pytest.mark.parametrize(
    ("kind", "day", "name", "title", "last"),
    [
        (PeriodKind.MONTH, "2024-02-29", "2024-02", "Tháng 2 năm 2024", "2024-02-29"),
        (PeriodKind.QUARTER, "2026-12-31", "2026-Q4", "Quý IV năm 2026", "2026-12-31"),
        (PeriodKind.HALF, "2026-06-30", "2026-H1", "6 tháng đầu năm 2026", "2026-06-30"),
        (PeriodKind.HALF, "2026-07-01", "2026-H2", "6 tháng cuối năm 2026", "2026-12-31"),
        (PeriodKind.YEAR, "2026-05-05", "2026", "Năm 2026", "2026-12-31"),
    ],
)
def test_a_period_is_named_as_reports_name_it(
    kind: PeriodKind, day: str, name: str, title: str, last: str
) -> None:
    """By the calendar, a leap day among its days."""
    period = period_of(kind, date.fromisoformat(day))

    assert (period.name, period.title, period.last.isoformat()) == (name, title, last)
