"""`python -m tests.browser.screenshots`: pictures of the main pages, for the README and the documents.

A node lives through the week of the demonstration up to a fixed Friday afternoon, so that the
pictures differ only when the pages do.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, async_playwright

from gateway.bootstrap.equipment import StandingClock
from gateway.bootstrap.gateway import open_gateway
from gateway.bootstrap.recovery import recover
from gateway.cli.demo_week import FOUNDED_BEFORE, PASSWORD, LedClock, add_week
from gateway.cli.init import make_node
from gateway.config import Config, load
from gateway.web.listening import listen
from gateway.web.server import run
from tests.browser.conftest import chromium

OUT = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NOW = datetime(2026, 11, 20, 16, 43, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DESK = "/desk/H13.03"
_PORT = 18_743
_QUALITY = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: where to go, what to do there, and how wide the window is."""

    name: str
    path: str
    width: int = 1440
    height: int = 960
    theme: str = "light"
    prepare: Callable[[Page], Awaitable[None]] | None = None


async def _open_late(page: Page) -> None:
    """Open a document that came outside office hours."""
    await page.click("text=Về việc cung cấp số liệu xả thải")
    await page.wait_for_load_state("load")


async def _open_signed(page: Page) -> None:
    await page.click("text=đề nghị kiểm tra khẩn cấp")
    await page.wait_for_load_state("load")


async def _compose(page: Page) -> None:
    """Fill the form in with something to mend."""
    texts = {
        "number": "416",
        "notation": "SXD-KHTC",
        "subject": "Báo cáo số liệu giải ngân vốn đầu tư công đến hết ngày 15/11/2026",
        "full_name": "Lê Hoàng Yến",
        "position": "Phó Giám đốc",
        "competence": "KT.",
    }
    await page.select_option("#type", "BC")
    for name, text in texts.items():
        await page.fill(f"#{name}", text)
    await page.fill("#to-search", "giao thong")
    await page.keyboard.press("Enter")
    program = FilePayload(
        name="Bieu 01.exe", mimeType="application/octet-stream", buffer=b"MZ\x90\x00"
    )
    await page.set_input_files("#files", [program])
    await page.click("#send")
    await page.wait_for_selector("#summary")


PICTURES = (
    Picture(name="inbox", path=f"{DESK}/inbox"),
    Picture(name="inbox-dark", path=f"{DESK}/inbox", theme="dark"),
    Picture(name="inbox-390", path=f"{DESK}/inbox", width=390, height=844),
    Picture(name="outbox", path=f"{DESK}/outbox"),
    Picture(name="document", path=f"{DESK}/inbox", height=1100, prepare=_open_signed),
    Picture(
        name="document-390-dark",
        path=f"{DESK}/inbox",
        width=390,
        height=844,
        theme="dark",
        prepare=_open_late,
    ),
    Picture(name="compose", path=f"{DESK}/compose", height=1100, prepare=_compose),
    Picture(name="register", path=f"{DESK}/registers/in"),
)


def _settings(place: Path) -> Config:
    """Return the settings of a node that is too new to need a backup."""
    config = load(place / "gateway.toml")
    return replace(config, backup=replace(config.backup, every_h=0.0))


async def _take(browser: Browser, url: str, user_name: str, picture: Picture) -> None:
    context = await browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.theme == "dark" else "light",
        locale="vi-VN",
    )
    page = await context.new_page()
    await page.goto(f"{url}/login")
    await page.fill("#user_name", user_name)
    await page.fill("#password", PASSWORD)
    await page.click("button.primary")
    await page.wait_for_url("**/inbox")
    await page.goto(url + picture.path)
    if picture.prepare is not None:
        await picture.prepare(page)
    await page.wait_for_timeout(800)  # fonts and the view of a PDF
    image = Image.open(BytesIO(await page.screenshot()))
    image.save(OUT / f"{picture.name}.webp", quality=_QUALITY, method=6)
    await context.close()


async def _main() -> None:
    path = chromium()
    if path is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    await asyncio.to_thread(OUT.mkdir, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="gateway-pictures-") as folder:
        place = Path(folder) / "node"
        clock = LedClock(NOW - FOUNDED_BEFORE)
        name = "Liên thông văn bản tỉnh Lam Giang"
        await asyncio.to_thread(make_node, place, code="H13", name=name, clock=clock)
        people = await add_week(place / "gateway.toml", until=NOW)
        stopping = asyncio.Event()
        async with open_gateway(_settings(place), clock=StandingClock(NOW)) as gateway:
            await recover(gateway)
            server = asyncio.create_task(run(gateway, stopping, listen("127.0.0.1", _PORT)))
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=path, args=["--no-sandbox"]
                )
                for picture in PICTURES:
                    await _take(browser, f"http://127.0.0.1:{_PORT}", people[0].user_name, picture)
                await browser.close()
            stopping.set()
            await server


if __name__ == "__main__":
    os.environ.setdefault("TZ", "Asia/Ho_Chi_Minh")
    asyncio.run(_main())
