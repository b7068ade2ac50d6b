"""Reports, recalls and updates in any order, by any way: the state machine holds.

A node is driven by steps that hypothesis invents, over the real store: whatever the offices, the
axis and the sender do, and in which order, no delivery moves as the tables do not allow, nothing
final changes, numbers stay, nothing is said twice, and what was taken back is given to nobody.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.document import Business, BusinessKind, Organisation, StatusMessage
from gateway.domain.errors import Conflict, NotFound, Refused
from gateway.domain.exchange import Delivery, Document
from gateway.domain.lifecycle import (
    DELIVERY_MOVES,
    FINAL_DELIVERY,
    RECALL_MOVES,
    DeliveryState,
    document_state,
)
from gateway.formats.status import write_status
from tests.pipeline.rooms import (
    AXIS,
    OTHER,
    PUSHED,
    READER,
    SENDER,
    Rooms,
    a_message,
    lane,
    office,
    rooms,
)

FOREIGN = "H40.01"
EVERYBODY = (READER, OTHER, PUSHED, FOREIGN)
WHO = st.sampled_from(EVERYBODY)
CODES = st.sampled_from(["01", "02", "03", "04", "05", "06", "15", "16"])
SOME = st.sets(WHO, min_size=1).map(sorted)
STEPS = st.one_of(
    st.tuples(st.just("report"), WHO, CODES),
    st.tuples(st.just("recall")),
    st.tuples(st.just("recall-status"), WHO),
    st.tuples(st.just("recall-message"), SOME),
    st.tuples(st.just("update"), SOME),
    st.tuples(st.just("lease"), WHO),
    st.tuples(st.just("fetch"), WHO),
    st.tuples(st.just("relay")),
    st.tuples(st.just("break"), st.sampled_from([AXIS, lane(PUSHED)])),
    st.tuples(st.just("mend"), st.sampled_from([AXIS, lane(PUSHED)])),
    st.tuples(st.just("wait")),
)
_NAMES = count(1)


class Driver:
    """One document and all that follows it, in the hands of hypothesis."""

    def __init__(self, node: Rooms) -> None:
        """Start with nothing sent."""
        self.node = node
        self.name = f"TD-{next(_NAMES)}"
        self.documents: list[str] = []
        self.before: dict[str, Delivery] = {}

    async def run(self, steps: list[tuple[object, ...]]) -> None:
        """Send a document, make every step, and look at everything after each."""
        for of in (AXIS, lane(PUSHED)):
            self.node.peer(of).down = False
        await self.post(EVERYBODY)
        for step in steps:
            with suppress(Conflict, Refused, NotFound):
                await self.make(*step)
            await self.look()

    async def post(self, to: object, **changes: object) -> None:
        """Let the sender post a message."""
        assert isinstance(to, (tuple, list))
        message = a_message(*to, document_id=self.name, number=self.name, **changes)  # type: ignore[arg-type]
        self.documents.append((await self.node.posted(message)).id)

    async def make(self, what: object, *more: object) -> None:
        """Make one step."""
        match what, more:
            case "report", (str(who), str(code)):
                await self.status(code, by=who, to=SENDER)
            case "recall", ():
                document = self.documents[0]
                await self.node.gateway.recalling.recall(document, "nhầm", office(SENDER))
            case "recall-status", (str(who),):
                await self.status("13", by=SENDER, to=who)
            case "recall-message", (to,):
                await self.post(to, business=Business(kind=BusinessKind.RECALL, of=self.name))
            case "update", (list(to),):
                removed = tuple(each for each in EVERYBODY if each not in to)
                business = Business(kind=BusinessKind.UPDATE, of=self.name, removed=removed)
                await self.post(to, business=business)
            case _:
                await self.happen(what, *more)

    async def happen(self, what: object, *more: object) -> None:
        """Let something happen beside the documents."""
        match what, more:
            case "lease", (str(who),):
                await self.node.lease(who)
            case "fetch", (str(who),):
                document = await self.node.find(self.documents[0])
                await self.node.gateway.inbox.fetched(document, office(who))
            case "relay", ():
                await self.node.relay_once()
            case "break" | "mend", (str(of),):
                self.node.peer(of).down = what == "break"
            case _:
                self.node.clock.move(400)

    async def status(self, code: str, *, by: str, to: str) -> None:
        """Let a status message come, from the axis where its writer is behind it."""
        message = StatusMessage(
            sender=Organisation(code=by),
            to=to,
            code=code,
            document_id=self.name,
            note="lý do",
        )
        if by == FOREIGN:
            await self.node.take_in(AXIS, write_status(message))
        else:
            acknowledge = self.node.gateway.acknowledge
            await acknowledge.message(message, office(by), from_axis=False)

    async def look(self) -> None:
        """Hold everything that is known to what may be."""
        for id_ in self.documents:
            document = await self.node.find(id_)
            states = {each.state for each in document.deliveries}
            if document.state.value not in {"closed", "recalled"}:
                assert document.state is document_state(states)
            for delivery in document.deliveries:
                await self.hold(document, delivery)
            await self.said_once(document)

    async def hold(self, document: Document, delivery: Delivery) -> None:
        """Hold one delivery to what it was before."""
        before = self.before.get(delivery.id)
        self.before[delivery.id] = delivery
        if before is not None:
            if before.state in FINAL_DELIVERY:
                assert delivery.state is before.state
            if delivery.recall is not before.recall:
                assert delivery.recall is not None
                assert delivery.recall in RECALL_MOVES[before.recall]
            assert before.arrival_number in {None, delivery.arrival_number}
        if delivery.state is DeliveryState.RECALLED and delivery.route == "pull":
            with pytest.raises(NotFound):
                await self.node.gateway.lookup.content(document.id, office(delivery.agency))

    async def said_once(self, document: Document) -> None:
        """Hold the history of each delivery to the table of moves; nothing is said twice."""
        states = {each.value for each in DeliveryState}
        for delivery in document.deliveries:
            passed = [
                DeliveryState(each.event)
                for each in await self.node.history(document)
                if each.to == delivery.to and each.event in states
            ]
            assert max(Counter(passed).values(), default=0) <= 1
            for one, next_one in pairwise(passed):
                assert next_one in DELIVERY_MOVES[one]


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Rooms]]:
    """One node for all examples, and the loop in which it lives."""
    folder: Path = tmp_path_factory.mktemp("any-order") / "node"
    with asyncio.Runner() as runner:
        opening = rooms(folder)
        node = runner.run(opening.__aenter__())
        try:
            yield runner, node
        finally:
            runner.run(opening.__aexit__(None, None, None))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=14))
def test_the_state_machine_holds_in_any_order(
    driven: tuple[asyncio.Runner, Rooms], steps: list[tuple[object, ...]]
) -> None:
    """Whatever comes after whatever."""
    runner, node = driven

    runner.run(Driver(node).run(steps))
