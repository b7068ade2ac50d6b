"""What waits for us at the axis: listed, fetched to our disk, and confirmed after our commit."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import Any

import structlog

from adapters.vxp.answers import GROUP_BYTES, rows, spooled, text
from adapters.vxp.calls import Calls
from gateway.domain.errors import Refused, Unavailable
from gateway.domain.wire import hops
from gateway.ports import Incoming, Outcome, Packet, Sender

log = structlog.get_logger()

_ENCODED_BYTES = 128 << 20  #: a document as base64, where the raw way gave nothing
_DESCRIPTION = 3000
#: Items of one look: the next look sees what came meanwhile.
_AT_ONCE = 50
#: How long another node is asked to hold an empty list; an axis that cannot answers at once.
WAIT_S = 20.0
_OK = 200
#: So many looks that came to nothing let an item step aside for the others.
_OFTEN = 5


class Receiving:
    """See :class:`gateway.ports.Receiver`."""

    def __init__(self, calls: Calls, sender: Sender, path: Callable[[str], Path]) -> None:
        """Ask through *calls*, answer what is refused through *sender*.

        *path* says where what was fetched under a token lies.
        """
        self._calls = calls
        self._sender = sender
        self._path = path
        self._looks: Counter[str] = Counter()
        self._is_well = False
        self._kept: dict[str, tuple[str, Path]] = {}  #: digest, if it is sure, and file by token

    async def receive(self) -> AsyncIterator[Incoming]:
        """Yield the documents and status messages that wait, in order; what was met often is last.

        Another node holds the question until something waits there, and names a document by its
        digest, so that one for several of our offices is fetched once. What is yielded can be
        opened until it is confirmed.
        """
        for token, row in await self._waiting():
            self._looks[token] += 1
            path = await self._fetched(token, text(row, "sha256"))
            if path is not None:
                yield _incoming(token, row, path)

    async def _waiting(self) -> list[tuple[str, Mapping[str, Any]]]:
        waiting: list[tuple[str, Mapping[str, Any]]] = []
        held_s = WAIT_S if self._calls.node and self._is_well else 0.0
        self._is_well = False  #: until it has answered; a way that is mended is told at once
        for kind, wait_s in (("edoc", held_s), ("status", 0.0)):
            wanted = {"servicetype": "eDoc", "messagetype": kind}
            if wait_s:
                wanted["wait"] = f"{wait_s:.0f}"
            answer = await self._calls.ask("getReceivedEdocList", wanted, wait_s=wait_s)
            waiting += [
                (f"{kind}:{row['docId']}", row) for row in rows(answer) if row.get("docId")
            ]
        self._is_well = True
        listed = {token for token, _ in waiting}
        self._looks = Counter({token: self._looks[token] for token in listed})
        for token in self._kept.keys() - listed:
            await self._let_go(token)
        waiting.sort(key=lambda item: self._looks[item[0]] // _OFTEN)
        return waiting[:_AT_ONCE]

    async def waiting_statuses(self) -> int:
        """Return how many status messages wait: the least that an axis can be asked."""
        wanted = {"servicetype": "eDoc", "messagetype": "status"}
        return len(rows(await self._calls.ask("getReceivedEdocList", wanted)))

    async def confirm(self, item: Incoming, outcome: Outcome) -> None:
        """Say what became of *item*: our commit is on disk, or it was refused."""
        parameters = {"docid": item.token.partition(":")[2], "status": "done"}
        if not outcome.accepted:
            for reply in outcome.replies:
                await self._reply(item, reply.sender, reply.to, reply.body)
            parameters |= {"status": "fail", "description": _described(outcome.report)}
        try:
            await self._calls.ask("updateStatus", parameters, body=b"{}")
        except Refused as error:  # settled before: it is no longer there
            log.info("nothing to confirm", axis=self._calls.name, reason=error.message)
        await self._let_go(item.token)

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
            trace=(self._calls.node,) if self._calls.node else (),
        )
        try:
            await self._sender.send(packet)
        except Refused as error:  # the axis knows no such sender: the transport state says it
            log.warning("reply refused", axis=self._calls.name, reason=error.message)

    async def _fetched(self, token: str, named: str) -> Path | None:
        """Return where the bytes of an item lie; None when the axis does not give them.

        They are brought here, unless the axis names them by the digest of what lies here already.
        """
        same = (path for digest, path in self._kept.values() if digest and digest == named)
        path = next(same, None)
        if path is None:
            path = await asyncio.to_thread(self._path, token)
            if not await self._fetch(token, path):
                return None
            if named and await asyncio.to_thread(_digest, path) != named:
                named = ""
        self._kept[token] = (named, path)
        return path

    async def _fetch(self, token: str, path: Path) -> bool:
        doc_id = token.partition(":")[2]
        async with self._calls.raw("GET", "downloadEdoc", {"docId": doc_id}) as response:
            size = await spooled(response.content.iter_chunked(GROUP_BYTES), path)
        if size and response.status == _OK:
            return True
        try:
            answer = await self._calls.ask(
                "getEdoc", {"docId": doc_id}, body=b"{}", most=_ENCODED_BYTES
            )
        except Refused as error:
            log.warning("item not given", axis=self._calls.name, reason=error.message)
            return False
        return await asyncio.to_thread(_decoded, answer, path)

    async def _let_go(self, token: str) -> None:
        """Remove what was fetched for an item, unless another item shares it."""
        _, path = self._kept.pop(token, ("", None))
        if path is not None and all(path != other for _, other in self._kept.values()):
            await asyncio.to_thread(partial(path.unlink, missing_ok=True))


def _incoming(token: str, row: Mapping[str, Any], path: Path) -> Incoming:
    return Incoming(
        token=token,
        open=partial(_opened, path),
        code=text(row, "doccode") or None,
        trace=hops(text(row, "trace")),
        to=(text(row, "toCode") or None) if "trace" in row else None,
    )


def _described(report: bytes | None) -> str:
    """Return a refusal's report as one line of ASCII; a long one is cut to its first findings."""
    try:
        told = json.loads(report or b"{}")
    except ValueError:
        told = {}
    line = json.dumps(told)
    while len(line) > _DESCRIPTION and told.get("findings"):
        told["findings"] = told["findings"][: len(told["findings"]) // 2]
        line = json.dumps(told)
    return line[:_DESCRIPTION]


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with path.open("rb") as file:
            yield iter(partial(file.read, GROUP_BYTES), b"")
    except OSError as error:
        raise Unavailable("tệp đã tải về không còn / the fetched file is gone") from error


@contextmanager
def _memory(body: bytes) -> Iterator[Iterator[bytes]]:
    yield iter((body,))


def _decoded(answer: Mapping[str, Any], path: Path) -> bool:
    """Write the document of an answer to *path*; return whether there is any."""
    try:
        content = base64.b64decode(str(answer.get("data") or ""))
    except ValueError as error:
        raise Unavailable(
            "văn bản đến bị lỗi base64 / a document came in broken base64"
        ) from error
    path.write_bytes(content)
    return bool(content)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
