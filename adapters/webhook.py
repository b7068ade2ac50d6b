"""An office system that takes documents and receipts by HTTP POST.

The request, as the public contract has it: the bytes as body, and

    Content-Type       application/xml (an envelope) or application/jose (a receipt)
    Gateway-Id         constant over retries, so that the office can tell a repeat
    Gateway-Event      document, receipt or recall
    Gateway-Document   our id of the document
    Gateway-Code       its document code, once it has one
    Gateway-Timestamp  Unix seconds of this attempt
    Gateway-Signature  v1= and the hex HMAC-SHA256 (RFC 2104) of ``timestamp.id.body``

Only a 2xx answer counts: the document has then entered the recipient's system. Anything else, an
answer that does not come in time included, is Unavailable; the relay decides when to try again.
Redirects are not followed, since the signature was meant for the address that the operator wrote.

The signature stands before the body, so the bytes are read twice and never held whole: one worker
thread hashes them, then they are streamed in groups, each read in a worker thread. Of an answer
only a short body is read, and only so that the connection can serve again.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from threading import Lock

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from gateway.domain.errors import Misconfigured, Unavailable
from gateway.ports import Clock, Destined, Handover, Packet

_GROUP_BYTES = 256 * 1024
#: A peer may ask us to wait, but not for longer than this.
_LONGEST_WAIT_S = 3600.0
_ANSWER_BYTES = 64 * 1024
_ANSWER_S = 1.0


class Webhook:
    """A connection to one address; its class is the adapter."""

    api = 1
    takes_several = False
    receiver = None
    directory = None

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Check the address and the secret; sockets are opened with the first packet.

        Raises:
            Misconfigured: no usable address, or no secret to sign with.
        """
        if not destined.secret:
            raise Misconfigured(f"the webhook of {destined.name} has no secret")
        self._url = _address(destined)
        self._secret = destined.secret.encode()
        self._timeout_s = destined.timeout_s
        self._is_axis = destined.is_axis
        self._clock = clock
        self._session: ClientSession | None = None

    @property
    def sender(self) -> "Webhook":
        """Return the side that hands over; a webhook receives nothing."""
        return self

    async def send(self, packet: Packet) -> Handover:
        """Post *packet*; raise Unavailable for any answer but 2xx within the time allowed."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._post(packet)
        except TimeoutError as error:
            raise Unavailable(
                "webhook không trả lời kịp thời / the webhook did not answer in time"
            ) from error
        except (ClientError, OSError) as error:
            raise Unavailable(
                "không kết nối được webhook / the connection to the webhook failed"
            ) from error
        return Handover(arrived=not self._is_axis)

    async def aclose(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, packet: Packet) -> None:
        timestamp = str(int(self._clock.now().timestamp()))
        prefix = f"{timestamp}.{packet.id}.".encode()
        signature = await asyncio.to_thread(_sign, packet, self._secret, prefix)
        headers = _headers(packet, timestamp, signature)
        async with (
            _body_of(packet) as body,
            self._open_session().post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as answer,
        ):
            if not 200 <= answer.status < 300:  # noqa: PLR2004 - the class of success
                wait_s = self._wait_asked_for(answer.headers.get("Retry-After", ""))
                raise Unavailable(_answered(answer.status), retry_after_s=wait_s)
            if body.given != packet.size:
                # Nobody can have kept what was not sent yet, whatever the answer says.
                raise Unavailable(
                    "webhook trả lời khi chưa nhận đủ / the webhook answered before it had the whole body"
                )
            await _drain(answer)

    def _open_session(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=8),
                timeout=ClientTimeout(total=None),  # the whole attempt has one limit, in send()
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": "liaison-gateway"},
                auto_decompress=False,
            )
        return self._session

    def _wait_asked_for(self, text: str) -> float:
        """Read Retry-After (RFC 9110 section 10.2.3), seconds or a date, within bounds."""
        try:
            if text.isascii() and text.isdigit():
                wait_s = float(text)
            else:
                at = parsedate_to_datetime(text)
                at = at if at.tzinfo else at.replace(tzinfo=UTC)
                wait_s = (at - self._clock.now()).total_seconds()
        except ValueError:
            return 1.0
        return min(max(wait_s, 1.0), _LONGEST_WAIT_S)


def _address(destined: Destined) -> URL:
    """Return the address to post to: https, or plain http on this very machine."""
    where = f"the webhook of {destined.name}"
    try:
        url = URL(destined.url)
    except ValueError as error:
        raise Misconfigured(f"{where} has an unreadable url") from error
    if url.scheme not in {"https", "http"} or not url.host:
        raise Misconfigured(f"{where} needs a url that begins with https://")
    if url.user is not None or url.password is not None:
        raise Misconfigured(f"{where} has a user name or password in its url")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise Misconfigured(f"{where} must use https://; http:// serves loopback addresses only")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sign(packet: Packet, secret: bytes, prefix: bytes) -> str:
    """Return the hex HMAC over *prefix* and the bytes of *packet*; runs in a worker thread."""
    mac, size = hmac.new(secret, prefix, "sha256"), 0
    with packet.open() as chunks:
        for chunk in chunks:
            mac.update(chunk)
            size += len(chunk)
    if size != packet.size:
        raise Unavailable("nội dung lưu không còn nguyên vẹn / the stored bytes are not whole")
    return mac.hexdigest()


def _headers(packet: Packet, timestamp: str, signature: str) -> dict[str, str]:
    headers = {
        "Content-Type": packet.media_type,
        "Content-Length": str(packet.size),
        "Gateway-Id": packet.id,
        "Gateway-Event": packet.event,
        "Gateway-Document": packet.document,
        "Gateway-Timestamp": timestamp,
        "Gateway-Signature": f"v1={signature}",
    }
    # A code from another node is opaque; one that no header can carry must not stop the document.
    if packet.code and packet.code.isascii() and packet.code.isprintable():
        headers["Gateway-Code"] = packet.code
    return headers


def _answered(status: int) -> str:
    return f"webhook trả lời {status} / the webhook answered {status}"


async def _drain(answer: ClientResponse) -> None:
    """Read a short body to its end; what is long or slow costs the connection, nothing else."""
    left = _ANSWER_BYTES
    with suppress(ClientError, OSError):
        async with asyncio.timeout(_ANSWER_S):
            while left > 0 and (chunk := await answer.content.read(left)):
                left -= len(chunk)


class _Body:
    """The bytes of a packet for the loop, read group by group in worker threads.

    A cancelled attempt leaves its thread behind in the middle of a read; the lock keeps closing
    and reading apart.
    """

    def __init__(self, packet: Packet) -> None:
        self.given = 0  #: bytes handed out so far
        self._packet = packet
        self._stack = ExitStack()
        self._chunks: Iterator[bytes] | None = None
        self._closed = False
        self._lock = Lock()

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        # The end is known without asking a thread: a quick answer must not find us still sending,
        # or the connection could not serve again.
        at_end = self.given >= self._packet.size
        group = b"" if at_end else await asyncio.to_thread(self._read_group)
        if not group:
            raise StopAsyncIteration
        self.given += len(group)
        return group

    def close(self) -> None:
        """Let go of the bytes, once a read that is under way has ended."""
        with self._lock:
            self._closed = True
            self._stack.close()

    def _read_group(self) -> bytes:
        with self._lock:
            if self._closed:
                return b""
            if self._chunks is None:
                self._chunks = self._stack.enter_context(self._packet.open())
            parts, size = [], 0
            for chunk in self._chunks:
                parts.append(chunk)
                size += len(chunk)
                if size >= _GROUP_BYTES:
                    break
            return b"".join(parts)


@asynccontextmanager
async def _body_of(packet: Packet) -> AsyncIterator[_Body]:
    body = _Body(packet)
    try:
        yield body
    finally:
        await asyncio.shield(asyncio.to_thread(body.close))
