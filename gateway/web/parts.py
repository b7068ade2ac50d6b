"""What every handler finds in the application: the gateway, and typed keys to it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.exchange import Caller

GATEWAY = web.AppKey("gateway", Gateway)
STOPPING = web.AppKey("stopping", asyncio.Event)
CALLER = web.RequestKey("caller", Caller)
#: What a request is called in the log.
REQUEST_ID = web.RequestKey("request-id", str)
#: Closed by a handler, it gives back the place among the requests that are served at once.
PLACE = web.RequestKey("place", ExitStack)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPerson:
    """What the door must know of a request that a person made."""

    fail: Callable[[], Awaitable[web.Response]]  #: tells that something failed unforeseen
    still: Callable[[], Awaitable[bool]]  #: whether the person may still see a stream


OF_PERSON = web.RequestKey("of-person", OfPerson)
