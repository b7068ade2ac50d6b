"""The protocol under the application: what is no request at all is answered as a problem, too.

The parser of aiohttp answers such noise in plain text and quotes it, in the answer and in the log;
a header that is far too long may hold a token, so neither may happen here.
"""

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from gateway.web.errors import problem

log = structlog.get_logger()


class Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = ()

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
        elif status < 500:  # noqa: PLR2004
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
            **made._kwargs,  # noqa: SLF001
        )
