"""Administrators and auditors at work in a real browser."""

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    StorageState,
    expect,
)

from gateway.domain.lifecycle import DeliveryState
from tests.browser.desks import send
from tests.browser.offices import Offices, failed, held
from tests.browser.steps import opened
from tests.nodes import OFFICE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_failed_delivery_is_tried_again(admin: BrowserContext, served: Offices) -> None:
    """From the board, with one press; it fails anew and comes back with the time of that."""
    document = await failed(served, number="1203")
    page = await opened(admin, served, "/admin/board")
    item = page.locator(".item", has_text="1203/SNV-VP")
    await item.locator("text=Gửi lại ngay").click()

    await expect(page.locator("main .notice.ngoc")).to_contain_text("gửi lại ngay")
    history = await served.people.node.gateway.store.read(lambda tx: tx.audit.history(document))
    assert DeliveryState.WAITING.value in [each.event for each in history]


async def test_what_happens_comes_onto_the_open_board(
    admin: BrowserContext, served: Offices
) -> None:
    """Without a reload."""
    page = await admin.new_page()
    async with page.expect_response(lambda answer: answer.url.endswith("/admin/events")):
        await page.goto(f"{served.people.node.url}/admin/board")
    await expect(page.locator("#live-state")).to_have_text("Trực tiếp")

    await held(served, number="4711")

    await send(served.people.node, number="4712")
    await expect(page.locator(".feed")).to_contain_text("4712/SNV-VP")
    await expect(page.locator("#items")).to_contain_text("4711/SNV-VP")


async def test_the_board_can_be_paused_by_a_key(admin: BrowserContext, served: Offices) -> None:
    """And says so."""
    page = await admin.new_page()
    async with page.expect_response(lambda answer: answer.url.endswith("/admin/events")):
        await page.goto(f"{served.people.node.url}/admin/board")
    await expect(page.locator("#live-state")).to_have_text("Trực tiếp")

    await page.keyboard.press("p")

    await expect(page.locator("#live-state")).to_have_text("Tạm dừng")


async def test_a_held_document_is_released_with_a_reason(
    admin: BrowserContext, served: Offices
) -> None:
    """Then it is on its way."""
    document = await held(served, number="51", subject="Đơn kiến nghị của bà Lê Thị Sáu")
    page = await opened(admin, served, f"/admin/held/{document}")
    await page.fill("#reason", "Lãnh đạo đã xem")
    await page.click("text=Cho qua kèm lý do")

    await expect(page.locator("main .notice.ngoc")).to_contain_text("cấp mã")
    await page.goto(f"{served.people.node.url}/audit/documents/{document}")
    await expect(page.locator(".timeline")).to_contain_text("Lãnh đạo đã xem")


async def test_a_held_document_is_refused_with_a_reason(
    admin: BrowserContext, served: Offices
) -> None:
    """And goes back."""
    document = await held(served, number="52", subject="Đơn tố cáo nặc danh")
    page = await opened(admin, served, f"/admin/held/{document}")
    await page.fill("#reason", "Không gửi qua trục")
    await page.click("text=Từ chối và trả lại")

    await page.goto(f"{served.people.node.url}/audit/documents/{document}")
    await expect(page.locator(".sheet .tag")).to_have_text("Đã từ chối")


async def test_a_change_of_the_calendar_moves_a_legal_time(
    admin: BrowserContext, served: Offices
) -> None:
    """Previewed on two ribbons, applied with its basis, and then in force."""
    page = await opened(admin, served, "/admin/calendar?month=2026-11")
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
    admin: BrowserContext, served: Offices
) -> None:
    """What was typed stays, and the summary is read first."""
    page = await opened(admin, served, "/admin/calendar")
    await page.click("summary:has-text('Ngày nghỉ')")
    await page.fill("#day-off-day", "2026-12-24")
    await page.fill("#day-off-name", "Nghỉ truyền thống")
    await page.click("details[open] button[value=preview]")

    await expect(page.locator("#summary")).to_be_focused()
    await expect(page.locator("#day-off-decision-error")).to_be_visible()
    await expect(page.locator("#day-off-name")).to_have_value("Nghỉ truyền thống")


async def test_a_credential_is_shown_once(admin: BrowserContext, served: Offices) -> None:
    """Going back and forth does not bring it again."""
    page = await opened(admin, served, "/admin/credentials")
    await page.fill("#name", "Phần mềm QLVB")
    await page.fill("#agency", OFFICE)
    await page.check("[name=role][value=office]")
    await page.click(".rail button.primary")
    secret = await page.locator("code.secret").first.inner_text()
    await page.click("main a.primary")

    await expect(page.locator("main")).to_contain_text("Phần mềm QLVB")
    assert secret not in await page.content()


async def test_a_directory_is_taken_in_or_its_bad_lines_shown(
    admin: BrowserContext, served: Offices
) -> None:
    """Line by line."""
    page = await opened(admin, served, "/admin/directory/import")
    bad = "code,name\nH13.61,Xã Một\nH13.62,\n".encode()
    await page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": bad})
    await page.click("main button.primary")
    await expect(page.locator("#summary")).to_contain_text("Phải sửa 1 dòng")
    good = "code,name\nH13.61,Xã Một\nH13.62,Xã Hai\n".encode()
    await page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": good})
    await page.click("main button.primary")

    await expect(page.locator("main .notice.ngoc")).to_contain_text("2 mới")


async def test_the_chain_is_verified_by_a_button(admin: BrowserContext, served: Offices) -> None:
    """The result is a sentence."""
    page = await opened(admin, served, "/audit/verify")
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
