"""The rooms of administrators and auditors, equipped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.config import Config
from gateway.domain.exchange import Document
from gateway.domain.routing import lane_of_axis, lane_of_office
from gateway.pipeline.announcements import Announcements
from gateway.pipeline.audit_trail import Trail
from gateway.pipeline.board import Board
from gateway.pipeline.counting import Counting
from gateway.pipeline.journey import Journey
from gateway.pipeline.office_hours import OfficeHours
from gateway.ports import Clock, OfficeCalendars, Run, Store

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


def administration(
    config: Config,
    *,
    store: Store,
    clock: Clock,
    calendar: OfficeCalendars,
    in_time: Callable[[Document, datetime], bool | None],
    zone: tzinfo,
    run: Run,
) -> Administration:
    """Bind the rooms to their equipment."""
    node = config.node.code
    return Administration(
        board=Board(store=store, clock=clock, zone=zone, lanes=_lanes(config), in_time=in_time),
        office_hours=OfficeHours(
            store=store, clock=clock, zone=zone, node=node, calendar=calendar, run=run
        ),
        announcements=Announcements(store=store, clock=clock),
        trail=Trail(store=store, clock=clock, run=run),
        counting=Counting(store=store, zone=zone, node=node, calendar=calendar, run=run),
        journey=Journey(store=store, node=node),
    )


def _lanes(config: Config) -> dict[str, str]:
    """Return every configured destination, and how it is reached."""
    offices = {
        lane_of_office(each.agency): each.delivery
        for each in config.office
        if each.delivery not in _WITHOUT_LANE
    }
    return offices | {lane_of_axis(each.name): each.adapter for each in config.axis}
