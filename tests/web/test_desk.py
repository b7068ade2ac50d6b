"""The desk over HTTP, without a script: lists, registers, compose, what is decided."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from openpyxl import load_workbook

from gateway.bootstrap.retention import retention_of
from gateway.domain.exchange import Caller, Role
from gateway.domain.retention import Rule
from gateway.web.representation import Representation
from tests.browser.desks import OPERATOR, Desks, desks, report, send
from tests.nodes import OFFICE, OTHER, Answer
from tests.web.test_console import TOKEN, Browser

INBOX = f"/desk/{OFFICE}/inbox"
WHOLE = re.compile(r'class="whole"[^>]*>([^<]*)<')


@pytest.fixture
async def tram(people: Desks) -> Browser:
    """Sign the clerk of H13.01 in."""
    browser = Browser(people)
    await browser.sign_in(people.tram)
    return browser


def subjects(answer: Answer) -> list[str]:
    """Return the subjects in a list."""
    assert answer.status == 200
    return WHOLE.findall(answer.body.decode())


@pytest.mark.parametrize(
    "q", ["giai ngan", "Giải Ngân", "412", "412/STC-NS", "H13.02/2026/1", "so tai chinh"]
)
async def test_a_list_is_searched_by_all_that_is_known(
    people: Desks, tram: Browser, q: str
) -> None:
    """Subject, number, notation, code, agency; accents are optional."""
    await send(people.node, subject="Đôn đốc giải ngân", number="412", notation="STC-NS")
    await send(people.node, by="H13", subject="Khác", number="9", notation="VP")

    assert subjects(await tram.get(f"{INBOX}?q={q}")) == ["Đôn đốc giải ngân"]


async def test_a_document_is_found_by_its_arrival_number(people: Desks, tram: Browser) -> None:
    """As it stands in the stamp."""
    document = await send(people.node, subject="Đã vào sổ", number="77")
    await report(people.node, document, "03")

    assert subjects(await tram.get(f"{INBOX}?q=1")) == ["Đã vào sổ"]


async def test_a_view_shows_one_state(people: Desks, tram: Browser) -> None:
    """With its count above the list."""
    await report(people.node, await send(people.node, subject="Đã nhận", number="1"), "03")
    await send(people.node, subject="Chưa nhận", number="2")

    page = await tram.get(f"{INBOX}?view=arrived")

    assert subjects(page) == ["Chưa nhận"]
    assert "<b>1</b><span>Cần tiếp nhận</span>" in page.body.decode()


async def test_an_agency_is_a_filter_by_name_or_code(people: Desks, tram: Browser) -> None:
    """What names nobody finds nothing."""
    await send(people.node, by=OTHER, subject="Từ tài chính", number="1")
    await send(people.node, by="H13", subject="Từ tỉnh", number="2")

    found = [
        subjects(await tram.get(f"{INBOX}?counterpart={each}"))
        for each in (OTHER, "tai chinh", "không có cơ quan này")
    ]

    assert found == [["Từ tài chính"], ["Từ tài chính"], []]


async def test_filters_that_make_no_sense_do_no_harm(people: Desks, tram: Browser) -> None:
    """An address is typed by hand, too."""
    await send(people.node, subject="Vẫn thấy")

    page = await tram.get(f"{INBOX}?view=bogus&from=9999-99-99&before=x")

    assert subjects(page) == ["Vẫn thấy"]


async def test_the_register_of_incoming_documents(people: Desks, tram: Browser) -> None:
    """In the order of arrival numbers, in the official columns."""
    for n, subject in enumerate(("Văn bản một", "Văn bản hai")):
        document = await send(people.node, subject=subject, number=str(n + 5), notation="STC-NS")
        await report(people.node, document, "03")

    page = (await tram.get(f"/desk/{OFFICE}/registers/in")).body.decode()

    assert re.findall(r"<td[^>]*>(\d)</td>", page) == ["1", "2"]
    assert page.index("Văn bản một") < page.index("Văn bản hai")
    assert all(head in page for head in ("Ngày đến", "Số đến", "Tác giả", "Ký nhận", "Ghi chú"))


async def test_a_register_as_a_workbook(people: Desks, tram: Browser) -> None:
    """Ten columns, dates as dates; a text that looks like a formula is a text."""
    await send(people.node, by=OFFICE, to=OTHER, subject="=1+1", number="3", notation="SNV-VP")

    answer = await tram.get(f"/desk/{OFFICE}/registers/out.xlsx")

    rows = list(load_workbook(BytesIO(answer.body)).worksheets[0].iter_rows(values_only=True))
    assert [len([cell for cell in rows[1] if cell]), rows[1][0]] == [10, "Số, ký hiệu văn bản"]
    assert rows[2][0] == "3/SNV-VP"
    assert "=1+1" in str(rows[2][2])
    assert str(rows[2][1]).startswith("2026-11-20")


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("?year=2025", 200), ("?year=abc", 400), ("?month=13", 400), ("?after=x", 400)],
)
async def test_the_period_of_a_register(tram: Browser, query: str, status: int) -> None:
    """A year or a month of it; anything else is refused."""
    assert (await tram.get(f"/desk/{OFFICE}/registers/in{query}")).status == status


@pytest.mark.parametrize("part", ["registers/in", "registers/out.xlsx", "agencies"])
async def test_another_agencys_papers_are_not_there(tram: Browser, part: str) -> None:
    """Neither on screen nor as a file."""
    assert (await tram.get(f"/desk/{OTHER}/{part}")).status == 404


async def test_a_field_is_checked_while_the_form_is_filled_in(tram: Browser) -> None:
    """By the rules of intake, that field alone; nothing is stored or recorded."""
    form = f"/desk/{OFFICE}/compose"
    token = TOKEN.search((await tram.get(form)).body.decode())
    assert token is not None
    fields = {"csrf": token[1], "type": "CV", "notation": "SNV-VP", "promulgated_on": "2031-01-01"}

    answer = await tram.send(f"{form}/check", fields, HX_Trigger_Name="promulgated_on")
    other = await tram.send(f"{form}/check", fields, HX_Trigger_Name="notation")

    assert 'class="message error"' in answer.body.decode()
    assert 'class="message error"' not in other.body.decode()


@pytest.mark.parametrize("left", ["number", "notation", "promulgated_on"])
async def test_a_number_that_was_given_before_is_told_while_the_form_is_filled_in(
    people: Desks, tram: Browser, left: str
) -> None:
    """At the number, whichever of the fields that make the mark is left last."""
    mark = {"number": "15", "notation": "SNV-VP", "promulgated_on": "2026-11-20"}
    await send(people.node, by=OFFICE, to=OTHER, **mark)
    form = f"/desk/{OFFICE}/compose"
    token = TOKEN.search((await tram.get(form)).body.decode())
    assert token is not None

    said = [
        (
            await tram.send(
                f"{form}/check",
                {"csrf": token[1], "type": "CV", **mark, "number": number},
                HX_Trigger_Name=left,
            )
        ).body.decode()
        for number in ("15", "16")
    ]

    assert ["đã gửi văn bản số 15/SNV-VP" in each for each in said] == [True, False]
    assert ['id="number-said"' in each for each in said] == [left != "number"] * 2


async def test_whoever_accepts_a_number_that_came_before_is_warned(
    people: Desks, tram: Browser
) -> None:
    """On the page of the second document, beside the deed, and still after it."""
    first = await send(people.node, number="15", notation="STC-NS")
    second = await send(people.node, number="15", notation="STC-NS")
    warning = "đã gửi văn bản số 15/STC-NS"

    pages = [
        (await tram.get(f"/desk/{OFFICE}/documents/{each}")).body.decode()
        for each in (first, second)
    ]
    await tram.post(f"/desk/{OFFICE}/documents/{second}", deed="accept")
    after = (await tram.get(f"/desk/{OFFICE}/documents/{second}")).body.decode()

    assert [each.count(warning) for each in pages] == [0, 1]
    assert pages[1].index('id="duty"') < pages[1].index(warning)
    assert after.count(warning) == 1


async def test_agencies_are_found_without_accents(tram: Browser) -> None:
    """With how they are reached; one's own is not among them."""
    found = (await tram.get(f"/desk/{OFFICE}/agencies?find=so tai")).body.decode()
    own = (await tram.get(f"/desk/{OFFICE}/agencies?find=noi vu")).body.decode()

    assert 'value="H13.02"' in found
    assert "nhận tại hệ thống này" in found
    assert 'value="H13.01"' not in own


async def test_a_closed_agency_names_its_successor(people: Desks, tram: Browser) -> None:
    """And cannot be ticked."""
    gateway = people.node.gateway
    await gateway.agencies.add(OPERATOR, name="Sở Cũ", code="H13.09")
    await gateway.agencies.close("H13.09", OPERATOR, successor=OTHER)

    found = (await tram.get(f"/desk/{OFFICE}/agencies?find=so cu")).body.decode()

    assert "kế thừa: Sở Tài chính (H13.02)" in found
    assert 'value="H13.09" disabled' in found


async def test_a_search_without_script_keeps_what_was_filled_in(tram: Browser) -> None:
    """The button of the search sends the form; nothing is stored."""
    form = f"/desk/{OFFICE}/compose"
    token = TOKEN.search((await tram.get(form)).body.decode())
    assert token is not None
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in {
        "csrf": token[1],
        "deed": "find",
        "find": "tai chinh",
        "subject": "Còn đây",
        "to": "H13",
    }.items():
        data.add_field(name, value)

    page = (await tram.post_form(form, data)).body.decode()

    assert "Còn đây</textarea>" in page
    assert 'value="H13" checked' in page
    assert 'value="H13.02"' in page


async def test_an_assignment_tells_who_is_in_charge(people: Desks, tram: Browser) -> None:
    """Unit, person and opinion to the sender and in the register, the deadline at the desk."""
    document = await send(people.node)
    page = f"/desk/{OFFICE}/documents/{document}"
    await tram.post(page, deed="accept")
    due = f"{people.node.gateway.clock.now() + timedelta(days=10):%Y-%m-%d}"
    fields = {"unit": "Phòng Cải cách", "person": "Lê An", "due": due, "reason": "Gấp"}
    await tram.post(page, deed="assign", **fields)

    clerk = Caller(actor="x", agency=OFFICE, role=Role.CLERK)
    shown = await people.node.gateway.lookup.document(document, clerk)
    own = shown.document.deliveries[0]
    assert own.staff == {"department": "Phòng Cải cách", "staff": "Lê An"}
    assert own.note == "Gấp"
    shown_day = f"{people.node.gateway.clock.now() + timedelta(days=10):%d/%m/%Y}"
    told = (await tram.get(page)).body.decode()
    assert re.search(rf"Thời hạn xử lý</dt><dd><time[^>]*{shown_day}", told)
    assert "Phòng Cải cách" in (await tram.get(f"/desk/{OFFICE}/registers/in")).body.decode()


async def test_a_recall_is_answered_at_the_desk(people: Desks, tram: Browser) -> None:
    """With the reason that the sender gave in sight."""
    document = await send(people.node)
    sender = Caller(actor="account:x", agency=OTHER, role=Role.CLERK)
    await people.node.gateway.recalling.recall(document, "sai số liệu", sender)
    page = f"/desk/{OFFICE}/documents/{document}"

    asked = (await tram.get(page)).body.decode()
    await tram.post(page, deed="agree-recall")

    assert "sai số liệu" in asked
    assert "Đã thu hồi" in (await tram.get(page)).body.decode()


async def test_nothing_is_given_back_before_it_is_confirmed(people: Desks, tram: Browser) -> None:
    """What is removed for good is named first; the button of the deed lies behind it."""
    document = await send(people.node)
    sender = Caller(actor="account:x", agency=OTHER, role=Role.CLERK)
    await people.node.gateway.recalling.recall(document, "sai số liệu", sender)

    asked = (await tram.get(f"/desk/{OFFICE}/documents/{document}")).body.decode()

    [deed] = [each for each in asked.split("<details")[1:] if 'value="agree-recall"' in each]
    inside = deed.partition("</details>")[0]
    assert "2 tệp đính kèm và chữ ký sẽ bị gỡ khỏi cơ quan bạn, không lấy lại được" in inside
    assert inside.index("không lấy lại được") < inside.index("Trả lại và gỡ tệp")


async def test_a_replacement_begins_with_what_was_sent(people: Desks, tram: Browser) -> None:
    """And names the document that it replaces; another agency's cannot be replaced."""
    own = await send(people.node, by=OFFICE, to=OTHER, subject="Bản cần thay")
    theirs = await send(people.node)

    page = (await tram.get(f"/desk/{OFFICE}/compose?replace={own}")).body.decode()

    assert "Bản cần thay</textarea>" in page
    assert re.search('name="of" type="text" value="H13.01/2026/1"', page)
    assert (await tram.get(f"/desk/{OFFICE}/compose?replace={theirs}")).status == 404


async def test_signatures_are_told_in_plain_words(people: Desks, tram: Browser) -> None:
    """A file that nobody signed says so."""
    page = (await tram.get(f"/desk/{OFFICE}/documents/{await send(people.node)}")).body.decode()

    assert page.count("Chưa ký số: chỉ để biết, tham khảo.") == 2


async def test_the_desk_of_an_office_that_fetches_counts_what_it_lists(desk_folder: Path) -> None:
    """What waits to be fetched waits to be accepted: counts, words and lists agree."""
    office = [{"agency": OFFICE, "delivery": "pull"}]
    async with desks(desk_folder, office=office) as people:
        browser = Browser(people)
        await browser.sign_in(people.tram)
        await send(people.node, subject="Chờ lấy về")

        page = await browser.get(f"{INBOX}?view=arrived")

        assert subjects(page) == ["Chờ lấy về"]
        assert "<b>1</b><span>Cần tiếp nhận</span>" in page.body.decode()
        assert "Đã tiếp nhận hết" not in page.body.decode()
        assert re.search(r'<b class="count">.*</span>1</b>', page.body.decode())


async def test_a_document_with_several_recipients_is_counted_once(
    people: Desks, tram: Browser
) -> None:
    """As it is listed once."""
    await people.node.gateway.agencies.add(OPERATOR, name="Sở Ba", code="H13.09")
    await people.node.gateway.agencies.add(OPERATOR, name="Sở Bốn", code="H13.08")
    await send(people.node, OFFICE, ["H13.08", "H13.09"], subject="Gửi nhiều nơi")

    page = await tram.get(f"/desk/{OFFICE}/outbox?view=waiting")

    assert subjects(page) == ["Gửi nhiều nơi"]
    assert "<b>1</b><span>Chờ chuyển</span>" in page.body.decode()


async def test_a_page_says_that_the_content_was_removed(people: Desks, tram: Browser) -> None:
    """When, by which rule and whose decision; the names of the files stay, without a link."""
    document = await send(people.node, subject="Đã lâu")
    await report(people.node, document, "06")
    gateway = people.node.gateway
    rule = Rule(name="tat-ca", days=1, decision="15/QĐ-SNV")
    room = replace(retention_of(gateway, Representation(gateway.zone)), rules=(rule,))
    await room.carry_out(OPERATOR, now=gateway.clock.now() + timedelta(days=2))

    page = (await tram.get(f"/desk/{OFFICE}/documents/{document}")).body.decode()

    assert all(word in page for word in ("Nội dung đã xóa ngày", "tat-ca", "15/QĐ-SNV"))
    assert f"{document}/files/" not in page


@pytest.mark.parametrize("deed", ["assign", "in-progress", "done"])
async def test_what_comes_after_acceptance_waits_for_it(
    people: Desks, tram: Browser, deed: str
) -> None:
    """From an old page, too: what has no arrival number would stand in no register."""
    there = f"/desk/{OFFICE}/documents/{await send(people.node)}"

    early = await tram.post(there, deed=deed, person="Lan")
    accepted = await tram.post(there, deed="accept")
    later = await tram.post(there, deed=deed, person="Lan")

    assert (early.status, accepted.status, later.status) == (409, 303, 303)


AXIS = {
    "name": "truc-quoc-gia",
    "adapter": "vxp",
    "endpoint": "http://127.0.0.1:9/vxp",
    "systemid": "sys.h13",
    "secret_file": "truc",
    "codes": ["G22"],
}


async def test_a_code_that_only_an_axis_knows_can_be_chosen(desk_folder: Path) -> None:
    """The directory does not have it, and a document to it is taken all the same."""
    (desk_folder / "truc").write_text("bi-mat", "utf-8")
    async with desks(desk_folder, axis=[AXIS]) as people:
        clerk = Browser(people)
        await clerk.sign_in(people.tram)
        found = [
            (await clerk.get(f"/desk/{OFFICE}/agencies?find={each}")).body.decode()
            for each in ("g22", "G25", "G2")
        ]
        status = (await people.node.submit(to=["G22"])).status

    assert ['value="G22"' in each for each in found] == [True, False, False]
    assert ("truc-quoc-gia" in found[0], status) == (True, 201)
