"""Adapters: what the operator wrote down becomes connections and routes."""

from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from gateway.bootstrap.clock_gauge import ClockGauge
from gateway.config import Axis, Config, Office, secret
from gateway.domain.routing import AxisRoute, Routes, lane_of_axis, lane_of_office
from gateway.plugins import find_adapter, load_adapters
from gateway.ports import Clock, Connection, Destined

_WITHOUT_ADAPTER = frozenset({"pull", "desk"})


def routes_of(config: Config) -> Routes:
    """Return the ways to offices and axes that the operator wrote down."""
    return Routes(
        node=config.node.code,
        offices={office.agency: office.delivery for office in config.office},
        axes=tuple(AxisRoute(axis.name, tuple(axis.codes)) for axis in config.axis),
    )


async def connect(
    config: Config, clock: Clock, stack: AsyncExitStack, gauge: ClockGauge | None = None
) -> dict[str, Connection]:
    """Build the adapters that the configuration asks for, by lane; *stack* closes them.

    *gauge* is told what time it is at an axis.
    """
    adapters = load_adapters()
    connections: dict[str, Connection] = {}
    for office in config.office:
        if office.delivery in _WITHOUT_ADAPTER:
            continue
        adapter = find_adapter(adapters, office.delivery)
        connections[lane_of_office(office.agency)] = adapter(_office(config, office), clock)
    for axis in config.axis:
        adapter = find_adapter(adapters, axis.adapter)
        lane, destined = lane_of_axis(axis.name), _axis(config, axis)
        if gauge is not None:
            destined = replace(destined, hear_time=partial(gauge.hear, lane))
        connections[lane] = adapter(destined, clock)
    for connection in connections.values():
        stack.push_async_callback(connection.aclose)
    return connections


def _office(config: Config, office: Office) -> Destined:
    file = config.path(office.secret_file) if office.secret_file else None
    return Destined(
        name=office.agency,
        is_axis=False,
        url=office.url,
        folder=str(config.path(office.folder)) if office.folder else "",
        secret=secret(env=office.secret_env, file=file) or "",
        timeout_s=config.relay.send_timeout_s,
    )


def _axis(config: Config, axis: Axis) -> Destined:
    """An endpoint is an address, or ``folder:path``, or ``reverse:path`` for the other side."""
    kind, _, rest = axis.endpoint.partition(":")
    is_folder = kind in {"folder", "reverse"}
    file = config.path(axis.secret_file) if axis.secret_file else None
    return Destined(
        name=axis.name,
        is_axis=True,
        url=kind if kind == "reverse" else "" if is_folder else axis.endpoint,
        folder=str(config.path(rest)) if is_folder else "",
        systemid=axis.systemid,
        node=config.node.code,
        secret=secret(env=axis.secret_env, file=file) or "",
        timeout_s=config.relay.send_timeout_s,
        least_bytes_s=config.relay.least_kb_s * 1024,
        ca_file=_file(config, axis.ca_file),
        client_certificate=_file(config, axis.client_certificate),
        client_key=_file(config, axis.client_key),
    )


def _file(config: Config, relative: str) -> str:
    return str(config.path(relative)) if relative else ""
