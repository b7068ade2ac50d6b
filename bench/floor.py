"""The floor: the least that a durable intake does, in the same Python, with nothing checked.

    python -m bench.floor PORT FOLDER

One aiohttp process on uvloop. A body goes to a temporary file as it comes and is hashed on the
way, as one opaque thing: no form is parsed, no token looked at. A few threads make it durable
(fsync, rename, fsync of the folder), one thread commits what waits as one SQLite transaction (WAL,
``synchronous = FULL``): of each the rows that any node needs, one document, two files (message and
attachment), one entry of an outbox, one of a journal. Then each is answered 201.
"""

import asyncio
import hashlib
import os
import queue
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import uvloop
from aiohttp import web

_LARGEST_GROUP = 256
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Item:
    """A document that waits for its commit."""

    id: str
    sha256: str
    size: int
    future: "asyncio.Future[None]"


class Floor:
    """The store and the handler."""

    def __init__(self, folder: Path) -> None:
        """Keep files and database in *folder*."""
        folder.mkdir(parents=True)
        self._folder = folder
        self._waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(_THREADS)
        threading.Thread(target=self._commit_for_ever, daemon=True).start()

    async def post(self, request: web.Request) -> web.Response:
        """Take one body in."""
        name, digest, size = str(uuid4()), hashlib.sha256(), 0
        temporary = self._folder / f"{name}.tmp"
        with temporary.open("xb", buffering=0) as file:
            async for chunk in request.content.iter_any():
                digest.update(chunk)
                file.write(chunk)
                size += len(chunk)
            await self._loop.run_in_executor(self._threads, self._keep, file.fileno(), name)
        item = Item(name, digest.hexdigest(), size, self._loop.create_future())
        self._waiting.put(item)
        await item.future
        return web.json_response({"id": item.id, "sha256": item.sha256}, status=201)

    def _keep(self, file: int, name: str) -> None:
        os.fsync(file)
        (self._folder / f"{name}.tmp").rename(self._folder / name)
        descriptor = os.open(self._folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)

    def _commit_for_ever(self) -> None:
        database = sqlite3.connect(self._folder / "floor.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_TABLES)
        while True:
            group = [self._waiting.get()]
            while len(group) < _LARGEST_GROUP and not self._waiting.empty():
                group.append(self._waiting.get())
            database.execute("BEGIN IMMEDIATE")
            for statement, rows in _rows(group):
                database.executemany(statement, rows)
            database.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, group)


_TABLES = """
    CREATE TABLE document (id TEXT PRIMARY KEY, sha256 TEXT, size INTEGER);
    CREATE TABLE attachment (document TEXT, n INTEGER, name TEXT, PRIMARY KEY (document, n));
    CREATE TABLE outbox (id INTEGER PRIMARY KEY, document TEXT, state TEXT);
    CREATE TABLE journal (id INTEGER PRIMARY KEY, document TEXT, event TEXT);
"""


def _rows(group: list[Item]) -> list[tuple[str, list[tuple[str | int, ...]]]]:
    return [
        (
            "INSERT INTO document VALUES (?, ?, ?)",
            [(item.id, item.sha256, item.size) for item in group],
        ),
        (
            "INSERT INTO attachment VALUES (?, ?, ?)",
            [(item.id, n, "file.pdf") for item in group for n in (0, 1)],
        ),
        ("INSERT INTO outbox (document, state) VALUES (?, 'waiting')", [(i.id,) for i in group]),
        ("INSERT INTO journal (document, event) VALUES (?, 'taken')", [(i.id,) for i in group]),
    ]


def _answer(group: list[Item]) -> None:
    for item in group:
        item.future.set_result(None)


async def serve(port: int, folder: Path) -> None:
    """Serve until the process is ended."""
    application = web.Application()
    application.router.add_post("/api/v1/documents", Floor(folder).post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
