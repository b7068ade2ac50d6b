"""The national axis, or another node, as a client of its VXP protocol.

    send      sendEdoc, the bytes streamed, signed exactly as the SDK signs
    receive   getReceivedEdocList, then downloadEdoc (getEdoc where that gives nothing)
    confirm   after our commit: updateStatus `done`; what was refused is answered by status
              messages of those who were to have it, then `fail` with the findings
    directory registerAgency and deleteAgency for ours, getSynchronizeUnit for theirs

An answer counts only when it is JSON with its envelope: a page of an ailing proxy is no empty
list. A refusal is final when its code says so; whatever else an axis answers may work later, and
ends as a dead letter that a person reads. An axis writes messages anew, so what comes is never
compared by digest with what went. The hops and the document code travel as signed parameters
that an axis which does not know them leaves alone.
"""

import asyncio
import base64
import json
import secrets
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import ijson
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from gateway.domain.directory import Agency
from gateway.domain.errors import Misconfigured, Refused, Unavailable
from gateway.domain.vxp_signing import signed_headers, timestamp, unpadded
from gateway.domain.wire import hops
from gateway.ports import Clock, Destined, Handover, Incoming, Listed, Outcome, Packet

log = structlog.get_logger()

_LINE_END = b"\r\n"
_GROUP_BYTES = 256 * 1024
_ANSWER_BYTES = 16 << 20  #: lists and plain answers; a document comes by another way
_ENCODED_BYTES = 128 << 20  #: a document as base64, where the raw way gave nothing
_SPOOL_BYTES = 512 << 20
_DESCRIPTION = 3000
#: Items of one look: their files lie on our disk until they are confirmed.
_AT_ONCE = 50
_ROWS_AT_ONCE = 2000
#: Codes of refusals that stay what they are when the same is sent again.
_FINAL = frozenset({"400", "404", "409", "413", "422"})
_HEADER_LINE = 2 << 20


class Vxp:
    """A connection to one axis; its class is the adapter."""

    api = 1

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Check the settings; sockets and files are opened with the first call.

        Raises:
            Misconfigured: no usable address, no systemid, or no secret.
        """
        if not destined.systemid or not destined.secret:
            raise Misconfigured(f"the axis {destined.name} needs systemid and a secret")
        self._url = _address(destined)
        self._destined = destined
        self._clock = clock
        self._session: ClientSession | None = None
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._looks: Counter[str] = Counter()

    @property
    def sender(self) -> "Vxp":
        """Return the side that hands over."""
        return self

    @property
    def receiver(self) -> "Vxp":
        """Return the side that fetches."""
        return self

    @property
    def directory(self) -> "Vxp":
        """Return the side that compares the lists of agencies."""
        return self

    async def aclose(self) -> None:
        """Close the kept connections and remove what was fetched."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        await asyncio.to_thread(self._stack.close)
        self._folder = None

    # --- sending ----------------------------------------------------------------------------------

    async def send(self, packet: Packet) -> Handover:
        """Send *packet*, a document or a status message.

        Raises:
            Refused: the axis will not take it, or it is nothing that an axis takes.
            Unavailable: it did not take it now.
        """
        if packet.media_type != "application/xml":
            raise Refused(f"an axis takes no {packet.media_type}")
        parameters = {
            "from": packet.sender,
            "servicetype": "eDoc",
            "messagetype": "status" if packet.event == "status" else "edoc",
            "to": json.dumps([packet.to]),
            "packet": packet.id,
            "doccode": packet.code or "",
            "trace": ";".join(packet.trace),
        }
        async with self._in_time():
            digest = await asyncio.to_thread(_digest, packet)
            given = {name: value for name, value in parameters.items() if value}
            await self._answered(
                "sendEdoc",
                given | {"hash-file": digest},
                body=_Body(packet),
                length=packet.size + len(_LINE_END),
                kind="application/octet-stream",
            )
        return Handover(arrived=not self._destined.is_axis)

    # --- receiving --------------------------------------------------------------------------------

    async def receive(self) -> AsyncIterator[Incoming]:
        """Yield the documents and status messages that wait, what was met less often first."""
        waiting: list[tuple[str, Mapping[str, Any]]] = []
        for kind in ("edoc", "status"):
            wanted = {"servicetype": "eDoc", "messagetype": kind}
            async with self._in_time():
                answer = await self._answered("getReceivedEdocList", wanted)
            waiting += [
                (f"{kind}:{row['docId']}", row) for row in _rows(answer) if row.get("docId")
            ]
        self._looks = Counter({token: self._looks[token] for token, _ in waiting})
        waiting.sort(key=lambda item: self._looks[item[0]])
        for token, row in waiting[:_AT_ONCE]:
            self._looks[token] += 1
            path = await self._fetch(token)
            if path is not None:
                yield Incoming(
                    token=token,
                    open=partial(_opened, path),
                    code=_text(row, "doccode") or None,
                    trace=hops(_text(row, "trace")),
                    to=(_text(row, "toCode") or None) if "trace" in row else None,
                )

    async def confirm(self, item: Incoming, outcome: Outcome) -> None:
        """Say what became of *item*: our commit is on disk, or it was refused."""
        parameters = {"docid": item.token.partition(":")[2], "status": "done"}
        if not outcome.accepted:
            for reply in outcome.replies:
                await self._reply(item, reply.sender, reply.to, reply.body)
            parameters |= {"status": "fail", "description": _described(outcome.report)}
        async with self._in_time():
            try:
                await self._answered("updateStatus", parameters, body=b"{}")
            except Refused as error:  # settled before: it is no longer there
                log.info("nothing to confirm", axis=self._destined.name, reason=error.message)
        await asyncio.to_thread(self._path(item.token).unlink, missing_ok=True)

    async def _reply(self, item: Incoming, sender: str, to: str, body: bytes) -> None:
        packet = Packet(
            id=f"{item.token}:{sender}",
            event="status",
            document=item.token,
            to=to,
            media_type="application/xml",
            size=len(body),
            open=partial(_memory, body),
            sender=sender,
            trace=(self._destined.node,) if self._destined.node else (),
        )
        try:
            await self.send(packet)
        except Refused as error:  # the axis knows no such sender: the transport state says it
            log.warning("reply refused", axis=self._destined.name, reason=error.message)

    async def _fetch(self, token: str) -> Path | None:
        """Bring the bytes of an item to our disk; None when the axis does not give them."""
        doc_id, path = token.partition(":")[2], await asyncio.to_thread(self._path, token)
        async with self._in_time():
            headers = self._headers({"docId": doc_id})
            async with self._open().get(self._to("downloadEdoc"), headers=headers) as response:
                size = await _spool(response.content.iter_chunked(_GROUP_BYTES), path)
            if size and response.status == 200:  # noqa: PLR2004
                return path
            try:
                answer = await self._answered(
                    "getEdoc", {"docId": doc_id}, body=b"{}", most=_ENCODED_BYTES
                )
            except Refused as error:
                log.warning("item not given", axis=self._destined.name, reason=error.message)
                return None
            return await asyncio.to_thread(_decoded, answer, path)

    def _path(self, token: str) -> Path:
        """Return where the bytes of an item lie; an id from outside never becomes a name."""
        if self._folder is None:
            made = tempfile.TemporaryDirectory(prefix="gateway-vxp-")
            self._folder = Path(self._stack.enter_context(made))
        return self._folder / sha256(token.encode()).hexdigest()

    # --- agencies ---------------------------------------------------------------------------------

    async def announce(self, agency: Agency) -> None:
        """Enter or update *agency* of ours at the axis; raise Refused when it will not have it."""
        contact = agency.contact or {}
        given = {
            "id": "",
            "pcode": agency.parent or "",
            "code": agency.code,
            "name": agency.name,
            "mail": contact.get("email", ""),
            "mobile": contact.get("phone", ""),
            "fax": contact.get("fax", ""),
        }
        body = json.dumps(given, ensure_ascii=False).encode()
        async with self._in_time():
            await self._answered("registerAgency", {}, body=body)

    async def withdraw(self, code: str) -> None:
        """Close an agency of ours at the axis; raise Refused when that is not possible."""
        async with self._in_time():
            await self._answered("deleteAgency", {"AgencyCode": code}, body=b"{}")

    async def listing(self) -> AsyncIterator[Sequence[Listed]]:
        """Yield the agencies of the axis in parts; the whole list lies on disk meanwhile.

        Raises:
            Unavailable: the list did not come whole. What was yielded is not all there is.
        """
        path = await asyncio.to_thread(self._path, f"listing:{secrets.token_hex(8)}")
        try:
            await self._spool_listing(path)
            with await asyncio.to_thread(path.open, "rb") as file:
                rows = _listed(file)
                while part := await asyncio.to_thread(_part, rows):
                    yield part
        finally:
            path.unlink(missing_ok=True)

    async def _spool_listing(self, path: Path) -> None:
        for call in ("getSynchronizeUnit", "getAgenciesList"):
            async with self._in_time():
                headers = self._headers({})
                async with self._open().post(self._to(call), headers=headers) as response:
                    await _spool(response.content.iter_chunked(_GROUP_BYTES), path)
            if await asyncio.to_thread(_is_list, path):
                return
        raise Unavailable(f"{self._destined.name} gave no list of agencies")

    # --- calls ------------------------------------------------------------------------------------

    async def _answered(
        self,
        call: str,
        parameters: Mapping[str, str],
        *,
        body: "bytes | _Body" = b"",
        length: int | None = None,
        kind: str = "application/json",
        most: int = _ANSWER_BYTES,
    ) -> Mapping[str, Any]:
        """Make a call and return its answer; raise Refused or Unavailable for anything but OK."""
        headers = self._headers(parameters, kind=kind)
        headers["Content-Length"] = str(len(body) if isinstance(body, bytes) else length)
        async with self._open().post(self._to(call), data=body, headers=headers) as response:
            raw = await _limited(response.content.iter_chunked(_GROUP_BYTES), most)
        if isinstance(body, _Body) and not body.is_whole:
            raise Unavailable(f"{self._destined.name} answered before it had the whole body")
        return await asyncio.to_thread(_judged, raw, self._destined.name)

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

    def _to(self, call: str) -> URL:
        return self._url / call

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=8),
                timeout=ClientTimeout(total=None),  # every call has one limit, in _in_time()
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": "liaison-gateway"},
                max_line_size=_HEADER_LINE,
                max_field_size=_HEADER_LINE,
            )
        return self._session

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Bound what is done with the axis, and tell its failures as Unavailable."""
        try:
            async with asyncio.timeout(self._destined.timeout_s):
                yield
        except TimeoutError as error:
            raise Unavailable(f"{self._destined.name} did not answer in time") from error
        except (ClientError, OSError) as error:
            raise Unavailable(f"the connection to {self._destined.name} failed") from error


def _address(destined: Destined) -> URL:
    """Return the address of the axis; without TLS it serves inside a dedicated network alone."""
    try:
        url = URL(destined.url.rstrip("/"))
    except ValueError as error:
        raise Misconfigured(f"the axis {destined.name} has an unreadable endpoint") from error
    if url.scheme not in {"https", "http"} or not url.host or url.user or url.query_string:
        raise Misconfigured(f"the axis {destined.name} needs an endpoint such as https://…/vxp")
    return url


# --- what is sent ---------------------------------------------------------------------------------


def _digest(packet: Packet) -> str:
    """Return the digest of *packet* as the SDK writes it; runs in a worker thread."""
    digest, size = sha256(), 0
    with packet.open() as chunks:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
    if size != packet.size:
        raise Unavailable("the stored bytes are not whole")
    return unpadded(digest.digest())


class _Body:
    """The bytes of a packet and the line end behind them, read group by group in threads."""

    def __init__(self, packet: Packet) -> None:
        self._packet = packet
        self._given = 0
        self._lock = Lock()

    @property
    def is_whole(self) -> bool:
        """Whether every byte was handed on: no answer counts before."""
        return self._given == self._packet.size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stack = ExitStack()
        try:
            chunks = await asyncio.to_thread(stack.enter_context, self._packet.open())
            while group := await asyncio.to_thread(self._read_group, chunks):
                self._given += len(group)
                yield group
            yield _LINE_END
        finally:
            await asyncio.shield(asyncio.to_thread(self._close, stack))

    def _read_group(self, chunks: Iterator[bytes]) -> bytes:
        with self._lock:
            group = bytearray()
            for chunk in chunks:
                group += chunk
                if len(group) >= _GROUP_BYTES:
                    break
            return bytes(group)

    def _close(self, stack: ExitStack) -> None:
        """Let go of the bytes, once a read that is under way has ended."""
        with self._lock:
            stack.close()


@contextmanager
def _memory(body: bytes) -> Iterator[Iterator[bytes]]:
    yield iter((body,))


def _described(report: bytes | None) -> str:
    """Return a refusal's report as one line of ASCII; a long one is cut to its first findings."""
    try:
        told = json.loads(report or b"{}")
    except ValueError:
        told = {}
    text = json.dumps(told)
    while len(text) > _DESCRIPTION and told.get("findings"):
        told["findings"] = told["findings"][: len(told["findings"]) // 2]
        text = json.dumps(told)
    return text[:_DESCRIPTION]


# --- what comes back ------------------------------------------------------------------------------


def _judged(raw: bytes, name: str) -> Mapping[str, Any]:
    """Return an answer that says OK; raise Refused for a final no, Unavailable for the rest."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unavailable(f"{name} gave no answer of its protocol") from error
    if not isinstance(answer, dict) or "status" not in answer or "ErrorCode" not in answer:
        raise Unavailable(f"{name} gave no answer of its protocol")
    code = str(answer["ErrorCode"])
    if answer["status"] == "OK" and code == "0":
        return answer
    text = f"{name}: {str(answer.get('ErrorDesc') or '')[:250]} ({code})"
    if code in _FINAL:
        raise Refused(text)
    raise Unavailable(text)


def _rows(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows of a list; without a list among it the answer is no good."""
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise Unavailable("a list came without its data")
    return [row for row in rows if isinstance(row, dict)]


def _text(row: Mapping[str, Any], *names: str) -> str:
    """Return the first of *names* that the row has as text; fields may be missing or null."""
    values = (row.get(name) for name in names)
    return next((str(value).strip() for value in values if value not in {None, ""}), "")


async def _limited(chunks: AsyncIterator[bytes], most: int) -> bytes:
    raw = bytearray()
    async for chunk in chunks:
        raw += chunk
        if len(raw) > most:
            raise Unavailable("an answer is too long")
    return bytes(raw)


async def _spool(chunks: AsyncIterator[bytes], path: Path) -> int:
    """Write what comes to *path*; return how much it was."""
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in chunks:
            size += await asyncio.to_thread(file.write, chunk)
            if size > _SPOOL_BYTES:
                raise Unavailable("an answer is too long")
    return size


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with path.open("rb") as file:
            yield iter(partial(file.read, _GROUP_BYTES), b"")
    except OSError as error:
        raise Unavailable("the fetched file is gone") from error


def _decoded(answer: Mapping[str, Any], path: Path) -> Path | None:
    try:
        content = base64.b64decode(str(answer.get("data") or ""))
    except ValueError as error:
        raise Unavailable("a document came in broken base64") from error
    path.write_bytes(content)
    return path if content else None


def _is_list(path: Path) -> bool:
    """Whether the answer at *path* is whole and says OK."""
    told: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            for prefix, event, value in ijson.parse(file):
                if prefix in {"status", "ErrorCode"}:
                    told[prefix] = str(value)
                if (prefix, event) == ("data", "start_array"):
                    told["data"] = event
    except (ijson.JSONError, UnicodeDecodeError):
        return False
    return told == {"status": "OK", "ErrorCode": "0", "data": "start_array"}


def _listed(file: BinaryIO) -> Iterator[Listed]:
    for row in ijson.items(file, "data.item"):
        if isinstance(row, dict) and _text(row, "code"):
            yield Listed(
                code=_text(row, "code"),
                other=_text(row, "oldCode", "code102") or None,
                name=_text(row, "name") or _text(row, "code"),
                mail=_text(row, "mail") or None,
                deleted=_text(row, "deleted").lower() == "true",
                successor=_text(row, "successor") or None,
            )


def _part(rows: Iterator[Listed]) -> list[Listed]:
    return list(islice(rows, _ROWS_AT_ONCE))
