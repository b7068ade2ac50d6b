"""An axis that speaks the VXP protocol: a real HTTP server on the loopback interface."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

OK = {"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong"}
_LONG = 1 << 20


class AxisMood(StrEnum):
    """How the axis answers."""

    WELL = "well"
    RESET = "reset"  #: takes what comes and breaks the connection
    HTML = "html"  #: a proxy's page about its ailment
    TORN = "torn"  #: the first half of an answer
    NO_DATA = "no-data"  #: an envelope without its data
    REFUSING = "refusing"  #: FAIL with `fail_code`


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """One sendEdoc as it came."""

    parameters: Mapping[str, str]
    sha256: str
    head: bytes


@dataclass(slots=True, kw_only=True)
class VxpAxis:
    """What the axis has and how it behaves."""

    secret: bytes = b"a shared secret"
    url: str = ""
    mood: AxisMood = AxisMood.WELL
    fail_code: str = "1"
    declined: str = ""  #: code of a document that it does not take now
    delay_s: float = 0.0
    raw_way: bool = True  #: downloadEdoc gives the bytes; otherwise nothing, as SDK 2.0.0's axis
    sent: list[SentFile] = field(default_factory=list)
    left: dict[str, bytes] = field(default_factory=dict)  #: by docId
    rows: dict[str, dict[str, object]] = field(default_factory=dict)  #: more of a row, by docId
    updates: dict[str, dict[str, str]] = field(default_factory=dict)
    registered: list[dict[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    units: list[dict[str, object]] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)  #: docId of each
    unsigned: list[str] = field(default_factory=list)  #: calls whose signature was wrong

    def leave(self, body: bytes, **row: object) -> str:
        """Let a document (or, with messageType, a status) wait for the client."""
        doc_id = f"doc-{len(self.rows)}"
        self.left[doc_id] = body
        self.rows[doc_id] = {"messageType": "edoc", **row}
        return doc_id

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        parameters = self._verified(request)
        call = request.match_info["call"]
        digest, head = await _read(request)
        await asyncio.sleep(self.delay_s)
        if self.mood is AxisMood.RESET:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if self.mood is AxisMood.REFUSING:
            return web.json_response(
                {"status": "FAIL", "ErrorCode": self.fail_code, "ErrorDesc": "Loi"}
            )
        if self.declined and parameters.get("doccode") == self.declined:
            return web.json_response({"status": "FAIL", "ErrorCode": "7", "ErrorDesc": "Loi"})
        if call == "downloadEdoc":
            self.downloads.append(parameters["docId"])
            body = self.left.get(parameters["docId"], b"") if self.raw_way else b""
            return web.Response(body=body if self.mood is AxisMood.WELL else b"")
        if call == "sendEdoc":
            self._keep(parameters, digest, head)
        return self._spoilt(json.dumps(OK | self._answer(call, parameters, head)).encode())

    def _answer(self, call: str, parameters: Mapping[str, str], body: bytes) -> dict[str, Any]:
        if call == "sendEdoc":
            return {"DocId": "68edb8c8c2dcb14db773ce44"}
        if call == "getReceivedEdocList":
            return {"data": self._waiting(parameters["messagetype"])}
        if call == "getEdoc":
            return {"data": base64.b64encode(self.left[parameters["docId"]]).decode()}
        if call == "updateStatus":
            self.updates[parameters["docid"]] = dict(parameters)
        if call == "registerAgency":
            self.registered.append(json.loads(body))
        if call == "deleteAgency":
            self.deleted.append(parameters["AgencyCode"])
        if call == "getSynchronizeUnit":
            return {"data": self.units}
        return {}

    def _waiting(self, kind: str) -> list[dict[str, object]]:
        return [
            {"docId": doc_id, **row}
            for doc_id, row in self.rows.items()
            if row["messageType"] == kind and doc_id not in self.updates
        ]

    def _keep(self, parameters: Mapping[str, str], digest: bytes, head: bytes) -> None:
        assert parameters["hash-file"] == "".join(f"{byte:x}" for byte in digest)
        self.sent.append(SentFile(parameters=parameters, sha256=digest.hex(), head=head))

    def _spoilt(self, body: bytes) -> web.Response:
        if self.mood is AxisMood.HTML:
            return web.Response(text="<html>502 Bad Gateway</html>", content_type="text/html")
        if self.mood is AxisMood.TORN:
            body = body[: len(body) // 2]
        if self.mood is AxisMood.NO_DATA:
            body = json.dumps(OK).encode()
        return web.Response(body=body, content_type="application/json")

    def _verified(self, request: web.Request) -> Mapping[str, str]:
        raw = {name.lower(): value for name, value in request.raw_headers}
        text = raw[b"xroadvnpt-sign-header"]
        mac = hmac.new(self.secret, text, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(mac, raw[b"xroadvnpt-hash-header"]):
            self.unsigned.append(request.path)
        signed = json.loads(text)
        return {key.removeprefix("XroadVnpt-"): value for key, value in signed.items()}


async def _read(request: web.Request) -> tuple[bytes, bytes]:
    """Return the digest of the body without its line end, and its beginning."""
    digest, head, tail = hashlib.sha256(), bytearray(), b""
    async for chunk in request.content.iter_chunked(64 * 1024):
        data = tail + chunk
        digest.update(data[:-2])
        tail = data[-2:]
        head += chunk[: max(0, _LONG - len(head))] if len(head) < _LONG else b""
    if tail != b"\r\n":
        digest.update(tail)
    return digest.digest(), bytes(head)


@asynccontextmanager
async def a_vxp_axis(
    port: int = 0, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[VxpAxis]:
    """Run an axis until the test ends, at *port* or a free one, with *tls* or without."""
    axis = VxpAxis()
    app = web.Application()
    app.router.add_route("*", "/vxp/{call}", axis.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, max_field_size=1 << 20)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
    await site.start()
    scheme = "https" if tls else "http"
    axis.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}/vxp"
    try:
        yield axis
    finally:
        await runner.cleanup()
