"""Every page of the desks in a real browser: accessible, and in one language."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page

from gateway.domain.exchange import Caller, Role
from tests.browser.desks import PDFS, Desks, report, send, send_files
from tests.browser.steps import sign_in
from tests.nodes import OFFICE, OTHER

pytestmark = pytest.mark.asyncio(loop_scope="session")


PAGES: dict[str, Callable[[str], str]] = {
    "inbox": lambda _: f"/desk/{OFFICE}/inbox",
    "outbox": lambda _: f"/desk/{OFFICE}/outbox",
    "document": lambda document: f"/desk/{OFFICE}/documents/{document}",
    "compose": lambda _: f"/desk/{OFFICE}/compose",
    "filtered": lambda _: f"/desk/{OFFICE}/inbox?view=arrived&q=dai&counterpart={OTHER}",
    "nothing": lambda _: f"/desk/{OFFICE}/inbox?q=khongco",
    "register": lambda _: f"/desk/{OFFICE}/registers/in?year=2026",
    "follow": lambda _: f"/desk/{OFFICE}/registers/follow",
    "unknown": lambda _: "/nonsuch",
    "reply": lambda document: f"/desk/{OFFICE}/compose?reply={document}",
    "account": lambda _: "/account",
    "login": lambda _: "/login",
    "block": lambda _: "/login/block",
    "nowhere": lambda _: "/desk/H13.99/inbox",
}
ADMIN_PAGES = ("/admin/accounts", "/admin/accounts/new")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [
        (1440, "light", "vi"),
        (360, "dark", "en"),
        pytest.param(1920, "dark", "en", marks=pytest.mark.long),
        pytest.param(768, "dark", "vi", marks=pytest.mark.long),
        pytest.param(360, "light", "en", marks=pytest.mark.long),
        pytest.param(360, "dark", "vi", marks=pytest.mark.long),
    ],
)
async def test_every_page_is_accessible_and_fits(
    browser: Browser, people: Desks, width: int, theme: str, language: str
) -> None:
    """Axe finds nothing against WCAG 2.2 AA, and nothing scrolls sideways."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
    )
    document = await send_files(
        people.node, PDFS, subject="Một trích yếu dài " * 12, due_on="2030-01-02"
    )
    business = {"kind": "update", "of": f"{OTHER}/2026/1", "reason": "Một lý do dài " * 12}
    later = await send(people.node, number="7", business=business)
    await report(people.node, await send(people.node, number="2"), "03")
    page = await sign_in(context, people, people.tram)
    await page.goto(f"{people.node.url}/account?lang={language}")
    wrong = {}
    for name, address in PAGES.items():
        await page.goto(people.node.url + address(document))
        wrong[name] = await _faults(page, width)
    for id_ in (later, await _recalled(people)):
        await page.goto(f"{people.node.url}/desk/{OFFICE}/documents/{id_}")
        wrong[id_] = await _faults(page, width)
    await context.clear_cookies()
    admin = await sign_in(context, people, people.quang)
    await admin.fill("#code", people.code())
    await admin.click("button.primary")
    for path in (*ADMIN_PAGES, f"/admin/accounts/{people.tram}"):
        await admin.goto(people.node.url + path)
        wrong[path] = await _faults(admin, width)
    await context.close()

    assert {name: found for name, found in wrong.items() if found} == {}


async def _recalled(people: Desks) -> str:
    """Send a document that its recipient gives back; return its id."""
    document = await send(people.node, number="8")
    sender = Caller(actor="account:x", agency=OTHER, role=Role.CLERK)
    await people.node.gateway.recalling.recall(document, "gửi nhầm", sender)
    await report(people.node, document, "15")
    return document


async def _faults(page: Page, width: int) -> list[str]:
    results = await Axe().run(page, options=RULES)
    found = [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in results.response["violations"]
    ]
    scrolls = await page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{scrolls} of {width}"] if scrolls > width else [])


_VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯàáạảãèéẹẻẽìíịỉĩòóọỏõùúụủũỳýỵỷỹ]|[\u1ea0-\u1ef9]")


async def test_in_english_no_word_is_left_in_vietnamese(
    window: BrowserContext, people: Desks
) -> None:
    """What people wrote, and the names of types, agencies and persons, excepted."""
    document = await send(people.node, subject="A subject")
    page = await sign_in(window, people, people.tram)
    left = {}
    for name, address in PAGES.items():
        await page.goto(f"{people.node.url}/account?lang=en")
        await page.goto(people.node.url + address(document))
        text = await page.evaluate(_OUR_WORDS)
        left[name] = [line for line in text.splitlines() if _VIETNAMESE.search(line)]

    assert {name: lines for name, lines in left.items() if lines} == {}


#: The text of the page without what people wrote.
_OUR_WORDS = """() => {
    const page = document.body.cloneNode(true);
    const theirs = 'select, .options, .plate, .person, .brand, .who, .under, .second, .languages,'
        + ' .language, .sheet dd, .kind, .timeline, .lines, #duty p, .bar, .card .lead, .tags,'
        + ' .chips, .chosen, .outside,'
        + ' datalist, [lang], h1:has(+ .under)';
    page.querySelectorAll(theirs).forEach((each) => each.remove());
    return page.innerText;
}"""
