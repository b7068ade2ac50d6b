"""System health: what `gateway doctor` says, asked for by a button.

The doctor runs as a process of its own, as on the command line: it opens the node's files anew and
so judges what the next start would find, not what this process remembers.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from aiohttp import web

from gateway.web.console.pages import Pages, go
from gateway.web.parts import GATEWAY

_LONGEST_S = 60.0
_WORST = ("error", "warning", "ok")


class Diagnosis(msgspec.Struct, frozen=True):
    """One line of the doctor."""

    title: str
    title_vi: str
    result: str
    message: str
    message_vi: str
    remedy: str
    remedy_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the doctor said, and when; *fault* says why it said nothing."""

    at: datetime
    lines: Sequence[Diagnosis] = ()
    fault: str = ""

    @property
    def worst(self) -> str:
        """The gravest result."""
        found = {each.result for each in self.lines}
        return "error" if self.fault else next((each for each in _WORST if each in found), "ok")


_LINES = msgspec.json.Decoder(list[Diagnosis])


class HealthPages:
    """The handlers; the last visit is remembered by each process."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages
        self._calling = asyncio.Lock()
        self._last: Visit | None = None

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show what the doctor said last; ask it when it said nothing yet."""
        return await self._pages.page(
            request,
            "admin_health.html",
            visit=self._last or await self._call(request),
            worst_first=_worst_first,
        )

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Ask the doctor again."""
        await self._call(request)
        return go("/admin/health")

    async def _call(self, request: web.Request) -> Visit:
        gateway = request.app[GATEWAY]
        async with self._calling:
            lines, fault = await _doctor(gateway.config.file)
            self._last = Visit(at=gateway.clock.now(), lines=lines, fault=fault)
            return self._last


async def _doctor(file: Path) -> tuple[list[Diagnosis], str]:
    """Return the lines of the doctor about the node of *file*, or why there are none."""
    command = (
        sys.executable,
        "-m",
        "gateway",
        "doctor",
        "--format",
        "json",
        "--config",
        str(file),
    )
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_LONGEST_S):
            said, _ = await process.communicate()
        return _LINES.decode(said), ""
    except TimeoutError:
        return [], "late"
    except msgspec.DecodeError:
        return [], "unclear"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _worst_first(lines: Sequence[Diagnosis]) -> list[Diagnosis]:
    order = {result: n for n, result in enumerate(_WORST)}
    return sorted(lines, key=lambda each: order.get(each.result, 0))
