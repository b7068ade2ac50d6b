"""What a document costs a node over PostgreSQL: processor time, rows and bytes, by what grows it.

Sent one after another, each taken, signed and there for its recipients; only what lives its whole
life is fetched and reported on (seven requests more). Costs are of the node and of the database server with all their processes, the load generator's left out.
"""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import psycopg
from psycopg import sql

from bench.papers import a_pdf, form, metadata
from bench.processes import Program, cpu_s, free_port, running
from bench.results import Result
from bench.sites import Site, make_site
from bench.stores import Store, connected
from tests.postgres import Server, programs, server

_SENDER = "H13.01"
_RECIPIENTS = [f"H13.02.{n:02}" for n in range(1, 91)]
#: Whoever fetches and reports; nothing else is sent there.
_LIVELY = "H13.02"
_SETTLED_S = 1.5
_SETTINGS = """
[storage]
database = "{database}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document, and how many of it are sent."""

    name: str
    recipients: int = 1
    size: int = 2_000
    count: int = 100
    is_lived: bool = False  #: fetched by its recipient, acknowledged and reported on to the end


KINDS = (
    Kind(name="to warm up", count=20),
    Kind(name="2 kB, one recipient"),
    Kind(name="2 kB, 10 recipients", recipients=10),
    Kind(name="2 kB, 90 recipients", recipients=90, count=30),
    Kind(name="100 kB, one recipient", size=102_400),
    Kind(name="100 kB, its whole life", size=102_400, is_lived=True),
    Kind(name="1 MB, one recipient", size=1 << 20, count=40),
    Kind(name="5 MB, one recipient", size=5 << 20, count=15),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """Where the counters of node and server stand."""

    node_s: float
    server_s: float
    rows: int
    wal_bytes: int


async def measure(folder: Path) -> list[Result]:
    """Send documents of each kind; return what one costs. Nothing where there is no server."""
    if programs() is None:
        return []
    async with AsyncExitStack() as stack:
        running_server = stack.enter_context(server())
        database = running_server.database()
        site = await asyncio.to_thread(
            make_site,
            folder,
            settings=_SETTINGS.format(database=database),
            agencies=(_SENDER, _LIVELY, *_RECIPIENTS),
        )
        port = free_port()
        serve = ["-m", "gateway", "serve", "--config", str(site.config_file), "--port", str(port)]
        node = await stack.enter_async_context(
            running([*serve, "--processes", "1"], port=port, log=folder / "node.log")
        )
        results = []
        for n, kind in enumerate(KINDS):
            found = await asyncio.to_thread(_cost, kind, site, node, running_server, database)
            results += [found] if n else []  # the first warms up
        return results


def _cost(kind: Kind, site: Site, node: Program, served: Server, database: str) -> Result:
    before = _state(node, served, database)
    with connected(site, node.port, {}, ids=[]) as store:
        for n in range(kind.count):
            to = [_RECIPIENTS[(n + i) % len(_RECIPIENTS)] for i in range(kind.recipients)]
            to = [_LIVELY] if kind.is_lived else to
            body = form(metadata(to=to, subject=f"Về việc {n}"), [("a.pdf", a_pdf(kind.size))])
            document = str(json.loads(store.submit(body, _SENDER))["id"])
            if kind.is_lived:
                _live(store, document)
    after = _state(node, served, database)
    node_ms = (after.node_s - before.node_s) * 1000 / kind.count
    server_ms = (after.server_s - before.server_s) * 1000 / kind.count
    return Result(
        name=f"PostgreSQL, processor time of a document, {kind.name}",
        value=node_ms + server_ms,
        unit="ms",
        detail=f"node {node_ms:.1f} ms, server {server_ms:.1f} ms, "
        f"{(after.rows - before.rows) / kind.count:.0f} rows kept, "
        f"{(after.wal_bytes - before.wal_bytes) / kind.count / 1024:.0f} kB of log",
    )


def _live(store: Store, document: str) -> None:
    recipient = _LIVELY
    store.ask("/api/v1/inbox/lease", recipient, {"limit": 50, "lease_s": 60})
    store.ask(f"/api/v1/documents/{document}/attachments/1", recipient)
    store.ask("/api/v1/inbox/ack", recipient, {"ids": [document]})
    for code in ("03", "04", "05", "06"):
        store.ask(f"/api/v1/documents/{document}/status", recipient, {"code": code})


def _state(node: Program, served: Server, database: str) -> _State:
    sleep(_SETTLED_S)  # until receipts are signed and the server has counted
    node_s, server_s = node.cpu_s(), cpu_s(served.process())
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT relname FROM pg_stat_user_tables").fetchall()
        counts = (
            sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier(name)) for (name,) in tables
        )
        rows = sum(int(row[0]) for count in counts for row in connection.execute(count))
        wal = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    return _State(
        node_s=node_s,
        server_s=server_s,
        rows=rows,
        wal_bytes=0 if wal is None else int(wal[0]),
    )
