"""The folder: names, half-written files, what is taken, and what two nodes make of it."""

import os
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.folder import Folder
from gateway.domain.errors import Misconfigured, Refused, Unavailable
from gateway.ports import Adapter, Handover, Incoming, Outcome
from tests.adapters.folders import bytes_of, files_in, look, names
from tests.contract.packets import (
    StandingClock,
    a_clock,
    a_packet,
    an_office,
)

DAY_S = 86400


def test_the_class_is_an_adapter(base: Path) -> None:
    """The entry point names the class, and the class builds connections."""
    adapter: Adapter = Folder

    assert adapter(an_office(folder=str(base)), a_clock()).receiver is not None


@pytest.mark.parametrize(
    "name",
    [".a.edxml", "a.tmp", "A.TMP", "a.edxml.part", "a.filepart", "a.refused.json"],
)
async def test_names_that_are_not_for_us_are_ignored(
    base: Path, folder: Folder, name: str
) -> None:
    """Hidden and unfinished files and our own reports are no messages."""
    (base / "out" / name).write_bytes(b"<edXML/>")

    assert await names(folder) == []


async def test_only_regular_files_with_content_are_taken(
    base: Path, folder: Folder, tmp_path: Path
) -> None:
    """Folders, links, pipes and empty files are left alone."""
    outside = tmp_path / "outside.edxml"
    outside.write_bytes(b"<edXML/>")
    out = base / "out"
    (out / "link.edxml").symlink_to(outside)
    (out / "folder.edxml").mkdir()
    (out / "empty.edxml").touch()
    os.mkfifo(out / "pipe.edxml")

    assert await names(folder) == []


async def test_a_fresh_file_is_not_taken_at_first_sight(base: Path, folder: Folder) -> None:
    """It may be half written; the next look tells."""
    (base / "out" / "a.edxml").write_bytes(b"<ed")

    assert await look(folder) == []


async def test_a_file_that_grows_is_left_alone(base: Path, folder: Folder) -> None:
    """As long as it changes between two looks it is half written."""
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<ed")
    await look(folder)
    file.write_bytes(b"<edXML>")

    assert await look(folder) == []


async def test_a_file_that_has_rested_is_taken_at_first_sight(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """What lay there while the node was down needs no second look."""
    (base / "out" / "a.edxml").write_bytes(b"<edXML/>")
    clock.move(10)

    assert [bytes_of(item) for item in await look(folder)] == [b"<edXML/>"]


async def test_a_clock_set_back_does_not_hide_files(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """Two looks are enough whatever the clock says."""
    clock.move(-10 * DAY_S)
    (base / "out" / "a.edxml").write_bytes(b"<edXML/>")

    assert await names(folder) == ["a.edxml"]


async def test_the_oldest_hundred_come_first(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """One look is bounded; age decides who goes."""
    for number in range(120):
        file = base / "out" / f"{number:03}.edxml"
        file.write_bytes(b"<edXML/>")
        os.utime(file, (1_700_000_000 - number, 1_700_000_000 - number))

    assert [f"{number:03}.edxml" for number in range(119, 19, -1)] == await names(folder)


async def test_a_file_that_changes_while_it_is_read_is_not_taken(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """A writer that pauses and goes on is noticed at the end of the file."""
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<edXML>")
    clock.move(10)
    (item,) = await look(folder)

    with item.open() as chunks:
        next(chunks)
        file.write_bytes(b"<edXML></edXML>")

        with pytest.raises(Unavailable):
            next(chunks)


async def test_a_file_replaced_by_a_link_is_not_read(
    base: Path, folder: Folder, clock: StandingClock, tmp_path: Path
) -> None:
    """Between the look and the reading the office cannot point us elsewhere."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"<edXML/>")
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<edXML/>")
    clock.move(10)
    (item,) = await look(folder)
    file.unlink()
    file.symlink_to(outside)

    with pytest.raises(Unavailable), item.open():
        pass


async def test_a_file_that_was_withdrawn_is_unavailable(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """The office may take a file back before it was read."""
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<edXML/>")
    clock.move(10)
    (item,) = await look(folder)
    file.unlink()

    with pytest.raises(Unavailable), item.open():
        pass


async def test_an_accepted_file_is_removed(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """The node has it durably; the office sees that it is gone."""
    (base / "out" / "a.edxml").write_bytes(b"<edXML/>")
    clock.move(10)
    (item,) = await look(folder)

    await folder.confirm(item, Outcome(accepted=True))

    assert files_in(base / "out") == ["refused"]


async def test_a_refused_file_lies_beside_its_report(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """The report stands where the file was, the file in refused/."""
    (base / "out" / "a.edxml").write_bytes(b"<ed")
    clock.move(10)
    (item,) = await look(folder)

    await folder.confirm(item, Outcome(accepted=False, report=b"{}"))

    assert (
        files_in(base / "out"),
        files_in(base / "out" / "refused"),
    ) == (["a.edxml.refused.json", "refused"], ["a.edxml"])


@pytest.mark.parametrize("is_accepted", [True, False])
async def test_a_new_file_of_the_same_name_is_not_let_go(
    base: Path,
    folder: Folder,
    clock: StandingClock,
    is_accepted: bool,  # noqa: FBT001
) -> None:
    """An office that reuses a name while we commit does not lose its second message."""
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<edXML>1</edXML>")
    clock.move(10)
    (item,) = await look(folder)
    (base / "out" / ".next").write_bytes(b"<edXML>2</edXML>")
    (base / "out" / ".next").rename(file)

    await folder.confirm(item, Outcome(accepted=is_accepted, report=b"{}"))

    assert file.read_bytes() == b"<edXML>2</edXML>"


async def test_a_crash_between_report_and_removal_is_repaired(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """A report that stands already is written again, and the file goes aside."""
    (base / "out" / "a.edxml").write_bytes(b"<ed")
    (base / "out" / "a.edxml.refused.json").write_bytes(b'{"old":1}')
    clock.move(10)
    (item,) = await look(folder)

    await folder.confirm(item, Outcome(accepted=False, report=b'{"new":1}'))

    assert (base / "out" / "a.edxml.refused.json").read_bytes() == b'{"new":1}'


@given(name=st.binary(min_size=1, max_size=255))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_name_is_refused_within_the_folder(tmp_path: Path, name: bytes) -> None:
    """Whatever an office calls its file, report and file stay inside the folder."""
    base = tmp_path / "office"
    out = base / "out"
    out.mkdir(parents=True, exist_ok=True)
    clean = name.replace(b"/", b"-").replace(b"\0", b"-")
    (out / os.fsdecode(b"n" + clean[:254])).write_bytes(b"<ed")

    async with aclosing(Folder(an_office(folder=str(base)), a_clock())) as connection:
        await look(connection)
        for item in await look(connection):
            await connection.confirm(item, Outcome(accepted=False))

        assert (await look(connection), files_in(tmp_path)) == ([], ["office"])


@pytest.mark.parametrize("token", ["1-2-3-..%2Foutside", "1-2-3-", "1-2-3-.."])
async def test_a_token_that_leads_outside_is_refused(folder: Folder, token: str) -> None:
    """Not even our own token is followed out of the folder."""
    item = Incoming(token=token, open=a_packet().open)

    with pytest.raises(Refused):
        await folder.confirm(item, Outcome(accepted=True))


async def test_two_nodes_exchange_both_ways_through_one_folder(tmp_path: Path) -> None:
    """What one hands over the other receives, when one of them is `reverse`."""
    link, clock = str(tmp_path / "link"), a_clock()
    clock.move(10)
    plain = Folder(an_office(folder=link, is_axis=True), clock)
    reverse = Folder(an_office(folder=link, is_axis=True, url="reverse"), clock)

    async with aclosing(plain), aclosing(reverse):
        await plain.send(a_packet(b"<edXML>there</edXML>"))
        await reverse.send(a_packet(b"<edXML>back</edXML>"))
        there = [bytes_of(item) for item in await look(reverse)]
        back = [bytes_of(item) for item in await look(plain)]

    assert (there, back) == ([b"<edXML>there</edXML>"], [b"<edXML>back</edXML>"])


async def test_between_nodes_a_drop_is_a_handing_over(tmp_path: Path) -> None:
    """The neighbour's folder is not the recipient's own system."""
    link = an_office(folder=str(tmp_path / "link"), is_axis=True)

    async with aclosing(Folder(link, a_clock())) as connection:
        handover = await connection.send(a_packet())

    assert Handover(arrived=False) == handover


async def test_receipts_do_not_travel_between_nodes(tmp_path: Path) -> None:
    """A signed receipt is for the offices of the node that signed it."""
    link = an_office(folder=str(tmp_path / "link"), is_axis=True)

    async with aclosing(Folder(link, a_clock())) as connection:
        with pytest.raises(Refused):
            await connection.send(a_packet(event="receipt", media_type="application/jose"))


@pytest.mark.parametrize("path", ["", "relative/path"])
def test_a_folder_must_be_absolute(path: str) -> None:
    """A relative path would depend on where the node was started."""
    with pytest.raises(Misconfigured):
        Folder(an_office(folder=path), a_clock())


def test_an_office_is_never_reverse(tmp_path: Path) -> None:
    """The contract names the folders of an office."""
    with pytest.raises(Misconfigured):
        Folder(an_office(folder=str(tmp_path), url="reverse"), a_clock())
