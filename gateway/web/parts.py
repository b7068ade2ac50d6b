"""What every handler finds in the application: the gateway, and typed keys to it."""

import asyncio
from contextlib import ExitStack

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.exchange import Caller

GATEWAY = web.AppKey("gateway", Gateway)
STOPPING = web.AppKey("stopping", asyncio.Event)
CALLER = web.RequestKey("caller", Caller)
#: Closed by a handler, it gives back the place among the requests that are served at once.
PLACE = web.RequestKey("place", ExitStack)
