"""The follow-up register: what is to be answered, or was assigned, and is not done."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.browser.desks import Desks, report, send
from tests.nodes import OFFICE, OTHER
from tests.web.test_console import Browser

REGISTER = f"/desk/{OFFICE}/registers/follow"
SUBJECT = re.compile(r'/documents/[^"]+">(?:Công văn: )?([^<]+)</a></td>')


@pytest.fixture
async def tram(people: Desks) -> Browser:
    """Sign the clerk of H13.01 in."""
    browser = Browser(people)
    await browser.sign_in(people.tram)
    return browser


async def listed(browser: Browser, query: str = "") -> list[str]:
    """Return the subjects of the register."""
    page = (await browser.get(REGISTER + query)).body.decode()
    return SUBJECT.findall(page)


def day(people: Desks, later: int) -> str:
    """Return a day to come."""
    gateway = people.node.gateway
    today = gateway.clock.now().astimezone(gateway.zone).date()
    return (today + timedelta(days=later)).isoformat()


async def assigned(people: Desks, browser: Browser, subject: str, due: str = "") -> str:
    """Send a document without a deadline and assign it; return its id."""
    document = await send(people.node, subject=subject, number=subject[-1])
    address = f"/desk/{OFFICE}/documents/{document}"
    await browser.post(address, deed="accept")
    await browser.post(address, deed="assign", unit="Phòng Cải cách", due=due)
    return document


async def test_what_is_due_first_stands_first(people: Desks, tram: Browser) -> None:
    """A deadline of the sender and one that was given inside count alike; without one it is last."""
    await assigned(people, tram, "Giao không hạn 1")
    await send(people.node, subject="Hạn của bên gửi 2", number="2", due_on=day(people, 20))
    await assigned(people, tram, "Giao có hạn 3", due=day(people, 10))
    await send(people.node, subject="Không theo dõi 4", number="4")

    assert await listed(tram) == ["Giao có hạn 3", "Hạn của bên gửi 2", "Giao không hạn 1"]


async def test_what_is_done_or_refused_leaves_the_register(people: Desks, tram: Browser) -> None:
    """At once."""
    for n, code in enumerate(("06", "02")):
        document = await send(people.node, number=str(n), due_on=day(people, 20))
        await report(people.node, document, code)

    assert await listed(tram) == []


async def test_it_is_read_page_by_page(people: Desks, tram: Browser) -> None:
    """A place is a day and a line."""
    for n in range(3):
        await send(people.node, subject=f"Văn bản {n}", number=str(n), due_on=day(people, 20))

    assert await listed(tram, f"?after={day(people, 19)}.0") == [
        "Văn bản 0",
        "Văn bản 1",
        "Văn bản 2",
    ]
    assert await listed(tram, f"?after={day(people, 21)}.0") == []


async def test_the_register_is_a_workbook(people: Desks, tram: Browser) -> None:
    """Unit in charge, deadline as a date, progress."""
    await assigned(people, tram, "Giao có hạn 1", due=day(people, 10))

    answer = await tram.get(f"{REGISTER}.xlsx")

    rows = list(load_workbook(BytesIO(answer.body)).worksheets[0].iter_rows(values_only=True))
    assert rows[1][6:9] == ("Đơn vị hoặc người nhận", "Thời hạn", "Tiến độ")
    assert (rows[2][6], str(rows[2][7])[:10], rows[2][8]) == (
        "Phòng Cải cách",
        day(people, 10),
        "Đã chuyển xử lý",
    )


async def column(browser: Browser, register: str, n: int) -> list[str]:
    """Return what the lines of a register as a workbook say in a column, from 0."""
    answer = await browser.get(f"/desk/{OFFICE}/registers/{register}.xlsx")
    rows = load_workbook(BytesIO(answer.body)).worksheets[0].iter_rows(min_row=3, values_only=True)
    return [str(row[n] or "") for row in rows]


@pytest.mark.parametrize(("deed", "registers"), [("in-progress", "in follow"), ("done", "in")])
async def test_who_is_in_charge_stays_in_the_registers(
    people: Desks, tram: Browser, deed: str, registers: str
) -> None:
    """The clerk who notes the progress does not take the place of the unit."""
    document = await assigned(people, tram, "Giao việc 1")
    await tram.post(f"/desk/{OFFICE}/documents/{document}", deed=deed)

    named = [await column(tram, each, 6) for each in registers.split()]

    assert named == [["Phòng Cải cách"]] * len(named)


async def test_what_was_assigned_to_nobody_names_nobody(people: Desks, tram: Browser) -> None:
    """Least of all the clerk who accepted it."""
    document = await send(people.node, due_on=day(people, 20))
    await tram.post(f"/desk/{OFFICE}/documents/{document}", deed="accept")

    assert [await column(tram, each, 6) for each in ("in", "follow")] == [[""], [""]]


@pytest.mark.parametrize("due", ["2020-01-01", "mai"])
async def test_a_deadline_is_a_day_to_come(people: Desks, tram: Browser, due: str) -> None:
    """Otherwise the form comes back open, with all that was typed, and nothing was assigned."""
    document = await send(people.node)
    address = f"/desk/{OFFICE}/documents/{document}"
    await tram.post(address, deed="accept")

    answer = await tram.post(
        address, deed="assign", unit="Phòng Cải cách", person="Lê An", due=due, reason="Việc gấp"
    )
    page = answer.body.decode()

    assert (answer.status, "Thời hạn xử lý phải là một ngày" in page) == (422, True)
    assert 'href="#due"' in page
    [form] = [each for each in page.split("<details")[1:] if 'value="assign"' in each]
    assert " open>" in form
    for typed in ('value="Phòng Cải cách"', 'value="Lê An"', f'value="{due}"', ">Việc gấp<"):
        assert typed in form
    assert await listed(tram) == []


@pytest.mark.parametrize("query", ["?after=x", "?after=2026-12-01", "?after=2026-12-01.-1"])
async def test_a_place_that_is_none_is_refused(tram: Browser, query: str) -> None:
    """As everywhere."""
    assert (await tram.get(REGISTER + query)).status == 400


async def test_another_agencys_register_is_not_there(tram: Browser) -> None:
    """Neither on screen nor as a file."""
    for end in ("", ".xlsx"):
        assert (await tram.get(f"/desk/{OTHER}/registers/follow{end}")).status == 404
