"""Every page of administrators and auditors in a real browser: accessible, fitting, in one language."""

import re
from collections.abc import Awaitable, Callable
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Page,
    StorageState,
)

from tests.browser.desks import PDFS, report, send_files
from tests.browser.offices import Offices, failed, held
from tests.browser.steps import opened
from tests.nodes import OFFICE

pytestmark = pytest.mark.asyncio(loop_scope="session")


RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
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
    document = await send_files(
        served.people.node, PDFS, number="1402", subject="Một báo cáo " * 12
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


async def test_all_hours_of_the_week_are_seen_at_once(
    browser: Browser, signed_in: StorageState, served: Offices
) -> None:
    """Also beside the menu of a small screen: nothing says that there is more to the right."""
    context = await browser.new_context(
        storage_state=signed_in, viewport={"width": 1280, "height": 800}
    )
    page = await context.new_page()
    await page.goto(f"{served.people.node.url}/audit/statistics")
    hidden = await page.locator(".scroll:has(.heat)").evaluate(
        "e => e.scrollWidth - e.clientWidth"
    )
    await context.close()

    assert hidden == 0


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


async def test_every_text_is_english_in_english(admin: BrowserContext, served: Offices) -> None:
    """What people wrote excepted."""
    pages = await troubled(served)
    page = await opened(admin, served, "/account?lang=en")
    left = {}
    for path in pages:
        await page.goto(served.people.node.url + path)
        lines = (await page.evaluate(_OUR_WORDS)).splitlines()
        left[path] = [line for line in lines if _VIETNAMESE.search(line.replace(_EXAMPLE, ""))]

    assert {path: lines for path, lines in left.items() if lines} == {}
