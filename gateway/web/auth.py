"""Who calls: bearer tokens of programs, over TLS, from a trusted proxy, or on loopback."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import Forbidden, Misconfigured
from gateway.domain.exchange import Caller, Role
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY

Networks = Sequence[IPv4Network | IPv6Network]


def networks(texts: Sequence[str], *, key: str) -> Networks:
    """Return *texts* as networks; raise Misconfigured naming *key* for one that is none."""
    try:
        return tuple(ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise Misconfigured(f"http.{key}: {error}") from error


@lru_cache(maxsize=1024)
def is_loopback(address: str | None) -> bool:
    """Whether *address* is this machine's own."""
    try:
        return address is not None and ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_within(address: str | None, allowed: Networks) -> bool:
    """Whether *address* lies in one of the *allowed* networks."""
    if not allowed:
        return False
    try:
        known = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    return any(known in network for network in allowed)


def client_address(request: web.Request, proxies: Networks) -> str | None:
    """Return the address of the caller: the last one that a trusted proxy reports, if there is one.

    Raises:
        HttpProblem: 421, a token came in the clear from another machine.
    """
    peer = request.transport.get_extra_info("peername") if request.transport else None
    address = peer[0] if isinstance(peer, tuple) else None
    if is_within(address, proxies):
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if request.headers.get("X-Forwarded-Proto", "https") != "https":
            raise HttpProblem(421, "tls-required", "the proxy was reached without TLS")
        return forwarded or address
    if request.secure or is_loopback(address):
        return address
    raise HttpProblem(421, "tls-required", "beyond this machine only TLS is served", close=True)


async def check_certificate(request: web.Request, gateway: Gateway, agency: str) -> None:
    """Let a system of *agency* speak, as far as the certificate of its connection allows it.

    Raises:
        Forbidden: a certificate of somebody else, a revoked one, or none where one is needed.
    """
    transport = request.transport
    secured = None if transport is None else transport.get_extra_info("ssl_object")
    shown = None if secured is None else secured.getpeercert(binary_form=True)
    if shown is not None or gateway.peers.named:
        await gateway.run(partial(gateway.peers.check, shown, agency))


class Authenticator:
    """Finds the caller of a request."""

    def __init__(self, proxies: Networks) -> None:
        """Trust *proxies* to have ended TLS."""
        self._proxies = proxies
        self._known: dict[str, Caller] = {}
        self._known_at = -1

    async def __call__(self, request: web.Request, roles: frozenset[Role]) -> Caller:
        """Return the caller, which has one of *roles*.

        Raises:
            HttpProblem: 401 without a valid token, 421 without TLS.
            Forbidden: the role does not allow this, or the certificate of the connection.
        """
        address = client_address(request, self._proxies)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        caller = None
        if scheme.lower() == "bearer" and 0 < len(token.strip()) <= 200:  # noqa: PLR2004 - no token of ours is so long
            caller = await self._caller(request.app[GATEWAY], token.strip(), address)
        if caller is None:
            raise HttpProblem(
                401,
                "unauthorized",
                "give the token of a credential as `Authorization: Bearer …`",
                headers={"WWW-Authenticate": 'Bearer realm="liaison-gateway"'},
                close=request.can_read_body,
            )
        await check_certificate(request, request.app[GATEWAY], caller.agency)
        if caller.role not in roles:
            raise Forbidden(f"the role {caller.role} does not allow this")
        request[CALLER] = caller
        return caller

    async def _caller(self, gateway: Gateway, token: str, address: str | None) -> Caller | None:
        """Look the token up; as long as no credential changed anywhere, what was found holds."""
        version = gateway.store.version("clients")
        if version != self._known_at:
            self._known_at = version
            self._known.clear()
        known = self._known.get(token)
        if known is not None:
            return replace(known, address=address)
        caller = await gateway.credentials.authenticate(token, address=address)
        if caller is not None and version == self._known_at:
            self._known[token] = caller
        return caller
