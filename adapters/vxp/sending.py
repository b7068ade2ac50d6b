"""sendEdoc: a document or a status message, streamed from its file and signed by its digest."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from hashlib import sha256
from threading import Lock

from adapters.vxp.calls import Calls
from gateway.domain.errors import Refused, Unavailable
from gateway.domain.vxp_signing import unpadded
from gateway.ports import Handover, Packet

_LINE_END = b"\r\n"
_GROUP_BYTES = 64 * 1024


class Sending:
    """See :class:`gateway.ports.Sender`."""

    #: One upload reaches every office behind the axis.
    takes_several = True

    def __init__(self, calls: Calls) -> None:
        """Send through *calls*."""
        self._calls = calls

    async def send(self, packet: Packet) -> Handover:
        """Send *packet*, a document or a status message.

        Raises:
            Refused: the axis will not take it, or it is nothing that an axis takes.
            Unavailable: it did not take it now.
        """
        if packet.media_type != "application/xml":
            raise Refused(f"trục không nhận / an axis takes no {packet.media_type}")
        parameters = {
            "from": packet.sender,
            "servicetype": "eDoc",
            "messagetype": "status" if packet.event == "status" else "edoc",
            "to": json.dumps([packet.to, *packet.also_to]),
            "packet": packet.id,
            "doccode": packet.code or "",
            "trace": ";".join(packet.trace),
        }
        digest = await asyncio.to_thread(_digest, packet)
        given = {name: value for name, value in parameters.items() if value}
        body = _Body(packet)
        await self._calls.ask(
            "sendEdoc",
            given | {"hash-file": digest},
            body=body,
            length=packet.size + len(_LINE_END),
            kind="application/octet-stream",
        )
        if not body.is_whole:
            raise Unavailable(
                f"{self._calls.name}: trả lời khi chưa nhận đủ / answered before it had the whole body"
            )
        return Handover(arrived=not self._calls.is_axis)


def _digest(packet: Packet) -> str:
    """Return the digest of *packet* as the SDK writes it; runs in a worker thread."""
    digest, size = sha256(), 0
    with packet.open() as chunks:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
    if size != packet.size:
        raise Unavailable("nội dung lưu không còn nguyên vẹn / the stored bytes are not whole")
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
