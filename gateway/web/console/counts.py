"""The counts beside the entries of the navigation: what needs somebody now, as its page tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Caller, Role
from gateway.domain.lifecycle import DeliveryState
from gateway.web.console.visit import Visiting
from gateway.web.parts import GATEWAY

#: Counts are told up to here; more is "more than".
MOST_TOLD = 999
#: What came, or is on its way, to an agency and was not accepted yet: it stands in its list.
TO_ACCEPT = tuple(
    each.value
    for each in (
        DeliveryState.WAITING,
        DeliveryState.SENDING,
        DeliveryState.HANDED_OVER,
        DeliveryState.FAILED,
        DeliveryState.ARRIVED,
    )
)
_FAILED = (DeliveryState.FAILED.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How much waits behind an entry."""

    n: int
    says: str  #: key of the words

    @property
    def text(self) -> str:
        """Return the figure as it is told."""
        return f"{MOST_TOLD}+" if self.n > MOST_TOLD else str(self.n)


async def counts_of(request: web.Request, visiting: Visiting, desk: str) -> Mapping[str, Count]:
    """Return the counts by the addresses of the entries; none is 0.

    A page that tells of an error must not fail over them.
    """
    try:
        found = {**await _of_desk(request, visiting, desk), **await _of_node(request, visiting)}
    except Unavailable:
        return {}
    return {address: count for address, count in found.items() if count.n}


async def _of_desk(request: web.Request, visiting: Visiting, desk: str) -> dict[str, Count]:
    if not desk or visiting.person is None:
        return {}
    gateway, base = request.app[GATEWAY], f"/desk/{desk}"
    caller = visiting.person.caller(desk, min(visiting.roles(desk)))
    today = gateway.clock.now().astimezone(gateway.zone).date()
    late = await gateway.registers.overdue(caller, today, most=MOST_TOLD + 1)
    waits = await _standing(request, caller, "in", TO_ACCEPT)
    failed = await _standing(request, caller, "out", _FAILED)
    return {
        f"{base}/inbox": Count(n=waits, says="count.to_accept"),
        f"{base}/outbox": Count(n=failed, says="count.failed"),
        f"{base}/registers/follow": Count(n=late, says="count.overdue"),
    }


async def _standing(
    request: web.Request, caller: Caller, box: str, states: tuple[str, ...]
) -> int:
    lookup = request.app[GATEWAY].lookup
    return (await lookup.counts(caller, box, {"": states}, most=MOST_TOLD + 1))[""]


async def _of_node(request: web.Request, visiting: Visiting) -> dict[str, Count]:
    gateway = request.app[GATEWAY]
    if Role.ADMIN not in visiting.roles(gateway.config.node.code):
        return {}
    stuck = await gateway.administration.board.stuck(most=MOST_TOLD + 1)
    return {
        "/admin/queue": Count(n=stuck.failed, says="count.failed"),
        "/admin/held": Count(n=stuck.held, says="count.held"),
    }
