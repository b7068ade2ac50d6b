"""A signed request to the axis and its answer, bounded in time by what it has to carry."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import structlog
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from adapters.vxp.answers import judged
from adapters.vxp.tls import Tls, said
from gateway.domain.errors import Misconfigured, Unavailable, Unreachable
from gateway.domain.vxp_signing import signed_headers, timestamp
from gateway.ports import Clock, Destined

log = structlog.get_logger()

_ANSWER_BYTES = 16 << 20  #: lists and plain answers; a document comes by another way
_HEADER_LINE = 2 << 20
#: Longest time of one call, whatever it carries.
_LONGEST_S = 3600.0
_TLS_LOOK_S = 5.0
_LONGEST_AGAIN = 9
_AWAY = "{name}: không kết nối được / cannot be reached"


class Calls:
    """Speaks with one axis in the name of one system."""

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Check the settings.

        Raises:
            Misconfigured: no usable address, no systemid, no secret, or unreadable certificates.
        """
        if not destined.systemid or not destined.secret:
            raise Misconfigured(f"the axis {destined.name} needs systemid and a secret")
        self._url = _address(destined)
        self._destined = destined
        self._clock = clock
        self._tls = Tls(destined)
        self._looked_at = float("-inf")
        self._session: ClientSession | None = None
        self._is_believed = False  #: an answer came over TLS as it now is

    @property
    def name(self) -> str:
        """Return the name of the axis here."""
        return self._destined.name

    @property
    def node(self) -> str:
        """Return the code of this node, ``""`` where it is none."""
        return self._destined.node

    @property
    def is_axis(self) -> bool:
        """Whether the other side hands on what it takes."""
        return self._destined.is_axis

    async def ask(
        self,
        call: str,
        parameters: Mapping[str, str],
        *,
        body: bytes | AsyncIterable[bytes] = b"",
        length: int | None = None,
        kind: str = "application/json",
        most: int = _ANSWER_BYTES,
        wait_s: float = 0.0,
    ) -> Mapping[str, Any]:
        """Make a call and return its answer, which may take *wait_s* longer.

        Raises:
            Refused: a final no.
            Unavailable: anything else but OK.
        """
        size = len(body) if isinstance(body, bytes) else length or 0
        headers = self._headers(parameters, kind=kind) | {"Content-Length": str(size)}
        async with self._in_time(self._destined.allowed_s(size) + wait_s) as deadline:
            session = await self._open()
            url = self._url / call
            async with session.post(url, data=body, headers=headers) as response:
                self._is_believed = True
                self._hear_time(response.headers.get("Date", ""))
                raw = await self._read(response, most, deadline)
                again = _seconds(response.headers.get("Retry-After"))
        return await asyncio.to_thread(judged, raw, self.name, retry_after_s=again)

    async def certificate_ends(self) -> datetime | None:
        """Return until when the certificate of the axis is valid; None where it serves without.

        Raises:
            Unreachable: nobody answers there.
            Unavailable: what it shows is not believed.
        """
        if self._url.scheme != "https":
            return None
        try:
            async with asyncio.timeout(self._destined.timeout_s):
                _, writer = await asyncio.open_connection(
                    self._url.host, self._url.port, ssl=self._tls.context
                )
        except ssl.SSLError as error:
            raise Unavailable(f"{self.name}: {said(error, doubted=False)}") from error
        except (TimeoutError, OSError) as error:
            raise Unreachable(_AWAY.format(name=self.name)) from error
        shown = writer.get_extra_info("peercert")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)

    @asynccontextmanager
    async def raw(
        self, method: str, call: str, parameters: Mapping[str, str]
    ) -> AsyncIterator[ClientResponse]:
        """Make a call whose answer is streamed, however long, as long as something comes.

        Raises:
            Unavailable: nothing came for too long.
        """
        timeout_s = self._destined.timeout_s
        silence = ClientTimeout(total=None, sock_connect=timeout_s / 2, sock_read=timeout_s)
        async with self._in_time(_LONGEST_S):
            session = await self._open()
            async with session.request(
                method, self._url / call, headers=self._headers(parameters), timeout=silence
            ) as response:
                self._is_believed = True
                yield response

    def _hear_time(self, text: str) -> None:
        """Pass on what time the axis has; a date that cannot be read says nothing."""
        with suppress(ValueError):
            at = parsedate_to_datetime(text)
            self._destined.hear_time(at if at.tzinfo else at.replace(tzinfo=UTC))

    async def _read(self, response: ClientResponse, most: int, deadline: asyncio.Timeout) -> bytes:
        """Return the body of an answer, which may take as long as it goes on."""
        begun, raw = asyncio.get_running_loop().time(), bytearray()
        async for chunk in response.content.iter_any():
            raw += chunk
            if len(raw) > most:
                raise Unavailable("trả lời quá dài / an answer is too long")
            deadline.reschedule(begun + self._destined.allowed_s(len(raw)))
        return bytes(raw)

    async def aclose(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _headers(
        self, parameters: Mapping[str, str], *, kind: str = "application/json"
    ) -> dict[str, str]:
        own = {"trace": self._destined.node} if self._destined.node else {}
        put = {
            "timestamp": timestamp(self._clock.now()),
            "systemid": self._destined.systemid,
            "Content-Type": kind,
            **own,
            **parameters,
        }
        ascii_only = {
            name: value.encode("ascii", "replace").decode() for name, value in put.items()
        }
        return signed_headers(ascii_only, secret=self._destined.secret)

    async def _open(self) -> ClientSession:
        await self._renew_tls()
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(
                    limit=8, ssl=self._tls.context, socket_factory=self._watched_socket
                ),
                timeout=ClientTimeout(total=None, sock_connect=self._destined.timeout_s / 2),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": "liaison-gateway"},
                max_line_size=_HEADER_LINE,
                max_field_size=_HEADER_LINE,
            )
        return self._session

    async def _renew_tls(self) -> None:
        """Let new connections show a renewed certificate; a broken one changes nothing."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < _TLS_LOOK_S:
            return
        self._looked_at = now
        try:
            renewed = await asyncio.to_thread(self._tls.renew)
        except Misconfigured as error:
            log.error("certificate kept: it cannot be loaded again", reason=error.message)  # noqa: TRY400 - the reason is all there is
            return
        if renewed and self._session is not None:
            before, self._session = self._session, None
            self._is_believed = False
            await before.close()

    def _watched_socket(self, address: Any) -> socket.socket:  # noqa: ANN401 - as aiohttp's type
        """Return a socket that ends by itself when the other side has gone silent."""
        made = socket.socket(*address[:3])
        silent_ms = round(self._destined.timeout_s * 1000)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, silent_ms)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
        return made

    @asynccontextmanager
    async def _in_time(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """Bound what is done with the axis, and tell its failures as Unavailable."""
        try:
            async with asyncio.timeout(min(seconds, _LONGEST_S)) as deadline:
                yield deadline
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise Unreachable(f"{_AWAY.format(name=self.name)}{self._why(error)}") from error
        except TimeoutError as error:
            raise Unavailable(
                f"{self.name}: không trả lời kịp thời / did not answer in time"
            ) from error
        except (ClientError, OSError) as error:
            text = f"{self.name}: không kết nối được / the connection failed{self._why(error)}"
            raise Unavailable(text) from error

    def _why(self, error: Exception) -> str:
        doubted = self._url.scheme == "https" and not self._is_believed
        reason = said(error, doubted=doubted)
        return f": {reason}" if reason else ""


def _address(destined: Destined) -> URL:
    """Return the address of the axis; without TLS it serves inside a dedicated network alone."""
    try:
        url = URL(destined.url.rstrip("/"))
    except ValueError as error:
        raise Misconfigured(f"the axis {destined.name} has an unreadable endpoint") from error
    if url.scheme not in {"https", "http"} or not url.host or url.user or url.query_string:
        raise Misconfigured(f"the axis {destined.name} needs an endpoint such as https://…/vxp")
    return url


def _seconds(text: str | None) -> float:
    """Return the seconds of a Retry-After header, 1 when it says nothing usable."""
    usable = text is not None and text.isascii() and text.isdigit() and len(text) < _LONGEST_AGAIN
    return float(text) if usable and text is not None else 1.0
