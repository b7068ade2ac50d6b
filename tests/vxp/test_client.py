"""The node as a client of an axis that misbehaves in every way that was observed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.vxp.connection import Vxp
from gateway.domain.directory import Directory
from gateway.domain.errors import Misconfigured, Refused, Unavailable
from gateway.formats.edxml import EdxmlReader
from gateway.ports import Destined, Outcome
from tests.contract.packets import a_clock, a_packet
from tests.contract.vxp_axis import AxisMood, VxpAxis, a_vxp_axis
from tests.formats.samples import Spools
from tests.nodes import OFFICE, OTHER, Node, serving
from tests.pipeline.rooms import a_message
from tests.vxp.messages import a_status
from tests.vxp.three_nodes import until

FOREIGN = "H40.01"


@pytest.fixture
async def axis() -> AsyncIterator[VxpAxis]:
    """An axis in the hands of the test."""
    async with a_vxp_axis() as running:
        yield running


@pytest.fixture
async def client(axis: VxpAxis) -> AsyncIterator[Vxp]:
    """A connection to it."""
    connection = Vxp(settings(axis), a_clock())
    yield connection
    await connection.aclose()


@pytest.fixture
async def behind(axis: VxpAxis, node_folder: Path) -> AsyncIterator[Node]:
    """A real node that is a system of that axis."""
    (node_folder / "config" / "truc").write_text("a shared secret", "utf-8")
    async with serving(
        node_folder,
        relay={"poll_s": 0.05, "first_delay_s": 0.1, "directory_s": 0.3},
        axis=[
            {
                "name": "truc",
                "adapter": "vxp",
                "endpoint": axis.url,
                "systemid": "sys.h13",
                "secret_file": "config/truc",
            }
        ],
    ) as node:
        yield node


def settings(axis: VxpAxis, **changes: Any) -> Destined:  # noqa: ANN401 - as the fields
    """Return the settings of a connection to *axis*."""
    usual = Destined(
        name="truc",
        is_axis=True,
        url=axis.url,
        systemid="sys.h13",
        secret="a shared secret",
        node="H13",
        timeout_s=5.0,
    )
    return replace(usual, **changes)


async def box(node: Node, who: str = OTHER) -> list[Any]:
    """Return what lies in the pull box of *who* without a lease of it."""
    listed = await node.get("/api/v1/documents?box=in", who=who)
    items: list[Any] = listed.json()["items"]
    return items


async def settled(axis: VxpAxis, doc_id: str) -> dict[str, str]:
    """Wait until the client has confirmed an item; return what it said."""

    async def look() -> dict[str, str] | None:
        return axis.updates.get(doc_id)

    found: dict[str, str] = await until(look)
    return found


def statuses(axis: VxpAxis) -> list[tuple[str, str, str | None]]:
    """Return sender, code and note of the status messages that came to the axis."""
    found = []
    for each in axis.sent:
        reader = EdxmlReader(Spools(), 1000, local=False)
        reader.feed(each.head.removesuffix(b"\r\n"))
        message = reader.close().message
        found.append((message.sender.code, message.code, message.note))  # type: ignore[union-attr]
    return found


# --- signing and sending --------------------------------------------------------------------------


async def test_every_call_is_signed_over_its_own_bytes(client: Vxp, axis: VxpAxis) -> None:
    """The axis checks what it received."""
    await client.sender.send(a_packet())
    [_ async for _ in client.receiver.receive()]

    assert axis.unsigned == []


async def test_code_and_hops_travel_in_the_signed_header(client: Vxp, axis: VxpAxis) -> None:
    """The message itself stays untouched."""
    await client.sender.send(a_packet(b"<edXML/>", code="H13.02/2026/1"))

    (sent,) = axis.sent
    assert sent.parameters["doccode"] == "H13.02/2026/1"
    assert sent.parameters["trace"] == "H13"
    assert sent.sha256 == hashlib.sha256(b"<edXML/>").hexdigest()


@pytest.mark.parametrize("code", ["400", "409", "413", "422"])
async def test_a_final_no_is_a_refusal(client: Vxp, axis: VxpAxis, code: str) -> None:
    """What breaks rules will never work."""
    axis.mood, axis.fail_code = AxisMood.REFUSING, code

    with pytest.raises(Refused):
        await client.sender.send(a_packet())


@pytest.mark.parametrize("code", ["1", "100", "403", "500", "503"])
async def test_another_no_may_work_later(client: Vxp, axis: VxpAxis, code: str) -> None:
    """The codes of the national axis are not published; a lost document would be worse."""
    axis.mood, axis.fail_code = AxisMood.REFUSING, code

    with pytest.raises(Unavailable):
        await client.sender.send(a_packet())


@pytest.mark.parametrize("mood", [AxisMood.HTML, AxisMood.TORN])
async def test_a_garbled_answer_is_no_success(client: Vxp, axis: VxpAxis, mood: AxisMood) -> None:
    """Sent again later, under the same id."""
    axis.mood = mood

    with pytest.raises(Unavailable):
        await client.sender.send(a_packet())


@pytest.mark.parametrize("mood", [AxisMood.HTML, AxisMood.TORN, AxisMood.NO_DATA])
async def test_an_outage_is_no_empty_list(client: Vxp, axis: VxpAxis, mood: AxisMood) -> None:
    """The SDK itself takes it for one."""
    axis.mood = mood

    with pytest.raises(Unavailable):
        [_ async for _ in client.receiver.receive()]


async def test_a_receipt_is_not_for_an_axis(client: Vxp) -> None:
    """It takes messages only."""
    with pytest.raises(Refused):
        await client.sender.send(a_packet(media_type="application/jose"))


@pytest.mark.parametrize("changes", [{"url": "ftp://axis"}, {"systemid": ""}, {"secret": ""}])
async def test_settings_that_cannot_work_are_told_at_once(
    axis: VxpAxis, changes: dict[str, str]
) -> None:
    """An operator reads it at the start."""
    with pytest.raises(Misconfigured):
        Vxp(settings(axis, **changes), a_clock())


# --- receiving ------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw_way", [True, False])
async def test_a_document_comes_by_either_call(
    client: Vxp,
    axis: VxpAxis,
    raw_way: bool,  # noqa: FBT001
) -> None:
    """Raw where the axis has it, as base64 otherwise."""
    axis.raw_way = raw_way
    axis.leave(b"<edXML>1</edXML>")

    (item,) = [each async for each in client.receiver.receive()]

    with item.open() as chunks:
        assert b"".join(chunks) == b"<edXML>1</edXML>"


async def test_a_row_without_its_id_is_left_alone(client: Vxp, axis: VxpAxis) -> None:
    """Every field of a row is optional."""
    axis.rows["x"] = {"messageType": "edoc", "docId": None}
    axis.leave(b"<edXML/>")

    assert len([each async for each in client.receiver.receive()]) == 1


async def test_one_document_for_several_is_fetched_once(client: Vxp, axis: VxpAxis) -> None:
    """A node that hands it over names it by its digest; each item can be opened."""
    sha256 = hashlib.sha256(b"<edXML/>").hexdigest()
    for _ in range(3):
        axis.leave(b"<edXML/>", sha256=sha256)

    items = [each async for each in client.receiver.receive()]
    for item in items:
        with item.open() as chunks:
            assert b"".join(chunks) == b"<edXML/>"
        await client.receiver.confirm(item, Outcome(accepted=True))

    assert (len(items), len(axis.downloads)) == (3, 1)


async def test_a_digest_that_is_not_that_of_the_bytes_is_not_believed(
    client: Vxp, axis: VxpAxis
) -> None:
    """Then every item is fetched."""
    for body in (b"<edXML>1</edXML>", b"<edXML>2</edXML>"):
        axis.leave(body, sha256="0" * 64)

    assert len([each async for each in client.receiver.receive()]) == 2
    assert len(axis.downloads) == 2


async def test_a_document_that_cannot_be_had_holds_up_no_other(client: Vxp, axis: VxpAxis) -> None:
    """An empty one first, then a good one."""
    axis.leave(b"")
    axis.leave(b"<edXML/>")

    assert len([each async for each in client.receiver.receive()]) == 1


async def test_what_was_taken_in_is_confirmed_after_our_commit(
    behind: Node, axis: VxpAxis
) -> None:
    """Done, and in the box of its reader."""
    doc_id = axis.leave(a_message(sender=FOREIGN), doccode="H40.01/2026/7", trace="H40;A99")

    update = await settled(axis, doc_id)

    (item,) = await box(behind)
    assert (update["status"], item["code"]) == ("done", "H40.01/2026/7")


async def test_a_file_written_anew_at_every_fetch_is_one_document(
    behind: Node, axis: VxpAxis
) -> None:
    """Line ends, trace headers: what the sender gave is the same."""
    message = a_message(sender=FOREIGN)
    await settled(axis, axis.leave(message))

    update = await settled(axis, axis.leave(message.replace(b"><", b">\r\n<")))

    assert (update["status"], len(await box(behind))) == ("done", 1)


async def test_a_receiver_under_its_old_and_new_code_gets_one_document(
    behind: Node, axis: VxpAxis
) -> None:
    """The axis names it twice."""
    doc_id = axis.leave(a_message(OTHER, "000.00.02.H13", sender=FOREIGN))

    await settled(axis, doc_id)

    (item,) = await box(behind)
    assert len(item["deliveries"]) == 1


async def test_what_is_refused_is_answered_by_status_02(behind: Node, axis: VxpAxis) -> None:
    """In the name of who was to have it, with the findings."""
    await settled(axis, axis.leave(a_message(sender=FOREIGN)))

    update = await settled(axis, axis.leave(a_message(sender=FOREIGN, content=b"khac")))

    (reply,) = [each for each in statuses(axis) if each[1] == "02"]
    assert (update["status"], reply[0]) == ("fail", OTHER)
    assert "document-id-known" in (reply[2] or "")


async def test_noise_is_settled_and_told(behind: Node, axis: VxpAxis) -> None:
    """There is nobody to answer to; it does not come again."""
    update = await settled(axis, axis.leave(b"this is no XML"))

    assert update["status"] == "fail"
    assert "xml-" in update["description"]


async def test_what_passed_here_before_goes_no_further(behind: Node, axis: VxpAxis) -> None:
    """A loop, told by the hops."""
    update = await settled(axis, axis.leave(a_message(sender=FOREIGN), trace="H40;H13;A99"))

    assert (update["status"], await box(behind)) == ("fail", [])


async def test_a_status_from_the_axis_moves_the_delivery(behind: Node, axis: VxpAxis) -> None:
    """Of a document that went there."""
    sent = (await behind.submit(to=[FOREIGN], number="15")).json()

    async def gone() -> bool:
        return any(each.parameters["messagetype"] == "edoc" for each in axis.sent)

    await until(gone)

    axis.leave(
        a_status("03", sender=FOREIGN, document_id=sent["code"], note="Vào sổ"),
        messageType="status",
    )

    async def accepted() -> bool:
        shown = await behind.get(f"/api/v1/documents/{sent['id']}", who=OFFICE)
        return bool(shown.json()["deliveries"][0]["state"] == "accepted")

    assert await until(accepted)


# --- agencies -------------------------------------------------------------------------------------


def units(count: int) -> list[dict[str, object]]:
    """Return *count* rows of a list, fields missing as they do."""
    return [
        {"id": n, "code": f"H40.{n:02}", "oldCode": None, "name": f"Sở {n}", "deleted": False}
        for n in range(1, count + 1)
    ]


async def directory_of(node: Node) -> Directory:
    """Return the directory as it now is."""
    return await node.gateway.run(node.gateway.directory)


async def compare(node: Node) -> None:
    """Compare the lists now."""
    await node.gateway.neighbours.compare("axis:truc", node.gateway.axes["axis:truc"])


async def test_our_agencies_are_told_once(behind: Node, axis: VxpAxis) -> None:
    """And again only when they change."""
    await compare(behind)
    await compare(behind)

    codes = [each["code"] for each in axis.registered]
    assert {"H13", OFFICE, OTHER} == set(codes)
    assert len(codes) <= 6


async def test_a_long_list_is_taken_over(behind: Node, axis: VxpAxis) -> None:
    """In parts; old codes are known beside the new."""
    axis.units = [*units(5000), {"code": "000.00.07.H41", "oldCode": "H41.07", "name": "Sở 7"}]

    await compare(behind)

    known = await directory_of(behind)
    old = known.find("000.00.07.H41")
    assert ("H40.5000" in known, old and old.code) == (True, "H41.07")


async def test_renamed_and_closed_agencies_are_followed(behind: Node, axis: VxpAxis) -> None:
    """By name, with the one after them."""
    axis.units = units(20)
    await compare(behind)
    axis.units[0]["name"] = "Tên mới"
    axis.units[1] |= {"deleted": True, "successor": "H40.03"}

    await compare(behind)

    known = await directory_of(behind)
    renamed, closed = known.find("H40.01"), known.find("H40.02")
    assert renamed is not None
    assert closed is not None
    assert (renamed.name, closed.successor, closed.valid_to is not None) == (
        "Tên mới",
        "H40.03",
        True,
    )


async def test_an_agency_that_vanishes_is_closed(behind: Node, axis: VxpAxis) -> None:
    """One of many; the list is whole."""
    axis.units = units(20)
    await compare(behind)
    axis.units = axis.units[1:]

    await compare(behind)

    gone = (await directory_of(behind)).find("H40.01")
    assert gone is not None
    assert gone.valid_to is not None


async def test_a_list_that_shrinks_much_closes_nobody(behind: Node, axis: VxpAxis) -> None:
    """An ailing axis lists nothing at all."""
    axis.units = units(20)
    await compare(behind)
    axis.units = []

    await compare(behind)

    known = await directory_of(behind)
    assert all(known.find(f"H40.{n:02}").valid_to is None for n in range(1, 21))  # type: ignore[union-attr]


async def test_a_torn_list_changes_nothing(behind: Node, axis: VxpAxis) -> None:
    """Not even its first half."""
    async with asyncio.timeout(20):
        axis.units, axis.mood = units(20), AxisMood.TORN

        with pytest.raises(Unavailable):
            await compare(behind)

    assert "H40.01" not in await directory_of(behind)


async def test_an_administrator_s_entry_is_not_touched(behind: Node, axis: VxpAxis) -> None:
    """What was decided here holds."""
    axis.units = [{"code": OFFICE, "name": "Tên khác", "deleted": True}]

    await compare(behind)

    ours = (await directory_of(behind)).find(OFFICE)
    assert ours is not None
    assert (ours.name, ours.valid_to) == ("Sở Nội vụ", None)
