"""Over a healthy axis: from 201 at the sender's node to arrival at the recipient's node.

Three nodes with their defaults run side by side on this machine: two provinces, and a node that
plays the axis. An office of the one sends to an office of the other at a steady pace; the stream
of events of the recipient's node says when the document has arrived there. Both instants are
taken by one clock.
"""

import asyncio
import json
import statistics
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from bench.axis_sites import AXIS, PROVINCES, make_three, offices_of
from bench.papers import FORM, a_pdf, form, metadata
from bench.processes import free_port, running
from bench.results import Result
from bench.sites import Site

DOCUMENTS = 150
PER_S = 5.0
PAPER_BYTES = 20_000
MOST_MEDIAN_S, MOST_P99_S = 1.0, 5.0
_WARM_UP = 10
_PATIENCE_S = 60.0


async def measure(folder: Path) -> list[Result]:
    """Run the three nodes in *folder*; return the lines of the table."""
    ports = {code: free_port() for code in (AXIS, *PROVINCES)}
    endpoint = f"http://127.0.0.1:{ports[AXIS]}/vxp"
    sites = await asyncio.to_thread(
        make_three,
        folder,
        endpoint=dict.fromkeys(PROVINCES, endpoint),
        settings=dict.fromkeys(
            ports, "[storage]\nminimum_free_mb = 0\n[relay]\ndirectory_s = 2.0\n"
        ),
    )
    async with AsyncExitStack() as stack:
        for code, site in sites.items():
            arguments = ("-m", "gateway", "serve", "--config", str(site.config_file))
            command = (*arguments, "--port", str(ports[code]), "--processes", "1")
            log = folder / f"{code}.log"
            await stack.enter_async_context(running(command, port=ports[code], log=log))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        here, there = (
            Office(session=session, site=sites[code], port=ports[code], code=offices_of(code)[0])
            for code in PROVINCES
        )
        return _results(await _exchange(here, there))


class Office:
    """An office at its node."""

    def __init__(
        self, *, session: aiohttp.ClientSession, site: Site, port: int, code: str
    ) -> None:
        """Speak to the node of *site* as the office *code*."""
        self._session = session
        self._url = f"http://127.0.0.1:{port}/api/v1"
        self._headers = {"Authorization": f"Bearer {site.tokens[code]}"}
        self.code = code
        self.arrived: dict[str, float] = {}  #: instants by document code

    async def knows(self, code: str) -> bool:
        """Whether the node lists the agency *code*."""
        async with self._session.get(
            f"{self._url}/agencies/{code}", headers=self._headers
        ) as answer:
            return answer.status == 200  # noqa: PLR2004 - HTTP's number

    async def submit(self, to: str) -> tuple[str, float]:
        """Submit a document; return its code and the instant of the answer."""
        body = form(metadata(to=[to], subject="Về việc đo"), [("cv.pdf", a_pdf(PAPER_BYTES))])
        headers = self._headers | {"Content-Type": FORM}
        async with self._session.post(
            f"{self._url}/documents", data=body, headers=headers
        ) as answer:
            told = await answer.json()
            if answer.status != 201:  # noqa: PLR2004 - HTTP's number
                raise RuntimeError(f"{answer.status}: {told}")
            return str(told["code"]), asyncio.get_running_loop().time()

    async def listen(self) -> None:
        """Note when each document arrives, until cancelled."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with self._session.get(
            f"{self._url}/events", headers=self._headers, timeout=timeout
        ) as answer:
            kind = ""
            async for line in answer.content:
                name, _, value = line.decode().strip().partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind == "document":
                    now = asyncio.get_running_loop().time()
                    self.arrived.setdefault(json.loads(value)["code"], now)


async def _exchange(here: Office, there: Office) -> list[float]:
    """Send at a steady pace; return how long each document took, without the first ones."""
    async with asyncio.timeout(_PATIENCE_S):
        while not await here.knows(there.code):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)
    listening = asyncio.create_task(there.listen())
    answered: list[tuple[str, float]] = []
    try:
        clock = asyncio.get_running_loop().time
        begun = clock()
        for n in range(DOCUMENTS + _WARM_UP):
            await asyncio.sleep(begun + n / PER_S - clock())
            answered.append(await here.submit(there.code))
        async with asyncio.timeout(_PATIENCE_S):
            while len(there.arrived) < len(answered):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
    finally:
        listening.cancel()
    return [there.arrived[code] - at for code, at in answered[_WARM_UP:]]


def _results(took: list[float]) -> list[Result]:
    p99 = statistics.quantiles(took, n=100, method="inclusive")[98]
    detail = f"{len(took)} documents of {PAPER_BYTES // 1000} kB, {PER_S:g}/s, slowest {max(took):.2f} s"
    return [
        Result(
            name="201 here to arrival there over an axis, median",
            value=statistics.median(took),
            unit="s",
            most=MOST_MEDIAN_S,
            detail=detail,
        ),
        Result(
            name="201 here to arrival there over an axis, p99",
            value=p99,
            unit="s",
            most=MOST_P99_S,
        ),
    ]
