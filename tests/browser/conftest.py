"""A real Chromium, Debian's by its path, against a real node.

The browser runs once for all tests of this folder, so their event loop is that of the session.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    Playwright,
    StorageState,
    async_playwright,
    expect,
)

from tests.browser.desks import PASSWORD, Desks, desks, staff
from tests.browser.offices import Offices, offices
from tests.nodes import make

#: Where Debian and others put it; the variable names another.
_PATHS = ("chromium", "chromium-browser", "google-chrome-stable")


def chromium() -> str | None:
    """Return the path of a Chromium, None when there is none."""
    named = os.environ.get("GATEWAY_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, _PATHS)), None)


async def launch(playwright: Playwright) -> Browser:
    """Start the browser; skip the test without one, or fail it where one is required."""
    path = chromium()
    if path is None:
        missing = "no Chromium: apt-get install chromium, or name one: GATEWAY_TEST_CHROMIUM"
        if os.environ.get("GATEWAY_TEST_BROWSER") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    # Inside containers there is no sandbox to be had; the pages are our own.
    return await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start the browser, once."""
    async with async_playwright() as playwright:
        started = await launch(playwright)
        yield started
        await started.close()


@pytest.fixture(scope="session")
def staffed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with people at its desks; tests take copies of it."""
    folder = tmp_path_factory.mktemp("browser") / "node"
    asyncio.run(_staffed(folder))
    return folder


async def _staffed(folder: Path) -> None:
    await make(folder)
    await staff(folder)


@pytest_asyncio.fixture(loop_scope="session")
async def people(staffed_folder: Path, tmp_path: Path) -> AsyncIterator[Desks]:
    """Serve a node with people at their desks."""
    async with desks(Path(shutil.copytree(staffed_folder, tmp_path / "node"))) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Open a window of a usual size, in Vietnamese."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
    yield context
    await context.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(
    staffed_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Offices]:
    """Serve a node with its people; the tests share it."""
    folder = Path(shutil.copytree(staffed_folder, tmp_path_factory.mktemp("oversight") / "node"))
    async with offices(folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
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
async def admin(browser: Browser, signed_in: StorageState) -> AsyncIterator[BrowserContext]:
    """Open a window of the administrator."""
    context = await browser.new_context(
        storage_state=signed_in, viewport={"width": 1440, "height": 900}
    )
    yield context
    await context.close()
