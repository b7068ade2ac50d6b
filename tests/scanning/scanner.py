"""A scanner that speaks clamd's protocol, and one that says what it likes."""

import socket
import socketserver
import struct
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Session(socketserver.StreamRequestHandler):
    """One INSTREAM: chunks with their lengths, an empty one, then the verdict."""

    server: "_Server | _UnixServer"

    def handle(self) -> None:
        command = self.rfile.read(len(b"zINSTREAM\0"))
        content = b""
        while length := struct.unpack(">L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.seen.append((command, len(content)))
        found = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        self.wfile.write((self.server.answer or found) + b"\0")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    seen: list[tuple[bytes, int]]
    answer: bytes


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    seen: list[tuple[bytes, int]]
    answer: bytes


class Scanner:
    """Listens on loopback or on a unix socket while it is entered."""

    def __init__(self, path: Path | None = None, *, answer: bytes = b"") -> None:
        """Always say *answer*, or look for the test virus."""
        self._server: _Server | _UnixServer = (
            _Server(("127.0.0.1", 0), _Session)
            if path is None
            else _UnixServer(str(path), _Session)
        )
        self.seen: list[tuple[bytes, int]] = []
        self._server.seen = self.seen
        self._server.answer = answer
        self._path = path
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        """Where it listens, as the configuration has it."""
        if self._path is not None:
            return f"unix:{self._path}"
        _, port = self._server.socket.getsockname()
        return f"tcp://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
