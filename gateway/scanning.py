"""The virus scanner: a file is streamed to clamd (INSTREAM), over TCP or a unix socket.

Whatever goes wrong on the way means that nothing is known; the policy says what follows.
"""

import os
import socket
import struct
import time
from dataclasses import dataclass
from typing import BinaryIO

import structlog

from gateway.domain.errors import Misconfigured
from gateway.domain.inspection import Scanned

_CHUNK = 262_144
_LONGEST_ANSWER = 4096
_UNREACHED = Scanned(is_reached=False)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamd:
    """See :class:`gateway.ports.Scan`."""

    address: str  #: ``unix:/run/clamav/clamd.ctl`` or ``tcp://host:3310``
    timeout_s: float  #: for one file from connecting to the answer; begins no scan after that

    def __call__(self, file: BinaryIO, *, spent_s: float = 0.0) -> Scanned:
        """Scan *file* from its beginning. Blocks: never on the event loop."""
        if spent_s >= self.timeout_s:
            return _UNREACHED
        file.seek(0)
        until = time.monotonic() + self.timeout_s
        try:
            with self._connect() as connection:
                _send(connection, file, until)
                answer = _receive(connection, until)
        except OSError as error:
            log.warning("virus scanner not reached", address=self.address, error=str(error))
            return _UNREACHED
        return _read(answer)

    def _connect(self) -> socket.socket:
        kind, _, rest = self.address.partition(":")
        if kind == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(self.timeout_s)
            try:
                connection.connect(rest)
            except OSError:
                connection.close()
                raise
            return connection
        host, port = host_and_port(self.address)
        return socket.create_connection((host, port), timeout=self.timeout_s)


def host_and_port(address: str) -> tuple[str, int]:
    """Return host and port of ``tcp://host:port``; raise Misconfigured for another form."""
    kind, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    if kind != "tcp" or not host or not port.isascii() or not port.isdigit():
        raise Misconfigured(
            f"screening.clamd: `{address}` is neither unix:/path nor tcp://host:port"
        )
    return host.strip("[]"), int(port)


def _send(connection: socket.socket, file: BinaryIO, until: float) -> None:
    connection.sendall(b"zINSTREAM\0")
    while chunk := file.read(_CHUNK):
        _wait_until(connection, until)
        connection.sendall(struct.pack(">L", len(chunk)) + chunk)
    connection.sendall(struct.pack(">L", 0))


def _receive(connection: socket.socket, until: float) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        _wait_until(connection, until)
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0]


def _wait_until(connection: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError(os.strerror(110))
    connection.settimeout(left)


def _read(answer: bytes) -> Scanned:
    """Read ``stream: OK`` or ``stream: NAME FOUND``; anything else says nothing."""
    text = answer.decode("utf-8", "replace").strip()
    verdict = text.removeprefix("stream:").strip()
    if verdict == "OK":
        return Scanned()
    if verdict.endswith(" FOUND"):
        return Scanned(malware=verdict.removesuffix(" FOUND"))
    log.warning("virus scanner gave no verdict", answer=text[:200])
    return _UNREACHED
