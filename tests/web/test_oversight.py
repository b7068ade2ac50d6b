"""Pages of administrators and auditors over HTTP: who may, what is done, what is told."""

import csv
import html
import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import aiohttp
import openpyxl
import pyotp
import pytest
import pytest_asyncio

from gateway.domain.exchange import AuditRecord, Role
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.domain.periods import PeriodKind, period_of
from gateway.pipeline.clients import Credentials
from gateway.ports import Selection
from gateway.web.console.words import catalogue
from tests.browser.desks import OPERATOR, hired, report, send
from tests.browser.offices import UNREACHED, Offices, failed, held, offices
from tests.nodes import OFFICE, OTHER, Answer
from tests.web.test_console import TOKEN, Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN_PAGES = (
    "/admin/board",
    "/admin/queue",
    "/admin/held",
    "/admin/directory",
    "/admin/directory/new",
    "/admin/directory/import",
    "/admin/directory/export",
    f"/admin/directory/{OFFICE}",
    "/admin/credentials",
    "/admin/trust",
    "/admin/calendar",
    "/admin/notices",
)
AUDIT_PAGES = (
    "/audit/statistics",
    "/audit/statistics?as=table",
    "/audit/statistics?format=csv",
    "/audit/statistics?format=json",
    "/audit/reports",
    "/audit/documents",
    "/audit/log",
    "/audit/log/main/1",
    "/audit/verify",
)
#: A document that arrives on Friday after hours, before a Monday.
EVENING = {"at_day": "2026-11-20", "at_time": "18:05"}
SWAP = {"kind": "swap", "day": "2026-11-23", "worked": "2026-11-28", "decision": "12/TB-UBND"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(
    staffed_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Offices]:
    """Serve a node with its people; the tests of this file share it."""
    folder = Path(copytree(staffed_folder, tmp_path_factory.mktemp("oversight") / "node"))
    async with offices(folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(served: Offices) -> Browser:
    """Sign the administrator in."""
    browser = Browser(served.people)
    await browser.sign_in(served.people.quang)
    await browser.post("/login/code", code=served.people.code())
    return browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def auditor(served: Offices) -> Browser:
    """Sign the auditor in."""
    browser = Browser(served.people)
    await browser.sign_in(served.auditor)
    return browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clerk(served: Offices) -> Browser:
    """Sign a clerk in."""
    browser = Browser(served.people)
    await browser.sign_in(served.people.tram)
    return browser


def text(answer: Answer) -> str:
    """Return the page."""
    return answer.body.decode()


async def records(served: Offices) -> list[AuditRecord]:
    """Return every audit record."""
    store = served.people.node.gateway.store
    return await store.read(lambda tx: tx.audit.after("", 0, 100_000))


async def last_deed(served: Offices, operation: str) -> AuditRecord:
    """Return the newest record of an operation or action."""
    found = [
        each
        for each in await records(served)
        if operation in {each.data.get("operation"), each.action}
    ]
    return found[-1]


# --- health ---------------------------------------------------------------------------------------


async def test_the_health_of_the_node_is_told_in_the_language_of_the_reader(
    admin: Browser,
) -> None:
    """What was found, and how to mend it; the texts are those of `gateway doctor`."""
    vietnamese = text(await admin.get("/admin/health?lang=vi"))
    english = text(await admin.get("/admin/health?lang=en"))
    await admin.get("/admin/health?lang=vi")

    assert ("Ghi được vào" in vietnamese, "can be written" in vietnamese) == (True, False)
    assert ("can be written" in english, "Ghi được vào" in english) == (True, False)


# --- standing reports -----------------------------------------------------------------------------


async def test_standing_reports_are_fetched_from_their_page(
    served: Offices, auditor: Browser
) -> None:
    """The page links every file, and each is given out as it lies in the folder."""
    reporting = served.people.node.gateway.reporting
    period = period_of(PeriodKind.QUARTER, date(2026, 8, 1))
    await reporting.make(period)

    page = text(await auditor.get("/audit/reports?lang=vi"))
    workbook = "/audit/reports/2026-Q3/bao-cao-2026-Q3.xlsx"
    given = await auditor.get(workbook)

    assert "Quý III năm 2026" in page
    assert f'href="{workbook}"' in page
    place = Path(reporting.files.place(period.name))
    assert given.body == (place / "bao-cao-2026-Q3.xlsx").read_bytes()


@pytest.mark.parametrize("file", ["2026-Q3/gateway.toml", "2026-Q3/..%2f..", "2026-Q2/x", "x/y"])
async def test_nothing_but_files_of_reports_is_given_out(auditor: Browser, file: str) -> None:
    """Whatever else is asked for is not there."""
    assert (await auditor.get(f"/audit/reports/{file}")).status == 404


async def test_a_clerk_fetches_no_report_of_the_node(clerk: Browser) -> None:
    """They tell of all agencies: to a clerk the page is not there."""
    assert (await clerk.get("/audit/reports")).status == 404


# --- who may --------------------------------------------------------------------------------------


async def test_the_administrator_begins_at_the_board(admin: Browser) -> None:
    """The duty first."""
    assert (await admin.get("/")).headers["Location"] == "/admin/board"


async def test_the_auditor_begins_at_the_figures(auditor: Browser) -> None:
    """The figures first."""
    assert (await auditor.get("/")).headers["Location"] == "/audit/statistics"


async def test_every_page_opens_for_an_administrator_of_the_node(admin: Browser) -> None:
    """Those of auditors, too."""
    got = {page: (await admin.get(page)).status for page in (*ADMIN_PAGES, *AUDIT_PAGES)}

    assert {page: status for page, status in got.items() if status != 200} == {}


async def test_an_auditor_opens_the_reports_alone(auditor: Browser) -> None:
    """What administrators decide is not there."""
    reports = {(await auditor.get(page)).status for page in AUDIT_PAGES}
    others = {(await auditor.get(page)).status for page in (*ADMIN_PAGES, "/admin/events")}

    assert (reports, others) == ({200}, {404})


async def test_a_clerk_opens_none_of_them(clerk: Browser) -> None:
    """They are not there."""
    pages = (*ADMIN_PAGES, *AUDIT_PAGES, "/admin/events")

    assert {(await clerk.get(page)).status for page in pages} == {404}


async def test_a_clerk_cannot_send_their_forms(clerk: Browser) -> None:
    """With a good token of the clerk's own."""
    page = text(await clerk.get("/account"))
    token = TOKEN.search(page)
    assert token is not None
    forms = ("/admin/queue/1", "/admin/held/x", "/admin/credentials", "/admin/calendar")

    got = {(await clerk.send(path, {"csrf": token[1], "deed": "drop"})).status for path in forms}

    assert got == {404}


async def test_a_form_without_its_token_is_refused(admin: Browser) -> None:
    """Whoever is signed in."""
    answer = await admin.send("/admin/credentials", {"agency": OFFICE, "name": "x"})

    assert answer.status == 403


async def test_an_administrator_of_one_agency_is_none_of_the_node(served: Offices) -> None:
    """Accounts of the agency are all there is to keep."""
    name, secret = await hired(served.people.node.gateway, "Vũ Văn Nam", OFFICE, Role.ADMIN)
    browser = Browser(served.people)
    await browser.sign_in(name)
    await browser.post("/login/code", code=code_of(served, secret))

    got = [(await browser.get(page)).status for page in ("/admin/accounts", "/admin/board")]

    assert got == [200, 404]


def code_of(served: Offices, secret: str) -> str:
    """Return a one-time code of *secret* that was not used yet."""
    now = served.people.node.gateway.clock.now() + timedelta(seconds=30)
    return pyotp.TOTP(secret).at(now)


# --- the board and the queue ----------------------------------------------------------------------


async def test_what_failed_stands_on_the_board_with_its_reason(
    served: Offices, admin: Browser
) -> None:
    """And with what can be done."""
    await failed(served, number="1203")

    page = text(await admin.get("/admin/board"))

    assert "1203/SNV-VP" in page
    assert "the connection to the webhook failed" in page


async def test_the_queue_names_the_document_of_each_entry(served: Offices, admin: Browser) -> None:
    """Code, number with notation, and subject."""
    id_ = await failed(served, number="1206")
    store = served.people.node.gateway.store
    document = await store.read(lambda tx: tx.documents.find(id_))
    assert document is not None

    page = html.unescape(text(await admin.get("/admin/queue")))

    row = page[page.index("1206/SNV-VP") :]
    row = row[: row.index("</td>")]
    assert [each in row for each in (str(document.code), document.metadata.subject)] == [True] * 2


async def test_a_retry_makes_the_delivery_wait_again(served: Offices, admin: Browser) -> None:
    """By the administrator, in the history."""
    document = await failed(served, number="1204")
    job = await job_of(served, document)

    answer = await admin.post(f"/admin/queue/{job}", at="/admin/queue", deed="retry")

    assert answer.status == 303
    assert (await last_deed(served, "queue-retry")).actor == f"account:{served.people.quang}"


async def test_a_drop_needs_its_reason(served: Offices, admin: Browser) -> None:
    """Nothing is done without."""
    document = await failed(served, number="1205")
    job = await job_of(served, document)

    answer = await admin.post(f"/admin/queue/{job}", at="/admin/queue", deed="drop", reason="")

    assert answer.status == 422
    assert await state_of(served, document) is DeliveryState.FAILED


async def test_a_drop_tells_its_reason(served: Offices, admin: Browser) -> None:
    """The sender reads it."""
    document = await failed(served, number="1206")
    job = await job_of(served, document)

    await admin.post(f"/admin/queue/{job}", at="/admin/queue", deed="drop", reason="Gửi nhầm")

    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None
    assert (found.deliveries[0].state, found.deliveries[0].note) == (
        DeliveryState.CANCELLED,
        "Gửi nhầm",
    )


async def test_a_destination_is_tried_at_once(served: Offices, admin: Browser) -> None:
    """And it is recorded who wanted that."""
    answer = await admin.post(
        "/admin/destinations", at="/admin/board", lane=f"office:{UNREACHED}", next="/admin/board"
    )

    assert answer.headers["Location"] == "/admin/board?done=try"
    assert (await last_deed(served, "queue-try")).about == f"office:{UNREACHED}"


async def test_nobody_is_sent_elsewhere_after_a_deed(admin: Browser) -> None:
    """The way back is one of ours."""
    answer = await admin.post(
        "/admin/destinations", at="/admin/board", lane="office:x", next="https://evil.example"
    )

    assert answer.headers["Location"] == "/admin/queue?done=try"


async def test_what_is_not_accepted_the_same_day_is_late(served: Offices, admin: Browser) -> None:
    """It stands on the board from the next day on."""
    document = await send(served.people.node, number="88")
    store = served.people.node.gateway.store

    def a_day_ago(tx: object) -> None:
        raw = tx.numbers._db.raw  # type: ignore[attr-defined]  # noqa: SLF001 - time cannot be waited for
        raw.execute(
            "UPDATE delivery SET legal_received_at = '2026-11-19T03:00:00.000000+00:00' "
            "WHERE document = ?",
            (document,),
        )

    await store.write(a_day_ago)

    page = text(await admin.get("/admin/board"))

    assert "Chưa tiếp nhận trong ngày" in page
    assert f"/audit/documents/{document}" in page


# --- held documents -------------------------------------------------------------------------------


async def test_a_held_document_says_why(served: Offices, admin: Browser) -> None:
    """With the article that wants it."""
    document = await held(served, number="301")

    page = text(await admin.get(f"/admin/held/{document}"))

    assert "QĐ 28/2018/QĐ-TTg" in page
    assert "Chờ quyết định" not in page  # that is for the sender


async def test_a_release_numbers_the_document(served: Offices, admin: Browser) -> None:
    """The reason is kept with the person."""
    document = await held(served, number="302")

    path = f"/admin/held/{document}"
    await admin.post(path, deed="release", reason="Lãnh đạo đã xem")

    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None
    assert (found.state, found.code is not None) == (DocumentState.ACCEPTED, True)
    released = await last_deed(served, "released")
    assert released.data["note"] == "Lãnh đạo đã xem"


async def test_the_sender_reads_that_an_agency_released_the_document(
    served: Offices, admin: Browser
) -> None:
    """Somebody decided: it was not the system by itself."""
    document = await held(served, number="305")
    await admin.post(f"/admin/held/{document}", deed="release", reason="Lãnh đạo đã xem")
    clerk = Browser(served.people)
    await clerk.sign_in(served.people.tram)

    page = (await clerk.get(f"/desk/{OFFICE}/documents/{document}")).body.decode()
    step = page.partition('<li class="is-released">')[2].partition("</li>")[0]

    assert ("Cho qua" in step, "UBND tỉnh" in step, "hệ thống" in step) == (True, True, False)


async def test_a_refusal_of_a_held_document_tells_the_sender(
    served: Offices, admin: Browser
) -> None:
    """It never takes a number."""
    document = await held(served, number="303")

    await admin.post(f"/admin/held/{document}", deed="refuse", reason="Không gửi qua trục")

    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None
    assert (found.state, found.code) == (DocumentState.REFUSED, None)


@pytest.mark.parametrize("deed", ["release", "refuse"])
async def test_a_decision_needs_its_reason(served: Offices, admin: Browser, deed: str) -> None:
    """Nothing is decided without."""
    document = await held(served, number=f"31{len(deed)}")

    answer = await admin.post(f"/admin/held/{document}", deed=deed, reason="  ")

    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None
    assert (answer.status, found.state) == (422, DocumentState.HELD)


# --- the directory --------------------------------------------------------------------------------


async def test_the_directory_is_searched_without_accents(admin: Browser) -> None:
    """By name or code."""
    page = text(await admin.get("/admin/directory?q=so+noi+vu"))

    assert ("Sở Nội vụ" in page, "Sở Tài chính" in page) == (True, False)


async def test_an_agency_is_entered_under_the_next_code(admin: Browser) -> None:
    """Below the node when nothing else is said."""
    answer = await admin.post("/admin/directory/new", name="Sở Y tế", decision="15/QĐ-UBND")

    page = text(await admin.get(answer.headers["Location"]))
    assert ("Sở Y tế" in page, "15/QĐ-UBND" in page) == (True, True)


async def test_an_agency_without_a_name_comes_back_with_the_finding(admin: Browser) -> None:
    """At its field."""
    answer = await admin.post("/admin/directory/new", name=" ", short_name="SYT")

    assert answer.status == 422
    assert 'id="name-error"' in text(answer)


async def test_an_agency_is_changed(admin: Browser) -> None:
    """Its code stays."""
    await admin.post(
        f"/admin/directory/{UNREACHED}",
        deed="change",
        name="Ban Quản lý dự án đầu tư",
        contact_telephone="0219 123",
    )

    page = text(await admin.get(f"/admin/directory/{UNREACHED}"))
    assert ("Ban Quản lý dự án đầu tư" in page, "0219 123" in page) == (True, True)


async def test_an_agency_is_closed_with_its_successor(served: Offices, admin: Browser) -> None:
    """Who writes to it is told of the other."""
    added = await admin.post("/admin/directory/new", name="Ban cũ")
    path = added.headers["Location"].split("?")[0]

    on = served.people.node.gateway.clock.now().date() + timedelta(days=2)
    await admin.post(path, deed="close", successor=OFFICE, decision="9/NQ-HĐND", on=on.isoformat())

    closed = await served.people.node.gateway.agencies.show(path.rpartition("/")[2])
    assert (closed.successor, closed.decision) == (OFFICE, "9/NQ-HĐND")


async def test_an_exported_directory_can_be_taken_in_again(admin: Browser) -> None:
    """Nothing changes by it."""
    exported = (await admin.get("/admin/directory/export")).body

    answer = await upload(admin, exported)

    assert "0 mới, 0 thay đổi" in text(answer)


async def test_every_bad_line_of_a_file_is_shown(admin: Browser) -> None:
    """And nothing is taken in."""
    answer = await upload(admin, "code,name\nH13.71,Xã Tốt\nH13.72,\n,Xã\n".encode())

    page = text(answer)
    assert (answer.status, page.count('<td role="cell" class="identifier">')) == (422, 2)
    assert "Xã Tốt" not in text(await admin.get("/admin/directory?state=all"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"])
async def test_a_file_that_is_no_text_comes_back_with_one_finding(
    admin: Browser, content: bytes
) -> None:
    """In the form, with what to do; not as a page of errors."""
    answer = await upload(admin, content)

    page = text(answer)
    assert (answer.status, page.count('<td role="cell" class="identifier">')) == (422, 1)
    assert ("CSV UTF-8" in page, 'id="file"' in page) == (True, True)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("code,name\nH13.71,Xã Tốt,thừa\n", "Phải sửa 1 dòng (1 lỗi)"),
        ("ma,ten,cha\nH13.71,Xã Tốt,H13\nH13.72,Xã Hay,H13\n", "Phải sửa 1 dòng (5 lỗi)"),
        ("code,name,kind\nH13 71,,xã\n", "Phải sửa 1 dòng (3 lỗi)"),
    ],
)
async def test_lines_to_mend_are_counted_as_lines(admin: Browser, lines: str, told: str) -> None:
    """And what is wrong with them beside; one mistake is told once."""
    assert told in text(await upload(admin, lines.encode()))


# --- credentials ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/admin/accounts/new", "/admin/credentials"])
async def test_no_right_is_chosen_before_the_administrator_chooses(
    admin: Browser, page: str
) -> None:
    """Agency and role are asked for; what the browser sends untouched grants nothing."""
    shown = text(await admin.get(page))
    form = shown[shown.index(f'<form method="post" action="{page}"') :]
    form = form[: form.index("</form>")]

    assert (" checked" in form, " selected" in form) == (False, False)
    assert re.search(r'name="role" value="[a-z]+" required', form)


async def test_an_account_without_agency_and_role_comes_back_with_both_findings(
    admin: Browser,
) -> None:
    """Nobody is given a right by a form that was left as it was."""
    answer = await admin.post("/admin/accounts/new", name="Trần Văn Không Quyền")

    assert answer.status == 422
    findings = set(re.findall(r'title="([a-z-]+)"', text(answer)))
    assert {"account-agency-missing", "account-role-missing"} <= findings


async def test_a_grant_without_a_role_is_refused(served: Offices, admin: Browser) -> None:
    """The deeds of an account choose nothing either."""
    name, _ = await hired(served.people.node.gateway, "Lê Thị Chưa Chọn", OFFICE, Role.VIEWER)

    answer = await admin.post(
        f"/admin/accounts/{name}", deed="grant", agency=OTHER, role="", decision="1/QĐ"
    )

    assert (answer.status, "Chưa chọn vai trò." in text(answer)) == (422, True)


async def test_a_refused_transfer_comes_back_with_what_was_typed(
    served: Offices, admin: Browser
) -> None:
    """The form is open, and its message leads to the field."""
    typed = {"receiver": "khong.co", "decision": "12/QĐ-UBND", "agency": OTHER, "role": "viewer"}

    before = await admin.get(f"/admin/accounts/{served.people.binh}")
    answer = await admin.post(f"/admin/accounts/{served.people.binh}", deed="transfer", **typed)
    page = text(answer)

    assert (before.status, '<details class="deed" name="deed" open>' in text(before)) == (
        200,
        False,
    )
    assert (answer.status, 'href="#receiver"' in page) == (422, True)
    [form] = [each for each in page.split("<details")[1:] if 'value="transfer"' in each]
    form = form.partition("</details>")[0]
    assert " open>" in form
    for kept in (
        'value="khong.co"',
        'value="12/QĐ-UBND"',
        f'"{OTHER}" selected',
        '"viewer" selected',
    ):
        assert kept in form, kept


async def test_a_credential_is_shown_once_and_works(served: Offices, admin: Browser) -> None:
    """The list never shows its secrets."""
    answer = await admin.post(
        "/admin/credentials", agency=OFFICE, name="Phần mềm mới", role="office", decision="7/QĐ"
    )

    token, systemid, secret = secrets_of(answer)
    listed = text(await admin.get("/admin/credentials?q=phan+mem+moi"))
    assert (token in listed, secret in listed, systemid in listed) == (False, False, True)
    room: Credentials = served.people.node.gateway.credentials
    caller = await room.authenticate(token)
    assert caller is not None
    assert caller.agency == OFFICE


async def test_a_turned_credential_leaves_the_old_one_worthless(
    served: Offices, admin: Browser
) -> None:
    """At once."""
    given = await admin.post("/admin/credentials", agency=OFFICE, name="Để đổi", role="office")
    old = secrets_of(given)[0]
    client = await client_named(served, "Để đổi")

    turned = await admin.post(
        f"/admin/credentials/{client}", at="/admin/credentials", deed="rotate"
    )

    room = served.people.node.gateway.credentials
    assert await room.authenticate(old) is None
    assert await room.authenticate(secrets_of(turned)[0]) is not None


async def test_a_revoked_credential_is_worthless(served: Offices, admin: Browser) -> None:
    """For good."""
    given = await admin.post("/admin/credentials", agency=OFFICE, name="Để bỏ", role="office")
    client = await client_named(served, "Để bỏ")

    await admin.post(f"/admin/credentials/{client}", at="/admin/credentials", deed="revoke")

    room = served.people.node.gateway.credentials
    assert await room.authenticate(secrets_of(given)[0]) is None


async def test_a_credential_for_an_unknown_agency_is_refused(admin: Browser) -> None:
    """At its field."""
    answer = await admin.post("/admin/credentials", agency="H99", name="x", role="office")

    assert (answer.status, 'id="agency-error"' in text(answer)) == (422, True)


# --- the calendar ---------------------------------------------------------------------------------


async def test_a_preview_shows_the_legal_time_before_and_after(admin: Browser) -> None:
    """Friday evening counts from Monday, then from Wednesday: Tuesday is a holiday."""
    answer = await admin.post("/admin/calendar", deed="preview", **SWAP, **EVENING)

    page = text(answer)
    assert (answer.status, "07:30 thứ Hai 23/11" in page, "07:30 thứ Tư 25/11" in page) == (
        200,
        True,
        True,
    )


async def test_a_preview_changes_nothing(served: Offices, admin: Browser) -> None:
    """Until it is applied."""
    await admin.post("/admin/calendar", deed="preview", **SWAP)

    assert await legal_time(served, "2026-11-20T18:05:00+07:00") == "2026-11-23T07:30:00+07:00"


async def test_an_applied_change_moves_legal_times(served: Offices, admin: Browser) -> None:
    """From now on, until it is withdrawn; both are recorded with their basis."""
    await admin.post("/admin/calendar", deed="apply", **SWAP)
    change = (await last_deed(served, "calendar-changed")).about.partition(":")[2]
    applied = await legal_time(served, "2026-11-20T18:05:00+07:00")
    taking_back = {"deed": "withdraw", "decision": "13/TB-UBND"}
    await admin.post(f"/admin/calendar/{change}", at="/admin/calendar", **taking_back)
    withdrawn = await legal_time(served, "2026-11-20T18:05:00+07:00")

    assert (applied, withdrawn) == ("2026-11-25T07:30:00+07:00", "2026-11-23T07:30:00+07:00")
    deed = await last_deed(served, "calendar-withdrawn")
    assert (deed.actor, deed.data["decision"]) == (
        f"account:{served.people.quang}",
        "13/TB-UBND",
    )


async def test_a_change_of_one_agency_is_not_of_another(served: Offices, admin: Browser) -> None:
    """Each its own hours."""
    answer = await admin.post(
        "/admin/calendar",
        deed="apply",
        kind="sessions",
        agency=OFFICE,
        **{"from": "2026-11-21", "to": "2026-11-27"},
        sessions="08:00-12:00, 13:00-17:00",
        decision="5/QĐ-SNV",
    )

    at = "2026-11-20T18:05:00+07:00"
    assert answer.status == 303
    assert await legal_time(served, at, of=OFFICE) == "2026-11-23T08:00:00+07:00"
    assert await legal_time(served, at) == "2026-11-23T07:30:00+07:00"


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"decision": ""}, "swap-decision-error"),
        ({"day": "2026-11-22"}, "swap-day-error"),
        ({"worked": "2026-11-27"}, "swap-worked-error"),
        ({"day": "hôm nay"}, "swap-day-error"),
    ],
)
async def test_a_wrong_change_comes_back_with_the_finding(
    admin: Browser, wrong: dict[str, str], at: str
) -> None:
    """At its field."""
    answer = await admin.post("/admin/calendar", **{"deed": "apply", **SWAP, **wrong})

    assert (answer.status, f'id="{at}"' in text(answer)) == (422, True)


async def test_a_year_that_is_entered_is_no_longer_provisional(
    served: Offices, admin: Browser
) -> None:
    """With the notice that says so."""
    await admin.post(
        "/admin/calendar", deed="apply", kind="year", year="2027", decision="9999/TB-BNV"
    )

    gateway = served.people.node.gateway
    calendar = await gateway.administration.office_hours.of(None)
    assert calendar.years[2027] == "9999/TB-BNV"


# --- notices --------------------------------------------------------------------------------------


async def test_an_incident_stands_on_every_page_until_it_is_closed(
    served: Offices, admin: Browser, clerk: Browser
) -> None:
    """On those of clerks, too."""
    await admin.post("/admin/notices", kind="incident", text="Mất kết nối trục tỉnh")
    during = text(await clerk.get(f"/desk/{OFFICE}/inbox"))
    notice = (await served.people.node.gateway.administration.announcements.shown())[0]
    await admin.post(f"/admin/notices/{notice.id}", at="/admin/notices", kind="incident")
    after = text(await clerk.get(f"/desk/{OFFICE}/inbox"))

    assert ("Mất kết nối trục tỉnh" in during, "Mất kết nối trục tỉnh" in after) == (True, False)


async def test_a_script_in_a_notice_is_text(served: Offices, admin: Browser) -> None:
    """Whoever wrote it."""
    await admin.post("/admin/notices", kind="incident", text="<script>alert(1)</script>")
    page = text(await admin.get("/admin/board"))
    for each in await served.people.node.gateway.administration.announcements.shown():
        await admin.post(f"/admin/notices/{each.id}", at="/admin/notices", kind="incident")

    assert "<script>alert(1)" not in page


async def test_maintenance_without_an_end_is_refused(admin: Browser) -> None:
    """Users must know when they can work again."""
    answer = await admin.post("/admin/notices", kind="maintenance", text="Nâng cấp")

    assert (answer.status, "chưa có giờ kết thúc" in text(answer)) == (422, True)


async def test_an_administrator_takes_an_incident_on(served: Offices, admin: Browser) -> None:
    """With a button that is gone then."""
    await admin.post("/admin/notices", kind="incident", text="Mất điện", severity="critical")
    room = served.people.node.gateway.announcing.announcements
    (notice,) = await room.shown()
    before = text(await admin.get("/admin/notices"))
    path = f"/admin/notices/{notice.id}/acknowledge"
    await admin.post(path, at="/admin/notices")
    after = text(await admin.get("/admin/notices"))
    taken = await room.find(notice.id)
    await admin.post(f"/admin/notices/{notice.id}", at="/admin/notices", kind="incident")

    assert (path in before, path in after) == (True, False)
    assert taken.acknowledged_by == f"account:{served.people.quang}"
    assert "Sự cố đặc biệt nghiêm trọng" in before


async def test_a_notice_is_changed_on_its_page(served: Offices, admin: Browser) -> None:
    """What is wrong is told beside the form, and everybody sees what is right."""
    await admin.post("/admin/notices", kind="incident", text="Mất điện")
    room = served.people.node.gateway.announcing.announcements
    (notice,) = await room.shown()
    path = f"/admin/notices/{notice.id}/change"
    filled = {"kind": "incident", "severity": "minor", "meanwhile": "Gửi bản giấy"}
    wrong = await admin.post(path, at="/admin/notices", text=" ", **filled)
    await admin.post(path, at="/admin/notices", text="Mất điện phòng máy", **filled)
    page = text(await admin.get("/admin/board"))
    await admin.post(f"/admin/notices/{notice.id}", at="/admin/notices", kind="incident")

    assert (wrong.status, "Thông báo chưa có nội dung" in text(wrong)) == (422, True)
    assert "Mất điện phòng máy" in page


async def test_a_person_sets_an_address_for_notices(served: Offices, clerk: Browser) -> None:
    """What is no address is told beside the field; an empty one ends it."""
    accounts = served.people.node.gateway.store
    wrong = await clerk.post("/account/mail", at="/account", mail="không phải địa chỉ")
    await clerk.post("/account/mail", at="/account", mail="tram@snv.example.gov.vn")
    kept = await accounts.read(lambda tx: tx.accounts.find(served.people.tram))
    await clerk.post("/account/mail", at="/account", mail="")
    ended = await accounts.read(lambda tx: tx.accounts.find(served.people.tram))

    assert (wrong.status, "Địa chỉ thư điện tử không đúng" in text(wrong)) == (422, True)
    assert kept is not None
    assert ended is not None
    assert (kept.mail, ended.mail) == ("tram@snv.example.gov.vn", "")


# --- auditors -------------------------------------------------------------------------------------


async def test_the_page_of_verification_names_a_guard_that_is_gone(
    served: Offices, auditor: Browser
) -> None:
    """Before anything is verified, with the command that puts it back."""
    gateway = served.people.node.gateway
    with closing(sqlite3.connect(gateway.config.path("data/gateway.db"))) as raw, raw:
        raw.execute("DROP TRIGGER audit_segment_is_not_removed")

    page = text(await auditor.get("/audit/verify"))
    await gateway.auditing.restore_guards(OPERATOR)

    assert "audit_segment_is_not_removed" in page
    assert "gateway audit guard" in page
    assert "audit_segment_is_not_removed" not in text(await auditor.get("/audit/verify"))


async def test_the_trail_is_filtered_by_deed(served: Offices, auditor: Browser) -> None:
    """And by person."""
    page = text(
        await auditor.get(f"/audit/log?action=changed&actor={served.people.quang}&to=2099-12-31")
    )

    rows = set(re.findall(r'<a class="whole"[^>]*>([^<]+)<', page))
    assert {"Đổi mật khẩu", "Bật xác thực hai bước"} <= rows
    assert "Đã đến" not in rows


async def test_the_trail_speaks_of_people_and_documents_by_name(
    served: Offices, auditor: Browser
) -> None:
    """Not by ids; the number of a document leads to its way."""
    document = await send(served.people.node, number="911")
    store = served.people.node.gateway.store
    found = await store.read(lambda tx: tx.documents.find(document))
    assert found is not None

    sent = text(await auditor.get(f"/audit/log?about={found.code}"))
    people = text(await auditor.get("/audit/log?actor=Lê Minh Quang"))

    assert f'<a href="/audit/documents/{document}">{found.code}</a>' in sent
    assert "Cấp mã" in sent
    assert ("Lê Minh Quang" in people, "account:" in people) == (True, False)


async def test_a_record_shows_its_exact_fields_beside_the_names(
    served: Offices, auditor: Browser
) -> None:
    """What the chain has hashed can be read as it stands."""
    deeds = await records(served)
    record = next(each for each in deeds if each.data.get("operation") == "second-factor-added")

    page = text(await auditor.get(f"/audit/log/{record.chain}/{record.seq}"))

    assert ("Bật xác thực hai bước" in page, "Lê Minh Quang" in page) == (True, True)
    assert f"<dd>{record.actor}</dd>" in page
    assert "<dd>second-factor-added</dd>" in page


async def test_every_deed_of_this_node_has_its_words(served: Offices) -> None:
    """In both languages, what everybody did in the tests of this file included."""
    missing = {
        key
        for each in await records(served)
        for key in (f"action.{each.action}", f"operation.{each.data.get('operation')}")
        if key not in catalogue()
    }

    # these say no more than the action that they stand beside
    assert missing <= {
        f"operation.{each}" for each in (None, "signed-in", "session-ended", "sign-in-refused")
    }


async def test_the_trail_is_filtered_by_day(auditor: Browser) -> None:
    """What happened on another day is not there."""
    page = text(await auditor.get("/audit/log?from=2020-11-25&to=2020-11-26"))

    assert "Không có mục nào khớp" in page


async def test_the_trail_is_read_page_by_page(served: Offices, auditor: Browser) -> None:
    """Every record once."""
    total, path, seen = len(await records(served)), "/audit/log", list[str]()
    while path:
        page = text(await auditor.get(path))
        seen += re.findall(r'href="/audit/log/main/(\d+)"', page)
        older = re.search(r'class="button" href="(\?before=[^"]+)"', page)
        path = "/audit/log" + older[1].replace("&amp;", "&") if older else ""

    assert [int(each) for each in seen][-1] == 1
    assert len(seen) == len(set(seen)) >= total


async def test_the_chain_is_recomputed(served: Offices, auditor: Browser) -> None:
    """The result is a sentence, and the run itself is recorded."""
    await auditor.post("/audit/verify")
    page = await checked(auditor)

    assert "Nguyên vẹn từ bản ghi đầu tiên" in page
    assert (await last_deed(served, "verified")).data["result"] == "whole"


async def test_a_document_is_followed_by_its_code(served: Offices, auditor: Browser) -> None:
    """To its recipient."""
    document = await send(served.people.node, number="900")
    await report(served.people.node, document, "03")
    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None

    answer = await auditor.get(f"/audit/documents?q={found.code}")

    assert answer.headers["Location"] == f"/audit/documents/{document}"
    assert "Tiếp nhận" in text(await auditor.get(answer.headers["Location"]))


async def test_a_document_is_found_by_number_and_notation(
    served: Offices, auditor: Browser
) -> None:
    """As the desk finds it."""
    document = await send(served.people.node, number="7311", notation="THU-TIM", subject="Đây")
    await send(served.people.node, number="17", notation="VP", subject="Khác")

    for asked in ("7311", "7311/THU-TIM", "7311 / thu-tim", "thu-tim"):
        page = (await auditor.get(f"/audit/documents?q={asked}")).body.decode()
        assert re.findall(r'/audit/documents/([^"]+)"', page) == [document], asked


async def test_a_code_may_be_typed_in_small_letters_and_with_spaces(
    served: Offices, auditor: Browser
) -> None:
    """In the search for documents and in that of the trail."""
    document = await send(served.people.node, number="900")
    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    code = (found.code or "").lower() if found else ""

    answer = await auditor.get(f"/audit/documents?q={code.replace('/', ' / ')}")
    trail = (await auditor.get(f"/audit/log?about={code}")).body.decode()

    assert answer.headers["Location"] == f"/audit/documents/{document}"
    assert f"/audit/documents/{document}" in trail


async def test_the_trail_is_searched_by_number_and_notation(
    served: Offices, auditor: Browser
) -> None:
    """Where one document alone has them."""
    document = await send(served.people.node, number="7312", notation="TIM-VET")
    await send(served.people.node, number="73120", notation="TIM-VET")

    trail = (await auditor.get("/audit/log?about=7312/tim-vet")).body.decode()

    assert set(re.findall(r"/audit/documents/([0-9a-f-]{36})", trail)) == {document}


async def test_the_figures_count_what_was_sent(served: Offices, auditor: Browser) -> None:
    """By legal day and agency."""
    document = await send(served.people.node, number="901")
    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None
    assert found.legal_sent_at is not None
    day = found.legal_sent_at.astimezone(served.people.node.gateway.zone).date()

    answer = await auditor.get(f"/audit/statistics?from={day}&to={day}&format=json")

    rows = json.loads(answer.body)["rows"]
    by_agency = {each["agency"]: each for each in rows if each["direction"] == "out"}
    store = served.people.node.gateway.store
    page = await store.read(lambda tx: tx.documents.select(Selection(agency=OTHER, box="out")))
    assert by_agency[OTHER]["sent"] == len(page)


async def test_the_figures_that_are_shown_first_hold_what_was_sent_just_now(
    served: Offices, auditor: Browser
) -> None:
    """Also on a day off, when its legal day is still to come; the page says how days count."""
    await send(served.people.node, number="902")
    store = served.people.node.gateway.store
    sent = await store.read(lambda tx: tx.documents.select(Selection(agency=OTHER, box="out")))

    legal = text(await auditor.get("/audit/statistics"))
    actual = text(await auditor.get("/audit/statistics?by=actual"))

    numbered = sum(1 for each in sent if each.code)
    for shown, basis in ((legal, "ngày pháp lý"), (actual, "ngày thực tế")):
        row = shown[shown.index(f">{OTHER}</span>") :]
        assert f'data-label="Văn bản gửi">{numbered}<' in row[: row.index("</tr>")]
        assert f"tính theo {basis}" in shown


async def test_the_page_of_figures_rolls_up(served: Offices, auditor: Browser) -> None:
    """For the agencies above; sums of the period, charts and other links keep everything once."""
    await send(served.people.node, number="904")

    plain = text(await auditor.get("/audit/statistics"))
    rolled = text(await auditor.get("/audit/statistics?roll_up=hierarchy"))
    picture = await auditor.get("/audit/statistics?roll_up=hierarchy&format=svg")
    rows = json.loads((await auditor.get("/audit/statistics?roll_up=hierarchy&format=json")).body)[
        "rows"
    ]

    assert [">H13</span>" in page for page in (plain, rolled)] == [False, True]
    assert figures_on(plain) == figures_on(rolled)
    assert '<option value="hierarchy" selected>Cho cơ quan cấp trên</option>' in rolled
    assert "gồm cả các cơ quan cấp dưới" in rolled
    links = re.findall(r'href="\?([^"]*from=[^"]*)"', rolled)
    assert links
    assert all("roll_up=hierarchy" in each for each in links)
    assert "H13" in {each["agency"] for each in rows}
    assert (picture.status, "gồm cả".encode() in picture.body) == (200, False)


@pytest.mark.parametrize("given", ["", "up", "hierarchy,successors"])
async def test_a_word_that_rolls_nothing_up_is_none(auditor: Browser, given: str) -> None:
    """The page is the one without."""
    page = text(await auditor.get(f"/audit/statistics?roll_up={given}"))

    assert ">H13</span>" not in page


@pytest.mark.parametrize(
    ("locale", "heads", "side"),
    [("vi", ("Cơ quan", "Chiều"), "Gửi đi"), ("en", ("Agency", "Direction"), "Sent")],
)
async def test_the_files_name_agencies_and_directions(
    served: Offices, auditor: Browser, locale: str, heads: tuple[str, str], side: str
) -> None:
    """In the language of the reader, in the spreadsheet as in the CSV."""
    await send(served.people.node, number="903")
    name = served.people.node.gateway.directory().find(OTHER)
    assert name is not None
    where = f"/audit/statistics?lang={locale}&format="

    written = (await auditor.get(f"{where}csv")).body.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO((await auditor.get(f"{where}xlsx")).body))
    await auditor.get("/audit/statistics?lang=vi")

    lines = list(csv.reader(io.StringIO(written)))
    assert (
        tuple(lines[0][:2]),
        [f"{OTHER} {name.name}", side] in [each[:2] for each in lines],
    ) == (
        heads,
        True,
    )
    assert book.sheetnames == [{"vi": "Thống kê", "en": "Statistics"}[locale]]
    sheet = [[cell.value for cell in row[:2]] for row in book.worksheets[0].rows]
    assert list(heads) in sheet
    assert [f"{OTHER} {name.name}", side] in sheet


# --- helpers --------------------------------------------------------------------------------------


def figures_on(page: str) -> list[str]:
    """Return the figures at the top of the page of figures."""
    return re.findall(r"<li><span><b[^>]*>([^<]*)</b>", page)


async def checked(browser: Browser) -> str:
    """Return the page of the check once the check has ended."""
    while 'id="checking"' in (page := text(await browser.get("/audit/verify"))):
        pass
    return page


async def job_of(served: Offices, document: str) -> int:
    """Return the entry of the queue about a document that failed."""
    queued, _ = await served.people.node.gateway.queue.page(failed=True, limit=100)
    found = [
        each.job.id for each in queued if each.delivery and each.delivery.document == document
    ]
    return found[0]


async def state_of(served: Offices, document: str) -> DeliveryState:
    """Return the state of the one delivery of a document."""
    found = await served.people.node.gateway.store.read(lambda tx: tx.documents.find(document))
    assert found is not None
    return found.deliveries[0].state


async def client_named(served: Offices, name: str) -> str:
    """Return the id of a credential."""
    listed = await served.people.node.gateway.credentials.listing()
    return next(each.id for each in listed if each.name == name)


async def legal_time(served: Offices, at: str, of: str | None = None) -> str:
    """Return the legal time of an instant by the calendar in force."""
    calendar = await served.people.node.gateway.administration.office_hours.of(of)
    return calendar.legal_time(datetime.fromisoformat(at)).legal.isoformat()


def secrets_of(answer: Answer) -> list[str]:
    """Return what a page shows once: token, systemid, secret."""
    return re.findall(r'<code class="secret"[^>]*>([^<]+)</code>', text(answer))


async def upload(browser: Browser, content: bytes) -> Answer:
    """Send a file to be taken in, as the form does."""
    token = TOKEN.search(text(await browser.get("/admin/directory/import")))
    assert token is not None
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("csrf", token[1])
    form.add_field("file", content, filename="danh-ba.csv", content_type="text/csv")
    node = browser.people.node
    return await node.post("/admin/directory/import", data=form, headers=browser.headers({}))


async def test_the_menu_counts_what_waits_for_a_decision(served: Offices, admin: Browser) -> None:
    """The figure is that of the page to which the entry leads."""
    await held(served, number="4711")

    menu = re.search(
        r'href="/admin/held".*?</a>', text(await admin.get("/admin/trust")), re.DOTALL
    )
    listed = set(re.findall(r'href="(/admin/held/[^"]+)"', text(await admin.get("/admin/held"))))

    assert menu is not None
    assert f"</span>{len(listed)}</b>" in menu[0]
