"""What people do at the beginning, in a real browser."""

from playwright.async_api import BrowserContext, FilePayload, Page

from tests.browser.desks import PASSWORD, Desks
from tests.browser.offices import Offices
from tests.nodes import OTHER

PDF = FilePayload(name="412_BC-SXD.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF\n")
EXE = FilePayload(name="a.exe", mimeType="application/octet-stream", buffer=b"MZ\x90\x00")


async def sign_in(window: BrowserContext, people: Desks, name: str) -> Page:
    """Sign a person in, through the form."""
    page = await window.new_page()
    await page.goto(f"{people.node.url}/login")
    await page.fill("#user_name", name)
    await page.fill("#password", PASSWORD)
    await page.click("button.primary")
    return page


async def downloaded(page: Page, link: str) -> str:
    """Return the text of the file behind a link."""
    async with page.expect_download() as download:
        await page.click(link)
    return (await (await download.value).path()).read_text("ascii")


async def fill(page: Page) -> None:
    """Fill the compose form in, but for the files."""
    for name, text in {
        "number": "412",
        "notation": "SNV-VP",
        "subject": "Báo cáo số liệu giải ngân",
        "full_name": "Lê Hoàng Yến",
        "position": "Phó Giám đốc",
        "place": "Lam Giang",
    }.items():
        await page.fill(f"#{name}", text)
    await page.fill("#promulgated_on", "2026-11-20")
    await page.check(f'input[name="to"][value="{OTHER}"]')


async def opened(window: BrowserContext, served: Offices, path: str) -> Page:
    """Open a page of the node."""
    page = await window.new_page()
    await page.goto(served.people.node.url + path)
    return page
