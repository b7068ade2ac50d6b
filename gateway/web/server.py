"""The application and its life: built from the table of routes, served, drained, stopped."""

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack, suppress

import structlog
from aiohttp import web

from gateway.bootstrap.backup import BackupDuty
from gateway.bootstrap.configured import ConfigurationDuty
from gateway.bootstrap.gateway import Gateway, open_gateway
from gateway.bootstrap.recovery import begin_anew, new_owner
from gateway.bootstrap.retention import RetentionDuty
from gateway.bootstrap.tracing import traces_of
from gateway.bootstrap.watching import watching_duties
from gateway.config import Config, Http
from gateway.pipeline.relay import node_caller
from gateway.processes import Nursery
from gateway.web.agencies import Agencies
from gateway.web.agency_export import AgencyExport
from gateway.web.announcements import AnnouncementApi
from gateway.web.auth import Authenticator, networks
from gateway.web.connections import Connections, affordable
from gateway.web.console.table import add_console
from gateway.web.crowd import Place, alone
from gateway.web.documents import Documents
from gateway.web.errors import Handler, HttpProblem, tell_errors
from gateway.web.events import Events
from gateway.web.exchange import Exchange
from gateway.web.listening import renew, where
from gateway.web.operations import Operations
from gateway.web.parts import GATEWAY, PLACE, STOPPING
from gateway.web.peer_door import PeerDoor, renew_peers
from gateway.web.protocol import KEEP_ALIVE_S, Runner, Site
from gateway.web.queue import QueuePages
from gateway.web.quotas import Streams, Uploads
from gateway.web.reference import ReferencePages
from gateway.web.representation import Representation
from gateway.web.routes import Handlers, Route, routes
from gateway.web.submit import Submit
from gateway.web.vxp import Vxp
from gateway.web.vxp_answers import ROOT, speak_vxp

log = structlog.get_logger()

#: Longest line of a header but for VXP, and what the parser takes before it gives up by itself.
HEADER_LINE_BYTES = 16 << 10
_PARSER_BYTES = (1 << 20) + (16 << 10)
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})
#: How often the files of the node are compared with what they were.
_FILES_LOOK_S = 600.0
#: How often it is looked whether a backup is due.
_BACKUP_LOOK_S = 3600.0
#: Archives that are written at once.
_MOST_EXPORTS = 4
#: How often it is looked whether content is to go; nothing goes at the first look.
_RETENTION_LOOK_S = 3600.0
#: New objects until the collector looks at them; most have gone by themselves by then.
_YOUNG_OBJECTS = 10_000
#: What a stop waits for requests that are under way.
DRAIN_S = 5.0


def build(gateway: Gateway, stopping: asyncio.Event) -> web.Application:
    """Return the application of *gateway*; streams end when *stopping* is set."""
    http = gateway.config.http
    show = Representation(gateway.zone)
    authenticate = Authenticator(networks(http.trusted_proxies, key="trusted_proxies"))
    streams = Streams(most=http.streams, most_of_agency=http.streams_of_agency)
    events = Events(show, streams, authenticate)
    uploads = Uploads(most=http.large_uploads)
    handlers = Handlers(
        submit=Submit(show, uploads),
        documents=Documents(show),
        exchange=Exchange(show, timeout_s=http.body_timeout_s),
        events=events,
        agencies=Agencies(timeout_s=http.body_timeout_s),
        agency_export=AgencyExport(most=_MOST_EXPORTS),
        operations=Operations(networks(http.metrics_from, key="metrics_from")),
        queue=QueuePages(timeout_s=http.body_timeout_s),
        announcements=AnnouncementApi(timeout_s=http.body_timeout_s),
        reference=ReferencePages(),
    )
    table = routes(handlers)
    gate = Gate(most=http.max_requests)
    application = web.Application(
        middlewares=[handlers.operations.measure, tell_errors, speak_vxp, gate],
        client_max_size=1 << 20,
    )
    application.on_response_prepare.append(handlers.operations.name)
    application.cleanup_ctx.append(handlers.operations.watch_loop)
    application[GATEWAY] = gateway
    application[STOPPING] = stopping
    for route in table:
        handler = _guarded(route, authenticate)
        application.router.add_route(route.method, route.path, handler)
        if route.method == "GET":
            application.router.add_route("HEAD", route.path, handler)
    proxies = networks(http.trusted_proxies, key="trusted_proxies")
    Vxp(gateway, uploads, proxies).install(application)
    add_console(application, gateway.config, uploads, events.stream)
    gateway.store.on_commit(events.wake)
    return application


def _guarded(route: Route, authenticate: Authenticator) -> Handler:
    """Return the handler of *route* behind its permission."""
    if not route.roles:
        return route.handler

    async def handle(request: web.Request) -> web.StreamResponse:
        await authenticate(request, route.roles)
        return await route.handler(request)

    return handle


class Gate:
    """Middleware: bounds headers and the requests that are served at once.

    Liveness and readiness are always answered, and a stream goes out once it has a place of its
    own: neither may be crowded out, nor crowd out others.
    """

    def __init__(self, *, most: int) -> None:
        """Serve at most *most* requests at once."""
        self._most = most
        self._now = 0

    __middleware_version__ = 1

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass the request on, or answer 431 or 503."""
        for name, value in () if request.path.startswith(ROOT) else request.raw_headers:
            if len(name) + len(value) > HEADER_LINE_BYTES:
                raise HttpProblem(
                    431, "header-too-large", "a header line is over 16 kB", close=True
                )
        if request.path in ALWAYS_ANSWERED:
            return await handler(request)
        if self._now >= self._most:
            raise HttpProblem(
                503,
                "overloaded",
                "the node serves as many requests as it can",
                headers={"Retry-After": "1"},
                close=True,
            )
        place = request[PLACE] = ExitStack()
        with place:
            self._now += 1
            place.callback(self._leave)
            return await handler(request)

    def _leave(self) -> None:
        self._now -= 1


async def serve(
    config: Config,
    sockets: Sequence[socket.socket],
    tls: ssl.SSLContext | None,
    *,
    duties: bool,
    processes: int,
    peers: PeerDoor | None = None,
    place: Place | None = None,
    nursery: Nursery | None = None,
) -> None:
    """Run the node of *config*, or one of its *processes*, until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with open_gateway(config, nursery=nursery) as gateway:
        await gateway.run(gateway.isolated.warm)
        await gateway.run(gateway.verifying.warm)
        _settle_memory()
        await run(
            gateway,
            stopping,
            sockets,
            tls,
            duties=duties,
            processes=processes,
            peers=peers,
            place=place,
        )


def _settle_memory() -> None:
    """Let the collector look at what requests leave behind, not at what the node is made of."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


async def run(
    gateway: Gateway,
    stopping: asyncio.Event,
    sockets: Sequence[socket.socket],
    tls: ssl.SSLContext | None = None,
    *,
    duties: bool = True,
    processes: int = 1,
    peers: PeerDoor | None = None,
    place: Place | None = None,
) -> None:
    """Serve *gateway* at *sockets*, which listen, until *stopping*; then drain and stop.

    Of several processes one has the *duties*: relay, receivers, housekeeping. Each takes connections
    at its *place* among them.
    """
    async with traces_of(gateway.config):
        await _run(
            gateway,
            stopping,
            sockets,
            tls,
            duties=duties,
            processes=processes,
            peers=peers,
            place=place or alone(),
        )


async def _run(
    gateway: Gateway,
    stopping: asyncio.Event,
    sockets: Sequence[socket.socket],
    tls: ssl.SSLContext | None,
    *,
    duties: bool,
    processes: int,
    peers: PeerDoor | None,
    place: Place,
) -> None:
    http = gateway.config.http
    connections = _connections(http, place)
    runner = await _runner(build(gateway, stopping), http, connections)
    work = asyncio.create_task(_work(gateway, stopping, tls, duties=duties, peers=peers))
    doors = [(each, tls) for each in sockets]
    doors += [] if peers is None else [(each, peers.tls) for each in peers.sockets]
    try:
        for each, context in doors:
            await Site(
                runner, each, connections=connections, tls=context, handshake_s=http.head_timeout_s
            ).start()
        if duties:
            log.info("serving", address=where(sockets[0], tls), processes=processes)
        await _first(stopping.wait(), work)
    finally:
        stopping.set()
        await runner.cleanup()
        await _finish(work)
        if duties:
            log.info("stopped")


async def _first(stop: Coroutine[None, None, object], work: asyncio.Task[None]) -> None:
    """Wait for *stop*, or for the end of *work*, which is a bug and is told by :func:`_finish`."""
    stopped = asyncio.create_task(stop)
    await asyncio.wait({stopped, work}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


def _connections(http: Http, place: Place) -> Connections:
    return Connections(
        most=affordable(http.max_connections),
        most_of_address=http.connections_of_address,
        exempt=networks(http.trusted_proxies, key="trusted_proxies"),
        place=place,
    )


async def _runner(
    application: web.Application, http: Http, connections: Connections
) -> web.AppRunner:
    runner = Runner(
        application,
        access_log=None,
        handle_signals=False,
        max_line_size=HEADER_LINE_BYTES,
        max_field_size=_PARSER_BYTES,
        shutdown_timeout=DRAIN_S,
        keepalive_timeout=KEEP_ALIVE_S,
        connections=connections,
        head_s=http.head_timeout_s,
    )
    await runner.setup()
    return runner


async def _work(
    gateway: Gateway,
    stopping: asyncio.Event,
    tls: ssl.SSLContext | None,
    *,
    duties: bool,
    peers: PeerDoor | None,
) -> None:
    """Everything that runs beside the door; a bug in it stops the process, loudly."""
    async with asyncio.TaskGroup() as group:
        group.create_task(gateway.store.watch(stopping))
        if tls is not None:
            group.create_task(renew(gateway.config, tls, stopping))
        if peers is not None:
            group.create_task(renew_peers(gateway.config, gateway.peers, peers.tls, stopping))
        if duties:
            gateway.store.on_commit(gateway.sealing.wake)
            group.create_task(gateway.sealing.attend(stopping))
            group.create_task(gateway.stamping.attend(stopping))
            gateway.store.on_commit(gateway.announcing.posting.heed)
            group.create_task(gateway.announcing.posting.attend(stopping))
            group.create_task(_relay(gateway, stopping))
            group.create_task(gateway.receive.attend(gateway.receivers, stopping))
            group.create_task(gateway.neighbours.attend(gateway.axes, stopping))
            me = node_caller(gateway.config.node.code)
            show = Representation(gateway.zone)
            once = gateway.scheduling.once
            backup = once("backup", BackupDuty(gateway=gateway, caller=me), _BACKUP_LOOK_S)
            removal = RetentionDuty(gateway=gateway, caller=me, represent=show)
            retention = once("retention", removal, _RETENTION_LOOK_S, spaced=True)
            watch = watching_duties(gateway, me)
            files = (ConfigurationDuty(gateway=gateway, caller=me), _FILES_LOOK_S)
            group.create_task(gateway.housekeeping.run(stopping, files, backup, retention, *watch))


async def _relay(gateway: Gateway, stopping: asyncio.Event) -> None:
    """Work the queue off; whatever a process before claimed is free again."""
    await begin_anew(gateway)
    worker = gateway.worker(new_owner())
    gateway.store.on_commit(worker.heed)
    try:
        await worker.run(stopping)
    finally:
        await worker.release()


async def _finish(work: asyncio.Task[None]) -> None:
    """Let hand-overs that are under way end; cut off what lasts too long (it is sent again)."""
    with suppress(TimeoutError):
        async with asyncio.timeout(2.0):
            await asyncio.shield(work)
    if not work.done():
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
