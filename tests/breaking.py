"""A way to a server that breaks when told: everything is answered 500."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

_ANSWER = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_ALL, _SEEN = 1 << 40, 1 << 16


class Way:
    """Passes bytes on to *port* of loopback; one thread for each direction of a connection."""

    def __init__(self, port: int) -> None:
        """Listen; nothing is passed before :func:`way_to` runs it."""
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.room = _ALL  #: so many bytes still get there, then what is open breaks off
        self.seen = b""  #: how the first requests begin
        self.failures = 0  #: and so many connections after that are answered 500; then all is well

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until it is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._one, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _one(self, connection: socket.socket) -> None:
        if self.room <= 0 and self.failures > 0:
            self.failures -= 1
            if not self.failures:
                self.room = _ALL
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                connection.sendall(_ANSWER)
            return
        with (
            suppress(OSError),
            connection,
            socket.create_connection(("127.0.0.1", self._port)) as onward,
        ):
            back = Thread(target=self._pass, args=(onward, connection), daemon=True)
            back.start()
            self._pass(connection, onward)
            if self.room <= 0:
                connection.shutdown(socket.SHUT_RDWR)
            back.join()

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                to.sendall(piece)
                if to.getpeername()[1] == self._port:
                    self.seen = (self.seen + piece)[:_SEEN]
                    self.room -= len(piece)
                    if self.room <= 0:
                        break
        with suppress(OSError):
            to.shutdown(socket.SHUT_WR)


@contextmanager
def way_to(port: int) -> Iterator[Way]:
    """Run a way to *port*."""
    way = Way(port)
    thread = Thread(target=way.serve, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        way.close()
        thread.join(timeout=5)
