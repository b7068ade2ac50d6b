"""At the desk: what updates, replaces or recalls another document, seen from all sides."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from gateway.domain.exchange import Caller, Role
from tests.browser.desks import Desks, report, send
from tests.nodes import OFFICE, OTHER
from tests.web.test_console import Browser

INBOX = f"/desk/{OFFICE}/inbox"
DEED = re.compile(r'name="deed" value="([a-z-]+)"|compose\?(update|replace)=')


@pytest.fixture
async def tram(people: Desks) -> Browser:
    """Sign the clerk of the recipient in."""
    browser = Browser(people)
    await browser.sign_in(people.tram)
    return browser


@pytest.fixture
async def binh(people: Desks) -> Browser:
    """Sign the clerk of the sender in."""
    browser = Browser(people)
    await browser.sign_in(people.binh)
    return browser


async def page(browser: Browser, document: str, agency: str = OFFICE) -> str:
    """Return the page of a document."""
    return (await browser.get(f"/desk/{agency}/documents/{document}")).body.decode()


def deeds(shown: str) -> set[str]:
    """Return what a page offers to do."""
    return {first or second for first, second in DEED.findall(shown)}


async def changed(people: Desks, kind: str) -> tuple[str, str]:
    """Send a document and one that does *kind* to it; return both ids."""
    earlier = await send(people.node, number="412", notation="STC-NS", subject="Bản đầu")
    business = {"kind": kind, "of": f"{OTHER}/2026/1", "reason": "sai biểu số 2"}
    later = await send(
        people.node, number="415", notation="STC-NS", subject="Bản sau", business=business
    )
    return earlier, later


@pytest.mark.parametrize(
    ("kind", "new_says", "old_says"),
    [
        (
            "update",
            "Cập nhật văn bản số 412/STC-NS",
            "Đã được cập nhật bằng văn bản số 415/STC-NS",
        ),
        ("replace", "Thay thế văn bản số 412/STC-NS", "Đã bị thay thế bằng văn bản số 415/STC-NS"),
    ],
)
async def test_a_changed_document_and_what_changes_it_name_each_other(
    people: Desks, tram: Browser, kind: str, new_says: str, old_says: str
) -> None:
    """With the right word, the reason and a link, on both pages and in the list."""
    earlier, later = await changed(people, kind)

    old, new = await page(tram, earlier), await page(tram, later)
    listed = (await tram.get(INBOX)).body.decode()

    assert f'/documents/{earlier}">{new_says}</a>' in new
    assert f'/documents/{later}">{old_says}</a>' in old
    assert "Lý do: sai biểu số 2" in new
    assert "Lý do: sai biểu số 2" in old
    assert f'/documents/{earlier}">{new_says}</a>' in listed
    assert f'/documents/{later}">{old_says}</a>' in listed


async def test_an_updated_document_is_not_called_replaced(people: Desks, tram: Browser) -> None:
    """It stays in force, and keeps its own state."""
    await changed(people, "update")

    listed = (await tram.get(INBOX)).body.decode()

    assert "tag-updated" in listed
    assert "tag-replaced" not in listed
    assert listed.count("tag-arrived") == 2


async def notes(browser: Browser, agency: str, box: str) -> list[str]:
    """Return the last column of a register as a workbook."""
    answer = await browser.get(f"/desk/{agency}/registers/{box}.xlsx")
    rows = load_workbook(BytesIO(answer.body)).worksheets[0].iter_rows(min_row=3, values_only=True)
    return [str(row[9] or "") for row in rows]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("update", "Đã được cập nhật bằng văn bản số 415/STC-NS"),
        ("replace", "Đã bị thay thế bằng văn bản số 415/STC-NS"),
    ],
)
async def test_the_registers_say_what_followed_a_document(
    people: Desks, tram: Browser, binh: Browser, kind: str, said: str
) -> None:
    """At the recipient and at the sender, on screen and in the workbook."""
    earlier, _ = await changed(people, kind)
    await report(people.node, earlier, "03")

    received, sent = await notes(tram, OFFICE, "in"), await notes(binh, OTHER, "out")

    assert [said in each for each in received] == [True]
    assert [said in each for each in sent] == [True, False]
    assert said in (await tram.get(f"/desk/{OFFICE}/registers/in")).body.decode()


async def test_the_register_says_who_refused_and_what_was_taken_back(
    people: Desks, binh: Browser
) -> None:
    """By the name of the recipient; without one where nobody has it any more."""
    refused = await send(people.node, to=[OFFICE, "H13"], number="1")
    await report(people.node, refused, "02")
    await send(people.node, by="H13", to=OFFICE)
    recalled = await send(people.node, number="2")
    sender = Caller(actor="account:x", agency=OTHER, role=Role.CLERK)
    await people.node.gateway.recalling.recall(recalled, "gửi nhầm", sender)
    await report(people.node, recalled, "15")

    first, second = await notes(binh, OTHER, "out")

    assert re.search("Từ chối tiếp nhận: Sở Nội vụ", first)
    assert second.endswith("Đã thu hồi")


async def test_a_new_document_that_is_not_for_the_reader_is_named_alone(
    people: Desks, tram: Browser
) -> None:
    """Whoever an update leaves out sees its code, no link."""
    earlier = await send(people.node, to=OFFICE, number="412", notation="STC-NS")
    business = {"kind": "update", "of": f"{OTHER}/2026/1", "reason": "đổi nơi nhận"}
    later = await send(people.node, to="H13", number="415", business=business)

    old = await page(tram, earlier)

    assert f"Đã được cập nhật bằng văn bản số {OTHER}/2026/2" in old
    assert f"/documents/{later}" not in old


async def test_an_update_begins_with_every_field_of_what_it_updates(
    people: Desks, binh: Browser
) -> None:
    """Days, deadline and declared kind as well: nothing is reset behind the clerk's back."""
    document = await send(
        people.node,
        number="412",
        promulgated_on="2026-11-18",
        due_on="2026-12-03",
        reply_requested=True,
        paper_copy=True,
        pages=7,
        copies=2,
        priority="urgent",
    )

    form = (await binh.get(f"/desk/{OTHER}/compose?update={document}")).body.decode()

    for name, value in {
        "promulgated_on": "2026-11-18",
        "due_on": "2026-12-03",
        "pages": "7",
        "copies": "2",
        "number": "412",
    }.items():
        assert re.search(f'name="{name}" type="[a-z]+" value="{value}"', form), name
    assert 'name="reply_requested" value="1" checked' in form
    assert 'name="paper_copy" value="1" checked' in form
    assert 'value="urgent" checked' in form


async def test_the_kinds_of_the_agencys_profile_can_be_declared(binh: Browser) -> None:
    """In the words of the profile that the agency follows."""
    form = (await binh.get(f"/desk/{OTHER}/compose")).body.decode()

    assert '<option value="petition">Đơn thư kiến nghị, phản ánh</option>' in form


async def test_a_recall_is_confirmed_and_not_offered_twice(people: Desks, binh: Browser) -> None:
    """While the recipient has yet to answer, nothing else is offered."""
    document = await send(people.node)
    await report(people.node, document, "03")
    address = f"/desk/{OTHER}/documents/{document}"

    answer = await binh.post(address, deed="recall", reason="gửi nhầm")
    after = (await binh.get(answer.headers["Location"])).body.decode()

    assert "Đã ghi yêu cầu thu hồi" in after
    assert "Chờ nơi nhận trả lời" in after
    assert "Lý do: gửi nhầm" in after
    assert deeds(after) == set()


async def test_a_refused_recall_tells_why_and_may_be_asked_again(
    people: Desks, binh: Browser, tram: Browser
) -> None:
    """Recipient by recipient, with the reason of each."""
    document = await send(people.node)
    await report(people.node, document, "03")
    await binh.post(f"/desk/{OTHER}/documents/{document}", deed="recall", reason="gửi nhầm")
    answer = {"deed": "refuse-recall", "reason": "đã giao việc"}
    await tram.post(f"/desk/{OFFICE}/documents/{document}", **answer)

    after = await page(binh, document, OTHER)

    assert "Từ chối thu hồi" in after
    assert "đã giao việc" in after
    assert deeds(after) == {"recall", "update", "replace"}


async def test_an_agreed_recall_ends_what_can_be_done(
    people: Desks, binh: Browser, tram: Browser
) -> None:
    """The sender sees when it was agreed; nothing is offered any more."""
    document = await send(people.node)
    await report(people.node, document, "03")
    await binh.post(f"/desk/{OTHER}/documents/{document}", deed="recall", reason="gửi nhầm")
    await tram.post(f"/desk/{OFFICE}/documents/{document}", deed="agree-recall")

    after = await page(binh, document, OTHER)

    assert "Đồng ý trả lại" in after
    assert "Mọi nơi nhận đã có kết quả." in after
    assert deeds(after) == set()


async def test_a_recalled_document_says_what_became_of_its_content(
    people: Desks, binh: Browser, tram: Browser
) -> None:
    """When it was removed, why, and on what ground, in the place of files and signatures."""
    document = await send(people.node)
    await report(people.node, document, "03")
    await binh.post(f"/desk/{OTHER}/documents/{document}", deed="recall", reason="sai số liệu")
    await tram.post(f"/desk/{OFFICE}/documents/{document}", deed="agree-recall")

    shown = await page(tram, document)

    assert "Nội dung đã được gỡ bỏ" in shown
    assert "Gỡ bỏ lúc" in shown
    assert "NĐ 30/2020/NĐ-CP Phụ lục VI" in shown
    assert "sai số liệu" in shown
    assert "Chữ ký và tính toàn vẹn" not in shown
    assert 'id="preview"' not in shown


async def test_an_earlier_document_without_a_word_of_what_becomes_of_it_is_a_finding(
    people: Desks,
) -> None:
    """It is never passed over in silence."""
    clerk = Caller(actor="account:x", agency=OTHER, role=Role.CLERK)
    raw = b'{"business": {"kind": "", "of": "H13.02/2026/1"}}'

    findings = await people.node.gateway.drafting.look(raw, clerk)

    assert "/metadata/business/kind" in {each.pointer for each in findings}


async def test_a_reply_names_what_it_answers(people: Desks, tram: Browser, binh: Browser) -> None:
    """On both sides, with a link."""
    asked = await send(people.node, number="412", notation="STC-NS")
    reply = await send(people.node, OFFICE, OTHER, number="77", reply_to=f"{OTHER}/2026/1")

    says = f'/documents/{asked}">Trả lời văn bản số 412/STC-NS</a>'
    assert says in await page(binh, reply, OTHER)
    assert says in await page(tram, reply)


async def test_why_a_document_was_replaced_is_for_those_who_have_the_new_one(
    people: Desks, tram: Browser
) -> None:
    """Others read that it was, and under what code."""
    earlier = await send(people.node, to=[OFFICE, "H13"], number="412", notation="STC-NS")
    business = {"kind": "replace", "of": f"{OTHER}/2026/1", "reason": "lý do riêng"}
    await send(people.node, to="H13", number="415", notation="STC-NS", business=business)

    shown = [await page(tram, earlier), (await tram.get(INBOX)).body.decode()]

    told = [(f"{OTHER}/2026/2" in each, "lý do riêng" in each) for each in shown]
    assert told == [(True, False)] * 2
