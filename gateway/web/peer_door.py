"""The door for other nodes: a port of its own where TLS asks for the certificate of a node.

It is apart from the port of offices and people, because a browser that is asked for a certificate
asks the person before it. What is served is the same. Certificate, key and the authorities in
folders named ``peers`` are read again when they change, without a restart; a certificate of
another authority is turned away by the handshake, and the log says why.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import structlog

from gateway.bootstrap.peers import Peers, peers_of
from gateway.config import Config
from gateway.domain.directory import Directory
from gateway.domain.errors import Misconfigured
from gateway.web.listening import TLS_LOOK_S, listen, stamps_of

log = structlog.get_logger()


class PeerTls(ssl.SSLContext):
    """Stands for the context of the moment, so that a server goes on with a new one."""

    _now: ssl.SSLContext

    def __new__(cls, first: ssl.SSLContext) -> Self:
        """Begin with the context *first*."""
        made = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        made._now = first
        return made

    def use(self, context: ssl.SSLContext) -> None:
        """Let new connections have *context*."""
        self._now = context

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:  # noqa: ANN401 - handed on
        """Begin a connection."""
        return self._now.wrap_bio(*given, **named)


class _Telling(ssl.SSLObject):
    """A connection that says in the log why its handshake was turned away, once a second."""

    _told_at = float("-inf")

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as error:
            if time.monotonic() - _Telling._told_at >= 1.0:
                _Telling._told_at = time.monotonic()
                reason = getattr(error, "verify_message", "") or error.reason
                log.warning("a peer was turned away", reason=reason)
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerDoor:
    """The sockets of the door, which listen, and their TLS."""

    sockets: Sequence[socket.socket]
    tls: PeerTls


def open_peer_door(config: Config, address: str) -> PeerDoor | None:
    """Listen for other nodes, where the settings name a port for them.

    Raises:
        Misconfigured: there is no certificate to show, no authority to believe, or no such port.
    """
    first = check_peers(config)
    if first is None:
        return None
    return PeerDoor(sockets=listen(address, config.http.peer_port), tls=PeerTls(first))


def check_peers(config: Config) -> ssl.SSLContext | None:
    """Return the context to listen to other nodes with, None where there is no port for them.

    Raises:
        Misconfigured: there is no certificate to show, or no authority to believe.
    """
    if not config.http.peer_port:
        return None
    if not config.http.tls_certificate:
        raise Misconfigured("`http.peer_port` needs `http.tls_certificate` and `http.tls_key`")
    _, pem = peers_of(config, Directory).authorities()
    return _context(config, pem)


async def renew_peers(config: Config, peers: Peers, tls: PeerTls, stopping: asyncio.Event) -> None:
    """Give *tls* a new context whenever a file that it is made of changed, until *stopping*."""
    files = [config.path(config.http.tls_certificate), config.path(config.http.tls_key)]

    def look() -> tuple[object, str]:
        epoch, pem = peers.authorities()
        return (stamps_of(files), epoch), pem

    seen: object = None
    while not stopping.is_set():
        try:
            stamp, pem = await asyncio.to_thread(look)
            if stamp != seen:
                seen = stamp
                tls.use(await asyncio.to_thread(_context, config, pem))
                log.info("authorities of peers loaded")
        except Misconfigured as error:
            log.error("authorities of peers kept: they cannot be loaded", reason=error.message)  # noqa: TRY400 - the reason is all there is
        with suppress(TimeoutError):
            async with asyncio.timeout(TLS_LOOK_S):
                await stopping.wait()


def _context(config: Config, authorities: str) -> ssl.SSLContext:
    """Return a context that believes nodes of *authorities* alone; none is resumed later."""
    if not authorities:
        raise Misconfigured(
            "`http.peer_port`: no certificate lies in a folder named `peers` of `signatures.trust`"
        )
    certificate, key = config.path(config.http.tls_certificate), config.path(config.http.tls_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.sslobject_class = _Telling
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    try:
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(cadata=authorities)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{certificate}, {key}, peers: {error}") from error
    return context
