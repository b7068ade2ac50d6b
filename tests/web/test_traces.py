"""Traces: spans of requests, rooms and deliveries, sent to a real collector of OTLP over HTTP."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from gateway.bootstrap.tracing import check_traces
from gateway.config import Config, parse
from gateway.domain.errors import Misconfigured
from tests.nodes import OFFICE, OTHER, Node, free_port, serving
from tests.vxp.three_nodes import until

API = "/api/v1"
SECRET, SUBJECT = "mot-bi-mat", "V/v nội dung không được lộ ra"


@dataclass(slots=True, kw_only=True)
class Collector:
    """What came, as it came."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        """Take a batch of spans."""
        self.tokens.add(request.headers.get("Authorization", ""))
        self.bodies.append(await request.read())
        return web.Response(body=b"", content_type="application/x-protobuf")

    @property
    def spans(self) -> list[Span]:
        """Return every span."""
        requests = [ExportTraceServiceRequest.FromString(each) for each in self.bodies]
        return [
            span
            for each in requests
            for resource in each.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def told(self, name: str) -> list[dict[str, object]]:
        """Return what the spans called *name* bear."""
        return [ids(each) for each in self.spans if each.name == name]


def ids(span: Span) -> dict[str, object]:
    """Return what a span bears."""
    return {
        each.key.removeprefix("gateway."): each.value.string_value or each.value.int_value
        for each in span.attributes
    }


@asynccontextmanager
async def a_collector() -> AsyncIterator[Collector]:
    """Run a collector."""
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces"
    try:
        yield collector
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A document that went its way, and what the collector heard of it."""

    document: str
    request: str  #: id of the request that brought it
    collector: Collector


@pytest.fixture(name="told")
async def _told(node_folder: Path) -> Told:
    """Send a document to an office that fetches by folder, report on it, ask for nonsense."""
    (node_folder / "token").write_text(SECRET, "utf-8")
    async with a_collector() as collector:
        traces = {"endpoint": collector.url, "token_file": "token"}
        office = {"agency": OTHER, "delivery": "folder", "folder": "shared"}
        async with serving(node_folder, traces=traces, office=[office]) as node:
            answer = await node.submit(subject=SUBJECT)
            document = answer.json()["id"]
            await until(lambda: _arrived(node, document))
            await node.post(f"{API}/documents/{document}/status", who=OTHER, json={"code": "03"})
            await node.get(f"{API}/documents?q={SUBJECT}", who=OFFICE)
            await node.submit(to=["H99"])
        return Told(
            document=document, request=answer.headers["Gateway-Request"], collector=collector
        )


async def _arrived(node: Node, document: str) -> bool:
    shown = (await node.get(f"{API}/documents/{document}", who=OFFICE)).json()
    return bool(shown["deliveries"][0]["state"] == "arrived")


async def test_every_stage_of_a_document_is_told(told: Told) -> None:
    """The request, the rooms it passes, its delivery, each with the ids that logs have, too."""
    (request,) = [
        each
        for each in told.collector.told("request")
        if each["request"] == told.request and each["method"] == "POST"
    ]

    assert (request["route"], request["status"]) == ("/api/v1/documents", 201)
    assert told.document in [each.get("document") for each in told.collector.told("intake")]
    assert [each["document"] for each in told.collector.told("report")] == [told.document]
    assert {
        "document": told.document,
        "outcome": "handed-over",
        "lane": f"office:{OTHER}",
    }.items() <= {
        key: value
        for each in told.collector.told("delivery")
        for key, value in each.items()
        if each["what"] == "document"
    }.items()


async def test_a_room_is_part_of_the_request_that_entered_it(told: Told) -> None:
    """In one trace, under its span."""
    spans = told.collector.spans
    (room,) = [
        each
        for each in spans
        if ids(each).get("document") == told.document and each.name == "intake"
    ]
    (request,) = [each for each in spans if ids(each).get("request") == told.request]

    assert (room.trace_id, room.parent_span_id) == (request.trace_id, request.span_id)


async def test_a_refusal_is_told_by_its_kind_alone(told: Told) -> None:
    """Its words may hold what the sender wrote."""
    (failed,) = [
        each for each in told.collector.spans if each.status.code == Status.STATUS_CODE_ERROR
    ]

    assert (failed.name, failed.status.message, list(failed.events)) == ("intake", "Refused", [])


async def test_neither_content_nor_secrets_leave(told: Told) -> None:
    """No subject, no words that were searched, no token of ours; the collector's own comes as such."""
    sent = b"".join(told.collector.bodies)

    assert told.collector.tokens == {f"Bearer {SECRET}"}
    assert not [each for each in (SUBJECT, SECRET, "q=") if each.encode() in sent]


async def test_what_is_no_id_of_a_document_does_not_leave(node_folder: Path) -> None:
    """Whoever calls may write a name where the id stands: doors and rooms keep it."""
    written = f"{API}/documents/Nguyen-Van-An"
    async with (
        a_collector() as collector,
        serving(node_folder, traces={"endpoint": collector.url}) as node,
    ):
        await node.get(written)
        await node.post(f"{written}/status", who=OTHER, json={"code": "03"})
        await node.post(f"{written}/recall", who=OFFICE, json={"reason": "x"})

    assert {"request", "report", "recall"} <= {each.name for each in collector.spans}
    assert b"Nguyen" not in b"".join(collector.bodies)


async def test_a_collector_that_is_away_stops_nothing(node_folder: Path) -> None:
    """Spans are dropped; documents are taken, and a stop takes no longer than it may."""
    traces = {"endpoint": f"http://127.0.0.1:{free_port()}/v1/traces"}
    async with serving(node_folder, traces=traces) as node:
        status = (await node.submit()).status
        begun = time.monotonic()

    assert (status, time.monotonic() - begun < 8.0) == (201, True)


async def test_a_share_of_nothing_tells_nothing(node_folder: Path) -> None:
    """Sampling is decided at the beginning of each trace."""
    async with a_collector() as collector:
        traces = {"endpoint": collector.url, "share": 0.0}
        async with serving(node_folder, traces=traces) as node:
            await node.submit()
        await asyncio.sleep(0)

    assert collector.spans == []


def test_without_a_collector_the_library_is_not_even_loaded() -> None:
    """It costs nothing that is not asked for."""
    look = "import gateway.web.server, sys; print('opentelemetry' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_a_missing_library_is_said_at_the_start() -> None:
    """With what to install."""
    look = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from pathlib import Path\n"
        "from gateway.bootstrap.tracing import check_traces\n"
        "from gateway.config import parse\n"
        "check_traces(parse({'node': {'code': 'H13'}}, file=Path('gateway.toml')))"
    )
    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-c", look], capture_output=True, text=True, check=False
    )

    assert "pip install 'liaison-gateway[traces]'" in done.stderr


def test_a_token_that_is_not_there_is_said_at_the_start() -> None:
    """Not at the first span."""
    with pytest.raises(Misconfigured, match="COLLECTOR_TOKEN"):
        check_traces(a_config(token_env="COLLECTOR_TOKEN"))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://user:word@127.0.0.1:4318/v1/traces",
        "http://127.0.0.1:4318/v1/traces?key=word",
        "127.0.0.1:4318/v1/traces",
    ],
)
def test_an_address_that_bears_a_secret_is_none(endpoint: str) -> None:
    """The library writes addresses into the log; a secret has its variable or file."""
    with pytest.raises(Misconfigured, match=r"traces\.endpoint"):
        a_config(endpoint=endpoint)


def a_config(**traces: object) -> Config:
    """Return a configuration with a collector."""
    told = {"endpoint": "http://127.0.0.1:4318/v1/traces", **traces}
    return parse({"node": {"code": "H13"}, "traces": told}, file=Path("gateway.toml"))
