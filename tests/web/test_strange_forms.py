"""Forms that are none, and days at the end of time."""

import pytest

from tests.browser.desks import Desks
from tests.nodes import ADMIN
from tests.web.test_console import Browser

PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n'


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 400),
        ("multipart/form-data; boundary=x", b"zzz", 400),
        (
            "multipart/form-data; boundary=x",
            PART + b"Content-Transfer-Encoding: z\r\n\r\nq\r\n--x--",
            400,
        ),
        (
            "multipart/form-data; boundary=x",
            PART + b"Content-Type: text/plain; charset=z\r\n\r\nq\r\n--x--",
            400,
        ),
        ("application/x-www-form-urlencoded; charset=z", b"a=b", 400),
        ("application/x-www-form-urlencoded", b"a=\xff", 400),
        ("application/x-www-form-urlencoded", b"a=" + b"b" * 1_100_000, 413),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_form_that_is_none_is_told_on_a_page(
    people: Desks, kind: str, body: bytes, status: int
) -> None:
    """Whoever sends it, signed in or not."""
    headers = {"Content-Type": kind, "Accept": "text/html"}

    answer = await people.node.post("/login", data=body, headers=headers)

    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


async def test_no_day_and_no_word_is_too_strange(people: Desks) -> None:
    """For the pages of those who oversee, nor for programs."""
    browser = Browser(people)
    await browser.sign_in(people.quang)
    await browser.post("/login/code", code=people.code())
    pages = [
        "/admin/calendar?month=0001-01",
        "/admin/calendar?month=9999-12",
        "/audit/statistics?from=0001-01-01&to=9999-12-31",
        "/audit/statistics?from=9999-12-31&to=9999-12-31&format=svg",
        "/audit/documents?q=%00",
        "/audit/documents?q=%22",
        "/audit/documents?q='",
    ]
    downtime = "/api/v1/statistics/downtime?from=9999-12-01&to=9999-12-31"

    found = [(await browser.get(each)).status for each in pages]
    told = [
        (await people.node.get(downtime + each, who=ADMIN)).status for each in ("", "&group=month")
    ]

    assert (found, told) == ([200] * len(pages), [400, 400])


async def test_no_day_is_too_strange_for_a_desk(people: Desks) -> None:
    """A list from or to the end of time is a list; a place in a register that is none is told."""
    browser = Browser(people)
    await browser.sign_in(people.tram)
    ends = ("from=0001-01-01", "to=0001-01-01", "from=9999-12-31", "to=9999-12-31")
    lists = [f"/desk/H13.01/{box}?{each}" for box in ("inbox", "outbox") for each in ends]
    places = ("0001-01-01T00:00:00%2B07:00", "9999-12-31T23:59:59-07:00")
    registers = [f"/desk/H13.01/registers/out?after={each}" for each in places]

    found = [(await browser.get(each)).status for each in (*lists, *registers)]

    assert found == [200] * len(lists) + [400] * len(registers)


async def test_no_day_is_too_strange_for_the_trail(people: Desks) -> None:
    """An administrator asks for records since, and until, the end of time."""
    browser = Browser(people)
    await browser.sign_in(people.quang)
    await browser.post("/login/code", code=people.code())
    ends = ("from=0001-01-01", "to=0001-01-01", "from=9999-12-31", "to=9999-12-31")

    found = [(await browser.get(f"/audit/log?{each}")).status for each in ends]

    assert found == [200] * len(ends)
