"""People at work in a real browser."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, expect

from gateway.domain.exchange import Caller, Role
from tests.browser.desks import PASSWORD, PDFS, Desks, report, send
from tests.nodes import OFFICE, OTHER

pytestmark = pytest.mark.asyncio(loop_scope="session")
PDF = FilePayload(name="412_BC-SXD.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF\n")
EXE = FilePayload(name="a.exe", mimeType="application/octet-stream", buffer=b"MZ\x90\x00")
#: Dots between the three parts of a signed receipt.
JWS_DOTS = 2
LIGHT = 150_000
_DROP = """name => {
    const dropped = new DataTransfer();
    dropped.items.add(new File(["x".repeat(400000)], name, {type: "text/plain"}));
    const zone = document.querySelector("#drop");
    zone.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true}));
}"""


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


async def test_a_chosen_recipient_stands_once(window: BrowserContext, people: Desks) -> None:
    """Among the chosen ones, and no more in the list to choose from."""
    page = await sign_in(window, people, people.tram)
    await page.goto(f"{people.node.url}/desk/{OFFICE}/compose")
    async with page.expect_response(lambda answer: "/agencies?" in answer.url):
        await page.check(f'#recipients input[value="{OTHER}"]')

    await expect(page.locator("#chosen input")).to_have_value(OTHER)
    await expect(page.locator(f'#recipients input[value="{OTHER}"]')).to_have_count(0)


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
    document = await send(
        people.node, subject="Một trích yếu dài " * 12, due_on="2030-01-02", files=PDFS
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
