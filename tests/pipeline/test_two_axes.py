"""Two axes: each speaks, sends and lists for the agencies that it reaches, and for no other's."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from gateway.domain.directory import Agency, Directory
from gateway.domain.document import Business, BusinessKind
from gateway.domain.lifecycle import DeliveryState as D
from gateway.domain.lifecycle import DocumentState
from gateway.ports import Listed
from tests.pipeline.rooms import AXIS, OTHER, READER, SENDER, Rooms, a_message, rooms
from tests.pipeline.test_recall_messages import FOREIGN, a_status

STRANGE = "axis:khac"
AXES = [
    {"name": "truc", "adapter": "loopback", "codes": ["H40"]},
    {"name": "khac", "adapter": "loopback", "codes": ["*"]},
]
RECALL = Business(kind=BusinessKind.RECALL, of="TD-1", reason="gửi nhầm")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A node whose second axis serves all that the first does not."""
    async with rooms(tmp_path / "node", axis=AXES) as opened:
        yield opened


class AList:
    """The list of an axis that takes whatever it is told."""

    def __init__(self, *rows: Listed) -> None:
        """Hold *rows*."""
        self._rows = rows

    async def announce(self, agency: Agency) -> None:
        """Take *agency*."""

    async def withdraw(self, code: str) -> None:
        """Close *code*."""

    async def listing(self) -> AsyncIterator[Sequence[Listed]]:
        """Yield the rows at once."""
        yield self._rows


def a_row(code: str, *, other: str | None = None, deleted: bool = False) -> Listed:
    """Return a row of a list."""
    return Listed(code=code, other=other, name=f"Cơ quan {code}", deleted=deleted)


async def handed_over(node: Rooms) -> str:
    """Hand a document to the first axis; return its code."""
    document = await node.sent(FOREIGN)
    await node.relay_all()
    return document.code or ""


async def way_to(node: Rooms, code: str) -> str | None:
    """Return the lane by which *code* is reached."""
    directory = await node.read(lambda tx: tx.directory.all())
    way = node.gateway.routes.way_to(code, Directory(directory))
    return None if way is None else way.lane


@pytest.mark.parametrize("sender", [FOREIGN, "000.00.01.H40"])
async def test_an_axis_sends_for_nobody_behind_another(node: Rooms, sender: str) -> None:
    """However the code is written; nothing is stored."""
    assert not await node.take_in(STRANGE, a_message(sender=sender))

    assert await node.lease() == []


async def test_an_axis_brings_what_comes_from_further_on(node: Rooms) -> None:
    """A sender that no axis is named for may come by the one that serves all the rest."""
    assert await node.take_in(STRANGE, a_message(sender="G12.01"))

    assert len(await node.lease()) == 1


async def test_an_unknown_way_back_is_no_reason_to_refuse(tmp_path: Path) -> None:
    """No axis reaches the sender: any may be on its way."""
    async with rooms(tmp_path / "node") as node:
        assert await node.take_in(AXIS, a_message(sender="G12.01"))


async def test_an_axis_reports_for_nobody_behind_another(node: Rooms) -> None:
    """The report is noted and moves nothing."""
    code = await handed_over(node)

    await node.take_in(STRANGE, a_status("02", by=FOREIGN, to=SENDER, about=code, note="không"))

    found = await node.read(lambda tx: tx.documents.by_code(code))
    assert found is not None
    assert found.deliveries[0].state is D.HANDED_OVER
    assert (await node.audit())[-1].action == "status-without-effect"


async def test_an_axis_reports_for_those_behind_it(node: Rooms) -> None:
    """Those by whom the document went."""
    code = await handed_over(node)

    await node.take_in(AXIS, a_status("03", by=FOREIGN, to=SENDER, about=code))

    found = await node.read(lambda tx: tx.documents.by_code(code))
    assert found is not None
    assert found.deliveries[0].state is D.ACCEPTED


async def test_an_axis_recalls_nothing_that_another_brought(node: Rooms) -> None:
    """Neither by status nor by message."""
    await node.take_in(AXIS, a_message(sender=FOREIGN))

    await node.take_in(STRANGE, a_status("13", by=FOREIGN, to=READER))
    await node.take_in(STRANGE, a_message(sender=FOREIGN, business=RECALL))

    assert len(await node.lease()) == 1


async def test_an_axis_recalls_nothing_in_advance_that_another_may_bring(node: Rooms) -> None:
    """What then comes the right way arrives."""
    await node.take_in(STRANGE, a_status("13", by=FOREIGN, to=READER))

    await node.take_in(AXIS, a_message(sender=FOREIGN))

    assert len(await node.lease()) == 1


async def test_an_early_recall_is_obeyed_once(node: Rooms) -> None:
    """What its sender puts in the place of what was recalled arrives."""
    await node.take_in(AXIS, a_status("13", by=FOREIGN, to=READER))
    await node.take_in(AXIS, a_message(sender=FOREIGN))
    instead = Business(kind=BusinessKind.REPLACE, of="TD-1", reason="sửa")

    await node.take_in(AXIS, a_message(sender=FOREIGN, subject="V/v sửa", business=instead))

    states = [
        (each.business, each.state)
        for each in await node.read(lambda tx: tx.documents.identified(FOREIGN, "TD-1"))
    ]
    assert states == [
        (BusinessKind.REPLACE, DocumentState.ACCEPTED),
        (BusinessKind.NEW, DocumentState.RECALLED),
    ]


async def test_an_axis_lists_nobody_that_another_is_named_for(node: Rooms) -> None:
    """Neither by the code nor by its older form."""
    rows = (a_row("H40.01"), a_row("H50.01", other="000.00.02.H40"), a_row("G12.01"))

    await node.gateway.neighbours.compare(STRANGE, AList(*rows))

    directory = await node.read(lambda tx: tx.directory.all())
    listed = {each.code: each.legacy_code for each in directory if each.source == STRANGE}
    assert listed == {"H50.01": None, "G12.01": None}


async def test_a_sandbox_that_an_axis_lists_is_nobody(node: Rooms) -> None:
    """What ends so counts nowhere."""
    await node.gateway.neighbours.compare(AXIS, AList(a_row("SNV-SANDBOX"), a_row(FOREIGN)))

    directory = await node.read(lambda tx: tx.directory.all())
    assert [each.code for each in directory if each.source == AXIS] == [FOREIGN]


async def test_the_list_of_the_named_axis_takes_the_place_of_another(node: Rooms) -> None:
    """As soon as it comes; until then documents go by the named axis all the same."""
    taken = Agency(code=FOREIGN, name="Sở", valid_from=node.clock.at.date(), source=STRANGE)
    await node.gateway.store.write(lambda tx: tx.directory.put([taken]))
    before = await way_to(node, FOREIGN)

    await node.gateway.neighbours.compare(AXIS, AList(a_row(FOREIGN)))

    found = await node.read(lambda tx: tx.directory.find(FOREIGN))
    assert (before, found and found.source) == (AXIS, AXIS)


async def test_an_axis_closes_nobody_that_another_is_named_for(node: Rooms) -> None:
    """Whatever its list says."""
    await node.gateway.neighbours.compare(AXIS, AList(a_row(FOREIGN)))

    await node.gateway.neighbours.compare(STRANGE, AList(a_row(FOREIGN, deleted=True)))

    found = await node.read(lambda tx: tx.directory.find(FOREIGN))
    assert found is not None
    assert found.is_open(node.clock.at.date())


async def test_a_recall_in_advance_waits_for_the_recipient_that_it_names(node: Rooms) -> None:
    """The document may come to one recipient after the other."""
    await node.take_in(AXIS, a_status("13", by=FOREIGN, to=OTHER))

    await node.take_in(AXIS, a_message(READER, sender=FOREIGN))

    early = await node.read(lambda tx: tx.documents.recalled_early(FOREIGN, "TD-1"))
    assert (len(await node.lease()), early) == (1, [(OTHER, None)])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
async def test_what_an_axis_lists_hangs_below_what_it_lists_above(
    node: Rooms, order: tuple[int, ...]
) -> None:
    """In whatever order the list has them; a level between that is not listed is left out."""
    codes = ("H40", "H40.02", "H40.02.07.01")
    listed = AList(*(a_row(codes[n]) for n in order))

    await node.gateway.neighbours.compare(AXIS, listed)

    directory = Directory(await node.read(lambda tx: tx.directory.all()))
    parents = {each.code: each.parent for each in directory if each.code in codes}
    assert parents == {"H40": None, "H40.02": "H40", "H40.02.07.01": "H40.02"}


async def test_an_agency_whose_upper_body_is_listed_later_is_hung_below_it_then(
    node: Rooms,
) -> None:
    """With the next comparison."""
    await node.gateway.neighbours.compare(AXIS, AList(a_row("H40.02")))

    await node.gateway.neighbours.compare(AXIS, AList(a_row("H40.02"), a_row("H40")))

    found = Directory(await node.read(lambda tx: tx.directory.all())).find("H40.02")
    assert found is not None
    assert found.parent == "H40"
