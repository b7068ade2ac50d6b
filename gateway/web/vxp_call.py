"""A call of the VXP protocol, once its system proved who it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.exchange import Caller
from gateway.domain.wire import System
from gateway.web.parts import GATEWAY
from gateway.web.vxp_request import Signed

STATUS_MESSAGES = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call of a system that proved who it is."""

    http: web.Request
    signed: Signed
    system: System
    caller: Caller
    is_node: bool

    @property
    def gateway(self) -> Gateway:
        """Return the node."""
        return self.http.app[GATEWAY]

    @property
    def wants_statuses(self) -> bool:
        """Whether it asks for status messages, not for documents."""
        return self.signed.value("messagetype").lower() == STATUS_MESSAGES


Call = Callable[[Request], Awaitable[web.StreamResponse]]
