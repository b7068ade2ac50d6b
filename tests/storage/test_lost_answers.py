"""A database server that is lost in the very moment of a commit."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest

from gateway.domain.errors import Undecided
from tests.postgres import Server
from tests.storage.cellar import an_entry, cellar, records

_SOCKET = ".s.PGSQL.5432"


class Way:
    """Passes bytes on to a server's socket; once armed it ends for good behind the first *word*."""

    def __init__(self, word: bytes, server: Path, listener: socket.socket) -> None:
        """Take connections of *listener* on to the socket in the folder *server*."""
        self._word = word
        self._server = server
        self._listener = listener
        self.armed, self._ended = Event(), Event()

    def serve(self) -> None:
        """Take connections until the listener is shut."""
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                Thread(target=self._one, args=(here,), daemon=True).start()

    def _one(self, here: socket.socket) -> None:
        with here, socket.socket(socket.AF_UNIX) as there:
            if self._ended.is_set():
                return
            there.connect(str(self._server / _SOCKET))
            back = Thread(target=self._carry, args=(there, here), daemon=True)
            back.start()
            self._carry(here, there)
            back.join()

    def _carry(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while not self._ended.is_set() and (piece := source.recv(1 << 16)):
                to.sendall(piece)
                if self.armed.is_set() and self._word in piece:
                    self._ended.set()
        for each in (source, to):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_way_that_ends_with(word: bytes, server: Path) -> Iterator[tuple[str, Event]]:
    """Run a way; give the folder of its socket, and what arms it."""
    with TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/{_SOCKET}")
        listener.listen()
        way = Way(word, server, listener)
        thread = Thread(target=way.serve, daemon=True)
        thread.start()
        yield folder, way.armed
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


async def test_what_may_be_stored_is_told_as_such(postgres: Server, tmp_path: Path) -> None:
    """The commit was made and its answer lost: what it refers to must not be thrown away."""
    address = postgres.database()
    base, _, folder = address.partition("?host=")
    with a_way_that_ends_with(b"COMMIT\x00", Path(folder)) as (way, armed):
        async with cellar(tmp_path, f"{base}?host={way}") as store:
            armed.set()
            with pytest.raises(Undecided):
                await store.write(lambda tx: tx.audit.append(an_entry("stored")))

    async with cellar(tmp_path, address) as store:
        found = await records(store)
    assert [each.about for each in found] == ["stored"]
