"""Where the node listens: its sockets, and the certificate that it shows there."""

import asyncio
import socket
import ssl
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from gateway.config import Config
from gateway.domain.errors import Misconfigured
from gateway.web.auth import is_loopback
from gateway.web.protocol import BACKLOG

log = structlog.get_logger()

TLS_LOOK_S = 5.0


def listen(address: str, port: int) -> list[socket.socket]:
    """Return sockets that listen at *address*, one for each that the name has.

    Raises:
        Misconfigured: the address cannot be had.
    """
    sockets: list[socket.socket] = []
    try:
        known = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in dict.fromkeys(known):
            sockets.append(_bound(family, kind, protocol, place))
    except OSError as error:
        for each in sockets:
            each.close()
        raise Misconfigured(f"cannot listen on {address}:{port}: {error.strerror}") from error
    return sockets


def _bound(family: int, kind: int, protocol: int, place: tuple[Any, ...]) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(place)
        made.listen(BACKLOG)
        made.settimeout(0)
    except OSError:
        made.close()
        raise
    return made


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


async def renew(config: Config, context: ssl.SSLContext, stopping: asyncio.Event) -> None:
    """Load certificate and key again when their files changed: new connections get the new."""
    files = [config.path(config.http.tls_certificate), config.path(config.http.tls_key)]
    seen: list[tuple[int, int]] = []  # a process that was started again may have an old one
    while not stopping.is_set():
        stamps = await asyncio.to_thread(stamps_of, files)
        if stamps != seen:
            try:
                await asyncio.to_thread(partial(_load, context, config))
            except Misconfigured as error:
                log.error("certificate kept: it cannot be loaded again", reason=error.message)  # noqa: TRY400 - the reason is all there is
            else:
                log.info("certificate loaded")
            seen = stamps
        with suppress(TimeoutError):
            async with asyncio.timeout(TLS_LOOK_S):
                await stopping.wait()


def stamps_of(files: list[Path]) -> list[tuple[int, int]]:
    """Return what changes when a file is replaced; a missing one counts as unchanged emptiness."""
    stamps = []
    for file in files:
        with suppress(OSError):
            status = file.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
    return stamps


def _place(listening: socket.socket) -> tuple[str, int]:
    """Return address and port of a socket."""
    address, port, *_ = listening.getsockname()
    return address, port


def where(listening: socket.socket, tls: ssl.SSLContext | None) -> str:
    """Return the address of a socket that listens, as callers write it."""
    address, port = _place(listening)
    host = f"[{address}]" if ":" in address else address
    return f"{'http' if tls is None else 'https'}://{host}:{port}"
