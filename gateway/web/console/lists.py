"""The clerk's lists: documents in and out, with views, search and filters that the address holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from aiohttp import web

from gateway.domain.exchange import Caller, Delivery, Document, Role
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.domain.text import words_of
from gateway.pipeline.kinship import Kin
from gateway.ports import Selection
from gateway.web.console.agency_search import AgencySearch
from gateway.web.console.counts import TO_ACCEPT
from gateway.web.console.kin_lines import KinLines, kin_lines
from gateway.web.console.pages import Pages, go
from gateway.web.console.spans import day_start
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import whole_number

_PAGE = 25
_MOST_NAMED = 20
#: Counts are told up to here; more is "more than".
MOST_COUNTED = 1000
_LONGEST_QUERY = 200
_LONGEST_NUMBER = 9


def _each(*states: str) -> dict[str, tuple[str, ...]]:
    """Return views of one state each."""
    return {state: (state,) for state in states}


_FILTERS = ("q", "view", "type", "counterpart", "from", "to")
#: Views above a list, the duty first, and the states of deliveries that each shows.
VIEWS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "in": {
        "arrived": TO_ACCEPT,
        **_each("accepted", "assigned", "in-progress", "done", "refused", "recalled", "cancelled"),
    },
    "out": {
        **_each("failed", "refused"),
        "waiting": ("waiting", "sending"),
        **_each("handed-over", "arrived", "accepted", "assigned", "in-progress", "done"),
        **_each("cancelled", "recalled"),
    },
}
#: Views that are shown with their counts even when nothing is in them.
ALWAYS = frozenset({"arrived", "accepted", "assigned", "in-progress"})
TAKEN = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.ASSIGNED,
        DeliveryState.IN_PROGRESS,
        DeliveryState.DONE,
    }
)
#: The worst first: what the sender must look at.
_WORST = (
    DeliveryState.FAILED,
    DeliveryState.REFUSED,
    DeliveryState.WAITING,
    DeliveryState.SENDING,
    DeliveryState.HANDED_OVER,
    DeliveryState.ARRIVED,
    DeliveryState.ACCEPTED,
    DeliveryState.ASSIGNED,
    DeliveryState.IN_PROGRESS,
    DeliveryState.DONE,
    DeliveryState.CANCELLED,
    DeliveryState.RECALLED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document in a list, as the desk of one agency sees it."""

    document: Document
    delivery: Delivery | None
    kin: KinLines
    at: datetime  #: the actual instant that the row tells
    legal_at: datetime | None
    state: str  #: key of the tag
    finished: int  #: recipients that accepted
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved filter with its count."""

    key: str  #: of :data:`VIEWS`, or ``all``
    count: int | None  #: None: not counted
    address: str
    is_shown: bool  #: whether the list shows it now


class ListPages:
    """The handlers."""

    def __init__(self, pages: Pages, agencies: AgencySearch) -> None:
        """Render with *pages*; find the *agencies* that a search names."""
        self._pages = pages
        self._agencies = agencies

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Lead to the duty of the desk."""
        return go(f"/desk/{request[CALLER].agency}/inbox")

    async def inbox(self, request: web.Request) -> web.StreamResponse:
        """Show the incoming documents."""
        return await self._list(request, "in")

    async def outbox(self, request: web.Request) -> web.StreamResponse:
        """Show the outgoing documents."""
        return await self._list(request, "out")

    async def _list(self, request: web.Request, box: str) -> web.StreamResponse:
        gateway, caller = request.app[GATEWAY], request[CALLER]
        filters = {name: request.query[name] for name in _FILTERS if request.query.get(name)}
        if filters.get("view") not in VIEWS[box]:
            filters.pop("view", None)
        selection = await self._selection(request, filters, box)
        page = await gateway.lookup.documents(selection, caller)
        today = gateway.clock.now().astimezone(gateway.zone).date()
        reference = await gateway.run(gateway.reference)
        found = [each.document for each in page.items]
        kin = await gateway.kinship.of(found, caller)
        return await self._pages.page(
            request,
            "list.html",
            box=box,
            rows=[row_of(each, caller.agency, box, today, kin[each.id]) for each in found],
            next=page.next,
            types=reference.types,
            filters=filters,
            views=await self._views(request, caller, box, filters),
            most=MOST_COUNTED,
            writes=caller.role is Role.CLERK,
        )

    async def _selection(
        self, request: web.Request, filters: Mapping[str, str], box: str
    ) -> Selection:
        text = filters.get("q", "")[:_LONGEST_QUERY].strip()
        zone = request.app[GATEWAY].zone
        named = await self._named(request, text)
        partner = filters.get("counterpart")
        partners = await self._named(request, partner or "")
        return Selection(
            box=box,
            type=filters.get("type"),
            counterpart=None if partners else partner,  # what names nobody finds nothing
            partners=partners,
            named=named,
            since=day_start(request.query.get("from"), zone),
            until=day_start(request.query.get("to"), zone, after=True),
            words=words_of(text) if text else None,
            anywhere=True,
            arrival_number=int(text)
            if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
            else None,
            at=VIEWS[box].get(filters.get("view", ""), ()),
            before=_place(request.query.get("before")),
            limit=_PAGE,
        )

    async def _named(self, request: web.Request, text: str) -> tuple[str, ...]:
        """Return the codes of the agencies that *text* names: one when it is exactly one."""
        if not words_of(text):
            return ()
        directory = await request.app[GATEWAY].run(request.app[GATEWAY].directory)
        exact = directory.find(text.strip())
        if exact is not None:
            return (exact.code,)
        found = await self._agencies.find(request, text, limit=_MOST_NAMED)
        return tuple(each.code for each in found)

    async def _views(
        self, request: web.Request, caller: Caller, box: str, filters: Mapping[str, str]
    ) -> list[View]:
        shown = filters.get("view", "")
        counts = await request.app[GATEWAY].lookup.counts(
            caller, box, VIEWS[box], most=MOST_COUNTED + 1
        )
        rest = {name: value for name, value in filters.items() if name != "view"}
        views = [
            View(
                key=key,
                count=count,
                address="?" + urlencode({"view": key, **rest}),
                is_shown=shown == key,
            )
            for key, count in counts.items()
            if count or key in ALWAYS or shown == key
        ]
        if box == "in":
            views += await _late(request, caller)
        everything = View(key="all", count=None, address="?" + urlencode(rest), is_shown=not shown)
        return [*views, everything]


async def _late(request: web.Request, caller: Caller) -> list[View]:
    """Return the view of what is overdue, which the register for follow-up shows."""
    gateway = request.app[GATEWAY]
    today = gateway.clock.now().astimezone(gateway.zone).date()
    count = await gateway.registers.overdue(caller, today, most=MOST_COUNTED + 1)
    address = f"/desk/{caller.agency}/registers/follow?view=late"
    return [View(key="late", count=count, address=address, is_shown=False)] if count else []


def row_of(document: Document, agency: str, box: str, today: date, kin: Kin) -> Row:
    """Return *document* as the desk of *agency* lists it in its *box*."""
    own = next((each for each in document.deliveries if each.agency == agency), None)
    mine = own if box == "in" else None
    at = (mine.received_at if mine else document.sent_at) or document.submitted_at
    due = document.metadata.due_on
    open_ = mine is not None and mine.state not in {DeliveryState.DONE, DeliveryState.REFUSED}
    return Row(
        document=document,
        delivery=mine,
        kin=kin_lines(kin),
        at=at,
        legal_at=mine.legal_received_at if mine else document.legal_sent_at,
        state=_tag(document, mine),
        finished=sum(each.state in TAKEN for each in document.deliveries),
        overdue=open_ and due is not None and due < today,
    )


def _tag(document: Document, delivery: Delivery | None) -> str:
    """Return the key of the tag of a document, or of the own delivery of it."""
    if delivery is not None:
        asked = delivery.recall is Recall.REQUESTED
        return "recall-requested" if asked else delivery.state.value
    if document.state in {DocumentState.HELD, DocumentState.RECALLED}:
        return document.state.value
    states = {each.state for each in document.deliveries}
    return next((each.value for each in _WORST if each in states), document.state.value)


def _place(text: str | None) -> int | None:
    return None if text is None else whole_number(text)
