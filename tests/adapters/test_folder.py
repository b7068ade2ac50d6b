"""The folder: names, renames, half-written files, and what two nodes make of it."""

import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.folder import Folder
from gateway.domain.errors import Misconfigured, Refused, Unavailable
from gateway.ports import Adapter, Handover, Incoming, Outcome
from tests.contract.packets import (
    StandingClock,
    a_clock,
    a_large_packet,
    a_packet,
    an_office,
)

DAY_S = 86400


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return the shared folder, with the office's side made."""
    (tmp_path / "office" / "out").mkdir(parents=True)
    return tmp_path / "office"


@pytest.fixture
def clock() -> StandingClock:
    """Return the node's clock."""
    return a_clock()


@pytest.fixture
async def folder(base: Path, clock: StandingClock) -> AsyncIterator[Folder]:
    """Connect to the folder of an office."""
    async with aclosing(Folder(an_office(folder=str(base)), clock)) as connection:
        yield connection


async def _look(folder: Folder) -> list[Incoming]:
    return [item async for item in folder.receive()]


async def _names(folder: Folder) -> list[str]:
    """Look twice and return the names that were found complete."""
    await _look(folder)
    return [item.token.split("-", 3)[3] for item in await _look(folder)]


def _bytes_of(item: Incoming) -> bytes:
    with item.open() as chunks:
        return b"".join(chunks)


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_class_is_an_adapter(base: Path) -> None:
    """The entry point names the class, and the class builds connections."""
    adapter: Adapter = Folder

    assert adapter(an_office(folder=str(base)), a_clock()).receiver is not None


# --- dropping -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "media_type", "place"),
    [
        ("document", "application/xml", "in/p-1.edxml"),
        ("status", "application/xml", "in/p-1.edxml"),
        ("receipt", "application/jose", "receipts/p-1.jws"),
        ("recall", "application/jose", "receipts/p-1.jws"),
    ],
)
async def test_each_packet_has_its_place(
    base: Path, folder: Folder, event: str, media_type: str, place: str
) -> None:
    """Messages go to in/, receipts and recalls to receipts/, each by its id."""
    await folder.send(a_packet(b"bytes", id="p-1", event=event, media_type=media_type))

    assert (base / place).read_bytes() == b"bytes"


async def test_nothing_temporary_stays_behind(base: Path, folder: Folder) -> None:
    """After the rename the file stands alone."""
    await folder.send(a_packet())

    assert _files(base / "in") == ["d-1.edxml"]


async def test_a_repeat_leaves_the_file_as_it_is(base: Path, folder: Folder) -> None:
    """An office that has the file open does not see it change."""
    await folder.send(a_packet())
    before = (base / "in" / "d-1.edxml").stat()

    await folder.send(a_packet())

    assert before == (base / "in" / "d-1.edxml").stat()


async def test_a_file_of_another_size_is_replaced(base: Path, folder: Folder) -> None:
    """What is not whole under our name is not ours; the packet takes its place."""
    await folder.send(a_packet())
    (base / "in" / "d-1.edxml").write_bytes(b"<ed")

    await folder.send(a_packet())

    assert (base / "in" / "d-1.edxml").read_bytes() == b"<edXML/>"


async def test_a_link_in_the_place_of_a_file_is_not_followed(
    base: Path, folder: Folder, tmp_path: Path
) -> None:
    """Nobody can make the node write outside the folder."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"12345678")
    (base / "in").mkdir()
    (base / "in" / "d-1.edxml").symlink_to(victim)

    await folder.send(a_packet())

    assert (
        victim.read_bytes(),
        (base / "in" / "d-1.edxml").is_symlink(),
    ) == (b"12345678", False)


@pytest.mark.parametrize("id_", ["../x", "a/b", "", ".", "..", ".hidden", "a\0b", "x" * 200, "é"])
async def test_an_id_that_is_no_file_name_is_refused(
    tmp_path: Path, folder: Folder, id_: str
) -> None:
    """No id becomes a path outside the folder."""
    with pytest.raises(Refused):
        await folder.send(a_packet(id=id_))

    assert _files(tmp_path) == ["office"]


async def test_a_media_type_without_a_place_is_refused(folder: Folder) -> None:
    """The contract knows two kinds of files."""
    with pytest.raises(Refused):
        await folder.send(a_packet(media_type="text/plain"))


async def test_missing_folders_are_made_for_owner_and_group(tmp_path: Path) -> None:
    """Nobody else can look in."""
    base = tmp_path / "new" / "office"
    async with aclosing(Folder(an_office(folder=str(base)), a_clock())) as connection:
        await connection.send(a_packet())

    made = (base, base / "in", base / "out", base / "receipts")
    assert [path.stat().st_mode & 0o777 for path in made] == [0o750] * 4


async def test_a_full_disk_is_unavailable(folder: Folder) -> None:
    """A disk that takes no more may have room later."""
    packet, _ = a_large_packet(1024 * 1024)

    with _files_end_at(256 * 1024), pytest.raises(Unavailable):
        await folder.send(packet)


async def test_a_full_disk_leaves_nothing_behind(base: Path, folder: Folder) -> None:
    """Half a file neither appears nor takes the room that is missing."""
    packet, _ = a_large_packet(1024 * 1024)

    with _files_end_at(256 * 1024), pytest.raises(Unavailable):
        await folder.send(packet)

    assert _files(base / "in") == []


@contextmanager
def _files_end_at(size: int) -> Iterator[None]:
    """Let the operating system refuse to grow any file of this process beyond *size*."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


async def test_what_a_crash_left_is_swept_after_a_day(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """Our own temporary files go, the office's and fresh ones stay."""
    (base / "in").mkdir()
    for name in (".gateway-0123456789abcdef.tmp", ".office.tmp"):
        (base / "in" / name).write_bytes(b"old")
    clock.move(DAY_S + 60)

    await folder.send(a_packet())

    assert _files(base / "in") == [".office.tmp", "d-1.edxml"]


async def test_a_disk_that_hangs_holds_one_thread(base: Path) -> None:
    """However often the relay tries a hanging folder, it costs the node one thread."""
    (base / "in").mkdir()
    os.mkfifo(base / "pipe")  # opening it for reading blocks until somebody writes
    packet = a_packet()

    @contextmanager
    def hanging() -> Iterator[Iterator[bytes]]:
        yield iter(((base / "pipe").read_bytes(),))

    stuck = type(packet)(
        id="d-2",
        event="document",
        document="doc-1",
        to="H13.01",
        media_type="application/xml",
        size=1,
        open=hanging,
    )
    before = set(threading.enumerate())
    async with aclosing(Folder(an_office(folder=str(base), timeout_s=0.05), a_clock())) as hung:
        for _ in range(4):
            with pytest.raises(Unavailable):
                await hung.send(stuck)
    threads = [thread.name for thread in set(threading.enumerate()) - before]
    (base / "pipe").write_bytes(b"x")

    assert threads == ["folder-H13.01_0"]


# --- picking up -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [".a.edxml", "a.tmp", "A.TMP", "a.edxml.part", "a.filepart", "a.refused.json"],
)
async def test_names_that_are_not_for_us_are_ignored(
    base: Path, folder: Folder, name: str
) -> None:
    """Hidden and unfinished files and our own reports are no messages."""
    (base / "out" / name).write_bytes(b"<edXML/>")

    assert await _names(folder) == []


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

    assert await _names(folder) == []


async def test_a_fresh_file_is_not_taken_at_first_sight(base: Path, folder: Folder) -> None:
    """It may be half written; the next look tells."""
    (base / "out" / "a.edxml").write_bytes(b"<ed")

    assert await _look(folder) == []


async def test_a_file_that_grows_is_left_alone(base: Path, folder: Folder) -> None:
    """As long as it changes between two looks it is half written."""
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<ed")
    await _look(folder)
    file.write_bytes(b"<edXML>")

    assert await _look(folder) == []


async def test_a_file_that_has_rested_is_taken_at_first_sight(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """What lay there while the node was down needs no second look."""
    (base / "out" / "a.edxml").write_bytes(b"<edXML/>")
    clock.move(10)

    assert [_bytes_of(item) for item in await _look(folder)] == [b"<edXML/>"]


async def test_a_clock_set_back_does_not_hide_files(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """Two looks are enough whatever the clock says."""
    clock.move(-10 * DAY_S)
    (base / "out" / "a.edxml").write_bytes(b"<edXML/>")

    assert await _names(folder) == ["a.edxml"]


async def test_the_oldest_hundred_come_first(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """One look is bounded; age decides who goes."""
    for number in range(120):
        file = base / "out" / f"{number:03}.edxml"
        file.write_bytes(b"<edXML/>")
        os.utime(file, (1_700_000_000 - number, 1_700_000_000 - number))

    assert [f"{number:03}.edxml" for number in range(119, 19, -1)] == await _names(folder)


async def test_a_file_that_changes_while_it_is_read_is_not_taken(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """A writer that pauses and goes on is noticed at the end of the file."""
    file = base / "out" / "a.edxml"
    file.write_bytes(b"<edXML>")
    clock.move(10)
    (item,) = await _look(folder)

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
    (item,) = await _look(folder)
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
    (item,) = await _look(folder)
    file.unlink()

    with pytest.raises(Unavailable), item.open():
        pass


# --- letting go -----------------------------------------------------------------------------------


async def test_an_accepted_file_is_removed(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """The node has it durably; the office sees that it is gone."""
    (base / "out" / "a.edxml").write_bytes(b"<edXML/>")
    clock.move(10)
    (item,) = await _look(folder)

    await folder.confirm(item, Outcome(accepted=True))

    assert _files(base / "out") == ["refused"]


async def test_a_refused_file_lies_beside_its_report(
    base: Path, folder: Folder, clock: StandingClock
) -> None:
    """The report stands where the file was, the file in refused/."""
    (base / "out" / "a.edxml").write_bytes(b"<ed")
    clock.move(10)
    (item,) = await _look(folder)

    await folder.confirm(item, Outcome(accepted=False, report=b"{}"))

    assert (
        _files(base / "out"),
        _files(base / "out" / "refused"),
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
    (item,) = await _look(folder)
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
    (item,) = await _look(folder)

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
        await _look(connection)
        for item in await _look(connection):
            await connection.confirm(item, Outcome(accepted=False))

        assert (await _look(connection), _files(tmp_path)) == ([], ["office"])


@pytest.mark.parametrize("token", ["1-2-3-..%2Foutside", "1-2-3-", "1-2-3-.."])
async def test_a_token_that_leads_outside_is_refused(folder: Folder, token: str) -> None:
    """Not even our own token is followed out of the folder."""
    item = Incoming(token=token, open=a_packet().open)

    with pytest.raises(Refused):
        await folder.confirm(item, Outcome(accepted=True))


# --- two nodes ------------------------------------------------------------------------------------


async def test_two_nodes_exchange_both_ways_through_one_folder(tmp_path: Path) -> None:
    """What one hands over the other receives, when one of them is `reverse`."""
    link, clock = str(tmp_path / "link"), a_clock()
    clock.move(10)
    plain = Folder(an_office(folder=link, is_axis=True), clock)
    reverse = Folder(an_office(folder=link, is_axis=True, url="reverse"), clock)

    async with aclosing(plain), aclosing(reverse):
        await plain.send(a_packet(b"<edXML>there</edXML>"))
        await reverse.send(a_packet(b"<edXML>back</edXML>"))
        there = [_bytes_of(item) for item in await _look(reverse)]
        back = [_bytes_of(item) for item in await _look(plain)]

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


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "relative/path"])
def test_a_folder_must_be_absolute(path: str) -> None:
    """A relative path would depend on where the node was started."""
    with pytest.raises(Misconfigured):
        Folder(an_office(folder=path), a_clock())


def test_an_office_is_never_reverse(tmp_path: Path) -> None:
    """The contract names the folders of an office."""
    with pytest.raises(Misconfigured):
        Folder(an_office(folder=str(tmp_path), url="reverse"), a_clock())
