"""The rooms between the node and its neighbours, equipped: sending, receiving, lists of agencies."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

from gateway.bootstrap.envelopes import open_envelope
from gateway.bootstrap.references import References
from gateway.config import Config
from gateway.domain.exchange import Caller, Role
from gateway.domain.routing import Routes
from gateway.formats.status import write_status
from gateway.pipeline.acknowledge import Acknowledge
from gateway.pipeline.arrival import MessageArrival
from gateway.pipeline.movement import Movement
from gateway.pipeline.neighbours import Neighbours
from gateway.pipeline.receive import Receive
from gateway.pipeline.refusals import Refusals
from gateway.pipeline.relay import Relay, node_caller
from gateway.pipeline.settling import Patience, Settling
from gateway.pipeline.submission import Channel
from gateway.ports import (
    AxisDirectory,
    Clock,
    Connection,
    DocumentFiles,
    Receiver,
    Run,
    Store,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandingOver:
    """Every room that speaks through a connection, and who speaks back."""

    relay: Relay
    receive: Receive
    neighbours: Neighbours
    receivers: Mapping[str, tuple[Receiver, Caller]]
    axes: Mapping[str, AxisDirectory]


def handing_over(
    config: Config,
    *,
    store: Store,
    blobs: DocumentFiles,
    clock: Clock,
    zone: tzinfo,
    run: Run,
    routes: Routes,
    reference: References,
    movement: Movement,
    arrive: Callable[[Channel], MessageArrival],
    acknowledge: Acknowledge,
    connections: Mapping[str, Connection],
) -> HandingOver:
    """Bind the rooms to their equipment."""
    return HandingOver(
        relay=_relay(
            config,
            store=store,
            blobs=blobs,
            clock=clock,
            movement=movement,
            connections=connections,
        ),
        receive=Receive(
            store=store,
            clock=clock,
            arrive=arrive,
            acknowledge=acknowledge,
            refusals=Refusals(
                clock=clock,
                routes=routes,
                reference=reference,
                run=run,
                compose_status=write_status,
            ),
            poll_s=config.relay.poll_s,
            read_timeout_s=config.relay.send_timeout_s,
        ),
        neighbours=Neighbours(
            store=store,
            clock=clock,
            zone=zone,
            routes=routes,
            directory=reference.directory,
            run=run,
            every_s=config.relay.directory_s,
        ),
        receivers={
            lane: (connection.receiver, _receiving(lane))
            for lane, connection in connections.items()
            if connection.receiver is not None
        },
        axes={
            lane: connection.directory
            for lane, connection in connections.items()
            if lane.startswith("axis:") and connection.directory is not None
        },
    )


def _relay(
    config: Config,
    *,
    store: Store,
    blobs: DocumentFiles,
    clock: Clock,
    movement: Movement,
    connections: Mapping[str, Connection],
) -> Relay:
    node = node_caller(config.node.code)
    return Relay(
        store=store,
        clock=clock,
        movement=movement,
        senders={
            lane: connection.sender
            for lane, connection in connections.items()
            if connection.sender is not None
        },
        envelope=partial(open_envelope, blobs),
        compose_status=write_status,
        settling=Settling(
            clock=clock,
            movement=movement,
            patience=_patience(config),
            jitter=random.random,
            node=node,
        ),
        node=node,
    )


def _patience(config: Config) -> Patience:
    relay = config.relay
    return Patience(
        first_delay_s=relay.first_delay_s,
        longest_delay_s=relay.longest_delay_s,
        deadline_h=relay.deadline_h,
        least_attempts=relay.least_attempts,
        send_timeout_s=relay.send_timeout_s,
        least_bytes_s=relay.least_kb_s * 1024,
    )


def _receiving(lane: str) -> Caller:
    return Caller(actor=lane, agency=lane.partition(":")[2], role=Role.OFFICE, client=lane)
