"""PostgreSQL as it fills: the same questions at 100,000, 1,000,000 and, with --long, 10,000,000 documents.

One document goes the whole way through the node; then it is multiplied where it lies, with every row
that came of it but its receipts' texts, by the server itself. What a document costs is the growth of
the database between two sizes. `GATEWAY_BENCH_SIZES` names other sizes.
"""

import asyncio
import json
import os
import statistics
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psycopg
from psycopg import sql

from bench.filling import RECIPIENT, SENDER
from bench.papers import a_pdf, form, metadata
from bench.processes import Program, free_port, running
from bench.results import Result
from bench.seats import seated
from bench.sites import Site, make_site
from bench.stores import QUESTIONS, Store, connected
from tests.postgres import programs, server

#: Ratio that the times of a size may have to those of the first, where they are judged.
MOST_RATIO = 2.0
SIZES, LONG_SIZES = (10_000, 100_000), (100_000, 1_000_000, 10_000_000)
ROUNDS = 40
#: What waits in the pull box, whatever the size.
_WAITING = 500
_CHUNK = 100_000
#: Above the numbers and places of all copies.
_ABOVE = 100_000_000
_SETTINGS = """
[storage]
database = "{database}"
"""
#: By table: which rows came of the template, and what is other in its copies. ``k`` is the number.
_COPIES: dict[str, tuple[str, dict[str, str]]] = {
    "document": (
        "t.id = %(document)s",
        {
            "position": "%(base)s + k",
            "id": "'scale-' || k",
            "code": "t.sender || '/2026/' || k + 1",
            "document_id": "t.sender || '/2026/' || k + 1",
            "number": "CAST(k AS TEXT)",
            "state": "CASE WHEN k <= %(waiting)s THEN 'accepted' ELSE 'closed' END",
            "subject_folded": "t.subject_folded || ' ' || k",
            "submitted_at": "%(at)s",
            "sent_at": "%(at)s",
            "digest": "encode(sha256(CAST(CAST(k AS TEXT) AS bytea)), 'hex')",
        },
    ),
    "document_words": (
        "t.position = %(position)s",
        {
            "position": "%(base)s + k",
            "subject": "CASE k %% 3 WHEN 0 THEN 've viec hop giao ban so ' ELSE 've viec so ' END || k",
            "marks": "'h13 01 2026 ' || k",
        },
    ),
    "attachment": ("t.document = %(document)s", {"document": "'scale-' || k"}),
    "delivery": (
        "t.document = %(document)s",
        {
            "id": "'d-scale-' || k",
            "document": "'scale-' || k",
            "position": "%(base)s + k",
            "state": "CASE WHEN k <= %(waiting)s THEN 'waiting' ELSE 'done' END",
            "document_state": "CASE WHEN k <= %(waiting)s THEN 'accepted' ELSE 'closed' END",
            "received_at": "CASE WHEN k > %(waiting)s THEN %(at)s END",
            "legal_received_at": "CASE WHEN k > %(waiting)s THEN %(at)s END",
            "arrival_number": "CASE WHEN k > %(waiting)s THEN k + 1 END",
            "updated_at": "%(at)s",
        },
    ),
    "audit_record": (
        "t.object = %(document)s",
        {"object": "'scale-' || k", "chain": "'scale'", "seq": "k * 100 + t.seq"},
    ),
    "notice": ("t.document = %(document)s", {"document": "'scale-' || k"}),
    "receipt": (
        "t.document = %(document)s",
        {"document": "'scale-' || k", "id": "t.id || k", "jws": "left(t.jws, 64)"},
    ),
}
_AT = (
    "to_char(timestamp '2026-01-05 02:00' + k * interval '2.5 seconds',"
    " 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A size, how long each question took there, and what the database weighs."""

    size: int
    times_s: dict[str, float]
    bytes_: int
    rows: int
    jws_bytes: int  #: of the receipts of one document


async def measure(folder: Path, *, is_long: bool) -> list[Result]:
    """Fill and ask, size by size; return the ratios. Nothing where there is no server's program."""
    if programs() is None:
        return []
    sizes = _sizes(is_long=is_long)
    async with AsyncExitStack() as stack:
        database = stack.enter_context(server()).database()
        settings = _SETTINGS.format(database=database)
        site = await asyncio.to_thread(make_site, folder, settings=settings)
        sessions = await seated(site.config_file, (SENDER, RECIPIENT))
        port = free_port()
        serve = ["-m", "gateway", "serve", "--config", str(site.config_file), "--port", str(port)]
        node = await stack.enter_async_context(
            running(serve, port=port, log=site.folder / "node.log")
        )
        template = await asyncio.to_thread(_template, site, node)
        measured = []
        for before, size in zip((0, *sizes), sizes, strict=False):
            await asyncio.to_thread(_fill, database, template, before, size)
            ids = [f"scale-{1 + n * (size // 1000)}" for n in range(1000)]
            with connected(site, port, sessions, ids=ids) as store:
                measured.append(await asyncio.to_thread(_ask, store, database, size))
        return [*_ratios(measured), *_weights(measured)]


def _sizes(*, is_long: bool) -> tuple[int, ...]:
    named = os.environ.get("GATEWAY_BENCH_SIZES", "")
    if named:
        return tuple(int(each) for each in named.split(","))
    return LONG_SIZES if is_long else SIZES


def _template(site: Site, node: Program) -> str:
    """Send one document and take it, as offices do; return its id."""
    with connected(site, node.port, {}, ids=[]) as store:
        sent = json.loads(_submit(store, 0))
        store.ask("/api/v1/inbox/lease", RECIPIENT, {"limit": 5, "lease_s": 60})
        store.ask("/api/v1/inbox/ack", RECIPIENT, {"ids": [sent["id"]]})
        for code in ("03", "06"):
            store.ask(f"/api/v1/documents/{sent['id']}/status", RECIPIENT, {"code": code})
        store.ask(f"/api/v1/documents/{sent['id']}/receipts", SENDER)  # signed by now
        return str(sent["id"])


def _submit(store: Store, _: int) -> bytes:
    body = form(metadata(to=(RECIPIENT,), subject="Về việc"), [("a.pdf", a_pdf(2_000))])
    return store.submit(body, SENDER)


def _fill(database: str, template: str, before: int, size: int) -> None:
    """Multiply the *template* from *before* up to *size* documents."""
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute(
            "SELECT position FROM document WHERE id = %s", (template,)
        ).fetchone()
        position = 0 if row is None else int(row[0])
        values = {
            "document": template,
            "position": position,
            "base": position + 1_000_000,
            "waiting": _WAITING,
        }
        for first in range(before + 1, size + 1, _CHUNK):
            numbers = {"first": first, "last": min(size, first + _CHUNK - 1)}
            for table, (which, changes) in _COPIES.items():
                connection.execute(
                    _multiplied(connection, table, which, changes), values | numbers
                )
        connection.execute(  # the copies are no facts to be counted beside the questions
            "INSERT INTO statistic_mark (chain, seq) VALUES ('scale', %s)"
            " ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq",
            (_ABOVE * 100,),
        )
        if not before:  # what comes by the door is numbered and placed above all copies
            connection.execute(
                "UPDATE counter SET value = %s WHERE series LIKE '%%:%%'", (_ABOVE,)
            )
            connection.execute("SELECT setval('document_position', %s)", (_ABOVE,))
        connection.execute("VACUUM ANALYZE")


def _multiplied(
    connection: "psycopg.Connection[tuple[object, ...]]",
    table: str,
    which: str,
    changes: dict[str, str],
) -> sql.Composed:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
        " AND is_identity = 'NO' AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    )
    columns = [str(row[0]) for row in found]
    chosen = [changes.get(each, f't."{each}"').replace("%(at)s", _AT) for each in columns]
    return sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM {} t"
        " CROSS JOIN generate_series(CAST(%(first)s AS bigint), %(last)s) k WHERE {}"
    ).format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ".join(chosen)),
        sql.Identifier(table),
        sql.SQL(which),
    )


def _ask(store: Store, database: str, size: int) -> Measured:
    questions: Sequence[tuple[str, Callable[[Store, int], bytes]]] = [
        *((each.name, each.ask) for each in QUESTIONS),
        ("submit: numbered, stored, answered", _submit),
    ]
    times = {}
    for name, ask in questions:
        taken = []
        for n in range(ROUNDS):
            began = perf_counter()
            ask(store, n * 17)
            taken.append(perf_counter() - began)
        times[name] = statistics.median(taken[3:])
    with psycopg.connect(database) as connection:
        weighed = connection.execute(
            "SELECT pg_database_size(current_database()), (SELECT SUM(n_live_tup)::bigint"
            " FROM pg_stat_user_tables)"
        ).fetchone()
        signed = connection.execute(
            "SELECT SUM(octet_length(jws)) FROM receipt WHERE document NOT LIKE 'scale-%'"
            " GROUP BY document ORDER BY 1 DESC LIMIT 1"
        ).fetchone()
    bytes_, rows = weighed or (0, 0)
    return Measured(
        size=size,
        times_s=times,
        bytes_=int(bytes_),
        rows=int(rows),
        jws_bytes=0 if signed is None else int(signed[0]),
    )


def _ratios(measured: list[Measured]) -> list[Result]:
    first, last = measured[0], measured[-1]
    judged = {each.name: each.is_judged for each in QUESTIONS}
    return [
        Result(
            name=f"PostgreSQL, {name}: {last.size:,} / {first.size:,} documents",
            value=last.times_s[name] / first.times_s[name],
            unit="x",
            most=MOST_RATIO if judged.get(name, True) else None,
            detail=" → ".join(f"{each.times_s[name] * 1000:.1f} ms" for each in measured),
        )
        for name in first.times_s
    ]


def _weights(measured: list[Measured]) -> list[Result]:
    first, last = measured[0], measured[-1]
    more = last.size - first.size
    return [
        Result(
            name="PostgreSQL, bytes a document with its indexes",
            value=((last.bytes_ - first.bytes_) / more + last.jws_bytes) / 1024,
            unit="kB",
            detail=f"{last.jws_bytes / 1024:.1f} kB of them its signed receipts",
        ),
        Result(
            name="PostgreSQL, rows a document", value=(last.rows - first.rows) / more, unit="rows"
        ),
    ]
