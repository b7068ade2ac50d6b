"""The application and its life: built from the table of routes, served, drained, stopped."""

import asyncio
import signal
import ssl
from collections.abc import Coroutine
from contextlib import AsyncExitStack, ExitStack, suppress
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from gateway.bootstrap.equipment import only_one
from gateway.bootstrap.gateway import Gateway, open_gateway
from gateway.bootstrap.recovery import new_owner, recover
from gateway.config import Config, Http
from gateway.domain.errors import Misconfigured
from gateway.pipeline.worker import Worker
from gateway.web.agencies import Agencies
from gateway.web.auth import Authenticator, is_loopback, networks
from gateway.web.connections import Connections, affordable, raise_file_limit
from gateway.web.documents import Documents
from gateway.web.errors import Handler, HttpProblem, tell_errors
from gateway.web.events import Events
from gateway.web.exchange import Exchange
from gateway.web.operations import Operations
from gateway.web.parts import GATEWAY, PLACE, STOPPING
from gateway.web.protocol import KEEP_ALIVE_S, Runner, Site
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
#: What a stop waits for requests that are under way.
DRAIN_S = 5.0
_TLS_LOOK_S = 5.0


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
        operations=Operations(networks(http.metrics_from, key="metrics_from")),
        reference=ReferencePages(),
    )
    table = routes(handlers)
    gate = Gate(most=http.max_requests)
    application = web.Application(
        middlewares=[handlers.operations.measure, tell_errors, speak_vxp, gate],
        client_max_size=1 << 20,
    )
    application[GATEWAY] = gateway
    application[STOPPING] = stopping
    for route in table:
        handler = _guarded(route, authenticate)
        application.router.add_route(route.method, route.path, handler)
        if route.method == "GET":
            application.router.add_route("HEAD", route.path, handler)
    proxies = networks(http.trusted_proxies, key="trusted_proxies")
    Vxp(gateway, uploads, proxies).install(application)
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


async def serve(config: Config, *, host: str | None = None, port: int | None = None) -> None:
    """Run the node of *config* until SIGTERM or SIGINT, then drain and stop."""
    raise_file_limit()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(config))
        gateway = await stack.enter_async_context(open_gateway(config))
        await run(gateway, stopping, host=host, port=port)


async def run(
    gateway: Gateway, stopping: asyncio.Event, *, host: str | None = None, port: int | None = None
) -> None:
    """Serve *gateway* until *stopping*, then drain and stop."""
    http = gateway.config.http
    address, number = host or http.host, http.port if port is None else port
    tls = check_listen(gateway.config, address)
    swept = await recover(gateway)
    worker = gateway.worker(new_owner())
    gateway.store.on_commit(worker.wake)
    runner = await _runner(build(gateway, stopping), http)
    work = asyncio.create_task(_work(gateway, worker, stopping, tls))
    try:
        site = Site(runner, address, number, tls=tls, handshake_s=http.head_timeout_s)
        await _listen(site, address, number)
        log.info("serving", address=_where(runner, tls), swept=swept)
        await _first(stopping.wait(), work)
    finally:
        stopping.set()
        await runner.cleanup()
        await _finish(work)
        await worker.release()
        log.info("stopped")


async def _first(stop: Coroutine[None, None, object], work: asyncio.Task[None]) -> None:
    """Wait for *stop*, or for the end of *work*, which is a bug and is told by :func:`_finish`."""
    stopped = asyncio.create_task(stop)
    await asyncio.wait({stopped, work}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


async def _runner(application: web.Application, http: Http) -> web.AppRunner:
    connections = Connections(
        most=affordable(http.max_connections),
        most_of_address=http.connections_of_address,
        exempt=networks(http.trusted_proxies, key="trusted_proxies"),
    )
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


async def _listen(site: Site, address: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        raise Misconfigured(f"cannot listen on {address}:{port}: {error.strerror}") from error


async def _work(
    gateway: Gateway, worker: Worker, stopping: asyncio.Event, tls: ssl.SSLContext | None
) -> None:
    """Everything that runs beside the door; a bug in it stops the process, loudly."""
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stopping))
        group.create_task(gateway.receive.attend(gateway.receivers, stopping))
        group.create_task(gateway.neighbours.attend(gateway.axes, stopping))
        group.create_task(gateway.housekeeping.run(stopping))
        if tls is not None:
            group.create_task(_renew(gateway.config, tls, stopping))


async def _finish(work: asyncio.Task[None]) -> None:
    """Let hand-overs that are under way end; cut off what lasts too long (it is sent again)."""
    with suppress(TimeoutError):
        async with asyncio.timeout(2.0):
            await asyncio.shield(work)
    if not work.done():
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def check_listen(config: Config, address: str) -> ssl.SSLContext | None:
    """Return the TLS context to listen on *address* with, None in the clear.

    Raises:
        Misconfigured: *address* is beyond this machine and in the clear without a proxy, or
            certificate and key cannot be loaded.
    """
    http = config.http
    if http.tls_certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _load(context, config)
        return context
    loopback = address == "localhost" or is_loopback(address)
    if not loopback and not http.trusted_proxies:
        raise Misconfigured(
            f"{address} is not this machine alone: set `http.tls_certificate` and `http.tls_key`, "
            "or name the proxy that ends TLS in `http.trusted_proxies`"
        )
    return None


def _load(context: ssl.SSLContext, config: Config) -> None:
    certificate, key = config.path(config.http.tls_certificate), config.path(config.http.tls_key)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{certificate}, {key}: {error}") from error


async def _renew(config: Config, context: ssl.SSLContext, stopping: asyncio.Event) -> None:
    """Load certificate and key again when their files changed: new connections get the new."""
    files = [config.path(config.http.tls_certificate), config.path(config.http.tls_key)]
    seen = await asyncio.to_thread(_stamps, files)
    while not stopping.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(_TLS_LOOK_S):
                await stopping.wait()
        stamps = await asyncio.to_thread(_stamps, files)
        if stamps == seen:
            continue
        try:
            await asyncio.to_thread(partial(_load, context, config))
        except Misconfigured as error:
            log.error("certificate kept: the new one cannot be loaded", reason=error.message)  # noqa: TRY400
            continue
        seen = stamps
        log.info("certificate loaded again")


def _stamps(files: list[Path]) -> list[tuple[int, int]]:
    """Return what changes when a file is replaced; a missing one counts as unchanged emptiness."""
    stamps = []
    for file in files:
        with suppress(OSError):
            status = file.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
    return stamps


def _where(runner: web.AppRunner, tls: ssl.SSLContext | None) -> str:
    address = runner.addresses[0] if runner.addresses else ("?", 0)
    return f"{'http' if tls is None else 'https'}://{address[0]}:{address[1]}"
