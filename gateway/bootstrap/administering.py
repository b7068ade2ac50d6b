"""The rooms of administrators and auditors, equipped."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial

from gateway.bootstrap.receipts import node_anchors
from gateway.config import Config
from gateway.crypto.receipts import verify_receipt
from gateway.domain.audit_chain import Point, points_of, read_checkpoint
from gateway.domain.directory import Directory
from gateway.domain.errors import Refused
from gateway.domain.exchange import Document
from gateway.domain.routing import lane_of_axis, lane_of_office
from gateway.pipeline.announcements import Announcements
from gateway.pipeline.audit_trail import ReadPart, Trail
from gateway.pipeline.board import Board
from gateway.pipeline.counting import Counting
from gateway.pipeline.downtime import Downtime
from gateway.pipeline.journey import Journey
from gateway.pipeline.naming import Naming
from gateway.pipeline.office_hours import OfficeHours
from gateway.ports import Checkpoints, Clock, OfficeCalendars, Run, Store

#: Ways to an office that have no destination to be tried.
_WITHOUT_LANE = frozenset({"pull", "desk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """Every room of administrators and auditors that is of no other trade."""

    board: Board
    office_hours: OfficeHours
    announcements: Announcements
    trail: Trail
    counting: Counting
    journey: Journey
    downtime: Downtime
    naming: Naming


def administration(
    config: Config,
    *,
    store: Store,
    clock: Clock,
    calendar: OfficeCalendars,
    in_time: Callable[[Document, datetime], bool | None],
    zone: tzinfo,
    run: Run,
    checkpoints: Checkpoints,
    archived: Callable[[], Sequence[ReadPart]],
    catch_up: Callable[[], Awaitable[None]],
    announcements: Announcements,
    directory: Callable[[], Directory],
) -> Administration:
    """Bind the rooms to their equipment."""
    node = config.node.code
    return Administration(
        board=Board(store=store, clock=clock, zone=zone, lanes=_lanes(config), in_time=in_time),
        office_hours=OfficeHours(
            store=store,
            clock=clock,
            zone=zone,
            node=node,
            calendar=calendar,
            run=run,
            four_eyes=config.hours.four_eyes,
        ),
        announcements=announcements,
        trail=Trail(
            store=store,
            clock=clock,
            run=run,
            points=partial(_points, config, checkpoints),
            archived=archived,
        ),
        counting=Counting(
            store=store,
            node=node,
            calendar=calendar,
            run=run,
            directory=directory,
            catch_up=catch_up,
        ),
        journey=Journey(store=store, node=node),
        downtime=Downtime(store=store, clock=clock, zone=zone),
        naming=Naming(store=store),
    )


def _points(config: Config, checkpoints: Checkpoints) -> list[Point]:
    """Return what the checkpoints know of the chains; one that does not convince knows nothing."""
    anchors, points = node_anchors(config), list[Point]()
    for name, jws in checkpoints.all().items():
        with suppress(Refused):
            checkpoint = read_checkpoint(verify_receipt(jws, anchors))
            points += points_of(checkpoint, known_by=f"checkpoint {name}")
    return points


def _lanes(config: Config) -> dict[str, str]:
    """Return every configured destination, and how it is reached."""
    offices = {
        lane_of_office(each.agency): each.delivery
        for each in config.office
        if each.delivery not in _WITHOUT_LANE
    }
    return offices | {lane_of_axis(each.name): each.adapter for each in config.axis}
