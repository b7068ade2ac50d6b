"""The traces of a node, as its settings ask for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from gateway.config import Config, secret
from gateway.domain.errors import Misconfigured
from gateway.traces import trace_with

#: Imported when it is needed: the library is an extra of the distribution.
_MODULE = "gateway.telemetry"


def check_traces(config: Config) -> str | None:
    """Return the token for the collector, None without one.

    Raises:
        Misconfigured: the library is not installed, or the token is not there.
    """
    traces = config.traces
    file = config.path(traces.token_file) if traces.token_file else None
    try:
        import_module(_MODULE)
    except ImportError as error:
        raise Misconfigured(
            "`traces.endpoint` needs OpenTelemetry: pip install 'liaison-gateway[traces]'"
        ) from error
    return secret(env=traces.token_env, file=file)


@asynccontextmanager
async def traces_of(config: Config) -> AsyncIterator[None]:
    """Send the spans of this process to the collector of *config*, where it names one.

    Raises:
        Misconfigured: as :func:`check_traces` does.
    """
    traces = config.traces
    if not traces.endpoint:
        yield
        return
    token = check_traces(config)
    telemetry = import_module(_MODULE).Telemetry(
        traces.endpoint,
        node=config.node.code,
        share=traces.share,
        timeout_s=traces.timeout_s,
        token=token,
    )
    trace_with(telemetry)
    try:
        yield
    finally:
        trace_with(None)
        await asyncio.to_thread(telemetry.close)
