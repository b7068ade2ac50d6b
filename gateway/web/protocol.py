"""The protocol under the application: bounds connections, and answers what is no request at all.

The parser of aiohttp answers noise in plain text and quotes it, in the answer and in the log; a
header that is far too long may hold a token, so neither may happen here. Nor does it care how long
a client takes to send the head of a request; here who does not come to its end is cut off.
"""

import asyncio
import socket
import ssl
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from gateway.web.connections import Connections
from gateway.web.doorway import Doorway
from gateway.web.errors import problem

log = structlog.get_logger()

#: What a connection may rest between two requests; proxies keep theirs for a minute.
KEEP_ALIVE_S = 75.0
#: Connections that the system holds until they are taken.
BACKLOG = 512
#: What a client that was refused may take to read why.
_LINGER_S = 1.0
#: A whole head: a VXP system may name its recipients in one line of it.
HEAD_BYTES = (1 << 20) + (64 << 10)


class Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = (
        "_address",
        "_admitted",
        "_connections",
        "_deadline",
        "_head_bytes",
        "_head_s",
        "_is_refused",
    )

    def __init__(
        self,
        manager: web.Server,
        *,
        connections: Connections,
        head_s: float,
        **more: Any,  # noqa: ANN401 - handed on to aiohttp
    ) -> None:
        """Count among *connections*; wait *head_s* seconds for the head of a request."""
        super().__init__(manager, **more)
        self._connections = connections
        self._head_s = head_s
        self._admitted = False
        self._head_bytes = 0  #: of the head that is being received
        self._is_refused = (
            False  #: it was answered before it was whole; what still comes is dropped
        )
        self._address: str | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it at once when there are too many."""
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if isinstance(peer, tuple) else None
        self._admitted = self._connections.admit(self._address)
        if not self._admitted:
            self._force_close = True
            if isinstance(transport, asyncio.Transport):
                transport.abort()
            return
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count it off."""
        self._cancel_deadline()
        if self._admitted:
            self._admitted = False
            self._connections.release(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the first byte of a next request starts the time for its head."""
        if self._is_refused:
            return
        idle = self._waiter is not None and not self._waiter.done()
        known = self._request_count
        if idle and self._deadline is None:
            self._expect_head()
        if self._deadline is not None and not self._may_grow(len(data)):
            return
        super().data_received(data)
        if self._request_count != known:
            self._cancel_deadline()

    def _may_grow(self, size: int) -> bool:
        """Count *size* bytes of a head; refuse and close when that is too much."""
        grown = self._head_bytes + size
        if grown > HEAD_BYTES:
            self._refuse(problem(431, "header-too-large", "the head of a request is over 1 MB"))
            return False
        if not self._connections.admit_head(self._head_bytes, grown):
            self._refuse(problem(503, "overloaded", "too many large heads are received at once"))
            return False
        self._head_bytes = grown
        return True

    def _refuse(self, response: web.Response) -> None:
        """Answer *response* before there is a request, and close."""
        transport = self.transport
        body = response.body if isinstance(response.body, bytes) else b""
        head = (
            f"HTTP/1.0 {response.status} {response.reason}\r\n"
            f"Content-Type: {response.content_type}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        self._is_refused = True
        self._cancel_deadline()
        # Closed at once, what still comes would be answered by a reset, and the answer lost.
        self._deadline = self._loop.call_later(_LINGER_S, self._give_up)
        if isinstance(transport, asyncio.Transport):
            transport.write(head.encode() + body)
            if transport.can_write_eof():
                transport.write_eof()

    def _expect_head(self) -> None:
        self._deadline = self._loop.call_later(self._head_s, self._give_up)

    def _cancel_deadline(self) -> None:
        self._connections.admit_head(self._head_bytes, 0)
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """Close a connection whose request did not come; there is nobody to answer to."""
        self._deadline = None
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()  # a TLS client that is silent would not say goodbye either

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what the parser could not read, or what failed outside of the application.

        Raises:
            ConnectionError: the answer has begun already.
        """
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        if isinstance(exc, LineTooLong):
            response = problem(431, "header-too-large", "a line of the header is over 16 kB")
        elif status < 500:  # noqa: PLR2004 - the class of the server's own faults
            log.info("no request", remote=request.remote, reason=type(exc).__name__)
            response = problem(400, "bad-request", "this is no HTTP request")
        else:
            log.error("request failed outside of its handler", exc_info=exc)
            response = problem(500, "internal", "the request failed here; it was noted")
        response.force_close()
        return response


class Server(web.Server):
    """Makes a protocol for each connection."""

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return Protocol(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application behind our protocol."""

    __slots__ = ()

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,  # noqa: SLF001 - aiohttp has no other way to replace the protocol
            **made._kwargs,  # noqa: SLF001 - as above
        )


class Site(web.SockSite):
    """Serves at a socket; a TLS handshake must come to its end as soon as a head."""

    __slots__ = ("_connections", "_doorway", "_handshake_s")

    def __init__(
        self,
        runner: web.AppRunner,
        sock: socket.socket,
        *,
        connections: Connections,
        tls: ssl.SSLContext | None,
        handshake_s: float,
    ) -> None:
        """Serve at *sock*, which listens, with *tls* or in the clear; count among *connections*."""
        super().__init__(runner, sock, ssl_context=tls)
        self._connections = connections
        self._doorway: Doorway | None = None
        self._handshake_s = handshake_s

    async def start(self) -> None:
        """Begin to take connections."""
        await web.BaseSite.start(self)
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner was not set up")
        self._doorway = Doorway(
            server,
            self._sock,
            connections=self._connections,
            tls=self._ssl_context,
            handshake_s=self._handshake_s,
        )

    async def stop(self) -> None:
        """Take no more connections."""
        if self._doorway is not None:
            self._doorway.close()
        await super().stop()
