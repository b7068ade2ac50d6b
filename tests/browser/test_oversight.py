"""Administrators and auditors at work in a real browser."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from shutil import copytree
from typing import Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Page,
    StorageState,
    expect,
)

from gateway.domain.lifecycle import DeliveryState
from tests.browser.desks import PASSWORD, PDFS, report, send
from tests.browser.offices import Offices, failed, held, offices
from tests.nodes import OFFICE

pytestmark = pytest.mark.asyncio(loop_scope="session")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    staffed_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Offices]:
    """Serve a node with its people; the tests of this file share it."""
    folder = Path(copytree(staffed_folder, tmp_path_factory.mktemp("oversight") / "node"))
    async with offices(folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signed_in(browser: Browser, served: Offices) -> StorageState:
    """Sign the administrator in, once: the cookies are all that a window needs."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{served.people.node.url}/login")
    await page.fill("#user_name", served.people.quang)
    await page.fill("#password", PASSWORD)
    await page.click("button.primary")
    await page.fill("#code", served.people.code())
    await page.click("button.primary")
    await expect(page.locator("h1")).to_have_text("Bảng hồi báo")
    state = await context.storage_state()
    await context.close()
    return state


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, signed_in: StorageState) -> AsyncIterator[BrowserContext]:
    """Open a window of the administrator."""
    context = await browser.new_context(
        storage_state=signed_in, viewport={"width": 1440, "height": 900}
    )
    yield context
    await context.close()


async def opened(window: BrowserContext, served: Offices, path: str) -> Page:
    """Open a page."""
    page = await window.new_page()
    await page.goto(served.people.node.url + path)
    return page


async def test_a_failed_delivery_is_tried_again(window: BrowserContext, served: Offices) -> None:
    """From the board, with one press; it fails anew and comes back with the time of that."""
    document = await failed(served, number="1203")
    page = await opened(window, served, "/admin/board")
    item = page.locator(".item", has_text="1203/SNV-VP")
    await item.locator("text=Gửi lại ngay").click()

    await expect(page.locator("main .notice.ngoc")).to_contain_text("gửi lại ngay")
    history = await served.people.node.gateway.store.read(lambda tx: tx.audit.history(document))
    assert DeliveryState.WAITING.value in [each.event for each in history]


async def test_what_happens_comes_onto_the_open_board(
    window: BrowserContext, served: Offices
) -> None:
    """Without a reload."""
    page = await window.new_page()
    async with page.expect_response(lambda answer: answer.url.endswith("/admin/events")):
        await page.goto(f"{served.people.node.url}/admin/board")
    await expect(page.locator("#live-state")).to_have_text("Trực tiếp")

    await held(served, number="4711")

    await send(served.people.node, number="4712")
    await expect(page.locator(".feed")).to_contain_text("4712/SNV-VP")
    await expect(page.locator("#items")).to_contain_text("4711/SNV-VP")


async def test_the_board_can_be_paused_by_a_key(window: BrowserContext, served: Offices) -> None:
    """And says so."""
    page = await window.new_page()
    async with page.expect_response(lambda answer: answer.url.endswith("/admin/events")):
        await page.goto(f"{served.people.node.url}/admin/board")
    await expect(page.locator("#live-state")).to_have_text("Trực tiếp")

    await page.keyboard.press("p")

    await expect(page.locator("#live-state")).to_have_text("Tạm dừng")


async def test_a_held_document_is_released_with_a_reason(
    window: BrowserContext, served: Offices
) -> None:
    """Then it is on its way."""
    document = await held(served, number="51", subject="Đơn kiến nghị của bà Lê Thị Sáu")
    page = await opened(window, served, f"/admin/held/{document}")
    await page.fill("#reason", "Lãnh đạo đã xem")
    await page.click("text=Cho qua kèm lý do")

    await expect(page.locator("main .notice.ngoc")).to_contain_text("cấp mã")
    await page.goto(f"{served.people.node.url}/audit/documents/{document}")
    await expect(page.locator(".timeline")).to_contain_text("Lãnh đạo đã xem")


async def test_a_held_document_is_refused_with_a_reason(
    window: BrowserContext, served: Offices
) -> None:
    """And goes back."""
    document = await held(served, number="52", subject="Đơn tố cáo nặc danh")
    page = await opened(window, served, f"/admin/held/{document}")
    await page.fill("#reason", "Không gửi qua trục")
    await page.click("text=Từ chối và trả lại")

    await page.goto(f"{served.people.node.url}/audit/documents/{document}")
    await expect(page.locator(".sheet .tag")).to_have_text("Đã từ chối")


async def test_a_change_of_the_calendar_moves_a_legal_time(
    window: BrowserContext, served: Offices
) -> None:
    """Previewed on two ribbons, applied with its basis, and then in force."""
    page = await opened(window, served, "/admin/calendar?month=2026-11")
    await page.fill("#swap-day", "2026-11-23")
    await page.fill("#swap-worked", "2026-11-28")
    await page.fill("#swap-decision", "12/TB-UBND")
    await page.click("details[open] button[value=preview]")
    first = page.locator(".moved").first
    await expect(first).to_contain_text("07:30 thứ Hai 23/11")
    await expect(first).to_contain_text("07:30 thứ Tư 25/11")
    await expect(page.locator(".month .pending")).to_have_count(2)
    await page.click("#preview button[value=apply]")
    await expect(page.locator("main .notice.ngoc")).to_contain_text("có hiệu lực")

    await expect(page.locator(".month td.made-up")).to_contain_text("28")


async def test_a_change_without_its_basis_comes_back(
    window: BrowserContext, served: Offices
) -> None:
    """What was typed stays, and the summary is read first."""
    page = await opened(window, served, "/admin/calendar")
    await page.click("summary:has-text('Ngày nghỉ')")
    await page.fill("#day-off-day", "2026-12-24")
    await page.fill("#day-off-name", "Nghỉ truyền thống")
    await page.click("details[open] button[value=preview]")

    await expect(page.locator("#summary")).to_be_focused()
    await expect(page.locator("#day-off-decision-error")).to_be_visible()
    await expect(page.locator("#day-off-name")).to_have_value("Nghỉ truyền thống")


async def test_a_credential_is_shown_once(window: BrowserContext, served: Offices) -> None:
    """Going back and forth does not bring it again."""
    page = await opened(window, served, "/admin/credentials")
    await page.fill("#name", "Phần mềm QLVB")
    await page.fill("#agency", OFFICE)
    await page.check("[name=role][value=office]")
    await page.click(".rail button.primary")
    secret = await page.locator("code.secret").first.inner_text()
    await page.click("main a.primary")

    await expect(page.locator("main")).to_contain_text("Phần mềm QLVB")
    assert secret not in await page.content()


async def test_a_directory_is_taken_in_or_its_bad_lines_shown(
    window: BrowserContext, served: Offices
) -> None:
    """Line by line."""
    page = await opened(window, served, "/admin/directory/import")
    bad = "code,name\nH13.61,Xã Một\nH13.62,\n".encode()
    await page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": bad})
    await page.click("main button.primary")
    await expect(page.locator("#summary")).to_contain_text("Phải sửa 1 dòng")
    good = "code,name\nH13.61,Xã Một\nH13.62,Xã Hai\n".encode()
    await page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": good})
    await page.click("main button.primary")

    await expect(page.locator("main .notice.ngoc")).to_contain_text("2 mới")


async def test_the_chain_is_verified_by_a_button(window: BrowserContext, served: Offices) -> None:
    """The result is a sentence."""
    page = await opened(window, served, "/audit/verify")
    await page.click("main button.primary")

    await expect(page.locator(".verdict")).to_contain_text("Nguyên vẹn từ bản ghi đầu tiên")


async def test_deciding_needs_no_script(
    browser: Browser, signed_in: StorageState, served: Offices
) -> None:
    """The board, the queue and the forms are plain pages."""
    await failed(served, number="1300")
    context = await browser.new_context(storage_state=signed_in, java_script_enabled=False)
    page = await opened(context, served, "/admin/board")
    item = page.locator(".item", has_text="1300/SNV-VP")
    await item.locator("summary").click()
    await item.locator("input[name=reason]").fill("Không còn cần")
    await item.locator("button.danger").click()

    await expect(page.locator("main .notice.ngoc")).to_contain_text("Đã bỏ")
    await context.close()


PAGES = (
    "/admin/board",
    "/admin/queue",
    "/admin/held",
    "/admin/directory",
    f"/admin/directory/{OFFICE}",
    "/admin/directory/new",
    "/admin/directory/import",
    "/admin/credentials",
    "/admin/trust",
    "/admin/calendar?month=2026-11",
    "/admin/notices",
    "/admin/health",
    "/audit/statistics",
    "/audit/statistics?as=table",
    "/audit/reports",
    "/audit/documents?q=bao",
    "/audit/log",
    "/audit/log/main/3",
    "/audit/verify",
)


async def troubled(served: Offices) -> tuple[str, ...]:
    """Fill every list; return the addresses of all pages."""
    await failed(served, number="1400", subject="Một trích yếu rất dài " * 12)
    waits = await held(served, number="1401", subject="Đơn khiếu nại dài " * 12)
    document = await send(
        served.people.node, number="1402", files=PDFS, subject="Một báo cáo " * 12
    )
    await report(served.people.node, document, "03")
    return (*PAGES, f"/admin/held/{waits}", f"/audit/documents/{document}")


@pytest.mark.parametrize(
    ("width", "theme", "locale"),
    [
        (360, "light", "vi"),
        (1440, "dark", "en"),
        pytest.param(1440, "light", "vi", marks=pytest.mark.long),
        pytest.param(360, "dark", "en", marks=pytest.mark.long),
    ],
)
async def test_every_page_is_accessible_and_fits(
    browser: Browser, signed_in: StorageState, served: Offices, width: int, theme: str, locale: str
) -> None:
    """Axe finds nothing against WCAG 2.2 AA, and nothing scrolls sideways."""
    pages = await troubled(served)
    context = await browser.new_context(
        storage_state=signed_in, viewport={"width": width, "height": 800}
    )
    page = await context.new_page()
    await page.goto(f"{served.people.node.url}/account?theme={theme}&lang={locale}")
    wrong = {}
    for path in pages:
        await page.goto(served.people.node.url + path)
        found = await Axe().run(page, options=RULES)
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if found.violations_count or over > 0:
            told = [
                f"{each['id']}: {each['nodes'][0]['html'][:120]}"
                for each in found.response["violations"]
            ]
            wrong[path] = (told, over)
    await context.close()

    assert wrong == {}


async def swap_previewed(page: Page, url: str) -> None:
    """Open the preview of a swap."""
    await page.goto(f"{url}/admin/calendar")
    await page.fill("#swap-day", "2026-12-14")
    await page.fill("#swap-worked", "2026-12-19")
    await page.fill("#swap-decision", "12/TB-UBND")
    await page.click("details[open] button[value=preview]")


async def swap_refused(page: Page, url: str) -> None:
    """Open the editor with findings."""
    await page.goto(f"{url}/admin/calendar")
    await page.click("details[open] button[value=preview]")


async def file_refused(page: Page, url: str) -> None:
    """Open the bad lines of a file."""
    await page.goto(f"{url}/admin/directory/import")
    bad = FilePayload(name="a.csv", mimeType="text/csv", buffer=b"code,name\nH13.62,\n")
    await page.set_input_files("#file", bad)
    await page.click("main button.primary")


async def secret_shown(page: Page, url: str) -> None:
    """Open what is shown once."""
    await page.goto(f"{url}/admin/credentials")
    await page.fill("#name", "Phần mềm")
    await page.fill("#agency", OFFICE)
    await page.check("[name=role][value=office]")
    await page.click(".rail button.primary")


async def notice_refused(page: Page, url: str) -> None:
    """Open the form of a notice with findings."""
    await page.goto(f"{url}/admin/notices")
    await page.click("details[open] button")


@pytest.mark.parametrize(
    "come", [swap_previewed, swap_refused, file_refused, secret_shown, notice_refused]
)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
async def test_what_forms_answer_is_accessible(
    browser: Browser,
    signed_in: StorageState,
    served: Offices,
    come: Callable[[Page, str], Awaitable[None]],
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """Findings, previews, and secrets that are shown once."""
    context = await browser.new_context(
        storage_state=signed_in, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = await context.new_page()
    await come(page, served.people.node.url)
    found = await Axe().run(page, options=RULES)
    over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    await context.close()

    assert ([each["id"] for each in found.response["violations"]], over) == ([], 0)


@pytest.mark.parametrize("width", [768, 1024, 1920])
async def test_no_page_scrolls_sideways(
    browser: Browser, signed_in: StorageState, served: Offices, width: int
) -> None:
    """At no width."""
    context = await browser.new_context(
        storage_state=signed_in, viewport={"width": width, "height": 800}
    )
    page = await context.new_page()
    wrong = {}
    for path in PAGES:
        await page.goto(served.people.node.url + path)
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wrong[path] = over
    await context.close()

    assert wrong == {}


_EXAMPLE = "12/QĐ-SNV"  #: a notation stands in English, too
_VIETNAMESE = re.compile("[\u00c0-\u01b0\u1ea0-\u1ef9]")
#: The text of the page without what people wrote.
_OUR_WORDS = """() => {
    const page = document.body.cloneNode(true);
    const theirs = '.theirs, .plate, .person, .brand, .who, .language, .bar, select, [lang],'
        + ' .identifier, datalist';
    page.querySelectorAll(theirs).forEach((each) => each.remove());
    return page.innerText;
}"""


async def test_every_text_is_english_in_english(window: BrowserContext, served: Offices) -> None:
    """What people wrote excepted."""
    pages = await troubled(served)
    page = await opened(window, served, "/account?lang=en")
    left = {}
    for path in pages:
        await page.goto(served.people.node.url + path)
        lines = (await page.evaluate(_OUR_WORDS)).splitlines()
        left[path] = [line for line in lines if _VIETNAMESE.search(line.replace(_EXAMPLE, ""))]

    assert {path: lines for path, lines in left.items() if lines} == {}
