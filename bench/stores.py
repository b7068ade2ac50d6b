"""A big store against a small one: lists, the pull box and a document's page, side by side."""

import asyncio
import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

from bench.filling import RECIPIENT, SENDER, filled, identity
from bench.papers import FORM
from bench.processes import free_port, running
from bench.results import Result
from bench.seats import seated
from bench.sites import Site

SMALL, BIG, BIGGEST = 1_000, 100_000, 1_000_000
MOST_RATIO = 2.0
ROUNDS = 60
_DOCUMENTS = "/api/v1/documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A node that runs, with what its agencies ask with."""

    connection: HTTPConnection
    site: Site
    sessions: dict[str, str]  #: tokens of the clerks of agencies
    ids: list[str]  #: of documents spread over the store

    def ask(self, path: str, agency: str, body: dict[str, object] | None = None) -> bytes:
        """Return the answer to one request; raise RuntimeError for any but 200."""
        headers = {"Authorization": f"Bearer {self.site.tokens[agency]}"}
        content = None if body is None else json.dumps(body)
        if body is not None:
            headers["Content-Type"] = "application/json"
        method = "GET" if body is None else "POST"
        self.connection.request(method, path, body=content, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        return text

    def submit(self, body: bytes, agency: str) -> bytes:
        """Send a document; return the answer; raise RuntimeError for any but 201."""
        headers = {"Authorization": f"Bearer {self.site.tokens[agency]}", "Content-Type": FORM}
        self.connection.request("POST", _DOCUMENTS, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 201:  # noqa: PLR2004 - Created
            raise RuntimeError(f"{answer.status} {text[:300]!r}")
        return text

    def open(self, path: str, agency: str) -> bytes:
        """Return a page of the desk of *agency*; raise RuntimeError for any but 200."""
        headers = {"Cookie": f"gateway_session={self.sessions[agency]}"}
        self.connection.request("GET", f"/desk/{agency}/{path}", headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of both stores; it is judged where the bounds speak of it."""

    name: str
    ask: Callable[[Store, int], bytes]
    is_judged: bool = True


def _listing(query: str, agency: str = SENDER) -> Callable[[Store, int], bytes]:
    return lambda store, _: store.ask(f"{_DOCUMENTS}?{query}", agency)


def _page(path: str, agency: str = SENDER) -> Callable[[Store, int], bytes]:
    return lambda store, _: store.open(path, agency)


QUESTIONS = (
    Question(name="list box=out", ask=_listing("box=out")),
    Question(name="list box=in", ask=_listing("box=in", RECIPIENT)),
    Question(name="list, both boxes", ask=_listing("limit=50")),
    Question(name="list of an administrator", ask=_listing("limit=50", "admin")),
    Question(
        name="document page",
        ask=lambda store, n: store.ask(f"{_DOCUMENTS}/{store.ids[n % len(store.ids)]}", SENDER),
    ),
    Question(
        name="inbox lease",
        ask=lambda store, _: store.ask(
            "/api/v1/inbox/lease", RECIPIENT, {"limit": 5, "lease_s": 3600}
        ),
    ),
    Question(name="list code=…", ask=_listing("code=H13.01%2F2026%2F500")),
    Question(name="page: inbox", ask=_page("inbox", RECIPIENT)),
    Question(name="page: outbox", ask=_page("outbox")),
    Question(name="page: view of one state", ask=_page("inbox?view=done", RECIPIENT)),
    Question(name="page: search, a number", ask=_page("outbox?q=500")),
    Question(name="page: search, frequent words", ask=_page("outbox?q=h%E1%BB%8Dp+giao+ban")),
    Question(name="page: search, an agency", ask=_page("inbox?counterpart=H13.01", RECIPIENT)),
    Question(name="page: compose", ask=_page("compose")),
    Question(name="page: register", ask=_page("registers/out?year=2026&month=1")),
    Question(
        name="page: document",
        ask=lambda store, n: store.open(f"documents/{store.ids[n % len(store.ids)]}", SENDER),
    ),
    Question(
        name="list box=in state=accepted",
        ask=_listing("box=in&state=accepted", RECIPIENT),
        is_judged=False,
    ),
    Question(name="search, frequent word", ask=_listing("q=hop"), is_judged=False),
    Question(name="search, no such word", ask=_listing("q=xyzzy"), is_judged=False),
)


async def measure(folder: Path, *, is_long: bool) -> list[Result]:
    """Ask a store of 1,000 documents and a big one the same, in turns; return the ratios."""
    sizes = (SMALL, BIGGEST if is_long else BIG)
    async with AsyncExitStack() as stack:
        stores = []
        for size in sizes:
            site = await asyncio.to_thread(filled, size, folder / str(size))
            stores.append(await _open(site, size, stack))
        lines = []
        for question in QUESTIONS:
            times = await asyncio.to_thread(_times, question, stores)
            lines.append(_result(question, sizes, times))
        return lines


async def _open(site: Site, size: int, stack: AsyncExitStack) -> Store:
    sessions = await seated(site.config_file, (SENDER, RECIPIENT))
    port = free_port()
    arguments = ["-m", "gateway", "serve", "--config", str(site.config_file), "--port", str(port)]
    await stack.enter_async_context(running(arguments, port=port, log=site.folder / "node.log"))
    ids = [identity(number) for number in range(0, size, size // SMALL)]
    return stack.enter_context(connected(site, port, sessions, ids=ids))


@contextmanager
def connected(site: Site, port: int, sessions: dict[str, str], ids: list[str]) -> Iterator[Store]:
    """Connect to the node of *site* at *port*."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        yield Store(connection=connection, site=site, sessions=sessions, ids=ids)


def _times(question: Question, stores: list[Store]) -> list[float]:
    """Return the median time of *question* in each store, seconds."""
    taken: list[list[float]] = [[] for _ in stores]
    for n in range(ROUNDS):
        for store, times in zip(stores, taken, strict=True):
            began = perf_counter()
            question.ask(store, n * 17)
            times.append(perf_counter() - began)
    return [statistics.median(times[3:]) for times in taken]


def _result(question: Question, sizes: tuple[int, ...], times: list[float]) -> Result:
    return Result(
        name=f"{question.name}: {sizes[1]:,} / {sizes[0]:,} documents",
        value=times[1] / times[0],
        unit="x",
        most=MOST_RATIO if question.is_judged else None,
        detail=f"{times[0] * 1000:.1f} ms → {times[1] * 1000:.1f} ms",
    )
