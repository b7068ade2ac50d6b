"""Random tampering with an audit record: in the database, in an archived segment, in an export.

A case is a number: it decides what is tampered with, where and how. Each says which record is the
first that is not as it was, and takes back what it did.
"""

import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from gateway.bootstrap.auditing import export_bundle, verify_bundle, verify_node
from gateway.bootstrap.equipment import SystemClock
from gateway.domain.canonical import canonical, digest
from gateway.pipeline.auditing import Verified
from tests.pipeline.rooms import ADMIN, Rooms, rooms

Record = dict[str, Any]
Mutate = Callable[[list[Record], int, Random], int]

_TEXTS = ("at", "actor", "action", "object", "previous", "hash")
_UNGUARD = "DROP TRIGGER audit_record_is_not_changed; DROP TRIGGER audit_record_is_not_removed;"
_COLUMNS = (
    "chain",
    "seq",
    "at",
    "actor",
    "address",
    "action",
    "object",
    "data",
    "previous",
    "hash",
)


def change_text(records: list[Record], n: int, random: Random) -> int:
    """Change a character of a text."""
    name = random.choice(_TEXTS)
    text = records[n][name]
    at = random.randrange(len(text))
    other = "x" if text[at] != "x" else "y"
    records[n] = records[n] | {name: text[:at] + other + text[at + 1 :]}
    return n


def change_address(records: list[Record], n: int, random: Random) -> int:
    """Say that it came from somewhere else."""
    records[n] = records[n] | {"address": f"10.0.0.{random.randrange(256)}"}
    return n


def change_data(records: list[Record], n: int, random: Random) -> int:
    """Add to what it says."""
    records[n] = records[n] | {"data": records[n]["data"] | {"note": str(random.random())}}
    return n


def remove(records: list[Record], n: int, random: Random) -> int:
    """Remove some records that stand together, but not the end."""
    del records[n : min(n + random.randint(1, 3), len(records) - 1)]
    return n


def cut(records: list[Record], n: int, random: Random) -> int:
    """Cut the end off."""
    del records[n:]
    return n


def exchange(records: list[Record], n: int, random: Random) -> int:
    """Let two neighbours change places and numbers."""
    n = min(n, len(records) - 2)
    one, two = records[n], records[n + 1]
    records[n], records[n + 1] = two | {"seq": one["seq"]}, one | {"seq": two["seq"]}
    return n


def overwrite(records: list[Record], n: int, random: Random) -> int:
    """Put another record of the chain into a place."""
    other = records[(n + random.randrange(1, len(records))) % len(records)]
    records[n] = other | {"seq": records[n]["seq"]}
    return n


def forge(records: list[Record], n: int, random: Random) -> int:
    """Change a record, and compute every hash from there anew."""
    records[n] = records[n] | {"actor": "client:forged"}
    previous = records[n]["previous"]
    for at in range(n, len(records)):
        bound = {**records[at], "previous": previous}
        previous = digest({key: bound[key] for key in bound if key != "hash"})
        records[at] = bound | {"hash": previous}
    return n


def put_in(records: list[Record], n: int, random: Random) -> int:
    """Put a record in, and number those behind it anew, with hashes that fit."""
    seq, previous = records[n]["seq"], records[n]["previous"]
    records.insert(n, records[n] | {"actor": "client:put-in"})
    for at in range(n, len(records)):
        bound = {**records[at], "seq": seq + at - n, "previous": previous}
        previous = digest({key: bound[key] for key in bound if key != "hash"})
        records[at] = bound | {"hash": previous}
    return n


#: How, and whether only somebody outside can tell: then the place is where that one knows the chain.
MUTATIONS: tuple[tuple[Mutate, bool], ...] = (
    (change_text, False),
    (change_address, False),
    (change_data, False),
    (remove, False),
    (cut, False),
    (exchange, False),
    (overwrite, False),
    (forge, True),
    (put_in, True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What was done, and what was found."""

    what: str
    first: int  #: number of the first record that is not as it was
    is_hidden: bool  #: every hash fits: known from outside alone
    verified: Verified

    @property
    def fault(self) -> str:
        """Return what is wrong with how it was found, nothing when it is well."""
        if not self.verified.findings:
            return f"{self.what}: not found"
        place = self.verified.findings[0].pointer
        chain, _, seq = place.rpartition(":")
        if chain != "main" or int(seq) < self.first:
            return f"{self.what}: named at {place}, which is as it was"
        if not self.is_hidden and int(seq) > self.first + 3:
            return f"{self.what}: named at {place}, too late"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A node with an archived segment, records behind it, a checkpoint; and its export."""

    node: Rooms
    bundle: Path
    trust: Path

    def verify(self) -> Verified:
        """Verify the node."""
        return verify_node(self.node.gateway, anchors=(), trust=(), progress=lambda _: None)

    def verify_bundle(self) -> Verified:
        """Verify the export."""
        trust = [self.trust]
        return verify_bundle(self.bundle, anchors=(), trust=trust, progress=lambda _: None)

    def case(self, number: int) -> Case:
        """Tamper, look what is found, and take it back. Blocks."""
        random = Random(number)  # noqa: S311 - a case must be the same again
        target = random.choice([self._database, self._segment, self._export])
        mutate, is_hidden = random.choice(MUTATIONS)
        with target() as (records, write, verify):
            begin = records[0]["seq"]
            n = mutate(records, random.randrange(len(records) - 1), random)
            write(records)
            what = f"case {number}: {mutate.__name__} in {target.__name__}, record {begin + n}"
            return Case(what=what, first=begin + n, is_hidden=is_hidden, verified=verify())

    @contextmanager
    def _database(self) -> Iterator[tuple[list[Record], Any, Any]]:
        database = sqlite3.connect(self.node.folder / "data" / "gateway.db")
        rows = database.execute(f"SELECT {', '.join(_COLUMNS)} FROM audit_record ORDER BY seq")  # noqa: S608
        kept = rows.fetchall()
        records = [dict(zip(_COLUMNS, row, strict=True)) for row in kept]
        for each in records:
            each["data"] = json.loads(each["data"])

        def write(changed: list[Record]) -> None:
            texts = {row[1]: row[7] for row in kept}
            same = {row[1]: json.loads(row[7]) for row in kept}
            put(
                [
                    tuple(
                        _data(each, texts, same) if name == "data" else each[name]
                        for name in _COLUMNS
                    )
                    for each in changed
                ]
            )

        def put(rows: list[Any]) -> None:
            with database:
                database.execute("DELETE FROM audit_record")
                marks = ", ".join("?" for _ in _COLUMNS)
                database.executemany(f"INSERT INTO audit_record VALUES ({marks})", rows)  # noqa: S608

        try:
            yield records, write, self.verify
        finally:
            put(kept)
            database.close()

    @contextmanager
    def _segment(self) -> Iterator[tuple[list[Record], Any, Any]]:
        (file,) = (self.node.folder / "data" / "audit-archive").iterdir()
        with _zipped(file) as (records, write):
            yield records, write, self.verify

    @contextmanager
    def _export(self) -> Iterator[tuple[list[Record], Any, Any]]:
        with _zipped(self.bundle) as (records, write):
            yield records, write, self.verify_bundle


def _data(record: Record, texts: dict[int, str], same: dict[int, Any]) -> str:
    """Return the column of a record: as it was where it says the same."""
    for seq, data in same.items():
        if data == record["data"]:
            return texts[seq]
    return json.dumps(record["data"], ensure_ascii=False, separators=(",", ":"))


@contextmanager
def _zipped(file: Path) -> Iterator[tuple[list[Record], Callable[[list[Record]], None]]]:
    """Give the records of a bundle, and what writes others into it."""
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    records = [json.loads(line) for line in members["records.jsonl"].splitlines()]

    def write(changed: list[Record]) -> None:
        lines = b"".join(canonical(each) + b"\n" for each in changed)
        with zipfile.ZipFile(file, "w") as new:
            for name, content in members.items():
                new.writestr(name, lines if name == "records.jsonl" else content)

    try:
        yield records, write
    finally:
        file.write_bytes(whole)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Make a node to tamper with."""
    now = SystemClock().now()
    async with rooms(folder / "node", at=now) as node:
        for document in [await node.sent() for _ in range(3)]:
            for code in ("01", "03", "06"):
                await node.report(document, code)
        gateway = node.gateway
        await gateway.auditing.checkpoint()
        await gateway.audit_archive.archive(now + timedelta(days=1), ADMIN, lambda _: None)
        for document in [await node.sent() for _ in range(3)]:
            await node.report(document, "06")
        await gateway.sealing.seal()
        await gateway.auditing.checkpoint()
        bundle = folder / "export.zip"
        await gateway.run(partial(export_bundle, gateway, bundle, progress=lambda _: None))
        database = sqlite3.connect(node.folder / "data" / "gateway.db")
        database.executescript(_UNGUARD)
        database.close()
        yield Stage(node=node, bundle=bundle, trust=node.folder / "config" / "node.crt")


async def faults(folder: Path, cases: range) -> list[str]:
    """Return what went wrong in *cases*, and with what was not tampered with at all."""
    async with stage(folder) as place:
        run = place.node.gateway.run
        found = [(await run(partial(place.case, number))).fault for number in cases]
        untouched = [
            *(await run(place.verify)).findings,
            *(await run(place.verify_bundle)).findings,
        ]
        return [*filter(None, found), *(f"untouched: {each.pointer}" for each in untouched)]
