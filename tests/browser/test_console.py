"""People at work in a real browser."""

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.desks import Desks, report, send
from tests.browser.steps import EXE, PDF, downloaded, fill, sign_in
from tests.nodes import OFFICE

pytestmark = pytest.mark.asyncio(loop_scope="session")
#: Dots between the three parts of a signed receipt.
JWS_DOTS = 2
LIGHT = 150_000


async def test_a_document_goes_from_desk_to_desk(browser: Browser, people: Desks) -> None:
    """Refused at a finding, mended, sent; it arrives in an open list, is accepted and finished."""
    first, second = await browser.new_context(), await browser.new_context()
    other = await sign_in(second, people, people.binh)
    await expect(other.locator(".empty-list")).to_be_visible()
    page = await sign_in(first, people, people.tram)
    await page.click("text=Soạn văn bản >> nth=0")
    await fill(page)
    await page.set_input_files("#files", [EXE, PDF])
    await page.click("#send")
    await expect(page.locator("#summary")).to_be_focused()
    await expect(page.locator("#files-said")).to_contain_text("a.exe")

    await page.click("#picked li:first-child button:last-child")
    await page.click("#send")
    await expect(page.locator("main .notice")).to_contain_text("H13.01/")

    await other.click("text=Báo cáo số liệu giải ngân")
    await other.wait_for_url("**/documents/*")
    await other.wait_for_load_state("load")  # a key that is pressed sooner is nobody's
    await other.keyboard.press("a")
    await expect(other.locator(".stamp strong")).to_have_text("1")
    await other.click("text=Hoàn thành")
    await page.reload()
    await expect(page.locator(".deliveries .tag")).to_have_text("Đã hoàn thành")
    assert (await downloaded(page, ".receipts li:last-child a")).count(".") == JWS_DOTS
    await first.close()
    await second.close()


async def test_the_first_view_is_light(window: BrowserContext, people: Desks) -> None:
    """Everything that a first visit of the inbox transfers."""
    for n in range(25):
        await send(people.node, subject=f"Văn bản số {n}", number=str(n))
    page = await sign_in(window, people, people.tram)
    wire = await window.new_cdp_session(page)
    await wire.send("Network.enable")
    await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    await page.reload(wait_until="load")
    await page.wait_for_timeout(300)

    assert 0 < sum(sizes) < LIGHT


async def test_a_refusal_asks_for_its_reason(window: BrowserContext, people: Desks) -> None:
    """And tells it to the sender."""
    document = await send(people.node)
    page = await sign_in(window, people, people.tram)
    await page.goto(f"{people.node.url}/desk/{OFFICE}/documents/{document}")
    await page.keyboard.press("r")
    await page.fill("#refuse-reason", "Gửi nhầm cơ quan")
    await page.click("text=Từ chối và trả lại")

    await expect(page.locator(".sheet .tag")).to_have_text("Từ chối tiếp nhận")
    await expect(page.locator(".timeline .note")).to_have_text("Gửi nhầm cơ quan")


async def test_the_first_password_must_be_changed(window: BrowserContext, people: Desks) -> None:
    """Nothing else opens before."""
    page = await window.new_page()
    await page.goto(f"{people.node.url}/login")
    await page.fill("#user_name", people.newcomer)
    await page.fill("#password", people.one_time)
    await page.click("button.primary")
    await page.goto(f"{people.node.url}/desk/{OFFICE}/inbox")
    await expect(page.locator("h1")).to_have_text("Đặt mật khẩu mới")
    await page.fill("#password", "cánh đồng lúa chín vàng ươm")
    await page.fill("#repeat", "cánh đồng lúa chín vàng ươm")
    await page.click("button.primary")

    await expect(page.locator("h1")).to_have_text("Văn bản đến")


async def test_an_administrator_signs_in_with_a_code(
    window: BrowserContext, people: Desks
) -> None:
    """The password alone is not enough."""
    page = await sign_in(window, people, people.quang)
    await expect(page.locator("h1")).to_have_text("Nhập mã dùng một lần")
    await page.fill("#code", people.code())
    await page.click("button.primary")

    await expect(page.locator("h1")).to_have_text("Bảng hồi báo")


async def test_a_script_in_a_subject_is_shown_as_text(
    window: BrowserContext, people: Desks
) -> None:
    """It never runs."""
    said: list[str] = []
    await send(people.node, subject="<script>alert(1)</script><img src=x onerror=alert(2)>")
    page = await sign_in(window, people, people.tram)
    page.on("dialog", lambda dialog: said.append(dialog.message))
    await page.click("main .whole")

    await expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
    assert said == []


async def test_a_list_is_worked_off_by_keys(window: BrowserContext, people: Desks) -> None:
    """Down, open, accept; in a field the keys are letters."""
    for n in range(2):
        await send(people.node, subject=f"Văn bản số {n}", number=str(n))
    page = await sign_in(window, people, people.tram)
    await page.focus("main input[type=search]")
    await page.keyboard.type("jc")
    await expect(page.locator("main input[type=search]")).to_have_value("jc")
    await expect(page.locator(".empty-list")).to_be_visible()
    await page.fill("main input[type=search]", "van ban so")
    await expect(page.locator(".documents .whole")).to_have_count(2)
    await page.focus("main")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Văn bản số 0")
    await page.keyboard.press("a")

    await expect(page.locator(".sheet .tag")).to_have_text("Đã tiếp nhận")


async def test_a_document_arrives_in_an_open_list(window: BrowserContext, people: Desks) -> None:
    """Without a reload."""
    page = await sign_in(window, people, people.tram)
    await expect(page.locator(".empty-list")).to_be_visible()
    async with page.expect_response(lambda answer: answer.url.endswith("/events")):
        await page.reload()

    await send(people.node, subject="Vừa mới đến")

    await expect(page.locator(".unread .whole")).to_have_text("Vừa mới đến")


async def test_the_menu_counts_what_arrives(window: BrowserContext, people: Desks) -> None:
    """Live, beside the entry that leads there."""
    page = await sign_in(window, people, people.tram)
    await expect(page.locator(".empty-list")).to_be_visible()
    await expect(page.locator("#menu .count")).to_have_count(0)
    async with page.expect_response(lambda answer: answer.url.endswith("/events")):
        await page.reload()

    await send(people.node, subject="Vừa mới đến")

    await expect(page.locator("#menu [href$='/inbox'] .count")).to_contain_text("1")


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_register_fits_its_page(window: BrowserContext, people: Desks, width: int) -> None:
    """All ten columns at a desk; on a telephone a card for every line."""
    await report(people.node, await send(people.node), "03")
    page = await sign_in(window, people, people.tram)
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto(f"{people.node.url}/desk/{OFFICE}/registers/in")

    region = await page.eval_on_selector(".scroll", "e => [e.scrollWidth, e.clientWidth]")

    assert region[0] == region[1]
    for cell in await page.locator(".register tbody td").all():
        assert await cell.evaluate("e => e.scrollWidth <= e.clientWidth")


async def test_reading_and_deciding_need_no_script(browser: Browser, people: Desks) -> None:
    """The same pages, plain forms."""
    await send(people.node, subject="Không cần kịch bản")
    plain = await browser.new_context(java_script_enabled=False)
    page = await sign_in(plain, people, people.tram)
    await page.click("text=Không cần kịch bản")
    await page.click("text=Tiếp nhận và vào sổ")

    await expect(page.locator(".sheet .tag")).to_have_text("Đã tiếp nhận")
    await plain.close()
