"""A client that speaks to a node as the national axis's SDK does, byte for byte, over a socket.

It keeps its headers in one map that is never cleared, puts them in the order of Java's HashMap,
signs the JSON text of that map, writes the file of sendEdoc with a line end behind it, and takes
an answer as it comes.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PREFIX = "XroadVnpt-"
CRLF = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    continued: bool  #: the server said 100-continue first

    def json(self) -> Any:  # noqa: ANN401 - JSON is what it is
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Sdk:
    """One service object of the SDK."""

    url: str  #: ``http://host:port/vxp``
    systemid: str
    secret: str
    timestamp: str = "21112026T071719+0944"
    headers: dict[str, str] = field(default_factory=dict)

    async def call(
        self,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        method: str = "POST",
        content_type: str = "application/json",
        expect: bool | None = None,
        extra: Sequence[tuple[str, bytes]] = (),
    ) -> Response:
        """Make one call; what it adds to the headers stays for the next."""
        self.headers |= {"timestamp": self.timestamp, "systemid": self.systemid}
        self.headers |= {"Content-Type": content_type, **(parameters or {})}
        keys = java_order(list(self.headers))
        signed = {PREFIX + key: self.headers[key] for key in keys}
        text = json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()
        lines = [(PREFIX + key, self.headers[key].encode()) for key in keys]
        lines += [
            ("Content-Type", content_type.encode()),
            (f"{PREFIX}sign-header-key", ";".join(keys).encode()),
            (f"{PREFIX}sign-header", text),
            (f"{PREFIX}hash-header", sign(self.secret, text).encode()),
            (f"{PREFIX}version", b"3.0.201608"),
            ("User-Agent", b"JAVASDKAgent/1.0.0 XRoad/VPCP"),
            *extra,
        ]
        if expect if expect is not None else bool(body) and name != "sendEdoc":
            lines.append(("Expect", b"100-continue"))
        return await post(self.url, name, lines, body, method=method)

    async def send(
        self, message: bytes, parameters: Mapping[str, str], *, line_end: bytes = CRLF
    ) -> Response:
        """Call sendEdoc with *message* as the file."""
        wanted = {"servicetype": "eDoc", "messagetype": "edoc"} | dict(parameters)
        wanted.setdefault("hash-file", java_hash(message))
        return await self.call(
            "sendEdoc", wanted, body=message + line_end, content_type="application/octet-stream"
        )

    async def received(self, kind: str = "edoc") -> list[dict[str, str]]:
        """Call getReceivedEdocList."""
        response = await self.call(
            "getReceivedEdocList", {"servicetype": "eDoc", "messagetype": kind}
        )
        rows: list[dict[str, str]] = response.json()["data"]
        return rows

    async def fetch(self, doc_id: str) -> bytes:
        """Call getEdoc, decoded."""
        response = await self.call("getEdoc", {"docId": doc_id, "filePath": "/tmp"}, body=b"{}")  # noqa: S108 - as the SDK does
        return base64.b64decode(response.json()["data"])

    async def settle(self, doc_id: str, status: str = "done") -> Any:  # noqa: ANN401 - JSON
        """Call updateStatus."""
        response = await self.call("updateStatus", {"docid": doc_id, "status": status}, body=b"{}")
        return response.json()

    async def sent(self, doc_id: str | None = None, kind: str = "edoc") -> list[dict[str, str]]:
        """Call getSentEdocList."""
        wanted = {"servicetype": "eDoc", "messagetype": kind}
        response = await self.call(
            "getSentEdocList", wanted | ({} if doc_id is None else {"docId": doc_id})
        )
        rows: list[dict[str, str]] = response.json()["data"]
        return rows


def sign(secret: str, text: bytes) -> str:
    """Return the hash-header of *text*."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def java_hash(message: bytes) -> str:
    """Return the hash-file of *message*: no byte has a leading zero."""
    return "".join(f"{byte:x}" for byte in hashlib.sha256(message).digest())


def java_order(keys: Sequence[str]) -> list[str]:
    """Return *keys* in the order in which a HashMap of Java gives them."""
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda key: _spread(key) & (size - 1))


def _spread(text: str) -> int:
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value ^ (value >> 16)


async def post(
    url: str,
    name: str,
    lines: Sequence[tuple[str, bytes]],
    body: bytes,
    *,
    method: str = "POST",
) -> Response:
    """Send one request as bytes and read its answer."""
    parts = urlsplit(url)
    head = [f"{method} {parts.path}/{name} HTTP/1.1".encode(), f"Host: {parts.netloc}".encode()]
    head += [key.encode() + b": " + value for key, value in lines]
    head.append(f"Content-Length: {len(body)}".encode())
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)
        try:
            writer.write(CRLF.join([*head, b"", b""]))
            expects = any(key == "Expect" for key, _ in lines)
            status, headers = (await _head(reader)) if expects else (0, {})
            continued = status == 100
            if continued or not expects:
                writer.write(body)
                await writer.drain()
                status, headers = await _head(reader)
            length = int(headers.get("content-length", "0"))
            return Response(
                status=status,
                headers=headers,
                body=await reader.readexactly(length),
                continued=continued,
            )
        finally:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in raw[1:] if line)
    return int(raw[0].split()[1]), {key.lower(): value.strip() for key, _, value in pairs}
