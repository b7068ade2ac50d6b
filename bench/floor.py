"""The floor: the least that a durable intake does, in the same Python, with nothing checked.

    python -m bench.floor PORT FOLDER

One aiohttp process on uvloop. A body is read as it comes and hashed, as one opaque file: no form
is parsed, no token looked at. One thread writes what waits as a group: each file with its fsync,
one fsync of the folder, one SQLite transaction (WAL, ``synchronous = FULL``); then all are
answered 201.
"""

import asyncio
import hashlib
import os
import queue
import sqlite3
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import uvloop
from aiohttp import web

_LARGEST_GROUP = 256


@dataclass(frozen=True, slots=True)
class Item:
    """A body that waits for the disk."""

    id: str
    sha256: str
    body: bytearray
    future: "asyncio.Future[None]"


class Floor:
    """The store and the handler."""

    def __init__(self, folder: Path) -> None:
        """Keep files and database in *folder*."""
        self._folder = folder
        self._waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._write_for_ever, daemon=True).start()

    async def post(self, request: web.Request) -> web.Response:
        """Take one body in."""
        body, digest = bytearray(), hashlib.sha256()
        async for chunk in request.content.iter_any():
            digest.update(chunk)
            body += chunk
        item = Item(str(uuid4()), digest.hexdigest(), body, self._loop.create_future())
        self._waiting.put(item)
        await item.future
        return web.json_response({"id": item.id, "sha256": item.sha256}, status=201)

    def _write_for_ever(self) -> None:
        database = sqlite3.connect(self._folder / "floor.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE document (id TEXT PRIMARY KEY, sha256 TEXT, size INTEGER)")
        while True:
            group = [self._waiting.get()]
            while len(group) < _LARGEST_GROUP and not self._waiting.empty():
                group.append(self._waiting.get())
            self._keep(group)
            database.execute("BEGIN IMMEDIATE")
            rows = [(item.id, item.sha256, len(item.body)) for item in group]
            database.executemany("INSERT INTO document VALUES (?, ?, ?)", rows)
            database.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, group)

    def _keep(self, group: list[Item]) -> None:
        for item in group:
            with (self._folder / item.id).open("xb", buffering=0) as file:
                file.write(item.body)
                os.fsync(file.fileno())
        descriptor = os.open(self._folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _answer(group: list[Item]) -> None:
    for item in group:
        item.future.set_result(None)


async def serve(port: int, folder: Path) -> None:
    """Serve until the process is ended."""
    folder.mkdir(parents=True)
    application = web.Application()
    application.router.add_post("/api/v1/documents", Floor(folder).post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
