"""Documents composed in a real browser: by keys, by dropping, without a script."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.desks import Desks
from tests.browser.steps import PDF, fill, sign_in
from tests.nodes import OFFICE, OTHER

pytestmark = pytest.mark.asyncio(loop_scope="session")


_DROP = """name => {
    const dropped = new DataTransfer();
    dropped.items.add(new File(["x".repeat(400000)], name, {type: "text/plain"}));
    const zone = document.querySelector("#drop");
    zone.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true}));
}"""


async def test_a_document_is_composed_by_keys_alone(window: BrowserContext, people: Desks) -> None:
    """Recipients by typing, files by the button of the zone, sent with Ctrl and Enter."""
    page = await sign_in(window, people, people.tram)
    await expect(page.locator(".empty-list")).to_be_visible()
    await page.wait_for_load_state("load")
    await page.keyboard.press("c")
    await page.wait_for_url("**/compose")
    await page.wait_for_load_state("load")
    await page.focus("#number")
    typed = ["412", "SNV-VP", None, "Viết bằng phím", "Lê Yến", "Giám đốc", "KT.", "Lam Giang"]
    for text in typed:
        if text is not None:
            await page.keyboard.type(text)
        await page.keyboard.press("Tab")
        while text is None and await page.evaluate("document.activeElement.type") == "date":
            await page.keyboard.press("Tab")
    await page.focus("#to-search")
    await page.keyboard.type("tai chinh")
    await page.keyboard.press("Enter")
    await expect(page.locator("#chosen input")).to_have_value(OTHER)
    async with page.expect_file_chooser() as chooser:
        await page.focus("#files")
        await page.keyboard.press("Enter")
    await (await chooser.value).set_files([PDF])
    await page.keyboard.press("Control+Enter")

    await expect(page.locator("h1")).to_have_text("Viết bằng phím")


async def test_a_field_is_told_what_is_wrong_before_sending(
    window: BrowserContext, people: Desks
) -> None:
    """As soon as it is left; mended, the words go away."""
    page = await sign_in(window, people, people.tram)
    await page.goto(f"{people.node.url}/desk/{OFFICE}/compose")
    await page.fill("#promulgated_on", "2031-01-01")
    await page.focus("#subject")
    await expect(page.locator("#promulgated_on-said .error")).to_be_visible()
    await expect(page.locator("#promulgated_on")).to_have_attribute("aria-invalid", "true")

    await page.fill("#promulgated_on", "2026-11-20")
    await page.focus("#subject")

    await expect(page.locator("#promulgated_on-said .error")).to_have_count(0)


async def test_files_are_dropped_and_put_in_order(window: BrowserContext, people: Desks) -> None:
    """The first is the main document; an upload tells its real progress."""
    page = await sign_in(window, people, people.tram)
    await page.goto(f"{people.node.url}/desk/{OFFICE}/compose")
    for name in ("phu-luc.txt", "cong-van.txt"):
        await page.evaluate(_DROP, name)
    await page.click("#picked li:last-child button >> nth=0")
    await expect(page.locator("#picked li:first-child span >> nth=0")).to_contain_text("cong-van")
    wire = await window.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000}
    await wire.send("Network.emulateNetworkConditions", slow)
    await page.click("#send")

    await expect(page.locator("#progress")).to_contain_text(re.compile("[1-9][0-9]?%"))


async def test_a_chosen_recipient_stands_once(window: BrowserContext, people: Desks) -> None:
    """Among the chosen ones, and no more in the list to choose from."""
    page = await sign_in(window, people, people.tram)
    await page.goto(f"{people.node.url}/desk/{OFFICE}/compose")
    async with page.expect_response(lambda answer: "/agencies?" in answer.url):
        await page.check(f'#recipients input[value="{OTHER}"]')

    await expect(page.locator("#chosen input")).to_have_value(OTHER)
    await expect(page.locator(f'#recipients input[value="{OTHER}"]')).to_have_count(0)


async def test_composing_needs_no_script(browser: Browser, people: Desks) -> None:
    """What is wrong comes back at its field, and the rest stays filled in."""
    plain = await browser.new_context(java_script_enabled=False)
    page = await sign_in(plain, people, people.tram)
    await page.goto(f"{people.node.url}/desk/{OFFICE}/compose")
    await fill(page)
    await page.click("#send")
    await expect(page.locator("#summary")).to_be_visible()
    await expect(page.locator("#notation")).to_have_value("SNV-VP")
    await page.set_input_files("#files", [PDF])
    await page.click("#send")

    await expect(page.locator("main .notice")).to_contain_text("H13.01/")
    await plain.close()
